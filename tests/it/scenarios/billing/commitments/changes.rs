//! What does a change make of a commitment? Other terms are a commitment of their own, for their days and what is used in them; the same
//! terms in another plan go on.

use serde_json::{Value, json};

use super::{Committed, calls, commitment, instant};

#[test]
fn more_seats_count_for_their_days_and_a_quantity_multiplies_no_commitment() {
    let seat = json!({ "code": "seat", "description": "Seat", "kind": "recurring", "billing": "in_arrears",
                       "model": { "type": "per_unit", "unit_amount": "31.00" } });
    let least = json!({ "code": "least", "description": "Commitment", "kind": "recurring", "billing": "in_arrears",
                        "model": { "type": "commitment", "amount": "100.00", "prices": ["seat", "calls"] } });
    let acme = Committed::with(|meter| json!([seat, calls(meter), least]), json!({ "quantity": "1" }));
    acme.on("01-17").called("01-05", "8");
    acme.command("change", json!({ "quantity": "2" }));
    acme.on("02-02");
    // 16 days of one seat are 16.00, 15 of two 30.00, and 8.00 of calls: 46.00 short of 100.00.
    assert_eq!(
        acme.charges(),
        [
            "01-01 01-17 Seat 16.00",
            "01-01 02-01 Calls 8.00",
            "01-01 02-01 Commitment 46.00",
            "01-17 02-01 Seat 30.00",
        ]
    );
}

/// What January comes to when 8 calls are made on the 5th and 40 on the 20th, and another plan is taken on the 17th.
fn changed_to(amount: &str) -> Vec<String> {
    let acme = Committed::monthly();
    let other = acme.other("other", amount);
    acme.on("01-17").called("01-05", "8");
    acme.command("change", json!({ "plan_id": other }));
    acme.on("01-25").called("01-20", "40").on("02-02");
    let charges = acme.charges();
    charges.iter().map(|row| row.trim_start_matches("01-").to_owned()).collect()
}

#[test]
fn a_plan_that_commits_to_more_has_a_commitment_of_its_own_and_one_that_commits_to_the_same_goes_on_with_it()
{
    // 16.00 to the 17th, 8.00 of it used; 30.00 from then on, and 40.00 used.
    assert_eq!(
        changed_to("62.00"),
        [
            "01 01-17 Calls 8.00",
            "01 01-17 Commitment 8.00",
            "17 02-01 Calls 40.00",
            "17 02-01 Commitment 0.00"
        ]
    );
    // 31.00 in all, and 48.00 used: what the first days fell short is given back.
    assert_eq!(
        changed_to("31.00"),
        [
            "01 01-17 Calls 8.00",
            "01 01-17 Commitment 8.00",
            "17 02-01 Calls 40.00",
            "17 02-01 Commitment -8.00"
        ]
    );
}

#[test]
fn a_change_planned_ahead_commits_to_each_plan_for_its_days_of_february() {
    let acme = Committed::monthly();
    let other = acme.other("other", "62.00");
    acme.command("change", json!({ "plan_id": other, "effective_at": instant("02-15") }));
    acme.on("02-25").called("02-03", "10").called("02-20", "5").on("03-02");
    // Nothing in January. February: 14 of 28 days of 31.00 are 15.50, and of 62.00 they are 31.00.
    assert_eq!(
        acme.charges(),
        [
            "01-01 02-01 Calls 0.00",
            "01-01 02-01 Commitment 31.00",
            "02-01 02-15 Calls 10.00",
            "02-01 02-15 Commitment 5.50",
            "02-15 03-01 Calls 5.00",
            "02-15 03-01 Commitment 26.00",
        ]
    );
}

#[test]
fn a_commitment_that_was_planned_and_replaced_leaves_no_trace() {
    let acme = Committed::monthly();
    let (planned, other) = (acme.other("planned", "62.00"), acme.other("other", "93.00"));
    acme.command("change", json!({ "plan_id": planned, "effective_at": instant("02-15") }));
    acme.on("01-25").called("01-05", "8");
    acme.command("change", json!({ "plan_id": other, "replace_scheduled": true }));
    acme.on("03-02");
    // 24 days at 1.00, of which 8.00 were used; 7 at 3.00; then 93.00.
    assert_eq!(
        acme.charges(),
        [
            "01-01 01-25 Calls 8.00",
            "01-01 01-25 Commitment 16.00",
            "01-25 02-01 Calls 0.00",
            "01-25 02-01 Commitment 21.00",
            "02-01 03-01 Calls 0.00",
            "02-01 03-01 Commitment 93.00",
        ]
    );
}

#[test]
fn a_change_recorded_late_bills_what_the_month_would_have_fallen_short() {
    let acme = Committed::monthly();
    let other = acme.other("other", "62.00");
    acme.on("01-25").called("01-05", "8").called("01-20", "40").on("02-05");
    // 48.00 used of 31.00.
    assert_eq!(acme.total(), "48.00");
    acme.command("change", json!({ "plan_id": other, "effective_at": instant("01-17"), "invoice": "now" }));
    // As if it had been told in time: 8.00 short of 16.00, nothing short of 30.00.
    assert_eq!(acme.total(), "56.00");
    acme.on("03-02");
    assert_eq!(acme.total(), "118.00");
}

/// Bytes at 0.50 each for who wants them.
fn bytes(meter: &str) -> Value {
    json!({ "code": "bytes", "description": "Bytes", "kind": "usage", "meter_id": meter, "add_on": true,
            "model": { "type": "per_unit", "unit_amount": "0.50" } })
}

#[test]
fn the_usage_of_an_add_on_counts_while_it_is_had() {
    let seller = super::Seller::open();
    let (of_calls, of_bytes) = (seller.meter("call"), seller.meter("byte"));
    let plan =
        super::offer(&seller, "first", json!([calls(&of_calls), bytes(&of_bytes), commitment("31.00")]));
    let body = json!({ "customer_id": seller.customer, "plan_id": plan.id, "collection": "send_invoice" });
    let subscription = seller.world.post("/v1/subscriptions", body).is(201).id();
    let acme = Committed { seller, meter: of_calls, plan, subscription };
    acme.on("01-10");
    acme.command("change", json!({ "add_items": [{ "price_id": acme.plan.prices[1] }] }));
    acme.on("01-20");
    acme.command("change", json!({ "remove_items": [acme.plan.prices[1]] }));
    acme.on("01-28").called("01-05", "8");
    for (day, units) in [("01-05", "4"), ("01-12", "10"), ("01-25", "6")] {
        acme.seller.used("byte", &instant(day), json!({ "units": units }));
    }
    acme.on("02-02");
    // 8.00 of calls and 5.00 of bytes: 18.00 short of 31.00.
    assert_eq!(
        acme.charges(),
        ["01-01 02-01 Calls 8.00", "01-01 02-01 Commitment 18.00", "01-10 01-20 Bytes 5.00"]
    );
}

#[test]
fn what_is_charged_or_credited_beside_the_plan_counts_towards_no_commitment() {
    let acme = Committed::monthly();
    acme.on("01-20").called("01-05", "8");
    for (description, amount) in [("Training", "50.00"), ("Goodwill", "-5.00")] {
        let body = json!({ "description": description, "amount": amount, "invoice": "next" });
        acme.command("charges", body);
    }
    acme.on("02-02");
    // 31.00 − 8.00 = 23.00 all the same.
    assert_eq!(
        acme.charges(),
        [
            "01-01 02-01 Calls 8.00",
            "01-01 02-01 Commitment 23.00",
            "01-20 01-20 Goodwill -5.00",
            "01-20 01-20 Training 50.00",
        ]
    );
}
