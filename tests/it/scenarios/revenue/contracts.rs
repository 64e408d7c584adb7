//! Is what is promised together allocated by what each would cost alone, and earned so? In one invoice, in two, credited and void.

use serde_json::{Value, json};

use super::{House, rows};

impl House {
    /// A plan of a year with these prices: code, kind, amount.
    fn sells(&self, code: &str, prices: &[(&str, &str, &str)]) -> String {
        let price = |(code, kind, amount): &(&str, &str, &str)| {
            let mut price =
                json!({ "code": code, "kind": kind, "model": { "type": "flat", "amount": amount } });
            if *kind == "recurring" {
                price["billing"] = json!("in_advance");
            }
            price
        };
        let prices: Vec<Value> = prices.iter().map(price).collect();
        let body = json!({ "code": code, "name": code, "product_id": self.product, "currency": "USD", "interval": "year", "prices": prices });
        self.client().post("/v1/plans", body).is(201).id()
    }

    fn costs_alone(&self, code: &str, amount: &str) {
        let body =
            json!({ "product_id": self.product, "price_code": code, "currency": "USD", "amount": amount });
        self.client().post("/v1/revenue/standalone_prices", body).is(201);
    }

    /// Starts plans of one customer, and gives it and their invoices.
    fn buys(&self, plans: &[String]) -> (String, Vec<String>) {
        let customer = self.customer();
        let bought = plans.iter().map(|plan| {
            let body = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice" });
            self.client().post("/v1/subscriptions", body).is(201);
            self.newest_invoice()
        });
        let invoices = bought.collect();
        (customer, invoices)
    }

    fn contract(&self, customer: &str, invoices: &[String]) -> crate::harness::Reply {
        let body = json!({ "customer_id": customer, "invoice_ids": invoices });
        self.client().post("/v1/revenue/contracts", body)
    }

    /// `12000.00 10344.83`, by line.
    fn allocated(&self, contract: &str) -> Vec<String> {
        let found = self.client().get(&format!("/v1/revenue/contracts/{contract}")).is(200);
        let text = |line: &Value| {
            format!("{} {}", line["invoiced"].as_str().unwrap(), line["allocated"].as_str().unwrap())
        };
        let mut lines: Vec<String> = found.json["lines"].as_array().unwrap().iter().map(text).collect();
        lines.sort();
        lines
    }
}

#[test]
fn a_bundle_is_earned_by_what_each_part_would_cost_alone() {
    let house = House::at("2026-01-01T00:00:00Z");
    let prices = [
        ("software", "recurring", "12000.00"),
        ("setup", "one_time", "2000.00"),
        ("support", "recurring", "1000.00"),
    ];
    let plan = house.sells("bundle", &prices);
    for (code, amount) in [("software", "12000.00"), ("setup", "3000.00"), ("support", "2400.00")] {
        house.costs_alone(code, amount);
    }
    let (customer, invoices) = house.buys(&[plan]);
    let contract = house.contract(&customer, &invoices).is(201).id();
    assert_eq!(
        house.allocated(&contract),
        ["1000.00 2068.96", "12000.00 10344.83", "2000.00 2586.21"],
        "15,000.00 in all"
    );
    house.world.advance_to("2026-02-01T00:00:00Z");
    // 2,586.21 at once, and 31 of 365 days of the rest.
    assert_eq!(house.balances("2026-01-31")["revenue"], "3640.53");
    assert_eq!(house.balances("2026-01-31").get("contract_assets"), None);
    let names = ["invoiced", "earned", "contract_liability", "contract_asset"];
    assert_eq!(
        rows(&house, "contract_balances?as_of=2026-01-31", &names),
        ["15000.00 3640.53 11359.47 0.00"]
    );
    assert_eq!(
        house.schedules(&format!("contract_id={contract}")).len(),
        6,
        "three lines, and what moves of each"
    );
    house.world.settle();
}

