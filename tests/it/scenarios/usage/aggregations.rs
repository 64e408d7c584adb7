//! Does each meter measure what it says? Worked by hand.

use serde_json::json;

use super::{Metering, event, summary};

const JANUARY: (&str, &str) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");

#[test]
fn each_aggregation_of_the_same_events() {
    let seller = Metering::at("2026-01-20T00:00:00Z");
    for aggregation in ["sum", "max", "latest", "unique_count", "average"] {
        seller.meter(aggregation, json!({ "aggregation": aggregation, "value_property": "v" }));
    }
    seller.meter("count", json!({ "aggregation": "count" }));
    let values = [
        ("2026-01-03T10:00:00Z", json!(2)),
        ("2026-01-05T10:00:00Z", json!("0.5")),
        ("2026-01-04T10:00:00Z", json!(7.25)),
        ("2026-01-04T10:30:00Z", json!(2)),
    ];
    for (time, value) in values {
        seller.send(event(time, json!({ "v": value }))).is(200);
    }
    let used = |meter: &str| seller.used(meter, JANUARY.0, JANUARY.1);
    assert_eq!(used("sum"), "11.75 of 4");
    assert_eq!(used("count"), "4 of 4");
    assert_eq!(used("max"), "7.25 of 4");
    assert_eq!(used("latest"), "0.5 of 4");
    assert_eq!(used("unique_count"), "3 of 4");
    assert_eq!(used("average"), "2.9375 of 4");
    assert_eq!(seller.used("latest", "2026-01-03T00:00:00Z", "2026-01-04T10:15:00Z"), "7.25 of 2");
    assert_eq!(seller.used("unique_count", "2026-01-03T00:00:00Z", "2026-01-04T10:30:00.000001Z"), "2 of 3");
    assert_eq!(seller.used("max", "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z"), "0 of 0");
}

