//! What is used around a break that extends? The period goes on after it: what is used before and after is one quantity, and what is used in
//! it is nobody's, whenever it is told.

use serde_json::json;

use super::{Seller, per_unit};

/// A break from 17 to 27 January, so that January's period ends on 11 February.
fn take_a_break(seller: &Seller, subscription: &str) {
    seller.pause(subscription, "extend", "2026-01-17T00:00:00Z", "2026-01-27T00:00:00Z");
}

/// Calls at 1.00 above 10: 8 before the break, 5 in it, 6 after it, and the period is billed.
fn billed() -> Seller {
    let seller = Seller::open();
    let subscription = seller.sell_calls(per_unit("1.00"), json!({ "included_units": "10" }));
    seller.world.advance_to("2026-01-06T00:00:00Z");
    seller.calls("2026-01-05T00:00:00Z", "8");
    take_a_break(&seller, &subscription);
    seller.calls("2026-01-20T00:00:00Z", "5");
    seller.world.advance_to("2026-02-10T00:00:00Z");
    seller.calls("2026-02-05T00:00:00Z", "6");
    seller.world.advance_to("2026-02-12T00:00:00Z");
    seller
}

impl Seller {
    /// What is billed in all, after the next period.
    fn total_in_march(&self) -> String {
        self.world.advance_to("2026-03-12T00:00:00Z");
        self.total()
    }

    /// What was sent of a stretch of days is replaced by so much at an instant.
    fn replaced(&self, (from, to): (&str, &str), (at, units): (&str, &str)) {
        let meter = self.world.get("/v1/meters").is(200).text_at("/data/0/id");
        let range = json!({ "meter_id": meter, "customer_id": self.customer, "from": from, "to": to });
        let backfill = self.world.post("/v1/usage/backfills", range).is(201).id();
        let path = format!("/v1/usage/backfills/{backfill}");
        let event = json!({ "specversion": "1.0", "id": at, "source": "again", "type": "call", "subject": "acme",
                            "time": at, "data": { "units": units } });
        self.world.post(&format!("{path}/events"), json!([event])).is(200);
        self.world.post(&format!("{path}/close"), json!({})).is(200);
    }
}

#[test]
fn what_is_used_before_and_after_the_break_is_one_quantity_and_what_is_used_in_it_none() {
    // 14 are 4 above 10.
    assert_eq!(billed().total(), "4.00");
}

#[test]
fn usage_recorded_late_of_the_days_around_the_break_is_charged_and_of_the_break_is_not() {
    let seller = billed();
    seller.calls("2026-01-20T00:00:00Z", "9");
    assert_eq!(seller.total_in_march(), "4.00");
    let seller = billed();
    seller.calls("2026-01-30T00:00:00Z", "3");
    seller.calls("2026-01-10T00:00:00Z", "2");
    // 19 are 9 above 10.
    assert_eq!(seller.total_in_march(), "9.00");
}

#[test]
fn an_event_that_is_void_is_given_back_unless_it_was_of_the_break() {
    // 14 without the 5 of the break are 14; without the 6 after it 8; without the 8 before it 6.
    for (event, total) in [(2, "4.00"), (3, "0.00"), (1, "0.00")] {
        let seller = billed();
        let void = json!({ "source": "test", "id": format!("call-{event}") });
        seller.world.post("/v1/usage/events/void", void).is(200);
        assert_eq!(seller.total_in_march(), total, "without event {event}");
    }
}

#[test]
fn a_range_that_is_replaced_counts_as_far_as_it_lies_outside_the_break() {
    let days = |from: &'static str, to: &'static str| (from, to);
    for (range, at, total) in [
        // In the break, whose 5 are gone, and were nobody's.
        (days("2026-01-19T00:00:00Z", "2026-01-28T00:00:00Z"), "2026-01-26T23:59:59Z", "4.00"),
        // 14 and 7 are 11 above 10.
        (days("2026-01-19T00:00:00Z", "2026-01-28T00:00:00Z"), "2026-01-27T00:00:00Z", "11.00"),
        // 6 and 7 are 3 above 10.
        (days("2026-01-04T00:00:00Z", "2026-01-07T00:00:00Z"), "2026-01-06T00:00:00Z", "3.00"),
    ] {
        let seller = billed();
        seller.replaced(range, (at, "7"));
        assert_eq!(seller.total_in_march(), total, "7 at {at}");
    }
}

#[test]
fn usage_is_invoiced_early_before_and_after_the_break_and_none_of_the_break() {
    let seller = Seller::open();
    let subscription = seller.sell_calls(per_unit("1.00"), json!({}));
    let budget = json!({ "subscription_id": subscription, "invoice_at": "10.00" });
    seller.world.post("/v1/budgets", budget).is(201);
    let called = |day: &str, units: &str| {
        seller.calls(&format!("2026-{day}T00:00:00Z"), units);
        let later = seller.world.now() + chrono::TimeDelta::days(1);
        seller.world.advance_to(&later.to_rfc3339());
    };
    seller.world.advance_to("2026-01-05T00:00:00Z");
    called("01-05", "12");
    take_a_break(&seller, &subscription);
    called("01-20", "50");
    seller.world.advance_to("2026-01-30T00:00:00Z");
    called("01-30", "9");
    seller.world.advance_to("2026-02-05T00:00:00Z");
    called("02-05", "2");
    seller.world.advance_to("2026-02-09T00:00:00Z");
    called("02-09", "4");
    seller.world.advance_to("2026-02-12T00:00:00Z");
    let rows = seller.invoices();
    let billed: Vec<&String> =
        rows.iter().filter(|row| !row.starts_with(' ') && !row.ends_with(" 0.00")).collect();
    // 12.00 at once; 9.00 and 2.00 reach 10.00 together; 4.00 at the period's end.
    assert_eq!(billed, ["2026-01-05 12.00", "2026-02-05 11.00", "2026-02-11 4.00"]);
}