#[test]
fn of_several_invoices_what_is_credited_or_void_is_allocated_anew() {
    let house = House::at("2026-01-01T00:00:00Z");
    let software = house.sells("software", &[("software", "recurring", "12000.00")]);
    let once = house.sells("onboarding", &[("onboarding", "recurring", "1000.00")]);
    house.costs_alone("software", "12000.00");
    house.costs_alone("onboarding", "3000.00");
    let (customer, invoices) = house.buys(&[software, once]);
    let contract = house.contract(&customer, &invoices).is(201).id();
    assert_eq!(house.allocated(&contract), ["1000.00 2600.00", "12000.00 10400.00"]);
    let allocated = |invoice: &str| {
        let listed = house.client().get(&format!("/v1/revenue/schedules?invoice_id={invoice}")).is(200);
        let cents = |one: &Value| one["allocated"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
        listed.data().iter().map(cents).sum::<i64>()
    };
    assert_eq!([0, 1].map(|n| allocated(&invoices[n])), [1_200_000 - 160_000, 260_000]);
    house.world.advance_to("2026-03-01T00:00:00Z");
    let note = json!({ "invoice_id": invoices[0], "amount": "1300.00", "reason": "a concession" });
    house.client().post("/v1/credit_notes", note).is(201);
    assert_eq!(house.allocated(&contract), ["1000.00 2340.00", "10700.00 9360.00"]);
    house.client().post(&format!("/v1/invoices/{}/void", invoices[1]), json!({})).is(200);
    assert_eq!(house.allocated(&contract), ["0.00 0.00", "10700.00 10700.00"]);
    assert_eq!(house.balances("2026-03-01").get("contract_assets"), None);
    house.world.advance_to("2026-04-01T00:00:00Z");
    // 90 of 365 days of 10,700.00, of which each part is rounded by itself.
    assert_eq!(house.balances("2026-03-31")["revenue"], "2638.35");
    house.world.settle();
}

#[test]
fn what_cannot_be_a_contract_is_refused_and_nothing_is_written() {
    let house = House::at("2026-01-01T00:00:00Z");
    let plan = house.sells("software", &[("software", "recurring", "12000.00")]);
    let (customer, invoices) = house.buys(std::slice::from_ref(&plan));
    house.contract(&customer, &invoices).is_problem(422, "standalone_price_missing");
    let say = |body: Value| house.client().post("/v1/revenue/standalone_prices", body);
    let price = |code: &str, amount: &str, from: &str| json!({ "product_id": house.product, "price_code": code, "currency": "USD", "amount": amount, "valid_from": from });
    say(price("software", "12000.00", "2025-12-31")).is_problem(422, "day_is_over");
    say(price("software", "0.00", "2026-01-01")).is_problem(422, "not_positive");
    say(price("softwear", "1.00", "2026-01-01")).is_problem(422, "unknown_price_code");
    say(price("software", "12000.00", "2026-01-01")).is(201);
    say(price("software", "13000.00", "2026-01-01")).is_problem(409, "standalone_price_exists");
    house.contract(&customer, &[]).is_problem(422, "invoices_missing");
    house
        .contract(&customer, &[invoices[0].clone(), invoices[0].clone()])
        .is_problem(422, "invoices_missing");
    house.contract(&house.customer(), &invoices).is_problem(422, "contract_mixed");
    let unknown = ["inv_01jgejp8g0e3q9k0v6z4t1x2y3".to_owned()];
    house.contract(&customer, &unknown).is_problem(422, "unknown_invoice");
    let subscriptions =
        json!({ "customer_id": customer, "subscription_ids": ["sub_01jgejp8g0e3q9k0v6z4t1x2y3"] });
    house
        .client()
        .post("/v1/revenue/contracts", subscriptions)
        .is_problem(422, "subscriptions_not_allocated");
    let line = json!({ "description": "Set-up", "amount": "20.00" });
    let draft = json!({ "customer_id": customer, "collection": "send_invoice", "lines": [line] });
    let draft = house.client().post("/v1/invoices", draft).is(201).id();
    house.contract(&customer, std::slice::from_ref(&draft)).is_problem(409, "contract_not_owed");
    house.contract(&customer, &invoices).is(201);
    house.contract(&customer, &invoices).is_problem(409, "in_another_contract");
    assert_eq!(house.client().get("/v1/revenue/contracts").is(200).data().len(), 1);
    house.world.settle();
}
