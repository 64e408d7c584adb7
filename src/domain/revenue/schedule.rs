//! How much of a line is earned by a date? A share of its amount, rounded once from its first day on, so that the months add up to it.
//!
//! 90.00 for January to March is earned by day: 31/90 by 31 January are 31.00, 59/90 by 28 February are 59.00, then all of it. 100.00 for the
//! same days: 34.44, then 65.56 − 34.44 = 31.12, then 34.44.

use chrono::{Datelike, NaiveDate};
use strum::{EnumString, IntoStaticStr};

use crate::domain::ids::{CreditNoteId, LineId};
use crate::domain::money::{Money, MoneyError, rounding::share_half_away};

/// How something is earned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Rule {
    /// Each day of its period the same.
    RatableDaily,
    /// Each month of its period the same; of a month that it covers in part, by days.
    RatableMonthly,
    /// At once, when it is invoiced.
    PointInTime,
    /// As it is fulfilled: delivered, installed, handed over.
    OnFulfilment,
    /// The same, milestone by milestone.
    Milestone,
    /// As it was used, in a period that is over when it is invoiced.
    AsUsed,
    /// As prepaid credits are drawn: the ledger's `prepaid_credits`, not deferred revenue.
    AsDrawn,
}

impl Rule {
    /// Whether nothing of it is earned by time, but what somebody says is fulfilled.
    #[must_use]
    pub const fn is_on_fulfilment(self) -> bool {
        matches!(self, Rule::OnFulfilment | Rule::Milestone)
    }
}

/// Why a line is earned at once though nobody said that it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Because {
    /// It says no service period.
    NoPeriod,
    /// It was invoiced as earned, before its period was over.
    NotDeferred,
}

/// Days of service: the first, and the day after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Days {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// For what a line is scheduled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Entry {
    /// Itself.
    Line,
    /// What a credit note took back of it: the invoice's first, second, third …
    Note(i16, CreditNoteId),
    /// That its invoice is void.
    Void,
    /// What is given up of it as uncollectible; what comes of that again, the other way.
    GivenUp {
        /// −2, −3, −4 … of the line.
        number: i16,
        /// Of which of its schedules, as that is kept.
        entry: i16,
    },
    /// What its contract allocates it beyond what it was invoiced; below zero, what others are.
    Allocated {
        /// −2, −3, −4 … of the line.
        number: i16,
    },
    /// What is had on other days than its own: it brings nothing, but later or earlier.
    Moved {
        /// −2, −3, −4 … of the line.
        number: i16,
    },
    /// What is fulfilled of it, on the first of its days. It brings nothing by itself: so much of the other is earned.
    Fulfilled {
        /// −2, −3, −4 … of the line.
        number: i16,
        /// Of which of its schedules, as that is kept.
        entry: i16,
        earned: Money,
    },
}

/// Of a whole, only what is earned after a day: what was earned by then stays earned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct After {
    pub whole: Money,
    pub since: NaiveDate,
}

impl Entry {
    /// As it is kept: the line is 0, its notes 1, 2, 3 …, its void −1, all others −2, −3 ….
    #[must_use]
    pub fn number(self) -> i16 {
        match self {
            Entry::Line => 0,
            Entry::Note(number, _)
            | Entry::GivenUp { number, .. }
            | Entry::Allocated { number }
            | Entry::Moved { number }
            | Entry::Fulfilled { number, .. } => number,
            Entry::Void => -1,
        }
    }
}

/// What a line brings, and when: written once, with the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Schedule {
    pub line: LineId,
    pub entry: Entry,
    /// Without tax; what is taken back is below zero.
    pub amount: Money,
    /// Of what whole it is the rest after a day; `None`: it is a whole itself.
    pub after: Option<After>,
    /// Whether it was posted to deferred revenue; else it is earned on the day it is booked.
    pub deferred: bool,
    pub rule: Rule,
    /// Why it is earned at once, where no rule says so.
    pub because: Option<Because>,
    pub days: Days,
    /// The day of its document: nothing of it is earned before.
    pub booked_on: NaiveDate,
}

/// A month has 28 to 31 days: one share of a month for each, of so many.
const SHARES: i64 = 31 * 30 * 29 * 28;

impl Days {
    /// At least the first day.
    #[must_use]
    pub fn new(from: NaiveDate, to: NaiveDate) -> Days {
        Days { from, to: to.max(from.succ_opt().unwrap_or(from)) }
    }

    /// How many there are.
    #[must_use]
    pub fn count(self) -> i64 {
        (self.to - self.from).num_days()
    }

    /// How many of them are over when a day is.
    #[must_use]
    pub fn over(self, date: NaiveDate) -> i64 {
        ((date - self.from).num_days() + 1).clamp(0, self.count())
    }

    /// Those that are over when a day is.
    pub(super) fn until(self, date: NaiveDate) -> Days {
        let next = date.succ_opt().unwrap_or(date);
        Days { from: self.from, to: next.clamp(self.from, self.to) }
    }

    /// How much they count by a rule.
    pub(super) fn weight(self, rule: Rule) -> i64 {
        if rule == Rule::RatableMonthly { self.in_shares() } else { self.count() }
    }

