//! What does a part of a period cost? The difference of two cumulative amounts, so that parts always sum to the whole.
//!
//! 10.00 for April, changed on the 16th: 15 of 30 days, so the part before costs 5.00 and the part after 10.00 - 5.00.
//! By the second, a change at 16 April 12:30:17 leaves 1,250,983 of 2,592,000 s: 5.17 before, 4.83 after.
//!
//! Everything follows from one function, [`share`]: how much of the whole is used up at an instant. It is 0 at the
//! start, 1 at the end, and never falls between. A part `[a, b)` costs `round(P × share(b)) − round(P × share(a))`,
//! never `round(P × (share(b) − share(a)))`: that is what makes any split of a period add up to P, to the cent.
//!
//! | basis | share of the whole at an instant |
//! |---|---|
//! | by_day | local days before the instant's day ÷ local days of the whole; the instant's own day is still to come |
//! | by_second | elapsed seconds ÷ seconds of the whole; a day of 23 hours is shorter |
//! | 30_360 | the same with every month 30 days long (30E/360: the 31st counts as the 30th, 28 February leaves 3 days) |
//! | none, full_period | all of it as soon as the whole has begun |
//!
//! `none`: whoever is there when the period begins pays all of it, a later part costs 0, and an earlier end credits
//! nothing; so a change counts from the next period boundary, and the stub before an anchor is free. `full_period`: the
//! same, measured from when the item came in, so coming in late still costs the whole period ([`Basis::whole_for`]).

use crate::domain::calendar::{Period, Zone};
use crate::domain::money::{Currency, Money, MoneyError, rounding};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How time is counted when a period is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// By local days.
    ByDay,
    /// By seconds.
    BySecond,
    /// By days of months that all have 30.
    #[serde(rename = "30_360")]
    Thirty360,
    /// Not at all: who is there at the start of the period pays for it.
    None,
    /// Not at all: every item pays for the whole period it comes in.
    FullPeriod,
}

/// A name that is no proration basis.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("this is not a way to prorate: use by_day, by_second, 30_360, none or full_period")]
pub struct UnknownBasis;

impl Basis {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::ByDay, Self::BySecond, Self::Thirty360, Self::None, Self::FullPeriod];

    /// The name in the API and in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ByDay => "by_day",
            Self::BySecond => "by_second",
            Self::Thirty360 => "30_360",
            Self::None => "none",
            Self::FullPeriod => "full_period",
        }
    }

    /// Reads a name as [`Basis::as_str`] writes it.
    ///
    /// # Errors
    /// [`UnknownBasis`].
    pub fn parse(name: &str) -> Result<Self, UnknownBasis> {
        Self::ALL.into_iter().find(|basis| basis.as_str() == name).ok_or(UnknownBasis)
    }

    /// The whole to measure parts of an item against, when the item came in at `entered`.
    ///
    /// That is the period, except for `full_period`: there it is the period from `entered` on. So the item's first part
    /// costs everything whenever it comes, and its later parts in the same period nothing.
    #[must_use]
    pub fn whole_for(self, period: &Period, entered: DateTime<Utc>) -> Period {
        match self {
            Self::FullPeriod => Period { start: entered.clamp(period.start, period.end), end: period.end },
            _ => *period,
        }
    }
}

/// A fraction from 0 to 1, not reduced: 15/30 reads as 15 of 30 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Share {
    /// The units gone by.
    pub numerator: i64,
    /// The units of the whole, above zero.
    pub denominator: i64,
}

/// How a price is cut and in what it is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// How time is counted.
    pub basis: Basis,
    /// Whose days are counted.
    pub zone: Zone,
    /// The currency to round to.
    pub currency: Currency,
}

/// The share of `whole` used up at `until`: 0 up to its start, 1 from its end, never falling between.
///
/// A whole too short for its basis, such as three hours of one day by the day, is used up at its end.
#[must_use]
pub fn share(whole: &Period, until: DateTime<Utc>, basis: Basis, zone: Zone) -> Share {
    let Period { start, end } = *whole;
    let (gone, all) = match basis {
        Basis::ByDay => (zone.days_between(start, until), zone.days_between(start, end)),
        Basis::BySecond => ((until - start).num_seconds(), (end - start).num_seconds()),
        Basis::Thirty360 => {
            let [from, at, to] = [start, until, end].map(|instant| thirty_day(zone.local_date(instant)));
            (at - from, to - from)
        }
        Basis::None | Basis::FullPeriod => (1, 1),
    };
    let denominator = all.max(1);
    let numerator = if until <= start {
        0
    } else if until >= end {
        denominator
    } else {
        gone.clamp(0, all.max(0))
    };
    Share { numerator, denominator }
}

/// The price of a part of a period, rounded: `full` is the exact price of the whole in major units.
///
/// What of the part lies outside the whole costs nothing. Parts that tile the whole sum to `full`, rounded, exactly.
///
/// # Errors
/// [`MoneyError::OutOfRange`] when the price times the length of the whole leaves 128 bits, or the amount 64.
pub fn part_amount(full: Decimal, part: &Period, whole: &Period, spec: Spec) -> Result<Money, MoneyError> {
    let Spec { basis, zone, currency } = spec;
    let cumulative = |until| {
        let Share { numerator, denominator } = share(whole, until, basis, zone);
        rounding::round_share_to_minor(full, (numerator, denominator), currency)
    };
    cumulative(part.end)?.checked_sub(cumulative(part.start)?)
}

/// The number of a day in a calendar of twelve months of 30 days: the 31st has the number of the 30th.
fn thirty_day(date: NaiveDate) -> i64 {
    let months = i64::from(date.year()) * 12 + i64::from(date.month0());
    months * 30 + i64::from(date.day().min(30))
}

#[cfg(test)]
mod tests;
