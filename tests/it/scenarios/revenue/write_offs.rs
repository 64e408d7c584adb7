//! What becomes of what is not earned when an invoice is given up? It leaves the books with the receivable, and only what was earned is lost. Paid
//! after all, it is earned as if it had never been given up.

use serde_json::json;

use super::{House, balances, rows};
use crate::harness::World;

const ROLLED: &[&str] =
    &["month", "opening", "billings", "credits", "written_off", "recognised", "closing", "ledger"];

/// A house with 31.00 for 15 January to 14 February, of somebody who buys nothing afterwards; it is the first of February.
fn on_the_first_of_february(house: &House) -> String {
    let subscription = house.subscribe(&house.plan("monthly", "31.00", 1));
    house
        .client()
        .post(&format!("/v1/subscriptions/{subscription}/cancel"), json!({ "effective_at": "period_end" }))
        .is(200);
    house.world.advance_to("2026-02-01T12:00:00Z");
    house.newest_invoice()
}

fn give_up(house: &House, invoice: &str) {
    house.client().post(&format!("/v1/invoices/{invoice}/mark_uncollectible"), json!({})).is(200);
}

fn pay(house: &House, invoice: &str, amount: &str) {
    let customer = house.client().get(&format!("/v1/invoices/{invoice}")).is(200).text_at("/customer_id");
    let body = json!({ "customer_id": customer, "invoice_id": invoice, "amount": amount, "currency": "USD" });
    house.client().post("/v1/payments", body).is(201);
}

#[test]
fn what_was_not_earned_leaves_deferred_revenue_and_only_the_rest_is_lost() {
    let house = House::at("2026-01-15T00:00:00Z");
    let invoice = on_the_first_of_february(&house);
    give_up(&house, &invoice);
    let lost = balances(&[("revenue", "17.00"), ("write_offs", "17.00")]);
    assert_eq!(house.balances("2026-02-01"), lost);
    assert_eq!(
        house.schedules(&format!("invoice_id={invoice}")),
        ["-14.00 write_off: 2026-02 -14.00*", "31.00 invoice_line: 2026-01 17.00, 2026-02 14.00*"]
    );
    assert_eq!(
        rows(&house, "remaining_obligations", &["currency", "total"]),
        ["USD 0.00"],
        "nothing of it will be earned"
    );
    house.world.advance_to("2026-03-01T00:00:00Z");
    assert_eq!(house.recognized(), ["2026-01-31 17.00"]);
    assert_eq!(house.balances("2026-02-28"), lost);
    assert_eq!(
        rows(&house, "roll_forward?from=2026-01&to=2026-02", ROLLED),
        ["2026-01 0.00 31.00 0.00 0.00 17.00 14.00 14.00", "2026-02 14.00 0.00 0.00 -14.00 0.00 0.00 0.00"]
    );
    assert_eq!(
        rows(&house, "roll_forward?from=2026-02&to=2026-02&basis=posted", ROLLED),
        ["2026-02 14.00 0.00 0.00 -14.00 0.00 0.00 0.00"]
    );
    let explained = house.client().get(&format!("/v1/revenue/schedules/{invoice}-1")).is(200);
    let sentence = explained.text_at("/sentence");
    assert!(
        sentence.ends_with("; the write-off -14.00 of 2026-02-01 is what was not earned until then."),
        "{sentence}"
    );
    house.world.settle();
}

#[test]
fn what_is_paid_after_all_is_earned_as_if_it_had_never_been_given_up() {
    let house = House::at("2026-01-15T00:00:00Z");
    let invoice = on_the_first_of_february(&house);
    give_up(&house, &invoice);
    house.world.advance_to("2026-02-05T00:00:00Z");
    pay(&house, &invoice, "15.50");
    assert_eq!(
        house.balances("2026-02-05"),
        balances(&[
            ("cash_clearing", "15.50"),
            ("deferred_revenue", "7.00"),
            ("revenue", "17.00"),
            ("write_offs", "8.50")
        ])
    );
    house.world.advance_to("2026-03-09T00:00:00Z");
    assert_eq!(house.recognized(), ["2026-01-31 17.00", "2026-02-28 7.00"]);
    pay(&house, &invoice, "15.50");
    house.world.advance_to("2026-04-01T00:00:00Z");
    assert_eq!(house.recognized(), ["2026-01-31 17.00", "2026-02-28 7.00", "2026-03-31 7.00"]);
    assert_eq!(house.balances("2026-03-31"), balances(&[("cash_clearing", "31.00"), ("revenue", "31.00")]));
    house.world.settle();
}

