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
//! Proration belongs to a boundary: a part is cut at its start and at its end, each by a basis of its own ([`Spec`]).
//! `none` at a boundary: whoever was there before pays for all of the period, and who comes in pays nothing of it; so a
//! change counts from the next period, and the stub before an anchor is free. `full_period`: who goes pays for all of it,
//! and who comes in does so, too. Two items of one price that meet at a boundary cost what one would, except by `full_period`.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::as_conversions))]

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::domain::calendar::{Period, Zone};
use crate::domain::money::{Currency, Money, MoneyError, rounding};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// How time is counted when a period is cut.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Default,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Basis {
    /// By local days.
    #[default]
    ByDay,
    /// By seconds.
    BySecond,
    /// By days of months that all have 30.
    #[serde(rename = "30_360")]
    #[strum(serialize = "30_360")]
    Thirty360,
    /// Not at all: who is there at the start of the period pays for it.
    None,
    /// Not at all: every item pays for the whole period it comes in.
    FullPeriod,
}

/// A fraction from 0 to 1, not reduced: 15/30 reads as 15 of 30 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Share {
    /// The units gone by.
    pub numerator: i64,
    /// The units of the whole, above zero.
    pub denominator: i64,
}

impl Share {
    /// So much of an amount, to 28 digits. For the eye: what is charged is rounded from the fraction itself.
    #[must_use]
    pub fn of_amount(self, amount: Decimal) -> Decimal {
        let divided = |left: Decimal| left.checked_div(Decimal::from(self.denominator));
        let multiplied = amount.checked_mul(Decimal::from(self.numerator)).and_then(divided);
        multiplied.or_else(|| divided(amount)?.checked_mul(Decimal::from(self.numerator))).unwrap_or(amount)
    }
}

/// How a price is cut and in what it is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// How time is counted where the part begins within its whole.
    pub starts_by: Basis,
    /// How it is counted where the part ends before its whole.
    pub ends_by: Basis,
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

/// The share of `whole` that an item coming in at `at` does not pay: what was used up before it.
#[must_use]
pub fn entered(whole: &Period, at: DateTime<Utc>, basis: Basis, zone: Zone) -> Share {
    match basis {
        Basis::FullPeriod if at < whole.end => Share { numerator: 0, denominator: 1 },
        _ => share(whole, at, basis, zone),
    }
}

/// The basis to end an item by: the one wanted, or the one it came in by where that has counted more of `whole` already.
///
/// An item that came in on the 16th at noon by the second starts at 15.5 of 30 days; ended by the day at one o'clock it
/// would end at 15. And one that came in by `none` has nothing of the period to give back: it goes by `none`.
#[must_use]
pub fn ending(
    whole: &Period,
    came: (DateTime<Utc>, Basis),
    goes: (DateTime<Utc>, Basis),
    zone: Zone,
) -> Basis {
    let (from, to) = (entered(whole, came.0, came.1, zone), share(whole, goes.0, goes.1, zone));
    let product = |a: i64, b: i64| i128::from(a) * i128::from(b);
    if product(from.numerator, to.denominator) > product(to.numerator, from.denominator) {
        came.1
    } else {
        goes.1
    }
}

/// The price of a part of a period, rounded: `full` is the exact price of the whole in major units.
///
/// What of the part lies outside the whole costs nothing. Parts that tile the whole sum to `full`, rounded, exactly.
///
/// # Errors
/// [`MoneyError::OutOfRange`] when the price times the length of the whole leaves 128 bits, or the amount 64.
pub fn part_amount(full: Decimal, part: &Period, whole: &Period, spec: Spec) -> Result<Money, MoneyError> {
    cut(full, part, whole, spec)?.amount()
}

/// How a part is cut out of its whole: 8.00 a month from the 16th on is 8.00 less the 3.87 of 15 of 31 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// What of the whole was used up where the part begins.
    pub from: Share,
    /// What of it is used up where the part ends.
    pub to: Share,
    /// The price of what was used up where the part begins, rounded.
    pub until_start: Money,
    /// The price of what is used up where it ends, rounded.
    pub until_end: Money,
}

impl Cut {
    /// What the part costs: the difference of the two.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] beyond 64 bits.
    pub fn amount(&self) -> Result<Money, MoneyError> {
        self.until_end.checked_sub(self.until_start)
    }
}

/// The cut that [`part_amount`] takes its difference of.
///
/// # Errors
/// As there.
pub fn cut(full: Decimal, part: &Period, whole: &Period, spec: Spec) -> Result<Cut, MoneyError> {
    let Spec { starts_by, ends_by, zone, currency } = spec;
    let cumulative = |Share { numerator, denominator }| {
        rounding::round_share_to_minor(full, (numerator, denominator), currency)
    };
    let from = entered(whole, part.start, starts_by, zone);
    let to = share(whole, part.end, ends_by, zone);
    Ok(Cut { from, to, until_start: cumulative(from)?, until_end: cumulative(to)? })
}

/// The number of a day in a calendar of twelve months of 30 days: the 31st has the number of the 30th.
fn thirty_day(date: NaiveDate) -> i64 {
    let months = i64::from(date.year()) * 12 + i64::from(date.month0());
    months * 30 + i64::from(date.day().min(30))
}

#[cfg(test)]
mod tests;
