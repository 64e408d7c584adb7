//! Which headers come with an answer? The call's id always; what is left of the rate where one is set; `Idempotent-Replayed` when it was given before.

use serde_json::{Value, json};

/// Adds the headers that answers refer to.
pub(super) fn describe(document: &mut Value) {
    let header = |description: &str, schema: Value| json!({ "description": description, "schema": schema });
    let text = || json!({ "type": "string" });
    document["components"]["headers"] = json!({
        "RequestId": header("The id of the call, as the server's log has it: your own `X-Request-Id`, or a new one.", text()),
        "RateLimit": header("What is left of the rates of this key and its tenant, where the operator has set any.", text()),
        "RateLimitPolicy": header("The rates of this key and its tenant, where the operator has set any.", text()),
        "IdempotentReplayed": header(
            "`true` when the answer was given before, to the same call with the same `Idempotency-Key`.",
            json!({ "type": "string", "enum": ["true"] }),
        ),
        "NextCursor": header("Of a page of a table as CSV: the cursor of the next page, when there is one.", text()),
        "ContentDisposition": header("The name under which the file is kept.", text()),
        "RetryAfter": header("In how many seconds the same call may be answered otherwise.", json!({ "type": "integer" })),
        "WwwAuthenticate": header("`Bearer`: send an API key.", text()),
    });
}

/// The headers of a success.
pub(super) fn of_success(content: &Value, keyed: bool, reads: bool) -> Value {
    let mut headers = of_any(keyed);
    if !reads {
        headers["Idempotent-Replayed"] = reference("IdempotentReplayed");
    }
    if content.get("text/csv").is_some() && content.get("application/json").is_some() {
        headers["Next-Cursor"] = reference("NextCursor");
    } else if content.get("application/json").is_none() {
        headers["Content-Disposition"] = reference("ContentDisposition");
    }
    headers
}

/// The headers of a refusal.
pub(super) fn of_problem(status: u16, keyed: bool) -> Value {
    let mut headers = of_any(keyed && status != 401);
    match status {
        401 => headers["WWW-Authenticate"] = reference("WwwAuthenticate"),
        409 | 429 | 503 => headers["Retry-After"] = reference("RetryAfter"),
        _ => {}
    }
    headers
}

fn of_any(keyed: bool) -> Value {
    let mut headers = json!({ "X-Request-Id": reference("RequestId") });
    if keyed {
        headers["RateLimit"] = reference("RateLimit");
        headers["RateLimit-Policy"] = reference("RateLimitPolicy");
    }
    headers
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}
