//! What does one bad item do to the rest? Nothing: it is parked with its reason and tried again alone, in every job, in real time and on a
//! test clock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use billwright::domain::work::Work;
use billwright::jobs::{self, Runner};
use billwright::storage::Db;
use chrono::TimeDelta;
use cron::Schedule;
use serde_json::{Value, json};
use strum::IntoEnumIterator;

use super::planted::Planted;
use crate::harness::{World, gateways};
use crate::scenarios::billing::Seller;

/// Every job looks every second.
pub fn every_second() -> BTreeMap<String, Schedule> {
    jobs::JOBS.iter().map(|job| (job.name.to_owned(), "* * * * * *".parse().unwrap())).collect()
}

/// A process that does the jobs.
pub fn process(url: &str) -> Runner {
    let db = Db::start(url, 1).unwrap();
    let gateways = Arc::new(gateways(&db));
    Runner::start(jobs::JOBS, (&db, &gateways), &every_second()).unwrap()
}

/// Waits until nothing is left of a list, for two minutes at most.
#[track_caller]
pub fn wait_until_empty<T: std::fmt::Debug>(mut list: impl FnMut() -> Vec<T>) {
    for _ in 0..240 {
        if list().is_empty() {
            return;
        }
        thread::sleep(Duration::from_millis(500));
    }
    panic!("this is left: {:?}", list());
}

/// Each kind of work has a bad item, and nothing good is told twice.
fn is_done_once(planted: &Planted) {
    let kinds: Vec<&str> = Work::iter().map(Into::into).collect();
    for kind in kinds {
        assert!(planted.bad.contains_key(kind), "nothing bad is planted for {kind}");
    }
    // Whatever the processes had no time to relay before they were stopped.
    planted.world.relay_events();
    for once in ["refund.succeeded", "budget.alert", "subscription.trial_will_end", "credit_grant.expired"] {
        assert_eq!(planted.count_events(once), 1, "{once}");
    }
    let parked = planted.parked();
    for (work, item) in &planted.bad {
        let entries = parked.iter().filter(|entry| (entry.0.as_str(), &entry.1) == (*work, item)).count();
        assert_eq!(entries, 1, "{work} {item}");
    }
    let lines = planted.text("SELECT count(*)::text || ' ' || count(DISTINCT (subscription_id, item_version_id, period_start))::text AS text \
        FROM invoice_lines WHERE subscription_id IS NOT NULL");
    let (all, distinct) = lines.split_once(' ').unwrap();
    assert_eq!(all, distinct, "something was billed twice");
}

