//! Which rate holds between two currencies on a day? The last one known by that day: of the pair, of the pair the other way round, or of both by
//! way of the euro. Never one in between two days.
//!
//! Known: 1 EUR = 1.0876 USD and 162.50 JPY on Friday. On Sunday USD to EUR is 1 / 1.0876, and USD to JPY 162.50 / 1.0876, both of Friday.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use thiserror::Error;

use super::{EURO, Rate};
use crate::domain::money::{Currency, MoneyError, Ratio};
use crate::domain::refusal::Refusal;

/// How many days off a rate may be that holds on a day: Christmas and Easter leave four or five without rates; two weeks without are a fault.
pub const MOST_DAYS: u64 = 14;

/// Two currencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    pub from: Currency,
    pub to: Currency,
}

/// Of which day the rate is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// The last known on or before it.
    By(NaiveDate),
    /// The first published on or after it, as returns of the one-stop shop have it (article 369h).
    From(NaiveDate),
}

/// Whose rate goes before whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefer {
    /// The nearest day's; of one day, the tenant's own.
    Own,
    /// What was published, however near an own one is: where the law names who publishes it. An own one where nothing is.
    Published,
}

/// How a rate was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It is one currency: one.
    Same,
    /// A rate of the pair.
    Direct,
    /// One over a rate of the pair the other way round.
    Inverse,
    /// By way of the euro.
    Cross,
}

/// A rate that was used, and in which direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    pub rate: Rate,
    pub is_inverted: bool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub way: Way,
    /// None between a currency and itself, two by way of the euro.
    pub legs: Vec<Leg>,
    pub ratio: Ratio,
}

/// No rate is known.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoRate {
    #[error(
        "no exchange rate from {} to {} is known for {date}, nor of the {MOST_DAYS} days {}: \
         add one at POST /v1/exchange_rates, or have the operator import those of the European Central Bank",
        .pair.from, .pair.to, if *.is_later { "after it" } else { "before it" }
    )]
    Unknown { pair: Pair, date: NaiveDate, is_later: bool },
    #[error("the rates from {} to {} cannot be computed with: {error}", .pair.from, .pair.to)]
    Digits { pair: Pair, error: MoneyError },
}

impl Refusal for NoRate {
    fn code(&self) -> &'static str {
        match self {
            NoRate::Unknown { .. } => "no_exchange_rate",
            NoRate::Digits { .. } => "amount_out_of_range",
        }
    }
}

/// The rates of one pair and day that were recorded last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Known {
    own: Option<Rate>,
    published: Option<Rate>,
}

/// The rates that were known at a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    pairs: BTreeMap<Pair, BTreeMap<NaiveDate, Known>>,
}

impl Book {
    /// Of these rates; of several of one pair, day and kind, the one recorded last.
    #[must_use]
    pub fn new(rates: impl IntoIterator<Item = Rate>) -> Book {
        let mut book = Book::default();
        for rate in rates {
            let pair = Pair { from: rate.quote.base, to: rate.quote.quote };
            let known = book.pairs.entry(pair).or_default().entry(rate.quote.date).or_default();
            let place = if rate.is_own { &mut known.own } else { &mut known.published };
            let order = |rate: &Rate| (rate.recorded_at, rate.id);
            if place.as_ref().is_none_or(|other| order(other) < order(&rate)) {
                *place = Some(rate);
            }
        }
        book
    }

    /// The rate of a pair.
    ///
    /// # Errors
    /// [`NoRate`], which says of which pair and day.
    pub fn find(&self, pair: Pair, day: Day, prefer: Prefer) -> Result<Found, NoRate> {
        if pair.from == pair.to {
            return Ok(Found { way: Way::Same, legs: Vec::new(), ratio: Ratio::ONE });
        }
        if let Some(leg) = self.leg(pair, day, prefer) {
            let way = if leg.is_inverted { Way::Inverse } else { Way::Direct };
            return found(pair, way, vec![leg]);
        }
        let by_euro = Currency::parse(EURO).ok().and_then(|euro| {
            let to_euro = self.leg(Pair { from: pair.from, to: euro }, day, prefer)?;
            Some(vec![to_euro, self.leg(Pair { from: euro, to: pair.to }, day, prefer)?])
        });
        match by_euro {
            Some(legs) => found(pair, Way::Cross, legs),
            None => {
                let (date, is_later) = match day {
                    Day::By(date) => (date, false),
                    Day::From(date) => (date, true),
                };
                Err(NoRate::Unknown { pair, date, is_later })
            }
        }
    }

    /// The best rate of a pair in either direction: the nearest day's; of one day the own one, and of one kind that of the pair itself.
    fn leg(&self, pair: Pair, day: Day, prefer: Prefer) -> Option<Leg> {
        let opposite = Pair { from: pair.to, to: pair.from };
        let of_pair = self.near(pair, day).map(|(days, rate)| (days, Leg { rate, is_inverted: false }));
        let of_opposite =
            self.near(opposite, day).map(|(days, rate)| (days, Leg { rate, is_inverted: true }));
        let rank = |(days, leg): &(u64, Leg)| {
            let is_second = match prefer {
                Prefer::Own => false,
                Prefer::Published => leg.rate.is_own,
            };
            (is_second, *days, !leg.rate.is_own, leg.is_inverted)
        };
        of_pair.chain(of_opposite).min_by_key(rank).map(|(_, leg)| leg)
    }

    /// The rates of a pair that may hold on a day, each with how many days it is off: the nearest own and the nearest published one.
    fn near(&self, pair: Pair, day: Day) -> impl Iterator<Item = (u64, Rate)> {
        let days = self.pairs.get(&pair);
        let nearest = |choose: fn(&Known) -> Option<&Rate>| {
            let rate = match day {
                Day::By(date) => {
                    let first = date.checked_sub_days(Days::new(MOST_DAYS)).unwrap_or(NaiveDate::MIN);
                    days?.range(first..=date).rev().find_map(|(_, known)| choose(known))?
                }
                Day::From(date) => {
                    let last = date.checked_add_days(Days::new(MOST_DAYS)).unwrap_or(NaiveDate::MAX);
                    days?.range(date..=last).find_map(|(_, known)| choose(known))?
                }
            };
            let (Day::By(date) | Day::From(date)) = day;
            Some(((date - rate.quote.date).num_days().unsigned_abs(), rate.clone()))
        };
        [nearest(|known| known.own.as_ref()), nearest(|known| known.published.as_ref())].into_iter().flatten()
    }
}

fn found(pair: Pair, way: Way, legs: Vec<Leg>) -> Result<Found, NoRate> {
    let ratio = legs.iter().try_fold(Ratio::ONE, |ratio, leg| match leg.is_inverted {
        true => ratio.over(leg.rate.quote.value),
        false => ratio.times(leg.rate.quote.value),
    });
    let ratio = ratio.map_err(|error| NoRate::Digits { pair, error })?;
    Ok(Found { way, legs, ratio })
}

impl Found {
    /// The day of the rate: by way of the euro, of the older one. `None` between a currency and itself.
    #[must_use]
    pub fn date(&self) -> Option<NaiveDate> {
        self.legs.iter().map(|leg| leg.rate.quote.date).min()
    }
}

#[cfg(test)]
mod tests;
