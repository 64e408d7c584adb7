//! On which day, and at which hour, is a step taken? On the first day from its own on that is a payday and a weekday of the policy, at the
//! policy's hour.
//!
//! Failed on Wednesday the 3rd at 14:00, `P1D`, hour 9, paydays 1 and 15: the 15th at 9:00.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};

use super::policy::Terms;
use super::span::Span;
use crate::domain::calendar::Zone;

/// Days among which a payday and a weekday are looked for.
const AHEAD: u64 = 31;

/// When a step is taken that is so long after a failure, before it is spread.
pub(super) fn step_at(
    terms: &Terms,
    zone: Zone,
    (failed_at, offset): (DateTime<Utc>, Span),
) -> DateTime<Utc> {
    let base = failed_at.checked_add_signed(offset.delta()).unwrap_or(DateTime::<Utc>::MAX_UTC);
    moved(terms, zone, (failed_at, base)).unwrap_or(base)
}

/// So much later as the seed says, within the policy's jitter.
pub(super) fn spread(terms: &Terms, at: DateTime<Utc>, seed: u128) -> DateTime<Utc> {
    at.checked_add_signed(within(terms.jitter, seed)).unwrap_or(at)
}

fn moved(
    terms: &Terms,
    zone: Zone,
    (failed_at, base): (DateTime<Utc>, DateTime<Utc>),
) -> Option<DateTime<Utc>> {
    let own = zone.local_date(base);
    let mut date = chosen(terms, own)?;
    let at = |date: NaiveDate| match terms.local_hour {
        Some(hour) => instant(zone, date, hour),
        None => Some(zone.days_later(base, date.signed_duration_since(own).num_days())),
    };
    // An hour that was over when it failed is no time for a step: the next such day is.
    if at(date)? <= failed_at {
        date = chosen(terms, date.succ_opt()?)?;
    }
    at(date)
}

/// The hour on the clock, also on a day of 23 or 25 hours.
pub(super) fn instant(zone: Zone, date: NaiveDate, hour: u32) -> Option<DateTime<Utc>> {
    let midnight = zone.day_start(date).ok()?;
    let before = zone.day_start(date.pred_opt()?).ok()?;
    let of_the_day_before = before.checked_add_signed(TimeDelta::hours(i64::from(hour)))?;
    Some(zone.days_later(of_the_day_before, 1).max(midnight))
}

/// Whether a policy has tries made on a day.
pub(super) fn allows(terms: &Terms, date: NaiveDate) -> bool {
    is_payday(terms, date) && is_weekday(terms, date)
}

/// The first day from one on that the policy names.
fn chosen(terms: &Terms, from: NaiveDate) -> Option<NaiveDate> {
    let payday = (0..=AHEAD).find_map(|n| {
        let date = from.checked_add_days(Days::new(n))?;
        is_payday(terms, date).then_some(date)
    })?;
    (0..7).find_map(|n| {
        let date = payday.checked_add_days(Days::new(n))?;
        is_weekday(terms, date).then_some(date)
    })
}

fn is_weekday(terms: &Terms, date: NaiveDate) -> bool {
    terms.weekdays.is_empty() || terms.weekdays.iter().any(|day| day.is(date.weekday()))
}

fn is_payday(terms: &Terms, date: NaiveDate) -> bool {
    let is_last = date.succ_opt().is_none_or(|next| next.day() == 1);
    terms.paydays.is_empty()
        || terms.paydays.iter().any(|day| *day == date.day() || is_last && *day > date.day())
}

/// The same for the same seed: whoever computes it again finds the same instant.
fn within(jitter: Span, seed: u128) -> TimeDelta {
    let seconds = jitter.delta().num_seconds();
    if seconds <= 0 {
        return TimeDelta::zero();
    }
    let rest = seed % (seconds.unsigned_abs() as u128 + 1);
    TimeDelta::seconds(i64::try_from(rest).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::payments::retries::policy::Weekday;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn step(terms: &Terms, zone: &str, failed: &str, offset: &str) -> String {
        let zone = Zone::parse(zone).unwrap();
        step_at(terms, zone, (at(failed), offset.parse().unwrap())).format("%m-%d %H:%M").to_string()
    }

    #[test]
    fn a_step_is_taken_so_long_after_the_failure() {
        assert_eq!(step(&Terms::default(), "UTC", "2026-06-03T14:00:00Z", "P3D"), "06-06 14:00");
    }

    #[test]
    fn at_the_hour_of_the_tenant_in_summer_and_winter_and_never_before_the_failure() {
        let nine = Terms { local_hour: Some(9), ..Terms::default() };
        assert_eq!(step(&nine, "Europe/Paris", "2026-06-03T14:00:00Z", "P1D"), "06-04 07:00");
        assert_eq!(step(&nine, "Europe/Paris", "2026-12-03T14:00:00Z", "P1D"), "12-04 08:00");
        // The clock goes back on 25 October.
        assert_eq!(step(&nine, "Europe/Paris", "2026-10-24T14:00:00Z", "P1D"), "10-25 08:00");
        assert_eq!(step(&nine, "Europe/Paris", "2026-06-03T14:00:00Z", "PT1H"), "06-04 07:00");
        assert_eq!(step(&nine, "Europe/Paris", "2026-06-03T01:00:00Z", "PT1H"), "06-03 07:00");
    }

    #[test]
    fn on_a_payday_and_then_on_a_weekday() {
        let paydays = Terms { paydays: vec![1, 15], ..Terms::default() };
        assert_eq!(step(&paydays, "UTC", "2026-06-03T14:00:00Z", "P1D"), "06-15 14:00");
        let last = Terms { paydays: vec![31], ..Terms::default() };
        assert_eq!(step(&last, "UTC", "2026-02-03T14:00:00Z", "P1D"), "02-28 14:00");
        // 15 August 2026 is a Saturday.
        let weekdays = vec![Weekday::Mon, Weekday::Tue];
        let both = Terms { weekdays, local_hour: Some(6), ..paydays };
        assert_eq!(step(&both, "UTC", "2026-08-03T14:00:00Z", "P1D"), "08-17 06:00");
    }

    #[test]
    fn a_jitter_spreads_by_the_seed_and_no_further_than_it_says() {
        let terms = Terms { jitter: Span::of_minutes(30), ..Terms::default() };
        let base = at("2026-06-04T14:00:00Z");
        let late = |seed| spread(&terms, base, seed) - base;
        assert_eq!(late(7), late(7));
        assert_ne!(late(7), late(8));
        for seed in 0..5_000 {
            assert!((0..=1_800).contains(&late(seed).num_seconds()));
        }
    }
}
