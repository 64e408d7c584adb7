//! What is agreed to change later on? Prices that rise by the year, seats that are added by the quarter, a plan that follows another.

use serde_json::{Value, json};

use super::{Life, Seller, amounts, base, flat, seat};

fn years(count: u32) -> Value {
    json!({ "interval": "year", "interval_count": count })
}

#[test]
fn a_ramp_charges_each_year_its_own_price() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("year", json!([base("100.00")]));
    let customer = seller.customer();
    let own =
        |amount: &str| json!([{ "price_id": plan.prices[0], "price_override": { "model": flat(amount) } }]);
    let body = json!({ "customer_id": customer, "plan_id": plan.id, "collection": "automatic", "items": own("80.00"),
                       "phases": [{ "after": years(1), "items": own("90.00") }, { "after": years(2), "items": own("100.00") }] });
    let preview = seller.world.post("/v1/subscriptions/preview", body.clone()).is(200);
    assert_eq!(preview.text_at("/invoice/total"), "80.00");
    assert_eq!(preview.text_at("/next_invoice/total"), "90.00");
    assert_eq!(seller.world.get("/v1/subscriptions").is(200).data().len(), 0);
    let subscription = seller.world.post("/v1/subscriptions", body).is(201).id();
    let life = Life { seller, customer, subscription };
    let billed = life.world.get(&format!("/v1/invoices/{}", newest(&life))).is(200);
    assert_eq!(amounts(&json!([billed.json])), amounts(&preview.json["invoices"]));
    let changes = life.world.get(&life.path("/changes")).is(200);
    let kinds: Vec<_> =
        changes.data().iter().map(|c| (c["kind"].clone(), c["effective_at"].clone())).collect();
    assert_eq!(
        kinds,
        [(json!("phase"), json!("2028-01-01T00:00:00Z")), (json!("phase"), json!("2027-01-01T00:00:00Z"))]
    );
    life.advance_to("2029-01-01");
    assert_eq!(life.totals(), ["80.00", "90.00", "100.00", "100.00"]);
}

#[test]
fn seats_are_added_in_the_middle_of_a_month_and_charged_for_its_rest() {
    let life = Life::of("2026-04-01", |seller| {
        let phases = json!([{ "at": "2026-04-16T00:00:00Z", "quantity": "2" }, { "at": "2026-06-01T00:00:00Z", "quantity": "3" }]);
        (seller.plan("month", json!([seat("10.00")])), json!({ "quantity": "1", "phases": phases }))
    });
    life.advance_to("2026-06-01");
    life.billed(
        "INV-000001 paid USD billed 2026-04-01 due 2026-04-01
         2026-04-01 to 2026-04-16  1 x 10.00 = 5.00  Seat
         total 5.00 paid 5.00 due 0.00
         INV-000002 paid USD billed 2026-04-16 due 2026-04-16
         2026-04-16 to 2026-05-01  2 x 10.00 = 10.00  Seat
         total 10.00 paid 10.00 due 0.00
         INV-000003 paid USD billed 2026-05-01 due 2026-05-01
         2026-05-01 to 2026-06-01  2 x 10.00 = 20.00  Seat
         total 20.00 paid 20.00 due 0.00
         INV-000004 paid USD billed 2026-06-01 due 2026-06-01
         2026-06-01 to 2026-07-01  3 x 10.00 = 30.00  Seat
         total 30.00 paid 30.00 due 0.00",
    );
}

#[test]
fn a_contract_recorded_late_is_billed_by_the_phases_that_have_passed() {
    let life = Life::of("2026-06-10", |seller| {
        let phases = json!([{ "at": "2026-03-01T00:00:00Z", "quantity": "2" }, { "at": "2026-05-01T00:00:00Z", "quantity": "4" }]);
        let more = json!({ "quantity": "1", "start_at": "2026-01-01T00:00:00Z", "phases": phases });
        (seller.plan("month", json!([seat("10.00")])), more)
    });
    assert_eq!(life.totals(), ["10.00", "10.00", "20.00", "20.00", "40.00", "40.00"]);
}

#[test]
fn a_change_within_a_ramp_says_what_becomes_of_the_rest() {
    let life = Life::of("2026-01-01", |seller| {
        let phases = json!([{ "at": "2026-04-01T00:00:00Z", "quantity": "5" }]);
        (seller.plan("month", json!([seat("10.00")])), json!({ "quantity": "1", "phases": phases }))
    });
    life.advance_to("2026-02-01");
    let refused = life.world.post(&life.path("/change"), json!({ "quantity": "2" }));
    refused.is_problem(409, "later_changes");
    let phases = json!([{ "after": { "interval": "month", "interval_count": 2 }, "quantity": "6" }]);
    life.change(json!({ "quantity": "2", "invoice": "now", "phases": phases }));
    life.advance_to("2026-05-01");
    assert_eq!(life.totals(), ["10.00", "10.00", "10.00", "20.00", "60.00", "60.00"]);
}

