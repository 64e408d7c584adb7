//! Cycles: that periods tile time, return to their anchor, and know which of them an instant is in.

use super::super::{CalendarError, Cycle, Interval, Unit, Zone};
use super::{NANOSECOND, any_cycle, any_interval, any_zone, at, date, every, zone};
use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use proptest::prelude::*;

use crate::domain::laws::tried;
use strum::VariantArray;

#[derive(serde::Deserialize)]
struct Anchors {
    vectors: Vec<Anchor>,
}

#[derive(serde::Deserialize)]
struct Anchor {
    anchor: NaiveDate,
    interval: String,
    anchored: Vec<NaiveDate>,
    chained_drifts: Option<Vec<NaiveDate>>,
}

/// The local dates on which periods 0, 1, 2 … start.
fn starts(cycle: &Cycle, count: usize) -> Vec<NaiveDate> {
    let start = |n| cycle.zone().local_date(cycle.boundary(n).unwrap());
    (0..).map(start).take(count).collect()
}

#[test]
fn periods_start_where_the_vectors_say_in_every_kind_of_zone() {
    let file = include_str!("../../../../tests/vectors/month_end_anchors.json");
    let Anchors { vectors } = serde_json::from_str(file).unwrap();
    assert_eq!(vectors.len(), 16);
    for Anchor { anchor, interval, anchored, chained_drifts } in vectors {
        let interval = every(1, interval.parse().unwrap());
        for zone in ["UTC", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"].map(zone) {
            let start = zone.day_start(anchor).unwrap();
            let implied = Cycle::starting(start, None, interval, zone).unwrap();
            let explicit = Cycle::starting(start, Some(anchor.day()), interval, zone).unwrap();
            assert_eq!(starts(&implied, anchored.len()), anchored, "{anchor} {zone}");
            assert_eq!(implied, explicit);
        }
        assert!(anchor.day() < 31 || chained_drifts.is_none_or(|drifted| drifted != anchored));
    }
}

#[test]
fn a_quarter_is_three_months_and_a_year_twelve() {
    let start = at("2023-11-30T10:00:00Z");
    let dates =
        |count, unit| starts(&Cycle::starting(start, None, every(count, unit), Zone::UTC).unwrap(), 4);
    let quarters = ["2023-11-30", "2024-02-29", "2024-05-30", "2024-08-30"].map(date);
    assert_eq!(dates(1, Unit::Quarter), quarters);
    assert_eq!(dates(3, Unit::Month), quarters);
    assert_eq!(dates(2, Unit::Year), ["2023-11-30", "2025-11-30", "2027-11-30", "2029-11-30"].map(date));
    assert_eq!(dates(24, Unit::Month), dates(2, Unit::Year));
    assert_eq!(dates(2, Unit::Week), ["2023-11-30", "2023-12-14", "2023-12-28", "2024-01-11"].map(date));
    assert_eq!(dates(14, Unit::Day), dates(2, Unit::Week));
}

#[test]
fn a_yearly_cycle_from_29_february_returns_to_it_every_leap_year() {
    let cycle = Cycle::starting(at("1904-02-29T12:00:00Z"), None, every(1, Unit::Year), Zone::UTC).unwrap();
    for (n, start) in starts(&cycle, 490).into_iter().enumerate() {
        let day = if start.leap_year() { 29 } else { 28 };
        assert_eq!(start, NaiveDate::from_ymd_opt(1904 + i32::try_from(n).unwrap(), 2, day).unwrap());
    }
}

#[test]
fn with_an_anchor_day_period_0_begins_on_the_first_such_day_from_the_start_on() {
    for (start, day, interval, base) in [
        ("2026-01-15T00:00:00Z", 1, every(1, Unit::Month), "2026-02-01"),
        ("2026-01-15T23:59:59Z", 15, every(1, Unit::Month), "2026-01-15"),
        ("2026-01-16T00:00:00Z", 15, every(1, Unit::Month), "2026-02-15"),
        ("2026-02-28T00:00:00Z", 31, every(1, Unit::Month), "2026-02-28"),
        ("2026-02-10T00:00:00Z", 31, every(2, Unit::Month), "2026-02-28"),
        ("2026-12-20T00:00:00Z", 10, every(1, Unit::Year), "2027-01-10"),
        ("2026-01-31T00:00:00Z", 30, every(1, Unit::Quarter), "2026-02-28"),
    ] {
        let cycle = Cycle::starting(at(start), Some(day), interval, Zone::UTC).unwrap();
        assert_eq!((cycle.base(), cycle.anchor_day()), (date(base), day), "{start}");
    }
    let two_months =
        Cycle::starting(at("2026-02-10T00:00:00Z"), Some(31), every(2, Unit::Month), Zone::UTC).unwrap();
    assert_eq!(starts(&two_months, 4), ["2026-02-28", "2026-04-30", "2026-06-30", "2026-08-31"].map(date));
    assert_eq!(two_months.period(-1).unwrap().start, at("2025-12-31T00:00:00Z"));
}

