//! In which currency are the books of a history? In euros, though all of it is in dollars: so whatever happens is valued at rates that change, and
//! for a while nobody knows them.

use std::ops::Range;

use serde_json::{Value, json};

use crate::harness::World;

/// Days of histories on which no rate is recorded, for longer than one holds; afterwards those of these days are.
const UNKNOWN: Range<i64> = 24..52;

/// Before anything is posted.
pub(super) fn keep_in_euros(world: &World) {
    let entity = world.get("/v1/entities").is(200).text_at("/data/0/id");
    world.patch(&format!("/v1/entities/{entity}"), json!({ "functional_currency": "EUR" })).is(200);
}

/// What is done to the books meanwhile.
pub const BETWEEN: &[&str] = &["close"];

/// Closes the months that are over, the oldest first.
pub(super) fn close_what_is_over(world: &World) {
    let now = world.now().date_naive().to_string();
    let listed = world.get("/v1/accounting_periods").is(200);
    let text = |period: &Value, name: &str| period[name].as_str().unwrap().to_owned();
    for period in listed.data().iter().rev() {
        if text(period, "status") != "closed" && text(period, "end") <= now {
            let path = format!("/v1/accounting_periods/{}/close", text(period, "id"));
            let reply = world.post(&path, json!({ "accept": ["lines_at_once_have_a_rule"] }));
            // Where the tenant lives, it may be yesterday still; and what waits for a rate keeps its month open.
            if ["period_not_over", "transfers_wait_for_rate"].iter().any(|code| reply.json["code"] == *code) {
                return;
            }
            assert_eq!(reply.status, 200, "{}", reply.json);
        }
    }
}

/// What a dollar is on a day of a history, which begins at an instant such as `2026-03-01T12:00:00Z`.
pub(super) fn record_rate(world: &World, (day, now): (i64, &str), before: impl Fn(i64) -> String) {
    if UNKNOWN.contains(&day) {
        return;
    }
    let missing = if day == UNKNOWN.end { UNKNOWN.step_by(4).collect() } else { Vec::new() };
    for known in missing {
        post(world, known, &before(known));
    }
    post(world, day, now);
}

/// Rates of days that the histories end on, once they have come.
pub(super) fn record_rest(world: &World, days: Range<i64>, at: impl Fn(i64) -> String) {
    for day in days.step_by(4) {
        post(world, day, &at(day));
    }
}

fn post(world: &World, day: i64, at: &str) {
    let rate = format!("0.{}", 80 + day * 7 % 19);
    let body = json!({ "base": "USD", "quote": "EUR", "date": &at[..10], "rate": rate });
    // Somewhere it is yesterday still.
    let reply = world.post("/v1/exchange_rates", body);
    assert!([201, 422].contains(&reply.status), "{}", reply.json);
}
