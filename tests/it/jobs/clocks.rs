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

/// Begins to move the clock, as a server does that dies right after.
fn begun(life: &Life) {
    let tenant = life.world.tenant.id;
    let begun = life
        .world
        .session()
        .transaction("begin_clock_advance", |tx| advance_clock::begin(tx, tenant, TO.parse().unwrap()));
    begun.map_err(|e: Error| e.to_string()).unwrap();
}

#[test]
fn a_clock_whose_server_died_on_the_way_is_moved_by_the_job() {
    let life = Life::monthly("2026-01-01", "31.00");
    begun(&life);
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

/// Someone pays a flat price by the day, so that every day is a step.
fn daily() -> Life {
    let prices = json!([crate::scenarios::billing::base("1.00")]);
    Life::of("2026-01-01", |seller| (seller.plan("day", prices), json!({ "collection": "send_invoice" })))
}

const FAR: &str = "2045-01-01T00:00:00Z";

#[test]
fn a_clock_that_nobody_waits_for_is_stopped_and_says_how_far_it_came() {
    let life = daily();
    life.world.post("/v1/test_clock/advance", json!({ "to": FAR, "wait": false })).is(202);
    while life.world.now() < "2026-01-05T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap() {
        thread::sleep(Duration::from_millis(20));
    }
    let stopped = life.world.delete("/v1/test_clock/advance").is(200);
    let way = &stopped.json["last_advance"];
    assert_eq!(
        (&stopped.json["advancing_to"], &way["stopped"]),
        (&Value::Null, &json!(true)),
        "{}",
        stopped.text
    );
    assert_eq!((&way["from"], &way["now"]), (&json!("2026-01-01T00:00:00Z"), &stopped.json["now"]));
    assert!(stopped.text_at("/now").as_str() < FAR);
    // The first day is billed when the subscription is started.
    let runs = life.world.get("/v1/bill_runs?limit=1000").is(200).data().len();
    assert_eq!((way["bill_runs"].as_u64(), way["invoices"].as_u64()), (Some(runs as u64), Some(runs as u64)));
    thread::sleep(Duration::from_millis(500));
    // There it stands. Stopped again it stands still, and it can be moved again.
    assert_eq!(life.world.delete("/v1/test_clock/advance").is(200).json, stopped.json);
    let next = life.world.now() + chrono::TimeDelta::days(1);
    let moved = life.world.post("/v1/test_clock/advance", json!({ "to": next })).is(200);
    assert_eq!((&moved.json["invoices"], &moved.json["stopped"]), (&json!(1), &json!(false)));
}

#[test]
fn a_clock_that_waits_for_its_turn_is_stopped_where_it_stands() {
    let life = Life::monthly("2026-01-01", "31.00");
    begun(&life);
    let stopped = life.world.delete("/v1/test_clock/advance").is(200);
    assert_eq!(
        (stopped.text_at("/now"), &stopped.json["last_advance"]["stopped"]),
        ("2026-01-01T00:00:00Z".to_owned(), &json!(true))
    );
    assert_eq!(life.world.advance_to(TO).json["invoices"], 3);
}

#[test]
fn clocks_that_a_dead_server_left_move_side_by_side_and_are_left_when_their_process_ends() {
    let world = crate::harness::World::own_database("2026-01-01T00:00:00Z");
    let others = [world.another_tenant(), world.another_tenant()];
    let tenants: Vec<_> = std::iter::once(&world.tenant).chain(&others).collect();
    for tenant in &tenants {
        let product = tenant.client.post("/v1/products", json!({ "name": "Power" })).is(201).id();
        let plan = json!({ "code": "daily", "name": "Daily", "product_id": product, "currency": "USD", "interval": "day",
                           "prices": [crate::scenarios::billing::base("1.00")] });
        let plan = tenant.client.post("/v1/plans", plan).is(201).id();
        let customer = tenant.client.post("/v1/customers", json!({ "name": "Ada" })).is(201).id();
        let body = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice" });
        tenant.client.post("/v1/subscriptions", body).is(201);
        let id = tenant.id;
        let begun = world
            .session()
            .transaction("begin_clock_advance", |tx| advance_clock::begin(tx, id, FAR.parse().unwrap()));
        begun.map_err(|e: Error| e.to_string()).unwrap();
    }
    let stuck = world.get("/v1/health/work").is(200);
    let unfinished = json!({ "kind": "clock_advances", "count": 1, "oldest_at": "2026-01-01T00:00:00Z" });
    assert!(stuck.json["unfinished"].as_array().unwrap().contains(&unfinished), "{}", stuck.text);
    let metrics = world.get("/metrics").is(200).text;
    assert!(metrics.contains(r#"unfinished_work{kind="clock_advances"} 3"#), "{metrics}");

    let db = Db::start(&world.database.url, 1).unwrap();
    let gateways = Arc::new(gateways::all(&db));
    let clocks = JOBS.iter().position(|job| job.name == "test_clocks").unwrap();
    let runner = Runner::start(&JOBS[clocks..=clocks], (&db, &gateways), &every_second()).unwrap();
    let clock = |tenant: &crate::harness::Tenant| tenant.client.get("/v1/test_clock").is(200);
    let has_moved = |tenant: &&crate::harness::Tenant| clock(tenant).text_at("/now").as_str() > "2026-01-03";
    let begun = std::time::Instant::now();
    while !tenants.iter().all(&has_moved) {
        assert!(begun.elapsed() < Duration::from_secs(120), "they do not all move");
        thread::sleep(Duration::from_millis(100));
    }
    let ended_at = std::time::Instant::now();
    runner.stop();
    assert!(ended_at.elapsed() < Duration::from_secs(20), "a clock was moved to its end");
    for tenant in tenants {
        let clock = clock(tenant);
        assert_eq!(clock.text_at("/advancing_to"), FAR, "one arrived before the others had moved");
        tenant.client.delete("/v1/test_clock/advance").is(200);
    }
}
