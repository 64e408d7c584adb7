//! On which days does the European Central Bank publish rates, and which of what it published is not recorded yet?
//!
//! On every working day of the euro's payment system, TARGET: Monday to Friday but for 1 January, Good Friday, Easter Monday, 1 May, 25 and 26
//! December, at about 16:00 in Frankfurt. Easter 2026 is 5 April: of 2 to 8 April those of 2, 7 and 8.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Europe::Berlin;
use rust_decimal::Decimal;

use super::Quote;
use crate::domain::money::Currency;

/// How far back missing days are looked for: the bank's file of ninety days covers them with some to spare.
const LOOKED_BACK: u64 = 85;

/// From when on the rates of a day are expected, in Frankfurt.
const PUBLISHED_BY: (u32, u32) = (16, 15);

/// What is known already: what was recorded last of each currency and day.
pub type Recorded = HashMap<(Currency, NaiveDate), Decimal>;

/// Whether rates of a day are published.
#[must_use]
pub fn is_published_on(day: NaiveDate) -> bool {
    let is_fixed = matches!((day.month(), day.day()), (1 | 5, 1) | (12, 25 | 26));
    let is_of_easter = easter(day.year()).is_some_and(|easter| {
        let days = (day - easter).num_days();
        days == -2 || days == 1
    });
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !is_fixed && !is_of_easter
}

/// The days whose rates must have been published by an instant and that are not among those recorded, the oldest first.
#[must_use]
pub fn missing_days(now: DateTime<Utc>, recorded: &BTreeSet<NaiveDate>) -> Vec<NaiveDate> {
    let in_frankfurt = now.with_timezone(&Berlin);
    let (hour, minute) = PUBLISHED_BY;
    let is_out = NaiveTime::from_hms_opt(hour, minute, 0).is_some_and(|time| in_frankfurt.time() >= time);
    let today = in_frankfurt.date_naive();
    let days = (0..=LOOKED_BACK).rev().filter(|back| *back > 0 || is_out);
    let days = days.filter_map(|back| today.checked_sub_days(Days::new(back)));
    days.filter(|day| is_published_on(*day) && !recorded.contains(day)).collect()
}

/// What of published rates is to be recorded: what is not known, and what was published otherwise before. The last of a day counts.
#[must_use]
pub fn missing(published: Vec<Quote>, recorded: &Recorded) -> Vec<Quote> {
    let mut known: Recorded = HashMap::new();
    let mut missing = Vec::new();
    for quote in published {
        let place = (quote.quote, quote.date);
        let before = known.get(&place).or_else(|| recorded.get(&place));
        if before != Some(&quote.value) {
            known.insert(place, quote.value);
            missing.push(quote);
        }
    }
    missing
}

/// Easter Sunday of a year in the Gregorian calendar (Meeus, Jones and Butcher).
fn easter(year: i32) -> Option<NaiveDate> {
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let skipped = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let moon = (19 * golden + century - century.div_euclid(4) - skipped + 15).rem_euclid(30);
    let weekday =
        (32 + 2 * century.rem_euclid(4) + 2 * of_century.div_euclid(4) - moon - of_century.rem_euclid(4))
            .rem_euclid(7);
    let late = (golden + 11 * moon + 22 * weekday).div_euclid(451);
    let days = moon + weekday - 7 * late + 114;
    let (month, day) = (days.div_euclid(31), days.rem_euclid(31) + 1);
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn easter_moves() {
        for date in
            ["2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2000-04-23", "2038-04-25", "1961-04-02"]
        {
            assert_eq!(easter(day(date).year()), Some(day(date)));
        }
    }

    #[test]
    fn nothing_is_published_on_days_on_which_the_payment_system_rests() {
        let published = |from: &str, to: &str| {
            let days = day(from).iter_days().take_while(|each| *each <= day(to));
            days.filter(|each| is_published_on(*each)).map(|each| each.day()).collect::<Vec<_>>()
        };
        assert_eq!(published("2026-04-02", "2026-04-08"), [2, 7, 8]);
        assert_eq!(published("2026-12-24", "2027-01-04"), [24, 28, 29, 30, 31, 4]);
        assert_eq!(published("2026-04-30", "2026-05-04"), [30, 4]);
    }

    #[test]
    fn todays_rates_are_expected_after_four_in_frankfurt() {
        let all = missing_days("2026-03-20T15:00:00Z".parse().unwrap(), &BTreeSet::new());
        assert_eq!((all.first(), all.last()), (Some(&day("2025-12-29")), Some(&day("2026-03-19"))));
        let known: BTreeSet<NaiveDate> = all.into_iter().collect();
        let at = |now: &str| missing_days(now.parse().unwrap(), &known);
        assert_eq!(at("2026-03-20T15:14:59Z"), []);
        assert_eq!(at("2026-03-20T15:15:00Z"), [day("2026-03-20")]);
        // In summer an hour earlier by UTC; on Saturday still only Friday's.
        assert_eq!(at("2026-03-22T12:00:00Z"), [day("2026-03-20")]);
    }

    #[test]
    fn what_is_known_is_not_recorded_again_and_a_correction_is() {
        let quote = |value: &str| Quote::published("USD", day("2026-03-20"), value).unwrap();
        assert_eq!(missing(vec![quote("1.0876"), quote("1.08760")], &HashMap::new()).len(), 1);
        let usd = Currency::parse("USD").unwrap();
        let recorded = Recorded::from([((usd, day("2026-03-20")), "1.0876".parse().unwrap())]);
        assert_eq!(missing(vec![quote("1.0876")], &recorded), []);
        assert_eq!(missing(vec![quote("1.0877")], &recorded), [quote("1.0877")]);
        assert_eq!(missing(vec![quote("1.0877"), quote("1.0876")], &recorded).len(), 2);
    }
}