#[test]
fn a_new_yorkers_month_follows_summer_time() {
    let new_york = zone("America/New_York");
    let cycle = Cycle::starting(at("2024-01-31T20:00:00Z"), None, every(1, Unit::Month), new_york).unwrap();
    let third = cycle.period(2).unwrap();
    assert_eq!((third.start, third.end), (at("2024-03-31T04:00:00Z"), at("2024-04-30T04:00:00Z")));
    assert_eq!(cycle.boundary(0), Ok(at("2024-01-31T05:00:00Z")));
    let late_evening =
        Cycle::starting(at("2024-02-01T03:00:00Z"), None, every(1, Unit::Month), new_york).unwrap();
    assert_eq!(late_evening.base(), date("2024-01-31"));
}

#[test]
fn a_daily_cycle_has_days_of_23_and_25_hours_and_an_empty_one_that_never_happened() {
    let hours = |zone: Zone, day: &str| {
        let cycle = Cycle::from_parts(date(day), 1, every(1, Unit::Day), zone).unwrap();
        let period = cycle.period(0).unwrap();
        (period.end - period.start).num_hours()
    };
    assert_eq!(hours(zone("Europe/Paris"), "2026-03-29"), 23);
    assert_eq!(hours(zone("Europe/Paris"), "2026-10-25"), 25);
    assert_eq!(hours(zone("Pacific/Apia"), "2011-12-30"), 0);
    let apia = Cycle::from_parts(date("2011-12-29"), 1, every(1, Unit::Day), zone("Pacific/Apia")).unwrap();
    assert_eq!(apia.period(0).unwrap().end, apia.period(2).unwrap().start);
    assert_eq!(apia.index_at(apia.period(1).unwrap().start), Ok(2));
}

#[test]
fn every_anchor_day_tiles_five_centuries_of_months() {
    for day in 1..=31 {
        let cycle = Cycle::from_parts(date("1900-01-31"), day, every(1, Unit::Month), Zone::UTC).unwrap();
        let mut end = cycle.boundary(0).unwrap();
        for n in 0..500 * 12 {
            let period = cycle.period(n).unwrap();
            assert!(period.start == end && period.start < period.end);
            let start = period.start.date_naive();
            assert_eq!(start.day(), day.min(u32::from(start.num_days_in_month())));
            assert_eq!(
                (cycle.index_at(period.start), cycle.index_at(period.end - NANOSECOND)),
                (Ok(n), Ok(n))
            );
            end = period.end;
        }
    }
}

#[test]
fn impossible_intervals_and_anchor_days_are_refused() {
    let month = every(1, Unit::Month);
    let start = at("2026-01-15T00:00:00Z");
    for count in [0, 1001, u16::MAX] {
        let refused = Err(CalendarError::BadIntervalCount { count: u32::from(count) });
        assert_eq!(Interval::new(Unit::Day, count), refused);
        let interval = Interval { unit: Unit::Day, count };
        assert_eq!(
            Cycle::starting(start, None, interval, Zone::UTC),
            refused.map(|_: Interval| unreachable!())
        );
    }
    for day in [0, 32, u32::MAX] {
        assert_eq!(
            Cycle::starting(start, Some(day), month, Zone::UTC),
            Err(CalendarError::BadAnchorDay { day })
        );
    }
    let weekly = Cycle::starting(start, Some(1), every(1, Unit::Week), Zone::UTC).unwrap_err();
    assert_eq!(
        weekly.to_string(),
        "an anchor day needs an interval of months, quarters or years: week intervals start on the first day"
    );
    assert!(Unit::VARIANTS.iter().all(|unit| unit.into_str().parse() == Ok(*unit)));
    assert!(Unit::VARIANTS.iter().all(|unit| serde_json::to_value(unit).unwrap() == unit.into_str()));
    assert!("Month".parse::<Unit>().is_err());
}

