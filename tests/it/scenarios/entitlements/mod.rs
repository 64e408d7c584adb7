//! What may a customer use? Each story sells plans with features and asks for the entitlements.
//!
//! What is on this shelf, what is not, and its laws: [`domain::entitlements`](billwright::domain::entitlements).

mod known;

use serde_json::{Value, json};

use crate::harness::World;

struct Seller {
    world: World,
    product: String,
    customer: String,
}

impl Seller {
    fn open() -> Seller {
        let world = World::new();
        let product = world.post("/v1/products", json!({ "name": "Engine" })).is(201).id();
        let customer = world.post("/v1/customers", json!({ "name": "Ada", "currency": "USD" })).is(201).id();
        Seller { world, product, customer }
    }

    fn plan_body(&self, code: &str, features: Value) -> Value {
        json!({ "code": code, "name": code, "product_id": self.product, "currency": "USD", "interval": "month",
                "prices": [{ "code": "seat", "kind": "recurring", "model": { "type": "per_unit", "unit_amount": "10" } }],
                "features": features })
    }

    fn sell(&self, code: &str, features: Value, fields: Value) -> String {
        let plan = self.world.post("/v1/plans", self.plan_body(code, features)).is(201).id();
        let mut body = json!({ "customer_id": self.customer, "plan_id": plan, "collection": "send_invoice" });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.world.post("/v1/subscriptions", body).is(201).id()
    }

    /// `sso boolean yes`, `projects limit yes 35`.
    fn entitlements(&self) -> Vec<String> {
        let found = self.world.get(&format!("/v1/customers/{}/entitlements", self.customer)).is(200);
        let row = |one: &Value| {
            let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
            let allowed = if one["allowed"].as_bool().unwrap() { "yes" } else { "no" };
            format!("{} {} {allowed} {}", text("code"), text("type"), text("limit")).trim_end().to_owned()
        };
        found.data().iter().map(row).collect()
    }
}

#[test]
fn a_customer_may_use_what_its_plan_gives_in_the_number_it_has_bought() {
    let seller = Seller::open();
    assert_eq!(seller.entitlements(), [""; 0]);
    let features = json!([
        { "code": "sso", "name": "Single sign-on", "type": "boolean" },
        { "code": "projects", "type": "limit", "limit": "5", "per": "seat" },
        { "code": "exports", "type": "limit" },
        { "code": "sandboxes", "type": "limit", "limit": "0" }
    ]);
    seller.sell("team", features, json!({ "quantity": "7" }));
    assert_eq!(
        seller.entitlements(),
        ["exports limit yes", "projects limit yes 35", "sandboxes limit no 0", "sso boolean yes"]
    );
}

#[test]
fn another_plan_gives_other_features_and_a_pause_gives_none() {
    let seller = Seller::open();
    let subscription = seller.sell("team", json!([{ "code": "sso", "type": "boolean" }]), json!({}));
    let bigger = seller.plan_body("bigger", json!([{ "code": "audit", "type": "boolean" }]));
    let bigger = seller.world.post("/v1/plans", bigger).is(201).id();
    let subscription = format!("/v1/subscriptions/{subscription}");
    seller
        .world
        .post(&format!("{subscription}/change"), json!({ "plan_id": bigger, "effective_at": "now" }))
        .is(200);
    assert_eq!(seller.entitlements(), ["audit boolean yes"]);
    let pause = json!({ "effective_at": "now", "mode": "credit" });
    seller.world.post(&format!("{subscription}/pause"), pause).is(200);
    assert_eq!(seller.entitlements(), [""; 0]);
}

#[test]
fn two_subscriptions_give_what_both_give_together() {
    let seller = Seller::open();
    let projects = |limit: &str| json!([{ "code": "projects", "type": "limit", "limit": limit }]);
    seller.sell("team", projects("5"), json!({}));
    seller.sell("extra", projects("3"), json!({}));
    assert_eq!(seller.entitlements(), ["projects limit yes 8"]);
}

#[test]
fn what_has_ended_or_is_still_to_start_gives_nothing() {
    let seller = Seller::open();
    let features = || json!([{ "code": "sso", "type": "boolean" }]);
    let now = seller.world.get("/v1/test_clock").is(200).text_at("/now");
    let year = |n: i32| format!("{}{}", now[..4].parse::<i32>().unwrap() + n, &now[4..]);
    seller.sell("later", features(), json!({ "start_at": year(1) }));
    seller.sell("over", features(), json!({ "start_at": year(-2), "end_at": year(-1) }));
    assert_eq!(seller.entitlements(), [""; 0]);
}

#[test]
fn features_that_cannot_be_are_refused_each_with_its_place() {
    let seller = Seller::open();
    let features = json!([
        { "code": "a", "type": "boolean", "limit": "5" },
        { "code": "b", "type": "metered" },
        { "code": "c", "type": "limit", "hard_cap": true }
    ]);
    let refused = seller.world.post("/v1/plans", seller.plan_body("odd", features)).is(422);
    assert_eq!(
        refused.faults(),
        [
            ("/features/0/limit", "limit_not_used"),
            ("/features/1/meter_id", "missing_field"),
            ("/features/2/meter_id", "meter_not_used")
        ]
        .map(|(at, code)| (at.to_owned(), code.to_owned()))
    );
    let features = json!([
        { "code": "a", "type": "limit", "limit": "-1" },
        { "code": "a", "type": "limit", "limit": "1", "per": "desk" }
    ]);
    let refused = seller.world.post("/v1/plans", seller.plan_body("odd", features)).is(422);
    assert_eq!(
        refused.faults(),
        [
            ("/features/0/limit", "negative_limit"),
            ("/features/1/code", "code_repeated"),
            ("/features/1/per", "unknown_price")
        ]
        .map(|(at, code)| (at.to_owned(), code.to_owned()))
    );
}
