//! What if a field or a filter holds what nobody should send? Every field of every example and every query parameter takes U+0000, endless text,
//! numbers out of range, instants outside the calendar and leap seconds: each is answered, never by a 5xx, and U+0000 is never kept.

use serde_json::{Value, json};

use super::examples::{self, Made, operations};
use crate::harness::{Reply, World};

/// What is put into every field: texts first, then other kinds of value.
fn extremes() -> Vec<Value> {
    let long = "9".repeat(5_000);
    let mut values: Vec<Value> = [
        "",
        " ",
        "\u{0}",
        "a\u{0}b",
        "\u{7f}",
        "-1",
        "0",
        "1e9",
        "NaN",
        "999999999999999",
        "99999999999999999999999999999999",
        "0.0000000000000000000001",
        "10000000000000.01",
        "-10000000000000.01",
        "2016-12-31T23:59:60Z",
        "0000-01-01T00:00:00Z",
        "1899-12-31T23:59:59Z",
        "9999-12-31T23:59:59Z",
        "+262142-12-31T23:59:59Z",
        "cus_7zzzzzzzzzzzzzzzzzzzzzzzzz",
        "\u{202e}\u{10ffff}",
        &long,
    ]
    .map(|text| json!(text))
    .to_vec();
    values.extend([
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e300),
        json!(32_768),
        json!(2_147_483_648_i64),
        json!([]),
        json!({}),
        json!([null]),
        json!(["\u{0}"]),
        json!({ "\u{0}": "\u{0}" }),
    ]);
    values
}

/// The pointers of everything in a body.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(values) => values.iter().enumerate().map(|(n, value)| (n.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, value) in inner {
        let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        places(value, &at, found);
        found.push(at);
    }
}

/// The names of the fields that the schema of a body has.
fn fields(document: &Value, operation: &Value) -> Vec<String> {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let named = schema["$ref"].as_str().and_then(|path| document.pointer(path.trim_start_matches('#')));
    let properties = named.unwrap_or(schema)["properties"].as_object();
    properties.map(|properties| properties.keys().cloned().collect()).unwrap_or_default()
}

fn has_nul(value: &Value) -> bool {
    value.to_string().contains("\\u0000")
}

#[track_caller]
fn answered(reply: &Reply, said: &str, nul: bool) {
    assert!(reply.status < 500, "{said}: {} {}", reply.status, reply.text);
    if nul {
        assert!((400..=422).contains(&reply.status), "{said}: {} {}", reply.status, reply.text);
    }
}

#[test]
fn no_field_of_any_body_is_answered_by_a_fault() {
    let world = World::new();
    let document = serde_json::to_value(billwright::http::openapi()).unwrap();
    for (name, operation) in operations() {
        let example = examples::find(&name).unwrap();
        let call = example.call(&mut Made::new(&world));
        let Some(body) = call.body.clone() else { continue };
        let mut at = Vec::new();
        places(&body, "", &mut at);
        at.extend(fields(&document, &operation).iter().map(|field| format!("/{field}")));
        at.sort();
        at.dedup();
        for pointer in at {
            for value in extremes() {
                let mut sent = body.clone();
                match sent.pointer_mut(&pointer) {
                    Some(place) => *place = value.clone(),
                    None => sent[&pointer[1..]] = value.clone(),
                }
                let reply = world.call(call.method, &call.path, Some(&sent));
                answered(&reply, &format!("{name} with {pointer} = {value}"), has_nul(&value));
            }
        }
    }
}

/// As they stand in a URL.
const IN_A_URL: &[&str] = &[
    "",
    "%00",
    "a%00b",
    "%ff",
    "-1",
    "0",
    "4294967296",
    "99999999999999999999",
    "NaN",
    "2016-12-31T23:59:60Z",
    "9999-12-31T23:59:59Z",
    "-262143-01-01T00:00:00Z",
    "9999-12-31",
    "cus_7zzzzzzzzzzzzzzzzzzzzzzzzz",
    "%F4%8F%BF%BF",
    "AAAA",
    "gICAgICAgICAgICAgICAgA",
];

