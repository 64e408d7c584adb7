//! Does a stream of any length arrive whole?

use serde_json::json;

use super::{Metering, event, rejected, summary};

#[test]
fn a_stream_of_lines_is_taken_in_parts_and_answered_as_one() {
    let seller = Metering::at("2026-01-15T12:00:00Z");
    seller.tokens();
    // Longer than a part of a megabyte, with a bad line, a blank one, and one that is sent twice.
    let padding = "x".repeat(300);
    let line = |n: usize| {
        format!(
            r#"{{"id":"{n}","source":"api","type":"llm.request","subject":"acme","time":"2026-01-{:02}T11:00:00Z","data":{{"tokens":{n},"note":"{padding}"}}}}"#,
            1 + n % 14
        )
    };
    let mut lines: Vec<String> = (0..6_000).map(line).collect();
    lines[10] = "{\"id\": ".to_owned();
    lines[20] = String::new();
    lines[5_000] = line(4_999);
    let text = lines.join("\r\n");
    assert!(text.len() > 2 << 20);
    let reply = seller.stream(text.clone());
    assert_eq!(summary(&reply), "5997 accepted, 1 duplicates, 0 kept, 1 rejected");
    assert_eq!(rejected(&reply), ["10 malformed_json -"]);
    let sum: usize = (0..6_000).sum::<usize>() - 10 - 20 - 5_000;
    assert_eq!(
        seller.used("tokens", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"),
        format!("{sum} of 5997")
    );
    assert_eq!(summary(&seller.stream(text)), "0 accepted, 5998 duplicates, 0 kept, 1 rejected");
}

#[test]
fn a_stream_takes_no_idempotency_key_and_an_empty_one_is_nothing() {
    let seller = Metering::at("2026-01-15T12:00:00Z");
    seller.tokens();
    assert_eq!(summary(&seller.stream(String::new())), "0 accepted, 0 duplicates, 0 kept, 0 rejected");
    let request =
        seller.world.request("POST", "/v1/usage/events").header("Content-Type", "application/x-ndjson");
    let line = event("2026-01-15T11:00:00Z", json!({ "tokens": 1 })).to_string();
    let reply = crate::harness::Reply::of(request.header("Idempotency-Key", "k").body(line));
    reply.is_problem(400, "idempotency_key_not_taken");
}

#[test]
fn only_the_first_thousand_rejected_are_reported() {
    let seller = Metering::at("2026-01-15T12:00:00Z");
    seller.tokens();
    let reply = seller.stream("nonsense\n".repeat(2_500));
    assert_eq!(summary(&reply), "0 accepted, 0 duplicates, 0 kept, 2500 rejected");
    assert_eq!(rejected(&reply).len(), 1_000);
}
