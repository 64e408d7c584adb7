//! Is there a better time than the step's? What became of the tenant's own retries tells: after `insufficient_funds` on a Visa 31 of 100 bring
//! the money on the 1st of a month, 9 of 100 on other days.
//!
//! The retries most like this one are looked at: of its code, brand and country; where those are too few, of its code and brand, then of its
//! code. Weekday, day of the month and hour each raise or lower the odds, the less the fewer retries there were. Of the next two weeks the
//! likeliest hour is forecast. **The earlier day wins**, the forecast's or the step's, and of one day the step.
//!
//! Worked number: 400 retries, 40 paid: odds 1 to 9. On Fridays 20 of 60: with the 20 that every count begins with, (20 + 2) of 80, odds 22 to 58:
//! Fridays raise the odds to 3.41 times as much.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc};
use rust_decimal::Decimal;

use super::policy::Terms;
use super::schedule;
use crate::domain::calendar::Zone;

/// Retries that are looked at must be so many, and so many of them paid.
const ENOUGH: Count = Count { tries: 200, paid: 20 };
/// Retries, as likely as all, that each count begins with: a day that was tried twice says little.
const BEGINS_WITH: u32 = 20;
/// Days that are looked at.
const AHEAD: usize = 14;

/// A retry that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Of the decline before it.
    pub code: String,
    pub brand: Option<String>,
    /// Of the customer.
    pub country: Option<String>,
    pub at: DateTime<Utc>,
    pub paid: bool,
}

/// What the next retry is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Like<'a> {
    pub code: &'a str,
    pub brand: Option<&'a str>,
    pub country: Option<&'a str>,
}

/// Why a step is taken earlier: what has become of how many retries like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Forecast {
    pub retries: u32,
    /// Of a thousand at the forecast's time, and at the step's.
    pub likelihood: u16,
    pub likelihood_of_step: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Count {
    tries: u32,
    paid: u32,
}

/// Retries that are alike, by when they were made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Tally {
    all: Count,
    weekdays: [Count; 7],
    days: [Count; 31],
    hours: [Count; 24],
}

/// What that says: the odds of all, and by how much each weekday, day and hour raises or lowers them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Odds {
    retries: u32,
    all: Decimal,
    weekdays: [Decimal; 7],
    days: [Decimal; 31],
    hours: [Decimal; 24],
}

/// Code, brand and country; an empty one is any.
type Alike = (String, String, String);

/// What became of a tenant's retries, of those alike of which there are enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcomes {
    odds: BTreeMap<Alike, Odds>,
    zone: Zone,
}

impl Outcomes {
    /// Of these retries, in this zone.
    #[must_use]
    pub fn of(retries: &[Retry], zone: Zone) -> Outcomes {
        let mut tallies: BTreeMap<Alike, Tally> = BTreeMap::new();
        for retry in retries {
            let like =
                Like { code: &retry.code, brand: retry.brand.as_deref(), country: retry.country.as_deref() };
            for alike in like.most_alike_first() {
                tallies.entry(alike).or_default().count(zone, retry);
            }
        }
        tallies.retain(|_, Tally { all, .. }| {
            all.tries >= ENOUGH.tries && all.paid >= ENOUGH.paid && all.paid < all.tries
        });
        let odds = tallies.into_iter().map(|(alike, tally)| (alike, tally.odds())).collect();
        Outcomes { odds, zone }
    }

    /// The likeliest time of the next two weeks for what failed then, and why it is better than the step's; `None`: the step's own time is taken.
    pub(super) fn better(
        &self,
        terms: &Terms,
        like: Like<'_>,
        (failed_at, step_at): (DateTime<Utc>, DateTime<Utc>),
    ) -> Option<(DateTime<Utc>, Forecast)> {
        let odds = like.most_alike_first().find_map(|alike| self.odds.get(&alike))?;
        let (likeliest, likelihood) = self.likeliest(terms, odds, failed_at)?;
        let of_step = odds.at(self.zone, step_at);
        if self.zone.local_date(likeliest) >= self.zone.local_date(step_at) || likelihood <= of_step {
            return None;
        }
        let forecast = Forecast {
            retries: odds.retries,
            likelihood: of_a_thousand(likelihood),
            likelihood_of_step: of_a_thousand(of_step),
        };
        Some((likeliest, forecast))
    }

