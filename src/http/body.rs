//! Is this body JSON, and of the right shape? 400 with line and column when it is not JSON, 422 with a pointer when a
//! field is unknown, missing or of another type: `{"nmae": "A"}` is refused at `/nmae`. What no field can be is refused for all of
//! them here: U+0000, and a leap second.

mod objects;

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{self, Bytes, BytesMut};
use futures_util::StreamExt;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::{Path, Segment};
use tokio::time::timeout;

use self::objects::Objects;
use super::unkeepable;
use super::{App, Problem};
use crate::domain::refusal::Invalid;
use crate::storage::StorageError;
use crate::storage::tenants::api_keys::Owner;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// How much memory a body is given before anything of it has arrived.
const AT_FIRST: usize = 16 << 10;

/// A body longer than this is read on a thread of its own: those that take up requests go on meanwhile.
const LONG: usize = 64 << 10;

/// Reads the whole body of a caller, if it is JSON by its header and not longer than the server takes.
pub async fn read(req: &HttpRequest, payload: Payload, app: &App, owner: Owner) -> Result<Bytes, Problem> {
    // A caller that trickles its body must not hold a connection for ever.
    let body = timeout(PATIENCE, collect(req, payload, (app, owner))).await.map_err(|_| {
        let detail = format!("the body did not arrive within {} seconds", PATIENCE.as_secs());
        Problem::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", detail)
    })??;
    let encoding = req.headers().get(CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "encoded_body",
            "send the body as it is, without the header Content-Encoding",
        ));
    }
    if !body.is_empty() && !is_json(req) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_json",
            "send the body as JSON, with the header Content-Type: application/json",
        ));
    }
    Ok(body)
}

/// Takes memory for what has arrived, not for what was announced: a thousand callers who announce two megabytes and send a byte hold 16 kB each.
async fn collect(
    req: &HttpRequest,
    mut payload: Payload,
    (app, owner): (&App, Owner),
) -> Result<Bytes, Problem> {
    let limit = app.max_body;
    let announced: Option<usize> =
        req.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let mut held = app.shares.body(owner);
    let mut body = BytesMut::with_capacity(announced.unwrap_or(0).min(AT_FIRST));
    while let Some(part) = payload.next().await {
        let part =
            part.map_err(|e| Problem::malformed("unreadable_body", format!("the body cannot be read: {e}")))?;
        if body.len() + part.len() > limit {
            return Err(too_large(limit));
        }
        if !held.grow(part.len()) {
            return Err(app.shares.too_many_bodies());
        }
        body.extend_from_slice(&part);
    }
    Ok(body.freeze())
}

fn too_large(limit: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        format!("a body is at most {limit} bytes long"),
    )
}

/// `application/json` or `application/something+json`.
fn is_json(req: &HttpRequest) -> bool {
    let header = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Reads a body that is kept: its shape, and that nothing in it is what cannot be stored.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let value = shape(bytes)?;
    unkeepable::check_body(bytes)?;
    Ok(value)
}

/// Does work on a body: at once, or on a thread of its own when the body is long.
pub async fn apart<T: Send + 'static>(
    length: usize,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    if length <= LONG {
        return work();
    }
    let done = web::block(work).await;
    done.map_err(|error| Problem::from(StorageError::Internal(format!("a body was not read: {error}"))))?
}

/// Reads a body's shape. No body at all counts as `{}`.
pub(in crate::http) fn shape<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(Objects(&mut json)).map_err(|e| {
        let inner = e.inner();
        // A fault of shape may come before a fault of syntax, and an enum calls a wrong type a fault of syntax: whether
        // the body is JSON at all is therefore asked of the whole of it.
        match serde_json::from_slice::<IgnoredAny>(bytes) {
            Err(syntax) => not_json(&syntax),
            Ok(_) => shape_problem("", e.path(), &inner.to_string()).into(),
        }
    })?;
    json.end().map_err(|e| not_json(&e))?;
    Ok(value)
}

pub(in crate::http) fn not_json(error: &serde_json::Error) -> Problem {
    let fault = without_place(&error.to_string()).to_owned();
    let (line, column) = (error.line(), error.column());
    Problem::malformed(
        "malformed_json",
        format!("the body is not JSON: {fault} at line {line}, column {column}"),
    )
}

/// Serde's messages end in ` at line 1 column 5`, which the pointer tells better.
fn without_place(message: &str) -> &str {
    message.rfind(" at line ").map_or(message, |end| &message[..end])
}

