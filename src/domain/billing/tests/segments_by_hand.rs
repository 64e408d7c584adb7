//! What are the charges of a simple life? 31.00 from 15 January with its anchor on the 1st: 17.00, then 31.00 a month.

use rust_decimal::Decimal;

use super::history::{History, at, d, flat, in_advance, in_arrears, lines, once, per_unit, usd};
use crate::domain::billing::segments;
use crate::domain::billing::unbillable::Unbillable;
use crate::domain::calendar::{CalendarError, Cycle, Interval, Unit, Zone};
use crate::domain::catalog::PriceModel;
use crate::domain::money::{Currency, MoneyError};

const ONE: Decimal = Decimal::ONE;

fn cycle(start: &str, interval: (Unit, u16), zone: &str) -> Cycle {
    let interval = Interval::new(interval.0, interval.1).unwrap();
    Cycle::starting(at(start), None, interval, Zone::parse(zone).unwrap()).unwrap()
}

#[test]
fn a_charge_in_advance_falls_due_when_its_period_starts() {
    let mut seats = History::monthly("2026-01-01", None);
    seats.start(in_advance(per_unit("10.00")), d("5"), at("2026-01-01"));
    assert_eq!(seats.table("2025-12-31T23:59:59Z"), Vec::<String>::new());
    assert_eq!(seats.table("2026-01-01"), ["2026-01-01 2026-02-01 50.00"]);
    assert_eq!(seats.table("2026-02-03"), ["2026-01-01 2026-02-01 50.00", "2026-02-01 2026-03-01 50.00"]);
    assert!(seats.worth(at("2026-02-03")).iter().all(|s| s.deferred && s.due_at == s.period.start));
}

#[test]
fn a_charge_in_arrears_falls_due_when_its_period_ends() {
    let mut power = History::monthly("2026-01-01", None);
    power.start(in_arrears(flat("31.00")), ONE, at("2026-01-01"));
    assert_eq!(power.table("2026-01-31T23:59:59Z"), Vec::<String>::new());
    assert_eq!(power.table("2026-02-01"), ["2026-01-01 2026-02-01 31.00"]);
    assert!(power.worth(at("2026-02-01")).iter().all(|s| !s.deferred && s.due_at == s.period.end));
}

#[test]
fn a_one_time_charge_is_due_once_when_its_item_starts() {
    let mut setup = History::monthly("2026-01-10", None);
    setup.start(once(flat("99.00")), ONE, at("2026-01-10"));
    assert_eq!(setup.table("2026-01-09"), Vec::<String>::new());
    assert_eq!(setup.table("2027-06-01"), ["2026-01-10 2026-01-10 99.00"]);
    assert!(!setup.worth(at("2026-02-01"))[0].deferred);
}

#[test]
fn the_days_before_the_anchor_are_charged_by_the_day() {
    let mut base = History::monthly("2026-01-15", Some(1));
    base.start(in_advance(flat("31.00")), ONE, at("2026-01-15"));
    let expected =
        ["2026-01-15 2026-02-01 17.00", "2026-02-01 2026-03-01 31.00", "2026-03-01 2026-04-01 31.00"];
    assert_eq!(base.table("2026-03-01"), expected);

    let mut february = History::monthly("2026-02-15", Some(1));
    february.start(in_advance(flat("10.00")), ONE, at("2026-02-15"));
    assert_eq!(february.table("2026-02-15"), ["2026-02-15 2026-03-01 5.00"]);
}

#[test]
fn an_anchor_on_the_31st_uses_the_last_day_of_short_months_and_returns() {
    let mut base = History::monthly("2026-01-31", None);
    base.start(in_advance(flat("31.00")), ONE, at("2026-01-31"));
    let expected = [
        "2026-01-31 2026-02-28 31.00",
        "2026-02-28 2026-03-31 31.00",
        "2026-03-31 2026-04-30 31.00",
        "2026-04-30 2026-05-31 31.00",
    ];
    assert_eq!(base.table("2026-05-01"), expected);
}

#[test]
fn periods_follow_summer_time_and_a_whole_one_costs_the_whole_price() {
    let mut base = History::new(cycle("2026-02-01T05:00:00Z", (Unit::Month, 1), "America/New_York"), usd());
    base.start(in_advance(flat("28.00")), ONE, at("2026-02-01T05:00:00Z"));
    let expected = [
        "2026-02-01T05:00Z 2026-03-01T05:00Z 28.00",
        "2026-03-01T05:00Z 2026-04-01T04:00Z 28.00",
        "2026-04-01T04:00Z 2026-05-01T04:00Z 28.00",
    ];
    assert_eq!(base.table("2026-04-02"), expected);
}

