//! The calendar in vectors other date libraries agree on, at every zone change, and in properties over five centuries.

mod cycles;
mod days;

use super::{Cycle, Interval, Unit, Zone};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use strum::VariantArray;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

fn every(count: u16, unit: Unit) -> Interval {
    Interval::new(unit, count).unwrap()
}

const NANOSECOND: TimeDelta = TimeDelta::nanoseconds(1);

fn every_zone() -> impl Iterator<Item = Zone> {
    chrono_tz::TZ_VARIANTS.iter().map(|tz| zone(tz.name()))
}

fn any_zone() -> impl Strategy<Value = Zone> {
    prop::sample::select(every_zone().collect::<Vec<_>>())
}

fn any_interval() -> impl Strategy<Value = Interval> {
    let count = prop_oneof![3 => 1..=4_u16, 1 => 1..=Interval::MAX_COUNT];
    (prop::sample::select(Unit::VARIANTS), count).prop_map(|(unit, count)| every(count, unit))
}

/// Instants from 1905 to 2390, to the nanosecond.
fn any_instant() -> impl Strategy<Value = DateTime<Utc>> {
    let seconds = at("1905-01-01T00:00:00Z").timestamp()..at("2390-01-01T00:00:00Z").timestamp();
    (seconds, 0..1_000_000_000_u32).prop_map(|(s, ns)| DateTime::from_timestamp(s, ns).unwrap())
}

/// A start, and a cycle beginning there, with an anchor day where the interval can have one.
fn any_cycle() -> impl Strategy<Value = (DateTime<Utc>, Option<u32>, Cycle)> {
    (any_instant(), prop::option::of(1..=31_u32), any_interval(), any_zone()).prop_map(
        |(start, day, interval, zone)| {
            let day = day.filter(|_| !matches!(interval.unit, Unit::Day | Unit::Week));
            (start, day, Cycle::starting(start, day, interval, zone).unwrap())
        },
    )
}
