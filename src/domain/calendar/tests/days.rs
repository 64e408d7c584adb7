//! Days: where they begin, how long they are, and that each instant has one.

use super::super::{CalendarError, Period, Zone};
use super::{NANOSECOND, any_instant, any_zone, at, date, every_zone, zone};
use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use crate::domain::laws::tried;

#[derive(serde::Deserialize)]
struct DayStarts {
    vectors: Vec<DayStart>,
}

#[derive(serde::Deserialize)]
struct DayStart {
    zone: String,
    local_date: NaiveDate,
    starts_at_utc: DateTime<Utc>,
    day_length_s: i64,
    note: String,
}

#[test]
fn days_start_and_last_as_the_vectors_say() {
    let file = include_str!("../../../../tests/vectors/tz_day_starts.json");
    let DayStarts { vectors } = serde_json::from_str(file).unwrap();
    assert_eq!(vectors.len(), 20);
    for DayStart { zone: name, local_date, starts_at_utc, day_length_s, note } in vectors {
        let start = zone(&name).day_start(local_date).unwrap();
        let next = zone(&name).day_start(local_date.succ_opt().unwrap()).unwrap();
        let found = (start, (next - start).num_seconds());
        assert_eq!(found, (starts_at_utc, day_length_s), "{name} {local_date} {note}");
    }
}

/// Every instant between 1900 and 2100 at which the zone's offset changes.
fn changes_of(zone: Zone) -> Vec<DateTime<Utc>> {
    let tz: Tz = zone.name().parse().unwrap();
    let offset = |seconds: i64| {
        tz.offset_from_utc_datetime(&DateTime::from_timestamp(seconds, 0).unwrap().naive_utc())
    };
    let (first, last, step) =
        (at("1900-01-03T00:00:00Z").timestamp(), at("2100-01-01T00:00:00Z").timestamp(), 20 * 86_400);
    let mut changes = Vec::new();
    for from in (first..last).step_by(step) {
        let (mut before, mut after) = (from, from + step as i64);
        if offset(before) == offset(after) {
            continue;
        }
        while after - before > 1 {
            let middle = i64::midpoint(before, after);
            if offset(middle) == offset(before) { before = middle } else { after = middle }
        }
        changes.push(DateTime::from_timestamp(after, 0).unwrap());
    }
    changes
}

fn clock_date(zone: Zone, instant: DateTime<Utc>) -> NaiveDate {
    let tz: Tz = zone.name().parse().unwrap();
    instant.with_timezone(&tz).date_naive()
}

#[test]
fn around_every_change_of_every_zone_days_begin_at_their_first_instant_and_tile() {
    let mut changes = 0;
    for zone in every_zone() {
        for change in changes_of(zone) {
            changes += 1;
            let around = clock_date(zone, change).pred_opt().unwrap();
            for day in around.iter_days().take(3) {
                let (start, next) =
                    (zone.day_start(day).unwrap(), zone.day_start(day.succ_opt().unwrap()).unwrap());
                assert!(clock_date(zone, start) >= day, "{zone} {day} starts at {start}, too early");
                for minutes in [0, 1, 20, 60, 120, 300] {
                    let earlier = start - NANOSECOND - TimeDelta::minutes(minutes);
                    assert!(clock_date(zone, earlier) < day, "{zone} {day} starts at {start}, too late");
                }
                assert!(
                    zone.local_date(start) >= day && zone.local_date(start - NANOSECOND) < day,
                    "{zone} {day}"
                );
                assert!(start == next || zone.local_date(next - NANOSECOND) == day, "{zone} {day}");
            }
        }
    }
    assert!(changes > 20_000, "only {changes} changes were found");
}

#[test]
fn a_midnight_that_comes_twice_means_the_first() {
    // Havana: at 01:00 the clock goes back to 00:00.
    assert_eq!(zone("America/Havana").day_start(date("2026-11-01")), Ok(at("2026-11-01T04:00:00Z")));
    // St John's: at 00:01 the clock goes back to 23:01 of the day before, which does not end the new day.
    let st_johns = zone("America/St_Johns");
    assert_eq!(st_johns.day_start(date("2010-11-07")), Ok(at("2010-11-07T02:30:00Z")));
    assert_eq!(st_johns.local_date(at("2010-11-07T02:45:00Z")), date("2010-11-07"));
    assert_eq!(st_johns.days_between(at("2010-11-07T02:30:30Z"), at("2010-11-07T02:45:00Z")), 0);
}

#[test]
fn days_between_counts_local_dates_both_ways() {
    let (before, after) = (at("2026-03-08T04:59:59Z"), at("2026-03-09T04:00:00Z"));
    assert_eq!(zone("America/New_York").days_between(before, after), 2);
    assert_eq!(zone("America/New_York").days_between(after, before), -2);
    assert_eq!(Zone::UTC.days_between(before, after), 1);
    assert_eq!(Zone::UTC.days_between(after, after), 0);
}