#[test]
fn a_cycle_at_the_edge_of_the_years_is_refused_beyond_it() {
    let cycle = Cycle::from_parts(date("2400-11-15"), 15, every(1, Unit::Month), Zone::UTC).unwrap();
    assert!(cycle.period(0).is_ok());
    assert_eq!(cycle.period(1), Err(CalendarError::OutOfRange));
    assert_eq!(cycle.index_at(at("2400-12-31T23:00:00Z")), Ok(1));
    assert_eq!(cycle.index_at(at("2401-01-01T00:00:00Z")), Err(CalendarError::OutOfRange));
    let first = Cycle::from_parts(date("1900-01-15"), 15, every(1, Unit::Month), Zone::UTC).unwrap();
    assert_eq!(first.index_at(at("1900-01-14T00:00:00Z")), Ok(-1));
    assert_eq!(first.period(-1), Err(CalendarError::OutOfRange));
}

proptest! {
    #![proptest_config(tried())]

    #[test]
    fn periods_tile_time_and_know_their_instants((_, _, cycle) in any_cycle(), n in -40..40_i64) {
        let (Ok(period), Ok(before)) = (cycle.period(n), cycle.period(n - 1)) else {
            return Ok(());
        };
        prop_assert_eq!(before.end, period.start);
        if period.is_empty() {
            // Only a day that a zone skipped, in a daily cycle.
            prop_assert_eq!(cycle.interval(), every(1, Unit::Day));
            return Ok(());
        }
        prop_assert_eq!(cycle.index_at(period.start), Ok(n));
        prop_assert_eq!(cycle.index_at(period.end - NANOSECOND), Ok(n));
        prop_assert_eq!(cycle.zone().day_start(cycle.zone().local_date(period.start)), Ok(period.start));
    }

    #[test]
    fn an_instant_lies_in_the_period_it_is_said_to_be_in((start, _, cycle) in any_cycle(), days in -1500..1500_i64) {
        let instant = start + chrono::TimeDelta::days(days);
        let n = cycle.index_at(instant).unwrap();
        if let Ok(period) = cycle.period(n) {
            prop_assert!(period.contains(instant), "{period:?} has not {instant}");
        }
    }

    #[test]
    fn months_are_counted_from_the_anchor_and_clamped((_, _, cycle) in any_cycle(), n in 0..60_u32) {
        let months = match cycle.interval().unit {
            Unit::Day | Unit::Week => return Ok(()),
            Unit::Month => 1,
            Unit::Quarter => 3,
            Unit::Year => 12,
        };
        let base = cycle.base();
        let january = NaiveDate::from_ymd_opt(base.year(), 1, cycle.anchor_day()).unwrap();
        let ahead = Months::new(base.month0() + n * months * u32::from(cycle.interval().count));
        if let Ok(boundary) = cycle.boundary(i64::from(n)) {
            prop_assert_eq!(cycle.zone().day_start(january.checked_add_months(ahead).unwrap()), Ok(boundary));
        }
    }

    #[test]
    fn a_cycle_starts_at_or_just_after_its_start((start, day, cycle) in any_cycle()) {
        let n = cycle.index_at(start).unwrap();
        let local = cycle.zone().local_date(start);
        prop_assert!((local..).contains(&cycle.base()) && (cycle.base() - local).num_days() <= 31);
        prop_assert_eq!(n, if cycle.base() == local { 0 } else { -1 });
        prop_assert!(n == 0 || day.is_some());
    }

    #[test]
    fn a_cycle_is_rebuilt_from_its_parts((_, _, cycle) in any_cycle()) {
        let rebuilt = Cycle::from_parts(cycle.base(), cycle.anchor_day(), cycle.interval(), cycle.zone());
        prop_assert_eq!(rebuilt, Ok(cycle));
    }

    #[test]
    fn no_number_makes_a_cycle_panic(
        (base, instant) in (any::<i32>(), any::<i64>()),
        n in any::<i64>(),
        (day, interval, zone) in (any::<u32>(), any_interval(), any_zone()),
    ) {
        let base = NaiveDate::from_num_days_from_ce_opt(base / 10).unwrap_or(NaiveDate::MAX);
        let instant = DateTime::from_timestamp(instant / 1_000_000, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let _ = Cycle::starting(instant, Some(day), interval, zone);
        for base in [base, date("2026-01-31")] {
            if let Ok(cycle) = Cycle::from_parts(base, day % 32, interval, zone) {
                let _ = (cycle.period(n), cycle.boundary(n), cycle.index_at(instant));
            }
        }
    }
}
