//! Does monthly recurring revenue move with what is subscribed, and is each movement called by its name? Seats added and removed, breaks, ends, a new
//! version of a plan, another currency.

use serde_json::{Value, json};

use super::House;

impl House {
    /// `2026-02 60.00 + new 0.00, … = 96.00`, of what is not nothing.
    fn months(&self, query: &str) -> Vec<String> {
        let listed = self.client().get(&format!("/v1/reports/mrr{query}")).is(200);
        let text = |month: &Value| {
            let cell = |name: &str| month[name].as_str().unwrap().to_owned();
            let kinds = ["new", "expansion", "price", "contraction", "churn", "reactivation"];
            let moved: Vec<String> = kinds
                .iter()
                .filter(|kind| cell(kind) != "0.00")
                .map(|kind| format!("{kind} {}", cell(kind)))
                .collect();
            format!("{} {} | {} | {}", cell("month"), cell("opening"), moved.join(", "), cell("closing"))
        };
        listed.data().iter().map(text).collect()
    }

    fn seats(&self, code: &str, amount: &str) -> String {
        let price = json!({ "code": "seat", "kind": "recurring", "billing": "in_advance",
            "model": { "type": "per_unit", "unit_amount": amount } });
        let body = json!({ "code": code, "name": code, "product_id": self.product, "currency": "USD", "interval": "month", "prices": [price] });
        self.client().post("/v1/plans", body).is(201).id()
    }

    fn start(&self, plan: &str, quantity: u8) -> String {
        let body = json!({ "customer_id": self.customer(), "plan_id": plan, "quantity": quantity.to_string(), "collection": "send_invoice" });
        self.client().post("/v1/subscriptions", body).is(201).id()
    }

    fn command(&self, subscription: &str, name: &str, body: Value) {
        self.client().post(&format!("/v1/subscriptions/{subscription}/{name}"), body).is(200);
    }
}

#[test]
fn seats_breaks_and_ends_move_it_by_their_names() {
    let house = House::at("2026-01-05T00:00:00Z");
    let plan = house.seats("team", "12.00");
    let first = house.start(&plan, 5);
    house.subscribe(&house.plan("yearly", "120.00", 12));
    house.world.advance_to("2026-02-10T00:00:00Z");
    house.command(&first, "change", json!({ "quantity": "8", "effective_at": "now", "invoice": "next" }));
    house.world.advance_to("2026-03-10T00:00:00Z");
    house.command(&first, "pause", json!({ "mode": "credit" }));
    house.world.advance_to("2026-04-02T00:00:00Z");
    house.command(&first, "resume", json!({}));
    house.world.advance_to("2026-04-20T00:00:00Z");
    house.command(&first, "change", json!({ "quantity": "1", "effective_at": "now", "invoice": "next" }));
    house.world.advance_to("2026-05-20T00:00:00Z");
    house.command(&first, "cancel", json!({ "effective_at": "now" }));
    // What is planned is not there yet.
    house.start(&plan, 3);
    assert_eq!(
        house.months("?from=2026-01&to=2026-06"),
        [
            "2026-01 0.00 | new 70.00 | 70.00",
            "2026-02 70.00 | expansion 36.00 | 106.00",
            "2026-03 106.00 | churn -96.00 | 10.00",
            "2026-04 10.00 | contraction -84.00, reactivation 96.00 | 22.00",
            "2026-05 22.00 | new 36.00, churn -12.00 | 46.00",
            "2026-06 46.00 |  | 46.00",
        ]
    );
    let march = house.client().get("/v1/reports/mrr?from=2026-03&to=2026-03").is(200);
    let cells =
        ["net_retention", "gross_retention", "customer_churn", "average_per_customer", "lifetime_value"];
    let cells = cells.map(|name| march.text_at(&format!("/data/0/{name}")));
    // 10 of 106 are left; one of two customers went, and the one who stayed brings 10.00.
    assert_eq!(cells, ["0.0943", "0.0943", "0.5000", "10.00", "20.00"]);
    let moved = house.client().get("/v1/reports/mrr/movements?month=2026-02").is(200);
    assert_eq!(moved.json["count"], 1);
    assert_eq!(
        (
            moved.text_at("/data/0/subscription_id"),
            moved.text_at("/data/0/kind"),
            moved.text_at("/data/0/amount")
        ),
        (first, "expansion".to_owned(), "36.00".to_owned())
    );
    house.client().get("/v1/reports/mrr/movements?month=February").is_problem(422, "bad_value");
    house.client().get("/v1/reports/mrr/movements?month=2026-02&kind=growth").is_problem(422, "bad_value");
    house.world.settle();
}

#[test]
fn a_new_version_of_a_plan_moves_it_by_its_price_and_another_plan_expands_it() {
    let house = House::at("2026-01-05T00:00:00Z");
    let (team, large) = (house.seats("team", "12.00"), house.seats("large", "20.00"));
    let subscription = house.start(&team, 5);
    house.world.advance_to("2026-02-02T00:00:00Z");
    let own = json!({ "type": "per_unit", "unit_amount": "13.00" });
    let held = house.client().get(&format!("/v1/subscriptions/{subscription}")).is(200);
    let item = json!([{ "price_id": held.text_at("/items/0/price_id"), "quantity": "5", "price_override": { "model": own } }]);
    house.command(
        &subscription,
        "change",
        json!({ "items": item, "effective_at": "now", "invoice": "next" }),
    );
    house.world.advance_to("2026-03-02T00:00:00Z");
    house.command(
        &subscription,
        "change",
        json!({ "plan_id": large, "effective_at": "now", "invoice": "next" }),
    );
    assert_eq!(
        house.months("?from=2026-01&to=2026-03"),
        [
            "2026-01 0.00 | new 60.00 | 60.00",
            "2026-02 60.00 | price 5.00 | 65.00",
            "2026-03 65.00 | expansion 35.00 | 100.00",
        ]
    );
    let cohorts = house.client().get("/v1/reports/mrr/cohorts?from=2026-01&to=2026-02&format=csv").is(200);
    assert_eq!(
        cohorts.text,
        "currency,came,month,customers,amount\r\nUSD,2026-01,2026-01,1,60.00\r\nUSD,2026-01,2026-02,1,65.00\r\n"
    );
    house.world.settle();
}
