//! Who moves a test clock that nobody waits for? The server that took the call; should that die, the job of the clocks.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use billwright::jobs::{JOBS, Runner};
use billwright::storage::Db;
use billwright::workflows::payments::gateways;
use billwright::workflows::{Error, advance_clock};
use serde_json::{Value, json};

use super::parked::every_second;
use crate::harness::Reply;
use crate::scenarios::subscriptions::Life;

const TO: &str = "2026-04-01T00:00:00Z";

/// Reads the clock until it has arrived.
fn arrived(life: &Life) -> Reply {
    for _ in 0..600 {
        let clock = life.world.get("/v1/test_clock").is(200);
        if clock.json["advancing_to"].is_null() {
            return clock;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("the clock never arrives");
}

#[test]
fn a_clock_that_nobody_waits_for_moves_and_tells_what_happened() {
    let life = Life::monthly("2026-01-01", "31.00");
    let sent = life.world.post("/v1/test_clock/advance", json!({ "to": TO, "wait": false })).is(202);
    assert_eq!(
        (sent.text_at("/now"), sent.text_at("/advancing_to")),
        ("2026-01-01T00:00:00Z".to_owned(), TO.to_owned())
    );
    let clock = arrived(&life);
    assert_eq!((clock.text_at("/now"), &clock.json["last_advance"]["invoices"]), (TO.to_owned(), &json!(3)));
    assert_eq!((&clock.json["last_advance"]["now"], &clock.json["last_failure"]), (&json!(TO), &Value::Null));
    // It goes where others go: forward.
    let back = json!({ "to": "2026-01-05T00:00:00Z", "wait": false });
    life.world.post("/v1/test_clock/advance", back).is_problem(422, "clock_moves_forward");
}

#[test]
fn a_clock_whose_server_died_on_the_way_is_moved_by_the_job() {
    let life = Life::monthly("2026-01-01", "31.00");
    let tenant = life.world.tenant.id;
    let begun = life
        .world
        .session()
        .transaction("begin_clock_advance", |tx| advance_clock::begin(tx, tenant, TO.parse().unwrap()));
    begun.map_err(|e: Error| e.to_string()).unwrap();
    let further = json!({ "to": "2026-05-01T00:00:00Z" });
    let busy = life.world.post("/v1/test_clock/advance", further.clone()).is_problem(409, "clock_in_use");
    assert_eq!(busy.header("retry-after"), "2");
    let db = Db::start(&life.world.database.url, 1).unwrap();
    let gateways = Arc::new(gateways::all(&db));
    let clocks = JOBS.iter().position(|job| job.name == "test_clocks").unwrap();
    let runner = Runner::start(&JOBS[clocks..=clocks], (&db, &gateways), &every_second()).unwrap();
    let clock = arrived(&life);
    runner.stop();
    assert_eq!((clock.text_at("/now"), &clock.json["last_advance"]["invoices"]), (TO.to_owned(), &json!(3)));
    life.world.post("/v1/test_clock/advance", further).is(200);
}
