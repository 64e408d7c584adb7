//! What comes first at a trial's end, its step or its bill? The step, whoever bills, and however many processes are at it.

use billwright::workflows::parked_work::{self, Place};
use billwright::workflows::subscriptions::step_subscriptions;
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use super::parked::{process, wait_until_empty};
use crate::harness::World;
use crate::scenarios::billing::{Plan, Seller};

fn seat(seller: &Seller) -> Plan {
    seller.plan(
        "month",
        json!([{ "code": "seat", "kind": "recurring", "billing": "in_advance",
        "model": { "type": "per_unit", "unit_amount": "12.50" } }]),
    )
}

/// A trial of 14 days that is paused or canceled at its end, because there is no card.
fn trial(seller: &Seller, plan: &Plan, without: &str) -> (String, String) {
    let customer = seller.customer_like(json!({ "name": "Ada" }));
    let body = json!({ "quantity": "2", "trial_days": 14, "trial_without_payment_method": without });
    let subscription = seller.subscribe(&customer, plan, body);
    (customer, subscription)
}

#[test]
fn a_run_requested_before_the_jobs_takes_the_ends_of_trials_first() {
    let seller = Seller::on("2026-01-01");
    let plan = seat(&seller);
    let trials = ["pause", "cancel"].map(|without| trial(&seller, &plan, without));
    seller.world.advance_to("2026-01-14T23:00:00Z");
    // As if the clock had come there and no job had looked yet.
    let clock = format!(
        "UPDATE tenants SET test_clock = '2026-01-15T00:00:01Z' WHERE id = '{}'",
        seller.world.tenant.id.uuid()
    );
    seller.world.database.connect().batch_execute(&clock).unwrap();
    seller.world.post("/v1/bill_runs", json!({})).is(201);
    for (customer, _) in &trials {
        assert_eq!(seller.invoices(customer).len(), 0);
    }
    let status = |id: &str| seller.world.get(&format!("/v1/subscriptions/{id}")).is(200).text_at("/status");
    assert_eq!(trials.map(|(_, id)| status(&id)), ["paused", "canceled"]);
}

#[test]
fn a_run_that_looks_ahead_leaves_what_the_end_of_a_trial_decides() {
    let seller = Seller::on("2026-01-01");
    let plan = seat(&seller);
    let (customer, _) = trial(&seller, &plan, "pause");
    let bob = seller.customer_like(json!({ "name": "Bob" }));
    seller.subscribe(&bob, &plan, json!({ "quantity": "2", "trial_days": 14 }));
    seller.world.post("/v1/bill_runs", json!({ "as_of": "2026-01-16T00:00:00Z" })).is(201);
    // Bob is billed whatever he has; whether ada is billed shows when the trial ends.
    assert_eq!((seller.invoices(&customer).len(), seller.invoices(&bob).len()), (0, 1));
    seller.world.advance_to("2026-01-20T00:00:00Z");
    assert_eq!((seller.invoices(&customer).len(), seller.invoices(&bob).len()), (0, 1));
}

#[test]
fn a_step_that_somebody_else_has_just_taken_is_not_forgotten() {
    let seller = Seller::on("2026-01-01");
    let plan = seat(&seller);
    let (_, subscription) = trial(&seller, &plan, "cancel");
    let notice = "2026-01-12T00:00:00Z";
    seller.world.advance_to(notice);
    let place = Place { tenant_id: seller.world.tenant.id, now: notice.parse().unwrap() };
    // The other process had it on its list.
    step_subscriptions::run(&mut seller.world.session(), place, subscription.parse().unwrap()).unwrap();
    seller.world.advance_to("2026-01-16T00:00:00Z");
    let events = seller.world.get("/v1/events?type=subscription.trial_ended").is(200);
    assert_eq!(events.data().len(), 1);
    let status = seller.world.get(&format!("/v1/subscriptions/{subscription}")).is(200);
    assert_eq!(status.text_at("/status"), "canceled");
}

#[test]
fn a_canceled_trial_whose_end_was_parked_is_no_longer_in_the_way_of_what_is_owed() {
    let seller = Seller::on("2026-01-01");
    let plan = seat(&seller);
    let ada = seller.customer_like(json!({ "name": "Ada" }));
    let body = json!({ "quantity": "2", "trial_days": 14, "trial_without_payment_method": "pause",
        "phases": [{ "at": "2026-03-01T00:00:00Z", "quantity": "3" }] });
    let subscription = seller.subscribe(&ada, &plan, body);
    seller.world.advance_to("2026-01-18T00:00:00Z");
    let charge = json!({ "description": "Set-up", "amount": "40.00", "invoice": "now" });
    seller.world.post(&format!("/v1/subscriptions/{subscription}/charges"), charge).is(200);
    let cancel = json!({ "effective_at": "now", "invoice": "next" });
    seller.world.post(&format!("/v1/subscriptions/{subscription}/cancel"), cancel).is(200);
    seller.world.advance_to("2026-01-20T00:00:00Z");
    assert_eq!(seller.world.get("/v1/parked_work").is(200).data().len(), 0);
    let bills = seller.invoices(&ada).join("\n");
    assert!(bills.contains("40.00"), "{bills}");
}