    /// The earliest of the likeliest instants, on days and at the hour that the policy allows.
    fn likeliest(
        &self,
        terms: &Terms,
        odds: &Odds,
        failed_at: DateTime<Utc>,
    ) -> Option<(DateTime<Utc>, Decimal)> {
        let hour = terms.local_hour.unwrap_or_else(|| odds.likeliest_hour());
        let tomorrow = self.zone.local_date(failed_at).succ_opt()?;
        let mut best: Option<(DateTime<Utc>, Decimal)> = None;
        for date in tomorrow.iter_days().take(AHEAD).filter(|date| schedule::allows(terms, *date)) {
            let Some(at) = schedule::instant(self.zone, date, hour) else { continue };
            let likelihood = odds.at(self.zone, at);
            if best.is_none_or(|(_, most)| likelihood > most) {
                best = Some((at, likelihood));
            }
        }
        best
    }
}

impl Like<'_> {
    fn most_alike_first(&self) -> impl Iterator<Item = Alike> {
        let (code, brand) = (self.code.to_owned(), self.brand.unwrap_or_default().to_owned());
        let country = self.country.unwrap_or_default().to_owned();
        let own = (!country.is_empty()).then(|| (code.clone(), brand.clone(), country));
        let of_brand = (!brand.is_empty()).then(|| (code.clone(), brand, String::new()));
        own.into_iter().chain(of_brand).chain([(code, String::new(), String::new())])
    }
}

/// Weekday, day of the month and hour, each from 0.
fn places(zone: Zone, at: DateTime<Utc>) -> [usize; 3] {
    let date = zone.local_date(at);
    [date.weekday().num_days_from_monday(), date.day0(), zone.local_hour(at)]
        .map(|place| usize::try_from(place).unwrap_or(0))
}

impl Tally {
    fn count(&mut self, zone: Zone, retry: &Retry) {
        let [weekday, day, hour] = places(zone, retry.at);
        let each = [self.weekdays.get_mut(weekday), self.days.get_mut(day), self.hours.get_mut(hour)];
        for count in each.into_iter().flatten().chain([&mut self.all]) {
            count.tries = count.tries.saturating_add(1);
            count.paid = count.paid.saturating_add(u32::from(retry.paid));
        }
    }

    fn odds(&self) -> Odds {
        let (all, begun) = (rate(self.all), Decimal::from(BEGINS_WITH));
        let of_all = odds(all);
        let raised = |count: Count| {
            let paid = Decimal::from(count.paid) + begun * all;
            odds(paid / (Decimal::from(count.tries) + begun)) / of_all
        };
        Odds {
            retries: self.all.tries,
            all: of_all,
            weekdays: self.weekdays.map(raised),
            days: self.days.map(raised),
            hours: self.hours.map(raised),
        }
    }
}

impl Odds {
    fn at(&self, zone: Zone, at: DateTime<Utc>) -> Decimal {
        let [weekday, day, hour] = places(zone, at);
        let each = [self.weekdays.get(weekday), self.days.get(day), self.hours.get(hour)];
        each.into_iter().flatten().fold(self.all, |product, raised| (product * raised).round_dp(12))
    }

    fn likeliest_hour(&self) -> u32 {
        let most = self.hours.iter().max();
        let hour = self.hours.iter().position(|raised| Some(raised) == most);
        hour.and_then(|hour| u32::try_from(hour).ok()).unwrap_or(0)
    }
}

fn rate(count: Count) -> Decimal {
    Decimal::from(count.paid) / Decimal::from(count.tries.max(1))
}

/// 1 of 10: 1 to 9. Nothing is certain: one of a thousand may always come otherwise.
fn odds(rate: Decimal) -> Decimal {
    let least = Decimal::new(1, 3);
    let rate = rate.clamp(least, Decimal::ONE - least);
    rate / (Decimal::ONE - rate)
}

