//! When does each period begin, for every interval, in zones around the world, from an anchor on the 31st? Read off invoices.

use serde_json::{Value, json};

use super::{Seller, base};

/// Where the first periods of a subscription from 31 January 2024, 15:00 UTC begin, as its invoices say.
fn begins(seller: &Seller, interval: &str, zone: &str, anchor: Option<u32>) -> Vec<String> {
    let plan = seller.plan(interval, json!([base("31.00")]));
    let customer = seller.customer_like(json!({ "name": "Ada", "time_zone": zone }));
    let anchor = anchor.map(|day| json!({ "day_of_month": day }));
    let more = json!({ "collection": "send_invoice", "start_at": "2024-01-31T15:00:00Z", "anchor": anchor });
    seller.subscribe(&customer, &plan, more);
    let listed = seller.world.get(&format!("/v1/invoices?customer_id={customer}&limit=1000")).is(200);
    let mut periods: Vec<(String, String)> = listed
        .data()
        .iter()
        .map(|i| seller.world.get(&format!("/v1/invoices/{}", i["id"].as_str().unwrap())).is(200).json)
        .map(|i| {
            let bound = |name: &str| i["lines"][0]["period"][name].as_str().unwrap().to_owned();
            (bound("start"), bound("end"))
        })
        .collect();
    periods.sort();
    assert!(periods.windows(2).all(|two| two[0].1 == two[1].0), "periods do not tile: {periods:?}");
    periods.into_iter().take(5).map(|(start, _)| start[..16].to_owned()).collect()
}

/// Insists on a row of the matrix: `month America/New_York 31 | 2024-01-31T15:00 …`.
#[track_caller]
fn holds(row: &str) {
    let (start, expected) = row.split_once(" | ").unwrap();
    let mut words = start.split(' ');
    let (interval, zone, anchor) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
    let seller = Seller::on(if ["day", "week"].contains(&interval) { "2024-03-15" } else { "2026-02-15" });
    let found = begins(&seller, interval, zone, anchor.parse().ok());
    let expected: Vec<Value> = expected.split(' ').map(|at| json!(at)).collect();
    let found: Vec<Value> = found.into_iter().take(expected.len()).map(Value::String).collect();
    assert_eq!(found, expected, "{start}");
}

#[test]
fn days_and_weeks_begin_at_the_customer_s_midnight() {
    holds("day UTC - | 2024-01-31T15:00 2024-02-01T00:00 2024-02-02T00:00");
    holds("day America/New_York - | 2024-01-31T15:00 2024-02-01T05:00 2024-02-02T05:00");
    holds("day Asia/Kolkata - | 2024-01-31T15:00 2024-01-31T18:30 2024-02-01T18:30");
    holds("week UTC - | 2024-01-31T15:00 2024-02-07T00:00 2024-02-14T00:00");
    // Summer time begins on 10 March.
    holds(
        "week America/New_York - | 2024-01-31T15:00 2024-02-07T05:00 2024-02-14T05:00 2024-02-21T05:00 2024-02-28T05:00",
    );
    // It is Thursday, 1 February there.
    holds("week Pacific/Apia - | 2024-01-31T15:00 2024-02-07T11:00 2024-02-14T11:00");
}

#[test]
fn months_from_the_31st_return_to_it_in_every_zone_and_in_a_leap_year() {
    holds(
        "month UTC - | 2024-01-31T15:00 2024-02-29T00:00 2024-03-31T00:00 2024-04-30T00:00 2024-05-31T00:00",
    );
    holds(
        "month America/New_York - | 2024-01-31T15:00 2024-02-29T05:00 2024-03-31T04:00 2024-04-30T04:00 2024-05-31T04:00",
    );
    holds(
        "month Asia/Kolkata - | 2024-01-31T15:00 2024-02-28T18:30 2024-03-30T18:30 2024-04-29T18:30 2024-05-30T18:30",
    );
    holds(
        "month Pacific/Apia - | 2024-01-31T15:00 2024-02-29T11:00 2024-03-31T11:00 2024-04-30T11:00 2024-05-31T11:00",
    );
    holds(
        "month Pacific/Apia 31 | 2024-01-31T15:00 2024-02-28T11:00 2024-03-30T11:00 2024-04-29T11:00 2024-05-30T11:00",
    );
}

#[test]
fn quarters_and_years_begin_on_the_anchor_s_day_or_the_month_s_last() {
    holds(
        "quarter UTC - | 2024-01-31T15:00 2024-04-30T00:00 2024-07-31T00:00 2024-10-31T00:00 2025-01-31T00:00",
    );
    holds(
        "quarter Europe/Paris - | 2024-01-31T15:00 2024-04-29T22:00 2024-07-30T22:00 2024-10-30T23:00 2025-01-30T23:00",
    );
    holds("year UTC - | 2024-01-31T15:00 2025-01-31T00:00 2026-01-31T00:00");
    holds("year America/New_York 29 | 2024-01-31T15:00 2024-02-29T05:00 2025-02-28T05:00");
}