#[test]
fn what_is_given_up_and_void_leaves_nothing() {
    let house = House::at("2026-01-15T00:00:00Z");
    let invoice = on_the_first_of_february(&house);
    give_up(&house, &invoice);
    house.world.advance_to("2026-02-10T00:00:00Z");
    house.client().post(&format!("/v1/invoices/{invoice}/void"), json!({})).is(200);
    house.world.advance_to("2026-03-01T00:00:00Z");
    assert_eq!(house.balances("2026-02-28"), balances(&[]));
    assert_eq!(house.balances("2026-01-31")["revenue"], "17.00", "January stays as it was");
    house.world.settle();
}

#[test]
fn of_what_is_credited_and_paid_in_part_the_rest_is_given_up() {
    let house = House::at("2026-01-01T00:00:00Z");
    house.subscribe(&house.plan("quarterly", "90.00", 3));
    let invoice = house.newest_invoice();
    house.world.advance_to("2026-02-01T00:00:00Z");
    let note = json!({ "invoice_id": invoice, "amount": "45.00", "reason": "outage", "to": "invoice" });
    house.client().post("/v1/credit_notes", note).is(201);
    pay(&house, &invoice, "15.00");
    house.world.advance_to("2026-03-01T00:00:00Z");
    give_up(&house, &invoice);
    // 30.00 of 45.00 are due; 59 of the 90 days are over: of 45.00, 15.50 are not earned, and two thirds of these are 10.33.
    let books = house.balances("2026-03-01");
    assert_eq!((&*books["write_offs"], &*books["deferred_revenue"]), ("19.66", "5.16"));
    house.world.advance_to("2026-03-31T12:00:00Z");
    house.world.advance_to("2026-04-01T00:00:00Z");
    let books = house.balances("2026-03-31");
    assert_eq!(books.get("deferred_revenue"), None);
    house.world.settle();
}

#[test]
fn in_books_of_another_currency_it_leaves_at_what_it_was_booked_at() {
    for ending in ["void", "pay", "nothing"] {
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
        let cancel = json!({ "effective_at": "period_end" });
        house.client().post(&format!("/v1/subscriptions/{subscription}/cancel"), cancel).is(200);
        house.world.advance_to("2026-02-01T12:00:00Z");
        rate("2026-02-01", "0.50");
        let invoice = house.newest_invoice();
        give_up(&house, &invoice);
        match ending {
            "void" => drop(house.client().post(&format!("/v1/invoices/{invoice}/void"), json!({})).is(200)),
            "pay" => pay(&house, &invoice, "31.00"),
            _ => {}
        }
        house.world.advance_to("2026-03-01T00:00:00Z");
        let books = house.client().get("/v1/ledger/balances?as_of=2026-02-28").is(200);
        let held = |account: &str| {
            let row = books.data().iter().find(|row| row["account"] == account);
            row.map_or("0.00".to_owned(), |row| row["functional_balance"].as_str().unwrap().to_owned())
        };
        let found = ["revenue", "write_offs", "deferred_revenue"].map(held);
        let entries = house.client().get("/v1/ledger/entries?limit=500").is(200);
        let gains: Vec<&str> =
            entries.data().iter().filter_map(|entry| entry["realised_gain"].as_str()).collect();
        let (expected, gained): (_, &[&str]) = match ending {
            "void" => (["0.00", "0.00", "0.00"], &[]),
            "pay" => (["27.90", "0.00", "0.00"], &["-12.40"]),
            _ => (["15.30", "15.30", "0.00"], &[]),
        };
        assert_eq!((found, gains.as_slice()), (expected.map(str::to_owned), gained), "{ending}");
        house.world.settle();
    }
}