#[test]
fn a_day_that_never_happened_is_not_charged_and_does_not_end_the_billing() {
    let mut daily = History::new(cycle("2011-12-28T10:00:00Z", (Unit::Day, 1), "Pacific/Apia"), usd());
    daily.start(in_advance(flat("1.00")), ONE, at("2011-12-28T10:00:00Z"));
    let expected = [
        "2011-12-28T10:00Z 2011-12-29T10:00Z 1.00",
        "2011-12-29T10:00Z 2011-12-30T10:00Z 1.00",
        "2011-12-30T10:00Z 2011-12-31T10:00Z 1.00",
    ];
    assert_eq!(daily.table("2011-12-30T20:00:00Z"), expected);
}

#[test]
fn a_start_late_in_the_day_is_charged_for_the_whole_day() {
    let mut base = History::monthly("2026-04-01T22:30:00Z", None);
    base.start(in_advance(flat("30.00")), ONE, at("2026-04-01T22:30:00Z"));
    assert_eq!(base.table("2026-04-02"), ["2026-04-01T22:30Z 2026-05-01 30.00"]);
}

#[test]
fn more_seats_on_the_16th_credit_the_unused_days_and_charge_them_anew() {
    let mut seats = History::monthly("2026-04-01", None);
    let item = seats.start(in_advance(per_unit("10.00")), d("1"), at("2026-04-01"));
    assert_eq!(lines(&seats.bill(at("2026-04-01"))), ["2026-04-01 2026-05-01 rev 0 10.00 Item 0"]);
    seats.change_quantity(item, at("2026-04-16T12:30:17Z"), d("2"));
    let expected = [
        "2026-04-16T12:30Z 2026-05-01 rev 1 -5.00 Unused time: Item 0",
        "2026-04-16T12:30Z 2026-05-01 rev 0 10.00 Item 0",
    ];
    assert_eq!(lines(&seats.bill(at("2026-04-20"))), expected);
    assert_eq!(lines(&seats.bill(at("2026-04-20"))), Vec::<String>::new());
}

#[test]
fn a_start_taken_back_is_credited_whole() {
    let mut base = History::monthly("2026-01-01", None);
    let item = base.start(in_advance(flat("31.00")), ONE, at("2026-01-01"));
    base.bill(at("2026-02-01"));
    base.end(item, at("2026-01-01"));
    let expected = [
        "2026-01-01 2026-02-01 rev 1 -31.00 Unused time: Item 0",
        "2026-02-01 2026-03-01 rev 1 -31.00 Unused time: Item 0",
    ];
    assert_eq!(lines(&base.bill(at("2026-02-02"))), expected);
    assert!(base.net().is_zero());
}

#[test]
fn a_credit_goes_where_its_charge_went_in_the_books() {
    let mut both = History::monthly("2026-01-01", None);
    let ahead = both.start(in_advance(flat("31.00")), ONE, at("2026-01-01"));
    let behind = both.start(in_arrears(flat("62.00")), ONE, at("2026-01-01"));
    both.bill(at("2026-02-01"));
    both.end(ahead, at("2026-01-01"));
    both.end(behind, at("2026-01-01"));
    let credits = both.bill(at("2026-02-02"));
    let of_item = |name: &str| {
        credits
            .iter()
            .filter(|m| m.line.description.ends_with(name))
            .map(|m| m.line.deferred)
            .collect::<Vec<_>>()
    };
    assert_eq!(of_item("Item 0"), [true, true]);
    assert_eq!(of_item("Item 1"), [false]);
}

#[test]
fn billing_for_a_past_date_takes_nothing_back() {
    let mut base = History::monthly("2026-01-01", None);
    base.start(in_advance(flat("31.00")), ONE, at("2026-01-01"));
    base.start(once(flat("5.00")), ONE, at("2026-02-10"));
    base.bill(at("2026-03-01"));
    assert_eq!(lines(&base.bill(at("2026-01-15"))), Vec::<String>::new());
    assert_eq!(lines(&base.bill(at("2025-01-15"))), Vec::<String>::new());
}

#[test]
fn an_item_in_arrears_is_not_charged_early_because_another_is_billed_ahead() {
    let mut mixed = History::monthly("2026-01-01", None);
    mixed.start(in_advance(flat("31.00")), ONE, at("2026-01-01"));
    mixed.start(in_arrears(flat("7.00")), ONE, at("2026-01-01"));
    mixed.start(once(flat("9.00")), ONE, at("2026-01-20"));
    assert_eq!(lines(&mixed.bill(at("2026-01-01"))), ["2026-01-01 2026-02-01 rev 0 31.00 Item 0"]);
    assert_eq!(lines(&mixed.bill(at("2026-01-02"))), Vec::<String>::new());
    let february = [
        "2026-02-01 2026-03-01 rev 0 31.00 Item 0",
        "2026-01-01 2026-02-01 rev 0 7.00 Item 1",
        "2026-01-20 2026-01-20 rev 0 9.00 Item 2",
    ];
    assert_eq!(lines(&mixed.bill(at("2026-02-01"))), february);
    assert_eq!(lines(&mixed.bill(at("2026-02-01"))), Vec::<String>::new());
}