#[test]
fn no_query_parameter_and_no_place_in_a_url_is_answered_by_a_fault() {
    let world = World::new();
    let mut made = Made::new(&world);
    for (name, operation) in operations() {
        let example = examples::find(&name).unwrap();
        let (method, url) = name.split_once(' ').unwrap();
        let call = example.call(&mut made);
        let (path, query) = call.path.split_once('?').unwrap_or((&call.path, ""));
        for value in IN_A_URL {
            let nul = value.contains("%00");
            for parameter in
                operation["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "query")
            {
                let parameter = parameter["name"].as_str().unwrap();
                let kept = query
                    .split('&')
                    .filter(|pair| !pair.is_empty() && !pair.starts_with(&format!("{parameter}=")));
                let pairs: Vec<String> =
                    kept.map(str::to_owned).chain([format!("{parameter}={value}")]).collect();
                let url = format!("{path}?{}", pairs.join("&"));
                answered(&world.call(method, &url, None), &format!("{method} {url}"), nul);
            }
            for part in ["{id}", "{line_no}", "{number}", "{migration_id}"] {
                if url.contains(part) && !value.is_empty() {
                    let shown = url
                        .replace(part, value)
                        .replace("{id}", "x")
                        .replace("{line_no}", "1")
                        .replace("{number}", "1");
                    let url = shown.replace("{migration_id}", "x");
                    answered(&world.call(method, &url, call.body.as_ref()), &format!("{method} {url}"), nul);
                }
            }
        }
    }
}

#[test]
fn a_key_that_no_header_can_be_is_refused() {
    let world = World::new();
    for key in ["", &"k".repeat(256), "a\tb", "é"] {
        let request = world.request("POST", "/v1/customers").header("Idempotency-Key", key);
        let reply = Reply::of(request.json(&json!({ "name": "Ada" })));
        assert!(matches!(reply.status, 201 | 400), "{key:?}: {} {}", reply.status, reply.text);
    }
}

#[test]
fn a_leap_second_is_refused_with_words() {
    let world = World::new();
    let mut made = Made::new(&world);
    let mut body = made.subscription_body();
    body["start_at"] = json!("2016-12-31T23:59:60Z");
    let refused = world.post("/v1/subscriptions", body).is_problem(422, "leap_second");
    assert_eq!(refused.faults(), [("/start_at".to_owned(), "leap_second".to_owned())]);
    let customer = made.customer();
    let meter = made.meter();
    let query =
        format!("customer_id={customer}&meter={meter}&from=2016-12-31T23:59:60Z&to=2017-02-01T00:00:00Z");
    world.get(&format!("/v1/usage?{query}")).is_problem(422, "leap_second");
    let note = json!({ "name": "Ada", "metadata": { "seen_at": "2016-12-31T23:59:60Z" } });
    world.post("/v1/customers", note).is(201);
}

#[test]
fn one_bad_event_is_that_events_rejection_whatever_is_wrong_with_it() {
    let world = World::new();
    let mut made = Made::new(&world);
    let good = made.event_body();
    let with = |name: &str, value: Value| {
        let mut event = made_again(&good);
        event[name] = value;
        event
    };
    let mut batch: Vec<Value> = vec![made_again(&good)];
    for name in ["id", "source", "type", "subject"] {
        for text in ["\u{0}", "a\u{0}b", "", &"x".repeat(301)] {
            batch.push(with(name, json!(text)));
        }
    }
    for time in [
        "2016-12-31T23:59:60Z",
        "9999-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "+262142-12-31T23:59:59Z",
        "\u{0}",
    ] {
        batch.push(with("time", json!(time)));
    }
    let deep = serde_json::from_str::<Value>(&format!("{}{}", "[".repeat(100), "]".repeat(100))).unwrap();
    for data in [
        json!({ "a": "\u{0}" }),
        json!({ "\u{0}": 1 }),
        json!({ "a": { "b": ["\u{0}"] } }),
        json!({ "a": "x".repeat(40_000) }),
        json!([]),
        json!(7),
    ] {
        batch.push(with("data", data));
    }
    let bad = batch.len() - 1;
    batch.push(with("data", json!({ "a": deep })));
    let reply = world.post("/v1/usage/events", json!(batch)).is(200);
    assert_eq!(
        (&reply.json["accepted"], &reply.json["rejected_count"]),
        (&json!(2), &json!(bad)),
        "{}",
        reply.text
    );
    let lines: Vec<String> = batch.iter().map(|event| made_again(event).to_string()).collect();
    let request = world.request("POST", "/v1/usage/events").header("Content-Type", "application/x-ndjson");
    let reply = Reply::of(request.body(lines.join("\n"))).is(200);
    assert_eq!(reply.json["rejected_count"], json!(bad), "{}", reply.text);
}

/// The same event under another id, where its id is a good one.
fn made_again(event: &Value) -> Value {
    let mut event = event.clone();
    let id = event["id"].as_str().unwrap_or_default();
    if !id.is_empty() && id.len() < 200 && !id.contains('\u{0}') {
        event["id"] = json!(format!("{id}{:08x}", billwright::platform::random::cheap_u32()));
    }
    event
}