#[test]
fn ten_gigabytes_for_744_hours_are_7440_and_a_level_is_held_into_the_next_month() {
    let seller = Metering::at("2026-03-01T00:00:00Z");
    seller.meter("storage", json!({ "aggregation": "weighted_sum", "value_property": "gb" }));
    seller.send(event("2026-01-01T00:00:00Z", json!({ "gb": 10 }))).is(200);
    assert_eq!(seller.used("storage", JANUARY.0, JANUARY.1), "7440 of 1");
    // February has 672 hours: 10 GB for half of them, 20 for the rest; told out of order, and with one in between.
    seller.send(event("2026-02-15T00:00:00Z", json!({ "gb": 20 }))).is(200);
    seller.send(event("2026-02-08T00:00:00Z", json!({ "gb": 10 }))).is(200);
    assert_eq!(seller.used("storage", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"), "10080 of 2");
    // 20 minutes of 20.
    assert_eq!(seller.used("storage", "2026-02-20T00:10:00Z", "2026-02-20T00:30:00Z"), "6.666666666667 of 0");
    // Half an hour of 20, then of 4, within one hour.
    seller.send(event("2026-02-20T07:30:00Z", json!({ "gb": 4 }))).is(200);
    assert_eq!(seller.used("storage", "2026-02-20T07:00:00Z", "2026-02-20T08:00:00Z"), "12 of 1");
}

#[test]
fn quantities_are_kept_apart_by_dimensions_and_filters_leave_events_out() {
    let seller = Metering::at("2026-01-20T00:00:00Z");
    seller.meter(
        "tokens",
        json!({ "aggregation": "sum", "value_property": "tokens", "dimensions": ["model", "region"],
                "filters": [{ "property": "status", "values": ["ok", "200"] }] }),
    );
    let data = [
        json!({ "tokens": 7000, "model": "large", "region": "eu", "status": "ok" }),
        json!({ "tokens": 900, "model": "small", "region": "us", "status": 200 }),
        json!({ "tokens": 88, "model": "small", "status": "ok" }),
        json!({ "tokens": 10, "model": "small", "region": "eu", "status": "failed" }),
        json!({ "words": 10 }),
    ];
    let events = data.into_iter().map(|data| event("2026-01-05T10:00:00Z", data)).collect();
    assert_eq!(
        summary(&seller.send(serde_json::Value::Array(events))),
        "5 accepted, 0 duplicates, 0 kept, 0 rejected"
    );
    let by = |group: &str| {
        let reply =
            seller.usage("tokens", &format!("from={}&to={}&group={group}", JANUARY.0, JANUARY.1)).is(200);
        let groups = reply.json["data"][0]["groups"].as_array().unwrap().clone();
        groups
            .iter()
            .map(|g| format!("{} {} of {}", g["dimensions"], g["quantity"].as_str().unwrap(), g["events"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(by("model"), [r#"{"model":"large"} 7000 of 1"#, r#"{"model":"small"} 988 of 2"#]);
    assert_eq!(
        by("region,model"),
        [
            r#"{"model":"large","region":"eu"} 7000 of 1"#,
            r#"{"model":"small","region":""} 88 of 1"#,
            r#"{"model":"small","region":"us"} 900 of 1"#
        ]
    );
    assert_eq!(seller.used("tokens", JANUARY.0, JANUARY.1), "7988 of 3");
    seller
        .usage("tokens", &format!("from={}&to={}&group=tier", JANUARY.0, JANUARY.1))
        .is_problem(422, "unknown_dimension");
}

#[test]
fn usage_is_read_by_hour_and_by_day_of_the_customers_zone() {
    let seller = Metering::at("2026-01-20T00:00:00Z");
    seller
        .world
        .patch(&format!("/v1/customers/{}", seller.customer), json!({ "time_zone": "Asia/Kolkata" }))
        .is(200);
    seller.tokens();
    for (time, tokens) in
        [("2026-01-04T18:29:59Z", 1), ("2026-01-04T18:30:00Z", 2), ("2026-01-05T18:29:59Z", 4)]
    {
        seller.send(event(time, json!({ "tokens": tokens }))).is(200);
    }
    let by = |by: &str| {
        let reply = seller
            .usage("tokens", &format!("from=2026-01-04T18:00:00Z&to=2026-01-05T19:00:00Z&by={by}"))
            .is(200);
        let used = reply.data().iter().filter(|w| w["events"] != 0);
        used.map(|w| format!("{} {}", w["start"].as_str().unwrap(), w["quantity"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(by("day"), ["2026-01-04T18:00:00Z 1", "2026-01-04T18:30:00Z 6"]);
    assert_eq!(by("hour"), ["2026-01-04T18:00:00Z 3", "2026-01-05T18:00:00Z 4"]);
    let long = "from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z";
    seller.usage("tokens", &format!("{long}&by=hour")).is_problem(422, "too_long");
    assert_eq!(seller.usage("tokens", &format!("{long}&by=day")).is(200).data().len(), 366);
    seller
        .usage("tokens", "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z")
        .is_problem(422, "end_before_start");
    seller.usage("nothing", long).is_problem(404, "not_found");
}

#[test]
fn numbers_are_added_exactly_however_they_are_written() {
    let seller = Metering::at("2026-01-20T00:00:00Z");
    seller.tokens();
    // Sums of tenths that binary floating point gets wrong, and one beyond its 15 digits.
    let mut numbers = vec!["0.1"; 10];
    numbers.extend(["1.5e2", "-0.5", "\"0.000000000001\"", "999999999999999.123456789012"]);
    let lines = (0..).zip(numbers).map(|(n, number)| {
        format!(r#"{{"id":"{n}","source":"api","type":"llm.request","subject":"acme","data":{{"tokens":{number}}}}}"#)
    });
    let reply = seller.stream(lines.collect::<Vec<_>>().join("\n"));
    assert_eq!(summary(&reply), "14 accepted, 0 duplicates, 0 kept, 0 rejected");
    assert_eq!(seller.used("tokens", JANUARY.0, JANUARY.1), "1000000000000149.623456789013 of 14");
}