    /// Of equal months, each cut by its own days.
    fn in_shares(self) -> i64 {
        let (mut day, mut shares) = (self.from, 0);
        while day < self.to {
            let end = next_month(day).min(self.to);
            shares += (end - day).num_days() * (SHARES / i64::from(day.num_days_in_month()));
            day = end;
        }
        shares
    }
}

/// The first day of a day's month.
#[must_use]
pub fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// The first day of the next month.
#[must_use]
pub fn next_month(day: NaiveDate) -> NaiveDate {
    let first = first_of_month(day);
    first.checked_add_months(chrono::Months::new(1)).unwrap_or(NaiveDate::MAX)
}

impl Schedule {
    /// What is earned of it when a day is over.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn earned_by(&self, date: NaiveDate) -> Result<Money, MoneyError> {
        let zero = Money::zero(self.amount.currency());
        if date < self.booked_on || self.rule == Rule::AsDrawn {
            return Ok(zero);
        }
        if let Entry::Fulfilled { earned, .. } = self.entry {
            return Ok(if date < self.days.from { zero } else { earned });
        }
        if !self.deferred {
            return Ok(self.amount);
        }
        if self.rule.is_on_fulfilment() {
            return Ok(zero);
        }
        match self.after {
            None => self.share_by(self.amount, date),
            Some(After { whole, since }) => {
                self.share_by(whole, date.max(since))?.checked_sub(self.share_by(whole, since)?)
            }
        }
    }

    /// The share of an amount that its rule and its days earn by a day, whenever it is booked.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn share_by(&self, amount: Money, date: NaiveDate) -> Result<Money, MoneyError> {
        let (part, whole) = match self.rule {
            Rule::RatableDaily => (self.days.over(date), self.days.count()),
            Rule::RatableMonthly => (self.days.until(date).in_shares(), self.days.in_shares()),
            Rule::PointInTime | Rule::AsUsed | Rule::AsDrawn => return Ok(amount),
            // Whatever day it is.
            Rule::OnFulfilment | Rule::Milestone => return Ok(Money::zero(amount.currency())),
        };
        if part == whole {
            return Ok(amount);
        }
        let worth = i128::from(amount.minor());
        let earned = share_half_away(worth, (part.into(), whole.into())).ok_or(MoneyError::Overflow)?;
        Money::from_wide_minor(earned, amount.currency())
    }

    /// What is not earned when a day is over.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn deferred_by(&self, date: NaiveDate) -> Result<Money, MoneyError> {
        self.amount.checked_sub(self.earned_by(date)?)
    }

    /// The first day on which nothing more of it will be earned.
    #[must_use]
    pub fn done_on(&self) -> NaiveDate {
        let last = self.days.to.pred_opt().unwrap_or(self.days.to);
        if self.is_over_time() { last.max(self.booked_on) } else { self.booked_on }
    }

    /// The whole over its days of which it is, or the part after one.
    #[must_use]
    pub fn whole(&self) -> Money {
        self.after.map_or(self.amount, |after| after.whole)
    }

    /// What it brings in the end: all of its amount; what is moved brings something by other days, and takes it away by others.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn in_all(&self) -> Result<Money, MoneyError> {
        match (self.entry, self.after) {
            (Entry::Moved { .. }, Some(After { whole, since })) => {
                whole.checked_sub(self.share_by(whole, since)?)
            }
            _ => Ok(self.amount),
        }
    }

    /// What would be earned of it when a day is over, were it booked by then.
    ///
    /// # Errors
    /// The sum does not fit.
    pub(super) fn as_if_by(&self, date: NaiveDate) -> Result<Money, MoneyError> {
        Schedule { booked_on: self.booked_on.min(date), ..*self }.earned_by(date)
    }

    /// What of it waits for days that nobody knows yet.
    #[must_use]
    pub fn waits(&self) -> Option<Money> {
        let is_it = matches!(self.entry, Entry::Moved { .. }) && self.rule.is_on_fulfilment();
        self.after.filter(|_| is_it).map(|after| after.whole)
    }

    /// Whether it is earned over its days, and not at once.
    pub(super) fn is_over_time(&self) -> bool {
        self.deferred && matches!(self.rule, Rule::RatableDaily | Rule::RatableMonthly)
    }

    /// What each month earns, from the one in which it is booked on: the first day of the month, and the amount.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn months(&self) -> Result<Vec<(NaiveDate, Money)>, MoneyError> {
        let mut months = Vec::new();
        if self.rule == Rule::AsDrawn {
            return Ok(months);
        }
        if let Entry::Fulfilled { earned, .. } = self.entry {
            let on = self.days.from.max(self.booked_on);
            return Ok(vec![(on.with_day(1).unwrap_or(on), earned)]);
        }
        if self.rule.is_on_fulfilment() {
            return Ok(months);
        }
        let first = if self.is_over_time() { self.booked_on.max(self.days.from) } else { self.booked_on };
        let mut month = first.with_day(1).unwrap_or(first);
        let mut before = Money::zero(self.amount.currency());
        while month <= self.done_on() {
            let next = next_month(month);
            let earned = self.earned_by(next.pred_opt().unwrap_or(next))?;
            months.push((month, earned.checked_sub(before)?));
            (before, month) = (earned, next);
        }
        Ok(months)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::InvoiceId;
    use crate::domain::laws;
    use crate::domain::money::Currency;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, Currency::parse("USD").unwrap())
    }

    fn schedule(amount: i64, rule: Rule, days: (&str, &str), booked_on: &str) -> Schedule {
        Schedule {
            line: LineId { invoice_id: InvoiceId::from_uuid(Uuid::nil()), line_no: 1 },
            entry: Entry::Line,
            amount: usd(amount),
            after: None,
            deferred: true,
            rule,
            because: None,
            days: Days::new(day(days.0), day(days.1)),
            booked_on: day(booked_on),
        }
    }

    fn by_month(schedule: &Schedule) -> Vec<String> {
        let months = schedule.months().unwrap();
        months.iter().map(|(month, amount)| format!("{} {amount}", month.format("%m"))).collect()
    }

    #[test]
    fn a_period_over_two_months_is_earned_by_its_days() {
        let line = schedule(3_100, Rule::RatableDaily, ("2026-01-15", "2026-02-15"), "2026-01-15");
        assert_eq!(line.earned_by(day("2026-01-14")).unwrap(), usd(0));
        assert_eq!(line.earned_by(day("2026-01-31")).unwrap(), usd(1_700));
        assert_eq!(line.deferred_by(day("2026-01-31")).unwrap(), usd(1_400));
        assert_eq!(by_month(&line), ["01 17.00 USD", "02 14.00 USD"]);
    }

    #[test]
    fn what_is_booked_late_is_caught_up_in_the_month_of_its_document() {
        let note = schedule(-4_500, Rule::RatableDaily, ("2026-01-01", "2026-04-01"), "2026-02-01");
        assert_eq!(by_month(&note), ["02 -29.50 USD", "03 -15.50 USD"]);
        assert_eq!(note.earned_by(day("2026-01-31")).unwrap(), usd(0));
        assert_eq!(note.earned_by(day("2026-02-01")).unwrap(), usd(-1_600));
        let over = schedule(3_100, Rule::RatableDaily, ("2026-01-01", "2026-02-01"), "2026-03-09");
        assert_eq!(by_month(&over), ["03 31.00 USD"]);
    }

    #[test]
    fn equal_months_are_equal_and_their_ends_are_by_days() {
        let year = schedule(120_000, Rule::RatableMonthly, ("2026-01-16", "2027-01-16"), "2026-01-16");
        let months = by_month(&year);
        assert_eq!(months.len(), 13);
        assert_eq!(months[0], "01 51.61 USD", "16 of 31 days of 100.00");
        assert_eq!(
            months[1..12],
            ["02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"]
                .map(|m| format!("{m} 100.00 USD"))
        );
        assert_eq!(months[12], "01 48.39 USD");
    }

    #[test]
    fn what_is_not_deferred_is_earned_when_it_is_booked() {
        let setup = Schedule {
            deferred: false,
            ..schedule(2_000, Rule::PointInTime, ("2026-01-05", "2026-01-05"), "2026-01-05")
        };
        assert_eq!(by_month(&setup), ["01 20.00 USD"]);
        assert_eq!(setup.deferred_by(day("2026-01-05")).unwrap(), usd(0));
        assert_eq!(setup.earned_by(day("2026-01-04")).unwrap(), usd(0));
        let ahead = schedule(2_000, Rule::PointInTime, ("2026-06-01", "2026-07-01"), "2026-01-05");
        assert_eq!(by_month(&ahead), ["01 20.00 USD"], "though it is for June");
    }

    proptest! {
        #![proptest_config(laws::tried())]
        #[test]
        fn months_add_up_to_the_amount_and_nothing_is_earned_twice_or_beyond(
            amount in -1_000_000_i64..1_000_000,
            (start, length, booked) in (0_i64..800, 1_i64..800, -400_i64..800),
            monthly in any::<bool>(),
        ) {
            let from = day("2024-01-01") + chrono::TimeDelta::days(start);
            let rule = if monthly { Rule::RatableMonthly } else { Rule::RatableDaily };
            let to = from + chrono::TimeDelta::days(length);
            let line = Schedule {
                days: Days::new(from, to),
                booked_on: from + chrono::TimeDelta::days(booked),
                ..schedule(amount, rule, ("2026-01-01", "2026-02-01"), "2026-01-01")
            };
            let months = line.months().unwrap();
            prop_assert_eq!(months.iter().map(|(_, amount)| amount.minor()).sum::<i64>(), amount);
            let mut before = 0;
            for back in (-400..=1_700).step_by(13) {
                let earned = line.earned_by(from + chrono::TimeDelta::days(back)).unwrap().minor();
                prop_assert!(earned.abs() >= before && earned.abs() <= amount.abs());
                before = earned.abs();
            }
            prop_assert_eq!(line.earned_by(line.done_on()).unwrap().minor(), amount);
        }
    }
}