fn of_a_thousand(odds: Decimal) -> u16 {
    let share = odds / (Decimal::ONE + odds) * Decimal::ONE_THOUSAND;
    u16::try_from(share.round()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// Retries on each day of a year at 10:00, of which those are paid that fall on a day of `paid` out of each month.
    fn year(paid: impl Fn(DateTime<Utc>, usize) -> bool) -> Vec<Retry> {
        (0..365 * 4)
            .map(|n| {
                let when = at("2025-01-01T10:00:00Z") + TimeDelta::days(n / 4);
                Retry {
                    code: "insufficient_funds".to_owned(),
                    brand: Some("visa".to_owned()),
                    country: None,
                    at: when,
                    paid: paid(when, usize::try_from(n % 4).unwrap()),
                }
            })
            .collect()
    }

    fn utc() -> Zone {
        Zone::parse("UTC").unwrap()
    }

    const VISA: Like<'static> = Like { code: "insufficient_funds", brand: Some("visa"), country: Some("FR") };

    fn better(outcomes: &Outcomes, like: Like<'_>, failed: &str, step: &str) -> Option<(String, u16, u16)> {
        let found = outcomes.better(&Terms::default(), like, (at(failed), at(step)));
        found.map(|(at, forecast)| {
            (at.format("%m-%d %H:%M").to_string(), forecast.likelihood, forecast.likelihood_of_step)
        })
    }

    #[test]
    fn the_first_of_the_month_is_forecast_when_it_comes_before_the_step() {
        let paydays =
            |when: DateTime<Utc>, n: usize| when.day() == 1 || n == 0 && when.day().is_multiple_of(5);
        let outcomes = Outcomes::of(&year(paydays), utc());
        let found = better(&outcomes, VISA, "2026-06-29T14:00:00Z", "2026-07-06T14:00:00Z").unwrap();
        assert!(found.0.starts_with("07-01"), "{found:?}");
        assert!(found.1 > found.2, "{found:?}");
        // The step comes before it, or on its day: the step is taken.
        assert_eq!(better(&outcomes, VISA, "2026-06-29T14:00:00Z", "2026-06-30T14:00:00Z"), None);
        assert_eq!(better(&outcomes, VISA, "2026-06-29T14:00:00Z", "2026-07-01T23:00:00Z"), None);
    }

    #[test]
    fn too_few_retries_or_none_like_it_leave_the_step() {
        let some: Vec<Retry> = year(|when, _| when.day() == 1).into_iter().take(199).collect();
        let span = ("2026-06-29T14:00:00Z", "2026-07-06T14:00:00Z");
        assert_eq!(better(&Outcomes::of(&some, utc()), VISA, span.0, span.1), None);
        let outcomes = Outcomes::of(&year(|when, _| when.day() == 1), utc());
        assert_eq!(better(&outcomes, Like { code: "do_not_honor", ..VISA }, span.0, span.1), None);
        assert!(better(&outcomes, Like { brand: Some("mastercard"), ..VISA }, span.0, span.1).is_some());
        let never = Outcomes::of(&year(|_, _| false), utc());
        assert_eq!(better(&never, VISA, span.0, span.1), None);
    }

    #[test]
    fn a_weekday_raises_the_odds_by_what_it_brought_and_by_how_often_it_was_tried() {
        let mut retries = Vec::new();
        let mut add = |day: &str, tries: u32, paid: u32| {
            retries.extend((0..tries).map(|n| Retry {
                at: at(day),
                paid: n < paid,
                ..year(|_, _| false)[0].clone()
            }));
        };
        add("2026-01-02T10:00:00Z", 60, 20);
        add("2026-01-05T10:00:00Z", 340, 20);
        let outcomes = Outcomes::of(&retries, utc());
        let odds = &outcomes.odds[&("insufficient_funds".to_owned(), String::new(), String::new())];
        // A Friday on a day and at an hour that were never tried: (20 + 2) of 80 is 22 to 58, where all are 1 to 9.
        let odds = odds.at(utc(), at("2026-01-16T23:00:00Z")).round_dp(6);
        assert_eq!(odds, (Decimal::from(22) / Decimal::from(58)).round_dp(6));
    }

    #[test]
    fn the_hour_and_the_days_of_a_policy_hold_for_the_forecast_too() {
        let outcomes = Outcomes::of(&year(|when, _| when.day() == 1), utc());
        let span = (at("2026-06-24T14:00:00Z"), at("2026-07-08T09:00:00Z"));
        let nine = Terms { local_hour: Some(9), ..Terms::default() };
        let found = outcomes.better(&nine, VISA, span).unwrap().0;
        assert_eq!(found, at("2026-07-01T09:00:00Z"));
        let only = Terms { paydays: vec![28], ..nine };
        assert_eq!(
            outcomes.better(&only, VISA, span).map(|(at, _)| at.day()),
            None,
            "no day that it allows is likelier"
        );
    }
}