#[test]
fn a_free_item_and_a_quantity_of_nothing_are_shown_at_zero_once() {
    let mut free = History::monthly("2026-01-01", None);
    free.start(in_advance(flat("0")), ONE, at("2026-01-01"));
    free.start(in_advance(per_unit("10.00")), d("0"), at("2026-01-01"));
    let expected = ["2026-01-01 2026-02-01 rev 0 0.00 Item 0", "2026-01-01 2026-02-01 rev 0 0.00 Item 1"];
    assert_eq!(lines(&free.bill(at("2026-01-05"))), expected);
    assert_eq!(lines(&free.bill(at("2026-01-05"))), Vec::<String>::new());
}

#[test]
fn amounts_are_rounded_once_to_the_currency() {
    for (code, expected) in [("JPY", "2026-01-15 2026-02-01 550"), ("KWD", "2026-01-15 2026-02-01 549.995")] {
        let interval = Interval::new(Unit::Month, 1).unwrap();
        let cycle = Cycle::starting(at("2026-01-15"), Some(1), interval, Zone::UTC).unwrap();
        let mut base = History::new(cycle, Currency::parse(code).unwrap());
        base.start(in_advance(flat("1002.932")), ONE, at("2026-01-15"));
        assert_eq!(base.table("2026-01-15"), [expected]);
    }
}

#[test]
fn a_line_that_shows_packages_tells_how_many_units_they_hold() {
    let hundreds = || in_advance(PriceModel::Package { amount: d("5.00"), size: d("100") });
    let mut calls = History::monthly("2026-01-01", None);
    for quantity in ["1250.00", "1", "0.5", "0"] {
        calls.start(hundreds(), d(quantity), at("2026-01-01"));
    }
    calls.start(in_advance(flat("9.00")), ONE, at("2026-01-01"));
    let said: Vec<String> =
        calls.worth(at("2026-01-01")).iter().map(|s| s.description().to_string()).collect();
    assert_eq!(said, ["Item 0 (1250 units)", "Item 1", "Item 2 (0.5 units)", "Item 3", "Item 4"]);
}

#[test]
fn what_does_not_fit_cannot_be_billed() {
    let huge = d("999999999999999");
    let mut product = History::monthly("2026-01-01", None);
    product.start(in_advance(per_unit("999999999999999")), huge, at("2026-01-01"));
    assert_eq!(product.try_worth(at("2026-01-01")).unwrap_err(), Unbillable::Money(MoneyError::Overflow));

    let mut amount = History::monthly("2026-01-01", None);
    amount.start(in_advance(per_unit("999999")), huge, at("2026-01-01"));
    let out_of_range = Unbillable::Money(MoneyError::OutOfRange { currency: usd() });
    assert_eq!(amount.try_worth(at("2026-01-01")).unwrap_err(), out_of_range);
    assert!(amount.try_worth(at("2025-12-31")).unwrap().is_empty());

    let mut eternal = History::new(cycle("2300-01-01", (Unit::Year, 50), "UTC"), usd());
    eternal.start(in_advance(flat("1.00")), ONE, at("2300-01-01"));
    assert_eq!(
        eternal.try_worth(at("2400-12-31")).unwrap_err(),
        Unbillable::Calendar(CalendarError::OutOfRange)
    );
}

#[test]
fn billing_looks_again_from_the_start_of_the_period_in_which_something_is_another() {
    let mut both = History::monthly("2026-01-01", None);
    let seats = both.start(in_advance(per_unit("10.00")), d("1"), at("2026-01-01"));
    both.start(once(flat("99.00")), ONE, at("2026-01-01"));
    both.change_quantity(seats, at("2026-03-16"), d("2"));
    let again = |instant| segments::first_ending_after(&both.timeline, at(instant)).unwrap();
    assert_eq!(again("2025-11-11"), Some(at("2026-01-01")));
    assert_eq!(again("2026-02-01"), Some(at("2026-02-01")));
    assert_eq!(again("2026-02-28T23:59:59Z"), Some(at("2026-02-01")));
    assert_eq!(again("2026-03-15"), Some(at("2026-03-01")));
    assert_eq!(again("2026-03-16"), Some(at("2026-03-16")));
    both.end(seats, at("2026-04-10"));
    assert_eq!(segments::first_ending_after(&both.timeline, at("2026-04-10")).unwrap(), None);
}

#[test]
fn an_end_taken_back_charges_the_remaining_days() {
    let mut base = History::monthly("2026-04-01", None);
    let item = base.start(in_advance(flat("30.00")), ONE, at("2026-04-01"));
    base.bill(at("2026-04-01"));
    base.end(item, at("2026-04-11"));
    // Until then it is had, and nothing is given back.
    assert!(base.bill(at("2026-04-02")).is_empty());
    assert_eq!(
        lines(&base.bill(at("2026-04-11"))),
        ["2026-04-11 2026-05-01 rev 1 -20.00 Unused time: Item 0"]
    );
    base.resume(item);
    assert_eq!(
        lines(&base.bill(at("2026-04-12"))),
        ["2026-04-11 2026-05-01 rev 2 20.00 Remaining time: Item 0"]
    );
}
