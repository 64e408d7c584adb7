//! Is there a better time for a retry, and what would another policy have brought? Told by what became of a tenant's own retries.

use serde_json::{Value, json};

use super::Shop;

impl Shop {
    /// Invoices of customers who have money on the 1st of a month and the day after, each of a customer of its own.
    fn short_of_money(&self, count: usize) -> Vec<String> {
        let visa = |_| {
            let customer = self.customer();
            let card = json!({ "customer_id": customer, "kind": "card", "token": "tok_payday/1", "brand": "visa",
                "make_default": true });
            self.world.post("/v1/payment_methods", card).is(201);
            self.invoice(&customer, 9_300)
        };
        (0..count).map(visa).collect()
    }

    /// 70 invoices that fail in January, by steps of 1, 3, 5 and 7 days: of 40 a step falls on 1 February, of 30 none does. 220 retries, 40 paid.
    fn with_history() -> Shop {
        let shop = Shop::open();
        for (day, count) in [("05", 30), ("16", 10), ("23", 10), ("28", 10), ("31", 10)] {
            shop.world.advance_to(&format!("2026-01-{day}T00:00:00Z"));
            shop.short_of_money(count);
        }
        shop.world.advance_to("2026-02-20T00:00:00Z");
        shop
    }

    fn retry_policy(&self, fields: Value) -> String {
        let mut body = json!({ "name": "Cards" });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.world.post("/v1/retry_policies", body).is(201).id()
    }

    fn simulated(&self, policy: &str) -> Value {
        let body = json!({ "from": "2026-01-01T00:00:00Z", "to": "2026-02-15T00:00:00Z" });
        self.world.post(&format!("/v1/retry_policies/{policy}/simulate"), body).is(200).json
    }

    fn tried(&self, invoice: &str) -> Value {
        self.world.get(&format!("/v1/invoices/{invoice}/attempts")).is(200).json
    }
}

#[test]
fn a_step_is_brought_forward_to_the_day_on_which_retries_like_it_were_paid() {
    let shop = Shop::with_history();
    let policy = shop.retry_policy(json!({ "offsets": ["P7D", "P7D"], "adaptive": true, "default": true }));
    assert_eq!(shop.world.get(&format!("/v1/retry_policies/{policy}")).is(200).json["adaptive"], true);
    shop.world.advance_to("2026-02-26T12:00:00Z");
    let invoice = shop.short_of_money(1).remove(0);
    shop.world.advance_to("2026-02-26T13:00:00Z");
    let next = shop.tried(&invoice)["next"].clone();
    assert!(next["at"].as_str().unwrap().starts_with("2026-03-01T"), "{next}");
    assert_eq!((&next["reason"], &next["step"]), (&json!("retry_step"), &json!(1)));
    assert_eq!(next["forecast"]["retries"], 220);
    let likelihood = |name: &str| next["forecast"][name].as_str().unwrap().parse::<f64>().unwrap();
    assert!(likelihood("likelihood") > likelihood("likelihood_of_step"), "{next}");
    shop.world.advance_to("2026-03-02T00:00:00Z");
    let attempts = shop.tried(&invoice);
    assert_eq!(attempts["data"][1]["outcome"], "succeeded", "{attempts}");
    assert_eq!(attempts["data"][1]["forecast"], next["forecast"]);
}

#[test]
fn without_enough_retries_or_without_being_asked_for_it_steps_stay_where_they_are() {
    let shop = Shop::open();
    shop.retry_policy(json!({ "offsets": ["P7D"], "adaptive": true, "default": true }));
    shop.world.advance_to("2026-01-28T00:00:00Z");
    let invoice = shop.short_of_money(1).remove(0);
    shop.world.advance_to("2026-01-28T01:00:00Z");
    let next = shop.tried(&invoice)["next"].clone();
    assert_eq!((&next["at"], &next["forecast"]), (&json!("2026-02-04T00:00:00Z"), &Value::Null));
}

#[test]
fn another_policy_is_judged_by_what_is_known_of_each_invoice() {
    let shop = Shop::with_history();
    let became =
        |simulated: &Value, name: &str| (simulated[name]["paid"].clone(), simulated[name]["retries"].clone());
    // One try after 16 days: nobody is paid less often, with a third of the tries.
    let patient = shop.simulated(&shop.retry_policy(json!({ "offsets": ["P16D"] })));
    assert_eq!(patient["invoices"], 70);
    assert_eq!(became(&patient, "recorded"), (json!(40), json!(220)));
    assert_eq!(became(&patient, "at_worst"), (json!(40), json!(70)));
    assert_eq!(became(&patient, "at_best"), (json!(40), json!(70)));
    // One after two days: those of the 31st pay, those of the 28th may, and all others were declined even later.
    let hasty = shop.simulated(&shop.retry_policy(json!({ "offsets": ["P2D"] })));
    assert_eq!((became(&hasty, "at_worst").0, became(&hasty, "at_best").0), (json!(10), json!(20)));
    assert_eq!(hasty["at_worst"]["classes"][0]["class"], "insufficient");
    assert_eq!(hasty["at_worst"]["limits_broken"], 0);
    assert_eq!(hasty["at_worst"]["recovery"], "0.1429");
}

#[test]
fn a_simulation_writes_nothing_and_a_range_has_an_end_after_its_beginning() {
    let shop = Shop::open();
    let policy = shop.retry_policy(json!({ "offsets": ["P2D"] }));
    let path = format!("/v1/retry_policies/{policy}/simulate");
    let nothing = shop.world.post(&path, json!({})).is(200).json;
    assert_eq!((&nothing["invoices"], &nothing["recorded"]["recovery"]), (&json!(0), &json!("0")));
    let body = json!({ "from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z" });
    assert_eq!(shop.world.post(&path, body).is(422).text_at("/errors/0/code"), "empty_range");
    assert!(shop.world.get("/v1/payments").is(200).data().is_empty());
}
