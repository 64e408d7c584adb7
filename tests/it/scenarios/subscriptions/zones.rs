//! Whose days are counted? The customer's: a day of 23 hours is a day, a day that never was is none, and the date is where the customer is.

use serde_json::json;

use super::Life;

#[test]
fn a_change_late_in_the_evening_of_new_york_counts_from_that_day_there() {
    // 16 April 22:00 in New York is 17 April 02:00 UTC.
    let life = Life::in_zone("2026-04-01T04:00:00Z", "America/New_York", "30.00");
    let price = life.read().text_at("/items/0/price_id");
    life.advance_to("2026-04-17T02:00:00Z");
    let own =
        json!({ "price_id": price, "price_override": { "model": { "type": "flat", "amount": "60.00" } } });
    life.change(json!({ "items": [own], "invoice": "now" }));
    assert_eq!(life.total(), "45.00");
}

#[test]
fn a_month_in_which_summer_time_begins_or_ends_is_cut_by_its_days_or_by_its_seconds() {
    // March 2026 in New York has 31 days and an hour less; November 30 days and an hour more.
    for (start, at, by_day, by_second) in [
        ("2026-03-01T05:00:00Z", "2026-03-16T04:00:00Z", "16.00", "16.02"),
        ("2026-11-01T04:00:00Z", "2026-11-16T05:00:00Z", "15.50", "15.48"),
    ] {
        for (basis, expected) in [("by_day", by_day), ("by_second", by_second)] {
            let life = Life::in_zone(start, "America/New_York", "31.00");
            life.advance_to(at);
            let price = life.read().text_at("/items/0/price_id");
            let own = json!({ "price_id": price, "price_override": { "model": { "type": "flat", "amount": "0" } } });
            let changed = life.change(json!({ "items": [own], "proration": basis, "invoice": "now" }));
            assert_eq!(changed.text_at("/invoice/total"), format!("-{expected}"), "{start} {basis}");
        }
    }
}

#[test]
fn in_apia_the_december_without_a_30th_has_31_dates_and_what_is_left_is_counted_by_them() {
    // Samoa went over the date line: 30 December 2011 never happened.
    let life = Life::in_zone("2011-12-01T10:00:00Z", "Pacific/Apia", "31.00");
    life.advance_to("2011-12-29T12:00:00Z");
    let price = life.read().text_at("/items/0/price_id");
    let own =
        json!({ "price_id": price, "price_override": { "model": { "type": "flat", "amount": "62.00" } } });
    life.change(json!({ "items": [own], "invoice": "now" }));
    life.advance_to("2012-01-01T00:00:00Z");
    let invoices = life.invoices(&life.customer);
    // From the 29th on: three of 31 dates.
    assert!(invoices[1].contains("total 3.00"), "{}", invoices[1]);
    assert!(invoices[2].starts_with("INV-000003 open USD billed 2012-01-01"), "{}", invoices[2]);
}

#[test]
fn a_zone_that_changed_its_offset_is_billed_at_its_midnight_before_and_after() {
    // Venezuela went from UTC-4:30 to UTC-4 on 1 May 2016 at 02:30.
    let life = Life::in_zone("2016-04-01T04:30:00Z", "America/Caracas", "30.00");
    life.advance_to("2016-06-01T04:00:00Z");
    // Half past four is billed by the run on the hour after it.
    life.billed(
        "INV-000001 open USD billed 2016-04-01 due 2016-05-01T04:30Z
         2016-04-01T04:30Z to 2016-05-01T04:30Z  1 x 30.00 = 30.00  Base
         total 30.00 paid 0.00 due 30.00
         INV-000002 open USD billed 2016-05-01 due 2016-05-31T05:00Z
         2016-05-01T04:30Z to 2016-06-01T04:00Z  1 x 30.00 = 30.00  Base
         total 30.00 paid 0.00 due 30.00
         INV-000003 open USD billed 2016-06-01 due 2016-07-01T04:00Z
         2016-06-01T04:00Z to 2016-07-01T04:00Z  1 x 30.00 = 30.00  Base
         total 30.00 paid 0.00 due 30.00",
    );
}

#[test]
fn a_trial_over_a_clock_change_ends_at_the_same_time_of_its_last_day_and_periods_begin_on_that_day() {
    // 1 March, 23:30, and 20 October, 00:15, in Los Angeles; 30 days later the clock shows the same.
    for (start, end, anchor) in [
        ("2017-03-02T07:30:00Z", "2017-04-01T06:30:00Z", 31),
        ("2017-10-20T07:15:00Z", "2017-11-19T08:15:00Z", 19),
    ] {
        let life = Life::trial_in_los_angeles(start);
        let subscription = life.read();
        assert_eq!(subscription.text_at("/trial_end"), end);
        assert_eq!(subscription.json["anchor"]["day_of_month"], anchor, "{}", subscription.text);
    }
}

#[test]
fn an_agreed_end_moves_by_local_days_over_a_clock_change() {
    let seller = super::Seller::on("2026-03-01T08:00:00Z");
    let plan = seller.plan("month", json!([super::base("31.00")]));
    let customer = seller.customer_like(json!({ "name": "Ada", "time_zone": "America/Los_Angeles" }));
    // Agreed until 7 March, 23:30; on the 8th the clock goes forward.
    let more = json!({ "collection": "send_invoice", "end_at": "2026-03-08T07:30:00Z" });
    let subscription = seller.subscribe(&customer, &plan, more);
    let life = Life { seller, customer, subscription };
    let pause = json!({ "mode": "extend", "effective_at": "2026-03-03T08:00:00Z", "resumes_at": "2026-03-06T08:00:00Z" });
    let paused = life.command("pause", pause);
    assert_eq!(paused.text_at("/end_at"), "2026-03-11T06:30:00Z");
}

impl Life {
    /// 30 days for nothing from an instant on, then monthly.
    fn trial_in_los_angeles(start: &str) -> Life {
        let seller = super::Seller::on(start);
        let plan = seller.plan("month", json!([super::base("31.00")]));
        let customer = seller.customer_like(json!({ "name": "Ada", "time_zone": "America/Los_Angeles" }));
        let more = json!({ "trial_days": 30, "collection": "send_invoice" });
        let subscription = seller.subscribe(&customer, &plan, more);
        Life { seller, customer, subscription }
    }
}

#[test]
fn a_day_is_when_it_begins_where_the_customer_is() {
    let life = Life::in_zone("2026-04-01T04:00:00Z", "America/New_York", "30.00");
    life.advance_to("2026-04-10T12:00:00Z");
    let plan = life.read().text_at("/plan_id");
    let order = |start: &str| json!({ "customer_id": life.customer, "plan_id": plan, "collection": "send_invoice", "start_at": start, "trial_end": "2026-05-01" });
    let started = life.world.post("/v1/subscriptions", order("2026-04-15")).is(201);
    assert_eq!(started.text_at("/start_at"), "2026-04-15T04:00:00Z");
    assert_eq!(started.text_at("/trial_end"), "2026-05-01T04:00:00Z");
    let refused = life.world.post("/v1/subscriptions", order("tomorrow")).is_problem(422, "bad_value");
    assert!(refused.text_at("/detail").contains("a day such as 2026-01-15"), "{}", refused.text);
    let ended = life.world.post(&life.path("/cancel"), json!({ "effective_at": "2026-04-20" })).is(200);
    assert_eq!(life.read().text_at("/end_at"), "2026-04-20T04:00:00Z", "{}", ended.text);
}
