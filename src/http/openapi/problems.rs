//! How is a refusal described? By its status, with the codes that it can have: `POST /v1/api_keys` answers 422 `blank`. What every call of a kind can be
//! given is one response that all of them refer to.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::refusals::{self, Kind, Refusals};
use super::{catalogue, headers};

/// Adds the shape of a problem, and the responses that operations share.
pub(super) fn describe(document: &mut Value) {
    let codes: Vec<&str> = catalogue::codes().collect();
    let components = &mut document["components"];
    components["schemas"]["ProblemCode"] = json!({
        "type": "string",
        "description": "What is wrong; `/docs/errors` explains each. A later version may have more.",
        "enum": codes,
        "example": "missing_field",
    });
    let code = json!({ "$ref": "#/components/schemas/ProblemCode" });
    components["schemas"]["Problem"]["properties"]["code"] = code.clone();
    components["schemas"]["FieldProblem"]["properties"]["code"] = code;
    for kind in KINDS {
        for (status, codes) in shared(*kind) {
            components["responses"][component(*kind, status)] = response(status, &codes, kind.keyed);
        }
    }
}

/// Describes what an operation refuses.
pub(super) fn complete(responses: &mut Value, kind: Kind<'_>) {
    let like = KINDS.iter().find(|known| name_of(**known) == name_of(kind));
    let common = like.map(|kind| shared(*kind)).unwrap_or_default();
    for (status, codes) in refusals::refused_by(kind) {
        responses[status.to_string()] = match (like, common.get(&status)) {
            (Some(like), Some(shared)) if *shared == codes => {
                json!({ "$ref": format!("#/components/responses/{}", component(*like, status)) })
            }
            _ => response(status, &codes, kind.keyed),
        };
    }
    responses["default"] = json!({
        "description": "A problem that a later version may have",
        "content": content(),
    });
}

/// One operation of each kind, as far as what is common to a kind goes.
const KINDS: &[Kind<'_>] = &[
    Kind { name: "GET /v1", keyed: true, queried: false, paged: false, filtered: false },
    Kind { name: "GET /v1", keyed: true, queried: true, paged: false, filtered: false },
    Kind { name: "GET /v1", keyed: true, queried: true, paged: true, filtered: false },
    Kind { name: "GET /v1", keyed: true, queried: true, paged: true, filtered: true },
    Kind { name: "POST /v1", keyed: true, queried: false, paged: false, filtered: false },
];

fn name_of(kind: Kind<'_>) -> Option<&'static str> {
    match (kind.name.starts_with("GET "), kind.keyed, kind.queried, kind.paged) {
        (true, true, false, _) => Some("Read"),
        (true, true, true, false) => Some("Query"),
        (true, true, true, true) => Some(if kind.filtered { "Filter" } else { "List" }),
        (false, true, ..) => Some("Change"),
        (_, false, ..) => None,
    }
}

/// What every operation of this kind can be given, and that its thing is not there.
fn shared(kind: Kind<'_>) -> Refusals {
    let mut shared = refusals::by_kind(kind);
    shared.insert(404, BTreeSet::from(["not_found"]));
    shared
}

fn component(kind: Kind<'_>, status: u16) -> String {
    format!("{}{status}", name_of(kind).unwrap_or("Call"))
}

fn response(status: u16, codes: &BTreeSet<&str>, keyed: bool) -> Value {
    let listed: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
    json!({
        "description": format!("{}: {}", meaning(status), listed.join(", ")),
        "headers": headers::of_problem(status, keyed),
        "content": content(),
        "x-codes": codes,
    })
}

fn content() -> Value {
    json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } })
}

fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request cannot be read",
        401 => "There is no good key",
        402 => "A payment was needed and did not succeed",
        404 => "There is no such thing, or it is another tenant's",
        408 => "The body came too slowly",
        409 => "The state of the thing does not allow it",
        413 => "The body is too large",
        415 => "The body is not JSON",
        422 => "A value breaks a rule",
        429 => "Too fast, or too much at once",
        503 => "Busy, or a part cannot be reached",
        _ => "Our fault; nothing was changed",
    }
}