#[test]
fn what_is_paid_in_a_closed_month_counts_in_the_first_that_is_open() {
    let house = House::at("2026-01-15T00:00:00Z");
    let invoice = on_the_first_of_february(&house);
    give_up(&house, &invoice);
    house.world.advance_to("2026-03-05T00:00:00Z");
    house.close("2026-01-01").is(200);
    house.close("2026-02-01").is(200);
    let customer = house.client().get(&format!("/v1/invoices/{invoice}")).is(200).text_at("/customer_id");
    let body = json!({ "customer_id": customer, "invoice_id": invoice, "amount": "31.00", "currency": "USD",
        "received_at": "2026-02-20T00:00:00Z" });
    house.client().post("/v1/payments", body).is(201);
    assert_eq!(
        house.schedules(&format!("invoice_id={invoice}")),
        [
            "14.00 write_off: 2026-03 14.00*",
            "-14.00 write_off: 2026-02 -14.00",
            "31.00 invoice_line: 2026-01 17.00, 2026-02 14.00"
        ]
    );
    house.world.advance_to("2026-04-01T00:00:00Z");
    assert_eq!(house.recognized(), ["2026-01-31 17.00", "2026-03-31 14.00"]);
    assert_eq!(house.balances("2026-02-28"), balances(&[("revenue", "17.00"), ("write_offs", "17.00")]));
    assert_eq!(house.balances("2026-03-31"), balances(&[("cash_clearing", "31.00"), ("revenue", "31.00")]));
    house.world.settle();
}

#[test]
fn what_came_before_it_was_given_up_comes_back_on_the_day_it_was() {
    let house = House::at("2026-01-15T00:00:00Z");
    let invoice = on_the_first_of_february(&house);
    give_up(&house, &invoice);
    house.world.advance_to("2026-02-05T00:00:00Z");
    let customer = house.client().get(&format!("/v1/invoices/{invoice}")).is(200).text_at("/customer_id");
    let body = json!({ "customer_id": customer, "invoice_id": invoice, "amount": "31.00", "currency": "USD",
        "received_at": "2026-01-20T00:00:00Z" });
    house.client().post("/v1/payments", body).is(201);
    let paid = [("cash_clearing", "31.00"), ("deferred_revenue", "14.00"), ("revenue", "17.00")];
    assert_eq!(
        house.balances("2026-01-31"),
        balances(&paid),
        "nothing is lost or comes back before it is given up"
    );
    assert_eq!(house.balances("2026-02-05"), balances(&paid));
    house.world.advance_to("2026-03-01T00:00:00Z");
    assert_eq!(house.recognized(), ["2026-01-31 17.00", "2026-02-28 14.00"]);
    assert_eq!(
        rows(&house, "roll_forward?from=2026-01&to=2026-02", ROLLED),
        ["2026-01 0.00 31.00 0.00 0.00 17.00 14.00 14.00", "2026-02 14.00 0.00 0.00 0.00 14.00 0.00 0.00"]
    );
    house.world.settle();
}

#[test]
fn what_is_canceled_after_it_was_given_up_is_not_given_back_as_well() {
    let house = House::at("2026-01-01T00:00:00Z");
    let subscription = house.subscribe(&house.plan("quarterly", "90.00", 3));
    let invoice = house.newest_invoice();
    house.world.advance_to("2026-02-01T00:00:00Z");
    give_up(&house, &invoice);
    house.world.advance_to("2026-03-01T00:00:00Z");
    let cancel = json!({ "effective_at": "now", "proration": "by_day", "invoice": "now" });
    house.client().post(&format!("/v1/subscriptions/{subscription}/cancel"), cancel).is(200);
    house.world.advance_to("2026-04-01T00:00:00Z");
    assert_eq!(house.balances("2026-03-31"), balances(&[("revenue", "31.00"), ("write_offs", "31.00")]));
    house.world.settle();
}