#[test]
fn so_many_days_later_it_is_the_same_time_of_the_local_day() {
    let los_angeles = zone("America/Los_Angeles");
    let later = |from: &str, days| los_angeles.days_later(at(from), days);
    // 1 March, 23:30, before summer time; 20 October, 00:15, before winter time.
    assert_eq!(later("2017-03-02T07:30:00Z", 30), at("2017-04-01T06:30:00Z"));
    assert_eq!(later("2017-10-20T07:15:00Z", 30), at("2017-11-19T08:15:00Z"));
    assert_eq!(later("2017-04-01T06:30:00Z", -30), at("2017-03-02T07:30:00Z"));
    // 02:30 is skipped on 12 March and comes twice on 5 November.
    assert_eq!(later("2017-03-11T10:30:00Z", 1), at("2017-03-12T10:00:00Z"));
    assert_eq!(later("2017-11-04T08:30:00Z", 1), at("2017-11-05T08:30:00Z"));
    // From a day's beginning to a day's beginning: Santiago's 6 September 2026 begins at 01:00.
    let santiago = zone("America/Santiago");
    assert_eq!(santiago.days_later(at("2026-09-05T04:00:00Z"), 1), at("2026-09-06T04:00:00Z"));
}

#[test]
fn a_zone_is_read_by_its_iana_name_and_travels_as_it() {
    assert_eq!((zone("Europe/Paris").name(), zone("UTC")), ("Europe/Paris", Zone::UTC));
    for name in ["", "europe/paris", "Paris", "+02:00", "CEST", " UTC", &"x".repeat(1000)] {
        assert!(
            matches!(Zone::parse(name), Err(CalendarError::UnknownZone { name }) if name.len() <= 40),
            "{name}"
        );
    }
    assert_eq!(serde_json::to_string(&zone("Asia/Kolkata")).unwrap(), "\"Asia/Kolkata\"");
    assert_eq!(serde_json::from_str::<Zone>("\"Asia/Kolkata\"").unwrap(), zone("Asia/Kolkata"));
    assert!(serde_json::from_str::<Zone>("\"Asia\"").is_err());
}

#[test]
fn the_ends_of_time_are_refused_and_do_not_panic() {
    for zone in every_zone() {
        for day in [NaiveDate::MIN, date("1899-12-31"), date("2401-01-01"), NaiveDate::MAX] {
            assert_eq!(zone.day_start(day), Err(CalendarError::OutOfRange));
        }
        for day in [date("1900-01-01"), date("2400-12-31")] {
            assert_eq!(zone.day_start(day).map(|start| zone.local_date(start)), Ok(day));
        }
        assert!(zone.days_between(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC) > 190_000_000);
    }
}

#[test]
fn a_period_has_its_start_and_not_its_end() {
    let period = |start, end| Period::new(at(start), at(end));
    let january = period("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z").unwrap();
    let february = period("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z").unwrap();
    let mid = period("2026-01-15T00:00:00Z", "2026-02-15T00:00:00Z").unwrap();
    assert!(january.contains(january.start) && january.contains(january.end - NANOSECOND));
    assert!(!january.contains(january.end) && !january.contains(january.start - NANOSECOND));
    assert_eq!(january.intersect(&february), None);
    assert_eq!(
        january.intersect(&mid),
        Some(period("2026-01-15T00:00:00Z", "2026-02-01T00:00:00Z").unwrap())
    );
    assert_eq!(mid.intersect(&mid), Some(mid));
    let empty = Period::new(january.start, january.start).unwrap();
    assert!(empty.is_empty() && !january.is_empty() && !empty.contains(empty.start));
    assert_eq!(empty.intersect(&january), None);
    let refused = period("2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z").unwrap_err().to_string();
    assert_eq!(
        refused,
        "a period cannot end at 2026-01-01 00:00:00 UTC, before it starts at 2026-02-01 00:00:00 UTC"
    );
}

proptest! {
    #![proptest_config(tried())]

    #[test]
    fn each_instant_lies_in_exactly_its_local_date(instant in any_instant(), zone in any_zone()) {
        let day = zone.local_date(instant);
        prop_assert!(zone.day_start(day).unwrap() <= instant);
        prop_assert!(instant < zone.day_start(day.succ_opt().unwrap()).unwrap());
        prop_assert_eq!(zone.days_between(instant, instant), 0);
    }

    #[test]
    fn so_many_days_later_is_on_the_local_day_that_is_so_many_days_later(
        instant in any_instant(), days in -400..400_i64, zone in any_zone()
    ) {
        let later = zone.days_later(instant, days);
        let meant = zone.day_start(zone.local_date(instant) + TimeDelta::days(days)).unwrap();
        prop_assert_eq!(zone.local_date(later), zone.local_date(meant));
        prop_assert!(later >= meant);
    }

    #[test]
    fn days_never_run_backwards(one in any_instant(), hours in 0..100_i64, zone in any_zone()) {
        prop_assert!(zone.days_between(one, one + TimeDelta::hours(hours)) >= 0);
    }
}
