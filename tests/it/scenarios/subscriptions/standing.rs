//! Do lists and entitlements find a subscription where the domain says it stands, at any instant of any life? What a list filters by is
//! asked in SQL; what an answer shows is the domain's word.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::harness::{Chance, World};

const STATUSES: [&str; 6] = ["pending", "trialing", "active", "paused", "canceled", "ended"];
const LIVES: usize = 40;

struct Life {
    customer: String,
    path: String,
}

/// A plan with a feature a seat, under a name.
fn plan(world: &World, product: &str, code: &str, per_seat: &str) -> String {
    let plan = json!({ "code": code, "name": code, "product_id": product, "currency": "USD", "interval": "month",
        "prices": [{ "code": "seat", "kind": "recurring", "model": { "type": "per_unit", "unit_amount": "10" } }],
        "features": [{ "code": "projects", "type": "limit", "limit": per_seat, "per": "seat" }] });
    world.post("/v1/plans", plan).is(201).id()
}

fn start(world: &World, chance: &mut Chance, plan: &str) -> Life {
    let customer = world.post("/v1/customers", json!({ "name": "Ada", "currency": "USD" })).is(201).id();
    let mut body = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice",
        "quantity": (1 + chance.below(5)).to_string(),
        "start_at": format!("2026-01-{:02}T00:00:00Z", 1 + chance.below(9)) });
    match chance.below(3) {
        0 => body["trial_days"] = json!(5 + chance.below(12)),
        1 => body["terms"] = json!({ "term": { "interval": "month" }, "auto_renew": false }),
        _ => {}
    }
    let path = format!("/v1/subscriptions/{}", world.post("/v1/subscriptions", body).is(201).id());
    Life { customer, path }
}

/// Something that happens in a life; what is refused does not happen.
fn happens(world: &World, chance: &mut Chance, life: &Life, plans: &[String; 2], day: u64) {
    let later = format!("2026-{:02}-{:02}T00:00:00Z", 1 + (day + 3) / 28, 1 + (day + 3) % 28);
    let when = chance.pick(&[json!("now"), json!("period_end"), json!(later)]).clone();
    let (verb, body) = match chance.below(7) {
        0 | 1 => ("change", json!({ "quantity": (1 + chance.below(9)).to_string(), "effective_at": when })),
        2 => {
            let to = chance.pick(plans);
            ("change", json!({ "plan_id": to, "effective_at": when, "replace_scheduled": true }))
        }
        3 => {
            let mode = chance.pick(&["credit", "extend"]);
            ("pause", json!({ "mode": mode, "effective_at": when }))
        }
        4 => ("resume", json!({ "effective_at": "now" })),
        5 => ("cancel", json!({ "effective_at": when })),
        _ => ("uncancel", json!({})),
    };
    let reply = world.post(&format!("{}/{verb}", life.path), body);
    assert!([200, 409, 422].contains(&reply.status), "{verb}: {}", reply.text);
}

fn ids(subscriptions: &[Value]) -> BTreeSet<&str> {
    subscriptions.iter().map(|one| one["id"].as_str().unwrap()).collect()
}

/// What the features of a subscription should come to, by the items it is shown with.
fn limit(one: &Value, per_seat: &BTreeMap<&str, u64>) -> Option<u64> {
    let runs = ["trialing", "active"].contains(&one["status"].as_str().unwrap());
    let seats = |item: &Value| item["quantity"].as_str().unwrap().parse::<u64>().unwrap();
    let seats: u64 = one["items"].as_array().unwrap().iter().map(seats).sum();
    runs.then(|| seats * per_seat[one["plan_id"].as_str().unwrap()])
}

