//! Is what is earned posted, once, when its month is over? Whatever happens to the subscription or the invoice, and however often it is looked at.

use std::thread;

use billwright::domain::ids::EntityId;
use billwright::workflows::parked_work::Place;
use billwright::workflows::revenue::recognize;
use chrono::{DateTime, Utc};
use serde_json::json;

use super::{House, balances};
use crate::harness::World;

fn recognize_at(world: &World, instant: &str) {
    let now: DateTime<Utc> = instant.parse().unwrap();
    let place = Place { tenant_id: world.tenant.id, now };
    recognize::run(&mut world.session(), place, EntityId::first_of(world.tenant.id)).unwrap();
}

#[test]
fn a_month_is_posted_on_its_last_day_when_it_is_over() {
    let house = House::at("2026-01-15T00:00:00Z");
    let subscription = house.subscribe(&house.plan("monthly", "31.00", 1));
    house
        .client()
        .post(&format!("/v1/subscriptions/{subscription}/cancel"), json!({ "effective_at": "period_end" }))
        .is(200);
    house.world.advance_to("2026-01-31T23:59:59Z");
    assert_eq!(house.recognized(), [""; 0]);
    house.world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(house.recognized(), ["2026-01-31 17.00"]);
    let january = [("accounts_receivable", "31.00"), ("deferred_revenue", "14.00"), ("revenue", "17.00")];
    assert_eq!(house.balances("2026-01-31"), balances(&january));
    house.world.advance_to("2026-03-01T00:00:00Z");
    assert_eq!(house.recognized(), ["2026-01-31 17.00", "2026-02-28 14.00"]);
    assert_eq!(
        house.balances("2026-02-28"),
        balances(&[("accounts_receivable", "31.00"), ("revenue", "31.00")])
    );
    house.world.settle();
}

#[test]
fn run_again_late_or_twice_at_once_it_posts_the_same() {
    let house = House::at("2026-01-15T00:00:00Z");
    let plan = house.plan("yearly", "365.00", 12);
    for _ in 0..4 {
        house.subscribe(&plan);
    }
    // Three months late, and by two at once.
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| recognize_at(&house.world, "2026-04-10T00:00:00Z"));
        }
    });
    let posted = house.recognized();
    let four = |text: &str| vec![text.to_owned(); 4];
    assert_eq!(
        posted,
        [four("2026-01-31 17.00"), four("2026-02-28 28.00"), four("2026-03-31 31.00")].concat()
    );
    recognize_at(&house.world, "2026-04-20T00:00:00Z");
    assert_eq!(house.recognized(), posted);
    house.world.advance_to("2026-05-01T00:00:00Z");
    assert_eq!(house.recognized().len(), 16);
    house.world.settle();
}

#[test]
fn an_upgrade_earns_the_old_price_until_its_day_and_the_new_one_from_it() {
    let house = House::at("2026-04-01T00:00:00Z");
    let subscription = house.subscribe(&house.plan("small", "90.00", 1));
    let large = house.plan("large", "120.00", 1);
    house.world.advance_to("2026-04-21T00:00:00Z");
    let change = json!({ "plan_id": large, "effective_at": "now", "proration": "by_day", "invoice": "now" });
    house.client().post(&format!("/v1/subscriptions/{subscription}/change"), change).is(200);
    house
        .client()
        .post(&format!("/v1/subscriptions/{subscription}/cancel"), json!({ "effective_at": "period_end" }))
        .is(200);
    house.world.advance_to("2026-05-01T00:00:00Z");
    // 90.00, less 30.00 for 21 to 30 April, and 40.00 for the same days.
    assert_eq!(house.balances("2026-04-30")["revenue"], "100.00");
    assert_eq!(house.balances("2026-04-30").get("deferred_revenue"), None);
    house.world.settle();
}

#[test]
fn a_cancellation_that_gives_nothing_back_leaves_the_schedule_as_it_was() {
    let house = House::at("2026-01-01T00:00:00Z");
    let subscription = house.subscribe(&house.plan("quarterly", "90.00", 3));
    house.world.advance_to("2026-02-10T00:00:00Z");
    let cancel = json!({ "effective_at": "now", "credit": false });
    house.client().post(&format!("/v1/subscriptions/{subscription}/cancel"), cancel).is(200);
    house.world.advance_to("2026-04-01T00:00:00Z");
    assert_eq!(house.recognized(), ["2026-01-31 31.00", "2026-02-28 28.00", "2026-03-31 31.00"]);
    house.world.settle();
}

#[test]
fn a_void_takes_back_what_was_earned_in_its_own_month() {
    let house = House::at("2026-01-15T00:00:00Z");
    let subscription = house.subscribe(&house.plan("monthly", "31.00", 1));
    let invoice = house.newest_invoice();
    house
        .client()
        .post(&format!("/v1/subscriptions/{subscription}/cancel"), json!({ "effective_at": "period_end" }))
        .is(200);
    house.world.advance_to("2026-02-01T12:00:00Z");
    house.client().post(&format!("/v1/invoices/{invoice}/void"), json!({})).is(200);
    assert_eq!(
        house.schedules(&format!("invoice_id={invoice}")),
        ["-31.00 void: 2026-02 -31.00*", "31.00 invoice_line: 2026-01 17.00, 2026-02 14.00*"]
    );
    house.world.advance_to("2026-03-01T00:00:00Z");
    assert_eq!(house.recognized(), ["2026-01-31 17.00", "2026-02-28 -17.00"]);
    assert_eq!(house.balances("2026-01-31")["revenue"], "17.00", "January stays as it was");
    assert_eq!(house.balances("2026-02-28"), balances(&[]));
    house.world.settle();
}

#[test]
fn what_is_earned_of_an_invoice_in_another_currency_is_worth_what_it_was_booked_at() {
    let house = House::in_world(World::of("2026-01-15T00:00:00Z", "UTC", "EUR"));
    let rate = |date: &str, rate: &str| {
        let body = json!({ "base": "USD", "quote": "EUR", "date": date, "rate": rate });
        house.client().post("/v1/exchange_rates", body).is(201);
    };
    rate("2026-01-15", "0.90");
    let customer =
        house.client().post("/v1/customers", json!({ "name": "Ada", "currency": "USD" })).is(201).id();
    let start = json!({ "customer_id": customer, "plan_id": house.plan("monthly", "31.00", 1), "collection": "send_invoice" });
    let subscription = house.client().post("/v1/subscriptions", start).is(201).id();
    house
        .client()
        .post(&format!("/v1/subscriptions/{subscription}/cancel"), json!({ "effective_at": "period_end" }))
        .is(200);
    house.world.advance_to("2026-01-20T00:00:00Z");
    rate("2026-01-20", "0.50");
    house.world.advance_to("2026-03-01T00:00:00Z");
    let listed = house.client().get("/v1/ledger/entries").is(200);
    let of_revenue = |entry: &&serde_json::Value| entry["source"]["kind"] == "revenue_recognized";
    let worth: Vec<&str> = listed
        .data()
        .iter()
        .filter(of_revenue)
        .map(|entry| entry["functional_amount"].as_str().unwrap())
        .collect();
    assert_eq!(worth, ["12.60", "15.30"], "14.00 and 17.00 at 0.90");
    assert!(listed.data().iter().all(|entry| entry["realised_gain"].is_null()));
    house.world.settle();
}