#[test]
fn a_bad_item_of_each_job_is_parked_and_two_processes_do_everything_else_once_for_a_live_tenant() {
    let planted = Planted::in_world(World::live());
    let processes = [(); 2].map(|()| process(&planted.world.database.url));
    wait_until_empty(|| planted.undone());
    wait_until_empty(|| planted.missing());
    processes.into_iter().for_each(Runner::stop);
    is_done_once(&planted);
    let metrics = planted.world.request("GET", "/metrics").send().unwrap().text().unwrap();
    for line in
        [r#"parked_work{work="collection"} 1"#, r#"job_last_success_timestamp_seconds{job="refunds"}"#]
    {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}

#[test]
fn a_bad_item_of_each_job_is_parked_and_a_test_clock_goes_on() {
    let planted = Planted::in_world(World::own_database("2026-01-01T00:00:00Z"));
    let later = planted.now + TimeDelta::hours(1);
    let advanced = planted.world.advance_to(&later.to_rfc3339());
    assert_eq!(planted.undone(), Vec::<String>::new(), "{}", advanced.text);
    assert_eq!(planted.missing(), Vec::<&str>::new(), "{} {:?}", advanced.text, planted.parked());
    is_done_once(&planted);
    assert!(advanced.json["parked"].as_u64().unwrap() >= 11, "{}", advanced.text);
}

#[test]
fn what_is_parked_is_tried_again_after_a_growing_delay_or_when_somebody_asks_and_then_done() {
    let planted = Planted::in_world(World::own_database("2026-01-01T00:00:00Z"));
    let world = &planted.world;
    world.advance_to("2026-01-01T00:30:00Z");
    let entry = || world.get("/v1/parked_work?work=collection").is(200).data()[0].clone();
    let retries = |entry: &Value| (entry["attempts"].clone(), entry["retry_at"].as_str().unwrap().to_owned());
    assert_eq!(retries(&entry()), (json!(1), "2026-01-01T01:00:00Z".to_owned()));
    assert_eq!((entry()["code"].clone(), entry()["status"].clone()), (json!("internal"), json!("parked")));
    world.advance_to("2026-01-01T02:00:00Z");
    assert_eq!(retries(&entry()), (json!(2), "2026-01-01T03:00:00Z".to_owned()));

    let id = entry()["id"].as_str().unwrap().to_owned();
    let again = || world.post(&format!("/v1/parked_work/{id}/retry"), json!({})).is(200).json;
    let vain = again();
    assert_eq!((vain["status"].clone(), vain["attempts"].clone()), (json!("parked"), json!(3)));
    // Whoever mends the cause need not wait.
    planted.sql("UPDATE invoices SET currency = 'USD' WHERE next_attempt_at IS NOT NULL");
    let done = again();
    assert_eq!(done["status"], "done");
    world.get(&format!("/v1/parked_work/{id}")).is_problem(404, "not_found");
    world.get(&format!("/v1/invoices/{}", done["item_id"].as_str().unwrap())).is(200);
    world.relay_events();
    let events = world.get("/v1/events?type=work.unparked").is(200);
    assert_eq!((events.data().len(), events.text_at("/data/0/object_id")), (1, id));
}

#[test]
fn a_trial_that_cannot_be_paused_at_its_end_holds_up_nobody_and_is_not_billed_until_it_can() {
    let seller = Seller::on("2026-01-01");
    let seat = json!([{ "code": "seat", "kind": "recurring", "billing": "in_advance",
        "model": { "type": "per_unit", "unit_amount": "31.00" } }]);
    let plan = seller.plan("month", seat);
    let [ada, bob] = ["Ada", "Bob"].map(|name| seller.customer_like(json!({ "name": name })));
    let trial = json!({ "quantity": "1", "trial_days": 14, "trial_without_payment_method": "pause",
        "phases": [{ "at": "2026-03-01T00:00:00Z", "quantity": "2" }] });
    let subscription = seller.subscribe(&ada, &plan, trial);
    seller.subscribe(&bob, &plan, json!({ "quantity": "1" }));
    seller.world.advance_to("2026-02-10T00:00:00Z");
    assert_eq!(seller.invoices(&bob).len(), 2, "bob is billed");
    assert_eq!(seller.invoices(&ada).len(), 0, "what was to be paused is billed");
    let parked = seller.world.get("/v1/parked_work").is(200);
    assert_eq!((parked.data().len(), parked.text_at("/data/0/work")), (1, "subscription_steps".to_owned()));
    assert_eq!(
        (parked.text_at("/data/0/item_id"), parked.text_at("/data/0/code")),
        (subscription, "later_changes".to_owned())
    );

    // With a card the trial ends as any other does, and its periods are billed from its end on.
    let card = json!({ "customer_id": ada, "kind": "card", "token": "tok_success", "make_default": true });
    seller.world.post("/v1/payment_methods", card).is(201);
    seller.world.advance_to("2026-02-12T00:00:00Z");
    assert_eq!(seller.invoices(&ada).len(), 1);
    assert!(seller.invoices(&ada)[0].contains("2026-01-15 to 2026-02-15"), "{}", seller.invoices(&ada)[0]);
    assert_eq!(seller.world.get("/v1/parked_work").is(200).data().len(), 0);
}

#[test]
fn a_plan_migration_of_what_no_invoice_can_hold_is_refused_for_that_subscription_alone() {
    let seller = Seller::on("2026-01-01");
    let each = |code: &str, amount: &str| {
        json!({ "code": code, "kind": "recurring", "billing": "in_advance",
        "model": { "type": "per_unit", "unit_amount": amount } })
    };
    let dear = json!([each("a", "100000000000.00"), each("b", "100000000000.00")]);
    let plan = seller.plan("month", dear.clone());
    let (croesus, ada) =
        (seller.customer_like(json!({ "name": "Croesus" })), seller.customer_like(json!({ "name": "Ada" })));
    let body = json!({ "customer_id": croesus, "plan_id": plan.id, "quantity": "90", "start_at": "2026-02-01T00:00:00Z",
        "collection": "send_invoice" });
    seller.world.post("/v1/subscriptions", body).is(201);
    let cheap = json!([each("a", "1.00"), each("b", "2.00")]);
    let other = seller.plan("month", json!([each("base", "31.00")]));
    seller.subscribe(&ada, &other, json!({}));
    let version = json!({ "currency": "USD", "interval": "month", "prices": cheap });
    seller.world.post(&format!("/v1/plans/{}/versions", plan.id), version).is(201);
    let migration = seller
        .world
        .post(&format!("/v1/plans/{}/migrations", plan.id), json!({ "effective_at": "period_end" }));
    assert_eq!(migration.is(200).json["moved"], 1);
    seller.world.advance_to("2026-02-02T00:00:00Z");
    assert_eq!(seller.invoices(&ada).len(), 2, "ada is billed");
}

#[test]
fn two_parkings_of_one_item_at_once_are_one_entry() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    let planted = Planted::in_world(world);
    thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(|| {
                let place = billwright::workflows::parked_work::Place {
                    tenant_id: planted.world.tenant.id,
                    now: planted.now,
                };
                let db = Db::start(&planted.world.database.url, 1).unwrap();
                let all = gateways(&db);
                let mut session = planted.world.session();
                billwright::workflows::payments::collect_invoices::run(&mut session, &all, place).unwrap()
            });
        }
    });
    assert_eq!(planted.parked().iter().filter(|entry| entry.0 == "collection").count(), 1);
    planted.world.relay_events();
    let events = planted.world.get("/v1/events?limit=1000&type=work.parked").is(200);
    let of_it: Vec<&Value> =
        events.data().iter().filter(|event| event["data"]["work"] == "collection").collect();
    assert_eq!(of_it.len(), 1, "one try is told once");
    // What is told of can be read.
    planted.world.get(&format!("/v1/parked_work/{}", of_it[0]["object_id"].as_str().unwrap())).is(200);
}
