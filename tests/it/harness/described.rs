//! Is every refusal named by its operation? What a test is answered is held to `openapi.json`: 422 `blank` of `POST /v1/products` must be among the codes
//! that the operation lists for 422, and so must each code in `errors`; and an event must be what the webhook of its type describes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;

/// Codes by status, of each operation: its method, the parts of its URL.
struct Operation {
    method: String,
    url: Vec<String>,
    codes: BTreeMap<u16, BTreeSet<String>>,
}

/// Insists that the operation names what it answered.
#[track_caller]
pub(super) fn check_problem((method, path): (&str, &str), status: u16, problem: &Value) {
    let method = if method == "HEAD" { "GET" } else { method };
    let Some(operation) = find(method, path) else { return };
    let name = format!("{method} /{}", operation.url.join("/"));
    let listed = operation.codes.get(&status);
    let errors = problem["errors"].as_array().into_iter().flatten();
    // It is not served by whoever was called: the counters have an address of their own.
    let codes = errors.chain([problem]).filter_map(|error| error["code"].as_str());
    for code in codes.filter(|code| *code != "no_such_route") {
        let is_named = listed.is_some_and(|codes| codes.contains(code));
        assert!(
            is_named,
            "{name} answered {status} {code}, which openapi.json does not name: add it in src/http/openapi/refusals, and run `billwright openapi`"
        );
    }
}

/// Insists that what is at fault is pointed at in what was sent: the value, or where it is missing.
#[track_caller]
pub(super) fn check_pointers(path: &str, sent: Option<&Value>, problem: &Value) {
    let Some(sent) = sent.filter(|sent| sent.is_object()) else { return };
    let errors = problem["errors"].as_array().into_iter().flatten();
    for pointer in
        errors.filter_map(|error| error["pointer"].as_str()).filter(|pointer| !pointer.starts_with("/query/"))
    {
        let holds = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        let is_there = sent.pointer(pointer).is_some() || sent.pointer(holds).is_some();
        assert!(is_there, "{path}: nothing was sent at {pointer}: {problem}");
    }
}

/// Insists that events carry what is described of their types.
#[track_caller]
pub(super) fn check_events(events: &[Value]) {
    for event in events {
        let type_ = event["type"].as_str().unwrap_or_default();
        let schema = payload(type_).unwrap_or_else(|| panic!("no webhook is described for {type_}"));
        let carried = event["data"].as_object().unwrap_or_else(|| panic!("{event} has no data"));
        // What a test plants to see that it arrives is about nothing.
        if !["object", "id", "customer_id", "entity_id"].iter().any(|name| carried.contains_key(*name)) {
            continue;
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        for name in required {
            assert!(
                carried.contains_key(name),
                "{type_} is described with {name}, and carries {:?}",
                event["data"]
            );
        }
        for (name, value) in carried {
            let property = &schema["properties"][name];
            assert!(property.is_object(), "{type_} carries {name}, which its webhook does not describe");
            assert!(
                is_of(value, &property["type"]),
                "{type_} carries {name} = {value}, described as {property}"
            );
        }
    }
}

/// Insists that the words of an answer are those that are described.
#[track_caller]
pub(super) fn check_answer((method, path): (&str, &str), status: u16, answer: &Value) {
    let method = if method == "HEAD" { "GET" } else { method };
    let Some(operation) = find(method, path) else { return };
    let name = format!("/{}", operation.url.join("/"));
    let described =
        &billwright::http::openapi()["paths"][&name][method.to_lowercase()]["responses"][status.to_string()];
    check_words(&described["content"]["application/json"]["schema"], answer, &format!("{method} {name}"));
}

#[track_caller]
fn check_words(schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let named = billwright::http::openapi().pointer(&reference[1..]);
        return check_words(named.unwrap_or_else(|| panic!("{reference} is not there")), value, at);
    }
    if let (Some(words), Value::String(word)) = (schema["enum"].as_array(), value) {
        assert!(words.iter().any(|known| known == word), "{at} is {word:?}, described as one of {words:?}");
    }
    if let Some(one) = schema["discriminator"]["propertyName"].as_str().and_then(|name| value[name].as_str())
    {
        let reference = &schema["discriminator"]["mapping"][one];
        assert!(reference.is_string(), "{at} is {one:?}, which is not described");
        return check_words(&serde_json::json!({ "$ref": reference }), value, at);
    }
    let is_something = |schema: &&Value| schema["type"] != "null";
    let some: Vec<&Value> = schema["oneOf"].as_array().into_iter().flatten().filter(is_something).collect();
    if let ([only], false) = (some.as_slice(), value.is_null()) {
        check_words(only, value, at);
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let described = [&schema["properties"][name], &schema["additionalProperties"]];
        if let Some(described) = described.into_iter().find(|described| described.is_object()) {
            check_words(described, member, &format!("{at}/{name}"));
        }
    }
    for element in value.as_array().into_iter().flatten().filter(|_| schema["items"].is_object()) {
        check_words(&schema["items"], element, at);
    }
}

fn is_of(value: &Value, types: &Value) -> bool {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    types == kind || types.as_array().is_some_and(|types| types.iter().any(|known| known == kind))
}

/// The schema of what events of a type carry.
fn payload(type_: &str) -> Option<&'static Value> {
    let document = billwright::http::openapi();
    let schema = &document["webhooks"][type_]["post"]["requestBody"]["content"]["application/json"]["schema"];
    let reference = schema["allOf"][1]["properties"]["data"]["anyOf"][0]["$ref"].as_str()?;
    document.pointer(reference.strip_prefix('#')?)
}

fn find(method: &str, path: &str) -> Option<&'static Operation> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let fits = |operation: &&Operation| {
        let same = |(known, part): (&String, &&str)| known.starts_with('{') || known == part;
        operation.method == method
            && operation.url.len() == parts.len()
            && operation.url.iter().zip(&parts).all(same)
    };
    let literal = |operation: &&Operation| operation.url.iter().filter(|part| !part.starts_with('{')).count();
    operations().iter().filter(fits).max_by_key(literal)
}

fn operations() -> &'static [Operation] {
    static OPERATIONS: OnceLock<Vec<Operation>> = OnceLock::new();
    OPERATIONS.get_or_init(|| {
        let document = billwright::http::openapi();
        let mut operations = Vec::new();
        for (url, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let url = url.trim_matches('/').split('/').map(str::to_owned).collect();
                let codes = codes(document, &operation["responses"]);
                operations.push(Operation { method: method.to_uppercase(), url, codes });
            }
        }
        operations
    })
}

fn codes(document: &Value, responses: &Value) -> BTreeMap<u16, BTreeSet<String>> {
    let mut codes: BTreeMap<u16, BTreeSet<String>> = BTreeMap::new();
    for (status, response) in responses.as_object().unwrap() {
        let Ok(status) = status.parse() else { continue };
        let shared = response["$ref"].as_str().and_then(|named| document.pointer(named.strip_prefix('#')?));
        let listed = shared.unwrap_or(response)["x-codes"].as_array().into_iter().flatten();
        codes.entry(status).or_default().extend(listed.filter_map(|code| Some(code.as_str()?.to_owned())));
    }
    codes
}