/// A plan, and six trials that end in a moment, half of them to be paused.
fn ending_soon(world: &World) -> Vec<String> {
    let product = world.post("/v1/products", json!({ "name": "Power" })).is(201).id();
    let prices = json!([{ "code": "seat", "kind": "recurring", "billing": "in_advance",
        "model": { "type": "per_unit", "unit_amount": "12.50" } }]);
    let plan = json!({ "code": "seats", "name": "Seats", "product_id": product, "currency": "USD", "interval": "month", "prices": prices });
    let plan = world.post("/v1/plans", plan).is(201).id();
    let end = billwright::platform::clock::now() + TimeDelta::seconds(6);
    let start = |n: usize| {
        let customer = world.post("/v1/customers", json!({ "name": "Ada" })).is(201).id();
        let body = json!({ "customer_id": customer, "plan_id": plan, "quantity": "2", "collection": "automatic", "trial_end": end,
            "trial_without_payment_method": if n.is_multiple_of(2) { "pause" } else { "cancel" } });
        world.post("/v1/subscriptions", body).is(201).id()
    };
    (0..6).map(start).collect()
}

#[test]
fn two_processes_end_each_trial_of_a_live_tenant_once_and_bill_nothing() {
    let world = World::live();
    let trials = ending_soon(&world);
    let processes = [(); 2].map(|()| process(&world.database.url));
    let running = |id: &&String| {
        let status = world.get(&format!("/v1/subscriptions/{id}")).is(200).text_at("/status");
        status == "trialing" || status == "active"
    };
    wait_until_empty(|| trials.iter().filter(running).collect::<Vec<_>>());
    let count_ended = || world.get("/v1/events?type=subscription.trial_ended").is(200).data().len();
    wait_until_empty(|| vec![(); trials.len().saturating_sub(count_ended())]);
    processes.into_iter().for_each(billwright::jobs::Runner::stop);
    assert_eq!((count_ended(), world.get("/v1/invoices").is(200).data().len()), (6, 0));
}

#[test]
fn who_asks_for_a_run_need_not_wait_for_what_is_parked() {
    let seller = Seller::on("2026-01-31");
    let dear = seller.plan(
        "month",
        json!([{ "code": "dear", "kind": "recurring", "billing": "in_advance",
        "model": { "type": "per_unit", "unit_amount": "90000.00" } }]),
    );
    let ada = seller.customer_like(json!({ "name": "Ada" }));
    let more =
        json!({ "start_at": "2026-02-01T00:00:00Z", "quantity": "100000000", "collection": "send_invoice" });
    let [_, second] = [(); 2].map(|()| seller.subscribe(&ada, &dear, more.clone()));
    seller.world.advance_to("2026-02-01T00:00:00Z");
    let run = |as_of: Value| seller.world.post("/v1/bill_runs", as_of).is(201).json;
    let vain = run(json!({}));
    assert_eq!(
        (&vain["status"], vain["errors"].as_array().unwrap().len()),
        (&json!("completed_with_errors"), 1)
    );
    let cancel = json!({ "effective_at": "2026-02-01T00:00:00Z", "invoice": "next" });
    seller.world.post(&format!("/v1/subscriptions/{second}/cancel"), cancel).is(200);
    assert_eq!(run(json!({}))["status"], "completed");
    assert_eq!(seller.invoices(&ada).len(), 1);
    assert_eq!(seller.world.get("/v1/parked_work").is(200).data().len(), 0);
}

#[test]
fn one_item_found_by_two_processes_at_once_was_tried_once() {
    let world = World::new();
    let place = Place { tenant_id: world.tenant.id, now: world.now() };
    let item = uuid::Uuid::from_u128(7);
    for _ in 0..2 {
        let fails = |_: &mut _, _| Err(billwright::workflows::Error::Fault("it is a bad one".to_owned()));
        let work = (billwright::domain::work::Work::Collection, place);
        parked_work::each(&mut world.session(), work, [item], fails).unwrap();
    }
    let parked = world.get("/v1/parked_work").is(200);
    assert_eq!((parked.data().len(), parked.json["data"][0]["attempts"].clone()), (1, json!(1)));
}