#[test]
fn a_plan_can_follow_another() {
    let seller = Seller::on("2026-01-01");
    let first = seller.plan("month", json!([base("10.00")]));
    let second = seller.plan("month", json!([base("25.00")])).id;
    let customer = seller.customer();
    let more = json!({ "phases": [{ "after": { "interval": "month", "interval_count": 3 }, "plan_id": second.as_str() }] });
    let subscription = seller.subscribe(&customer, &first, more);
    let life = Life { seller, customer, subscription };
    life.advance_to("2026-05-01");
    assert_eq!(life.totals(), ["10.00", "10.00", "10.00", "25.00", "25.00"]);
    assert_eq!(life.read().text_at("/plan_id"), second);
}

/// A seat at 10.00 a month, five from July on, agreed for a year; half of what remains is to pay for leaving sooner.
fn agreed_for_a_year() -> Life {
    Life::of("2026-01-01", |seller| {
        let fee = json!({ "type": "remaining", "percent": "50" });
        let phases = json!([{ "at": "2026-07-01T00:00:00Z", "quantity": "5" }]);
        let terms = json!({ "term": { "interval": "year" }, "early_termination_fee": fee });
        (
            seller.plan("month", json!([seat("10.00")])),
            json!({ "quantity": "1", "phases": phases, "terms": terms }),
        )
    })
}

#[test]
fn what_remains_of_a_term_is_priced_by_the_phases_that_were_to_come() {
    let life = agreed_for_a_year();
    life.advance_to("2026-03-11");
    life.command("cancel", json!({ "effective_at": "period_end" }));
    life.advance_to("2027-02-01");
    // 3 months at 10.00 and 6 at 50.00 remain: half of 330.00.
    let invoices = life.invoices(&life.customer);
    assert_eq!(
        invoices[3..].join("\n"),
        "INV-000004 paid USD billed 2026-04-01 due 2026-04-01\n\
         2026-04-01 to 2026-04-01  1 x 165.00 = 165.00  Early termination fee: 50% of 330.00 to 2027-01-01\n\
         total 165.00 paid 165.00 due 0.00"
    );
    assert_eq!(life.totals(), ["10.00", "10.00", "10.00", "165.00"]);
}

#[test]
fn who_stays_after_all_pays_by_the_phases_and_renews_at_the_last() {
    let life = agreed_for_a_year();
    life.advance_to("2026-03-11");
    life.command("cancel", json!({ "effective_at": "period_end" }));
    life.command("uncancel", json!({}));
    life.advance_to("2027-01-01");
    // 6 months at 10.00, 6 at 50.00, and the first of the next term.
    assert_eq!(life.totals(), [["10.00"; 6].as_slice(), &["50.00"; 7]].concat());
    assert_eq!(life.read().text_at("/terms/current_term/end"), "2028-01-01T00:00:00Z");
}

#[test]
fn phases_that_cannot_be_are_refused_by_their_number() {
    let seller = Seller::on("2026-01-01");
    let plan = seller.plan("month", json!([base("10.00")]));
    let customer = seller.customer();
    let refused = |phases: Value| {
        let body = json!({ "customer_id": customer, "plan_id": plan.id, "collection": "send_invoice", "phases": phases });
        let rows = seller.world.rows_of(seller.world.tenant.id);
        let refused = seller.world.post("/v1/subscriptions", body).is(422).faults();
        assert_eq!(seller.world.rows_of(seller.world.tenant.id), rows, "a refusal wrote something");
        refused
    };
    let fault = |pointer: &str, code: &str| [(pointer.to_owned(), code.to_owned())];
    assert_eq!(refused(json!([{ "quantity": "2" }])), fault("/phases/0", "at_or_after"));
    assert_eq!(refused(json!([{ "after": years(1) }])), fault("/phases/0", "nothing_to_change"));
    let other = |id: &str| json!([{ "price_id": id }]);
    let unknown = "price_00000000000000000000000000";
    assert_eq!(
        refused(json!([{ "after": years(1), "items": other(unknown) }])),
        fault("/phases/0/items/0/price_id", "price_not_in_plan")
    );
    assert_eq!(
        refused(json!([{ "at": "2025-12-01T00:00:00Z", "items": other(unknown) }])),
        fault("/phases/0/at", "phases_out_of_order")
    );
}

fn newest(life: &Life) -> String {
    let listed = life.world.get("/v1/invoices?limit=1").is(200);
    listed.data()[0]["id"].as_str().unwrap().to_owned()
}

impl Life {
    /// The totals of all invoices, the oldest first.
    fn totals(&self) -> Vec<String> {
        let listed = self.world.get("/v1/invoices?limit=100").is(200);
        listed.data().iter().rev().map(|i| i["total"].as_str().unwrap().to_owned()).collect()
    }
}