#[test]
fn lists_and_entitlements_find_a_subscription_where_it_is_shown_to_stand() {
    let world = World::new();
    let product = world.post("/v1/products", json!({ "name": "Engine" })).is(201).id();
    let plans = [plan(&world, &product, "small", "3"), plan(&world, &product, "large", "7")];
    let per_seat = BTreeMap::from([(plans[0].as_str(), 3), (plans[1].as_str(), 7)]);
    let mut chance = Chance::of(4);
    let lives: Vec<Life> = (0..LIVES).map(|n| start(&world, &mut chance, &plans[n % 2])).collect();
    let (mut seen, mut planned_on_trial) = (BTreeSet::new(), 0);
    for day in (2..80).step_by(3) {
        world.advance_to(&format!("2026-{:02}-{:02}T00:00:00Z", 1 + day / 28, 1 + day % 28));
        for _ in 0..LIVES / 4 {
            let life = chance.pick(&lives);
            happens(&world, &mut chance, life, &plans, day);
        }
        let all = world.get("/v1/subscriptions?limit=100").is(200);
        for status in STATUSES {
            let found = world.get(&format!("/v1/subscriptions?limit=100&status={status}")).is(200);
            let shown: Vec<Value> =
                all.data().iter().filter(|one| one["status"] == status).cloned().collect();
            assert_eq!(ids(found.data()), ids(&shown), "{status} on day {day}");
            seen.extend((!shown.is_empty()).then_some(status));
        }
        for plan in &plans {
            let found = world.get(&format!("/v1/subscriptions?limit=100&plan_id={plan}")).is(200);
            let shown: Vec<Value> =
                all.data().iter().filter(|one| one["plan_id"] == *plan).cloned().collect();
            assert_eq!(ids(found.data()), ids(&shown), "{plan} on day {day}");
        }
        for life in &lives {
            let one = all.data().iter().find(|one| one["customer_id"] == *life.customer).unwrap();
            let given = world.get(&format!("/v1/customers/{}/entitlements", life.customer)).is(200);
            let given =
                given.data().first().map(|one| one["limit"].as_str().unwrap().parse::<u64>().unwrap());
            assert_eq!(given, limit(one, &per_seat), "{one:#} on day {day}");
            let changes = || world.get(&format!("{}/changes", life.path)).is(200).data().len();
            planned_on_trial += usize::from(one["status"] == "trialing" && changes() > 0);
        }
    }
    assert_eq!(seen.len(), STATUSES.len(), "{seen:?}");
    assert!(planned_on_trial > 10, "{planned_on_trial}");
}

#[test]
fn a_list_of_a_plans_subscriptions_goes_by_the_plan_they_have_now() {
    let world = World::new();
    let product = world.post("/v1/products", json!({ "name": "Engine" })).is(201).id();
    let [small, large] = ["small", "large"].map(|code| plan(&world, &product, code, "3"));
    let customer = world.post("/v1/customers", json!({ "name": "Ada", "currency": "USD" })).is(201).id();
    let body =
        json!({ "customer_id": customer, "plan_id": small, "collection": "send_invoice", "quantity": "2" });
    let path = format!("/v1/subscriptions/{}", world.post("/v1/subscriptions", body).is(201).id());
    let change = |to: &str, at: &str| {
        let body = json!({ "plan_id": to, "effective_at": at, "replace_scheduled": true });
        world.post(&format!("{path}/change"), body).is(200);
    };
    let listed = || {
        let list =
            |plan: &String| world.get(&format!("/v1/subscriptions?plan_id={plan}")).is(200).data().len();
        [&small, &large].map(list)
    };
    world.advance_to("2026-01-10T00:00:00Z");
    change(&large, "period_end");
    assert_eq!(listed(), [1, 0], "the change is still to come");
    world.advance_to("2026-02-01T00:00:00Z");
    assert_eq!(listed(), [0, 1], "it has come");
    change(&small, "2026-02-20T00:00:00Z");
    change(&large, "2026-02-10T00:00:00Z");
    world.advance_to("2026-02-20T00:00:00Z");
    assert_eq!(listed(), [0, 1], "the way back was taken back before it began");
    change(&small, "now");
    assert_eq!(listed(), [1, 0], "the plan it was started with, again");
}