/// Names the field at fault from serde's path and message. `root` stands before the path.
pub fn shape_problem(root: &str, path: &Path, message: &str) -> Invalid {
    let detail = without_place(message);
    let mut pointer = root.to_owned();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", escaped(key))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let named = |rest: &str| {
        let name = escaped(rest.trim_start_matches('`').split('`').next().unwrap_or_default());
        if pointer.ends_with(&format!("/{name}")) { pointer.clone() } else { format!("{pointer}/{name}") }
    };
    if let Some(rest) = detail.strip_prefix("unknown field ") {
        Invalid::one(named(rest), "unknown_field", detail)
    } else if let Some(rest) = detail.strip_prefix("missing field ") {
        Invalid::one(named(rest), "missing_field", format!("{rest} is missing"))
    } else if let Some(rest) = detail.strip_prefix("duplicate field ") {
        Invalid::one(named(rest), "duplicate_field", format!("{rest} is given twice"))
    } else if detail.starts_with("unknown variant ") {
        Invalid::one(pointer, "bad_value", detail.replacen("unknown variant", "there is no word", 1))
    } else if detail.starts_with("invalid type") {
        Invalid::one(pointer, "wrong_type", detail)
    } else if detail == "expected value" {
        Invalid::one(
            pointer,
            "wrong_type",
            "a value of this kind does not belong here; one of a few words does",
        )
    } else if UNREADABLE_DATES.contains(&detail) {
        let detail = "this is no date: write a day as YYYY-MM-DD, such as 2026-01-31, an instant as 2026-01-31T00:00:00Z";
        Invalid::one(pointer, "bad_value", detail)
    } else {
        Invalid::one(pointer, "bad_value", detail)
    }
}

/// What is said of a day or an instant that cannot be read, as [`chrono`] puts it.
const UNREADABLE_DATES: [&str; 5] = [
    "premature end of input",
    "input contains invalid characters",
    "input is out of range",
    "trailing input",
    "no possible date and time matching input",
];

/// RFC 6901: `~` is `~0`, `/` is `~1`.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "its fields are only there to be asked for")]
    struct Order {
        name: String,
        #[serde(default)]
        items: Vec<Item>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Interval {
        Month,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "its fields are only there to be asked for")]
    struct Item {
        quantity: String,
        interval: Option<Interval>,
    }

    fn refused(body: &str) -> (u16, String, String) {
        let problem = parse::<Order>(body.as_bytes()).unwrap_err().to_wire(None);
        (problem.status, problem.code, problem.errors.first().map(|e| e.pointer.clone()).unwrap_or_default())
    }

    #[test]
    fn each_fault_of_a_body_is_named_with_its_place() {
        let field = |code: &str, pointer: &str| (422, code.to_owned(), pointer.to_owned());
        assert_eq!(refused(r#"{"name":"A","nmae":"B"}"#), field("unknown_field", "/nmae"));
        assert_eq!(
            refused(r#"{"name":"A","items":[{"quantity":"1","a/b":2}]}"#),
            field("unknown_field", "/items/0/a~1b")
        );
        assert_eq!(refused(r#"{}"#), field("missing_field", "/name"));
        assert_eq!(refused(""), field("missing_field", "/name"));
        assert_eq!(refused(r#"{"name":"A","items":[{}]}"#), field("missing_field", "/items/0/quantity"));
        assert_eq!(refused(r#"{"name":1}"#), field("wrong_type", "/name"));
        assert_eq!(
            refused(r#"{"name":"A","items":[{"quantity":7}]}"#),
            field("wrong_type", "/items/0/quantity")
        );
        assert_eq!(refused(r#"{"name":"A","name":"B"}"#), field("duplicate_field", "/name"));
        let each = |interval| format!(r#"{{"name":"A","items":[{{"quantity":"1","interval":{interval}}}]}}"#);
        assert!(
            parse::<Order>(each("\"month\"").as_bytes())
                .is_ok_and(|o| matches!(o.items[0].interval, Some(Interval::Month)))
        );
        assert_eq!(refused(&each("[[[]]]")), field("wrong_type", "/items/0/interval"));
        assert_eq!(refused(&each("7")), field("wrong_type", "/items/0/interval"));
        assert_eq!(refused(&each("\"moon\"")), field("bad_value", "/items/0/interval"));
        assert_eq!(refused("[1]"), field("wrong_type", ""));
    }

    #[test]
    fn what_is_not_json_is_refused_with_line_and_column() {
        for bad in [
            r#"{"name":"A""#,
            r#"{"name":"A"} x"#,
            "nonsense",
            r#"{"x": "#,
            "{\"name\":\"A\",\n}",
            "\u{feff}{}",
        ] {
            assert_eq!((refused(bad).0, refused(bad).1.as_str()), (400, "malformed_json"), "{bad}");
        }
    }
}
