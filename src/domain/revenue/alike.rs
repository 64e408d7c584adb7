//! What do schedules come to that differ in their amounts alone? So much that is earned evenly, and as often what each has over: a million lines of the
//! same days are some hundred sums, exact to the cent on every day.
//!
//! 100.00 over the 31 days of January are 31 × 3.22 and 0.18 over. Of a hundred such lines, by the tenth: 100 × 32.20, and a hundred times the share of
//! 0.18, which is 0.06.

use chrono::NaiveDate;
use uuid::Uuid;

use super::schedule::{Days, Entry, Rule, Schedule, next_month};
use crate::domain::ids::{CreditNoteId, InvoiceId, LineId};
use crate::domain::money::{Money, MoneyError, Total};

/// So many schedules that are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alike {
    /// What each has over. Of whichever line it is, which of its entries, and why.
    pub one: Schedule,
    pub times: i64,
    /// What all of them earn evenly, in minor units: each day the same, or all of it at once.
    pub evenly: i128,
}

/// How the even part of an amount is earned.
enum Evenly {
    /// Each day the same.
    ByDay,
    /// All of it, on the day it is booked, or never.
    Whole,
    /// There is none.
    Not,
}

fn evenly(schedule: &Schedule) -> Evenly {
    if matches!(schedule.entry, Entry::Fulfilled { .. }) || schedule.after.is_some() {
        return Evenly::Not;
    }
    match schedule.rule {
        _ if !schedule.deferred => Evenly::Whole,
        Rule::RatableDaily => Evenly::ByDay,
        Rule::RatableMonthly => Evenly::Not,
        Rule::PointInTime | Rule::OnFulfilment | Rule::Milestone | Rule::AsUsed | Rule::AsDrawn => {
            Evenly::Whole
        }
    }
}

/// One, as it is.
impl From<&Schedule> for Alike {
    fn from(schedule: &Schedule) -> Alike {
        Alike { one: *schedule, times: 1, evenly: 0 }
    }
}

impl Alike {
    /// One, less what sets it apart from others of its kind.
    #[must_use]
    pub fn of(schedule: &Schedule) -> Alike {
        let entry = match schedule.entry {
            Entry::Line => Entry::Line,
            Entry::Void => Entry::Void,
            Entry::Note(..) => Entry::Note(1, CreditNoteId::from_uuid(Uuid::nil())),
            Entry::GivenUp { .. } => Entry::GivenUp { number: -2, entry: 0 },
            Entry::Allocated { .. } => Entry::Allocated { number: -2 },
            Entry::Moved { .. } => Entry::Moved { number: -2 },
            Entry::Fulfilled { earned, .. } => Entry::Fulfilled { number: -2, entry: 0, earned },
        };
        let minor = schedule.amount.minor();
        let over = match evenly(schedule) {
            Evenly::ByDay => minor.checked_rem(schedule.days.count()).unwrap_or(minor),
            Evenly::Whole => 0,
            Evenly::Not => minor,
        };
        let booked = schedule.booked_on;
        let has_days = schedule.deferred || matches!(entry, Entry::Fulfilled { .. });
        let one = Schedule {
            line: LineId { invoice_id: InvoiceId::from_uuid(Uuid::nil()), line_no: 0 },
            entry,
            amount: Money::from_minor(over, schedule.amount.currency()),
            because: None,
            days: if has_days { schedule.days } else { Days::new(booked, booked) },
            ..*schedule
        };
        Alike { one, times: 1, evenly: i128::from(minor) - i128::from(over) }
    }

    fn sum(&self, one: Money, evenly: i128) -> Total {
        let all = i128::from(one.minor()).saturating_mul(i128::from(self.times));
        Total::from_minor(all.saturating_add(evenly), one.currency())
    }

    /// What of them waits for days that nobody knows yet.
    #[must_use]
    pub fn waits(&self) -> Option<Total> {
        self.one.waits().map(|waits| self.sum(waits, 0))
    }

    /// What they come to.
    #[must_use]
    pub fn amount(&self) -> Total {
        self.sum(self.one.amount, self.evenly)
    }

    /// What is earned of them when a day is over.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn earned_by(&self, date: NaiveDate) -> Result<Total, MoneyError> {
        Ok(self.sum(self.one.earned_by(date)?, self.evenly_by(date)))
    }

    /// What is not earned of them when a day is over.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn deferred_by(&self, date: NaiveDate) -> Result<Total, MoneyError> {
        Ok(self.amount().less(self.earned_by(date)?))
    }

    /// What each month earns: its first day, and the amount.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn months(&self) -> Result<Vec<(NaiveDate, Total)>, MoneyError> {
        let mut before = 0;
        let month = |(month, one): (NaiveDate, Money)| {
            let next = next_month(month);
            let by = self.evenly_by(next.pred_opt().unwrap_or(next));
            let sum = self.sum(one, by.saturating_sub(before));
            before = by;
            (month, sum)
        };
        Ok(self.one.months()?.into_iter().map(month).collect())
    }

    /// What is earned evenly, when a day is over.
    fn evenly_by(&self, date: NaiveDate) -> i128 {
        let Schedule { rule, deferred, booked_on, days, .. } = self.one;
        if self.evenly == 0 || date < booked_on || rule == Rule::AsDrawn {
            return 0;
        }
        match rule {
            _ if !deferred => self.evenly,
            Rule::OnFulfilment | Rule::Milestone => 0,
            // As many times the days as there are: nothing is left over.
            Rule::RatableDaily => {
                let each = self.evenly.checked_div(i128::from(days.count())).unwrap_or(0);
                each.saturating_mul(i128::from(days.over(date)))
            }
            Rule::RatableMonthly | Rule::PointInTime | Rule::AsUsed | Rule::AsDrawn => self.evenly,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::laws;
    use crate::domain::money::Currency;
    use crate::domain::revenue::After;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn line(minor: i64, rule: Rule) -> Schedule {
        Schedule {
            line: LineId { invoice_id: InvoiceId::from_uuid(Uuid::from_u128(7)), line_no: 2 },
            entry: Entry::Line,
            amount: Money::from_minor(minor, Currency::parse("USD").unwrap()),
            after: None,
            deferred: true,
            rule,
            because: None,
            days: Days::new(day("2026-01-01"), day("2026-02-01")),
            booked_on: day("2026-01-01"),
        }
    }

    #[test]
    fn a_hundred_lines_are_a_hundred_times_one() {
        let one = Alike::of(&line(10_000, Rule::RatableDaily));
        assert_eq!((one.one.amount.minor(), one.evenly), (18, 9_982));
        let all = Alike { times: 100, evenly: 100 * one.evenly, ..one };
        assert_eq!(all.amount().to_major_string(), "10000.00");
        assert_eq!(all.earned_by(day("2026-01-10")).unwrap().to_major_string(), "3226.00");
    }

    #[test]
    fn lines_of_other_amounts_with_as_much_over_are_alike() {
        let [one, other] = [10_000, 13_100].map(|minor| Alike::of(&line(minor, Rule::RatableDaily)));
        assert_eq!(one.one, other.one);
        assert_ne!(Alike::of(&line(10_001, Rule::RatableDaily)).one, one.one);
    }

    #[test]
    fn what_is_earned_at_once_has_nothing_over_and_no_days() {
        let usage = |minor| Alike::of(&Schedule { deferred: false, ..line(minor, Rule::AsUsed) });
        assert_eq!(usage(1_234).one, usage(77).one);
        assert_eq!(usage(1_234).earned_by(day("2026-01-01")).unwrap().to_major_string(), "12.34");
        assert_eq!(usage(1_234).earned_by(day("2025-12-31")).unwrap().to_major_string(), "0.00");
    }

    fn rules() -> impl Strategy<Value = Rule> {
        prop::sample::select(vec![
            Rule::RatableDaily,
            Rule::RatableMonthly,
            Rule::PointInTime,
            Rule::OnFulfilment,
            Rule::Milestone,
            Rule::AsUsed,
            Rule::AsDrawn,
        ])
    }

    fn kinds() -> impl Strategy<Value = Entry> {
        let earned = Money::from_minor(300, Currency::parse("USD").unwrap());
        prop::sample::select(vec![
            Entry::Line,
            Entry::Void,
            Entry::Note(3, CreditNoteId::from_uuid(Uuid::from_u128(9))),
            Entry::GivenUp { number: -4, entry: 1 },
            Entry::Allocated { number: -3 },
            Entry::Moved { number: -6 },
            Entry::Fulfilled { number: -5, entry: 0, earned },
        ])
    }

    proptest! {
        #![proptest_config(laws::tried())]
        #[test]
        fn on_every_day_as_much_is_earned_as_of_the_schedule_itself(
            amount in -1_000_000_i64..1_000_000,
            (start, length, booked, since) in (0_i64..800, 1_i64..800, -400_i64..800, -10_i64..800),
            (rule, entry) in (rules(), kinds()),
            (deferred, is_rest) in (any::<bool>(), any::<bool>()),
        ) {
            let from = day("2024-01-01") + chrono::TimeDelta::days(start);
            let own = line(amount, rule);
            let schedule = Schedule {
                entry,
                deferred,
                days: Days::new(from, from + chrono::TimeDelta::days(length)),
                booked_on: from + chrono::TimeDelta::days(booked),
                after: is_rest.then(|| After { whole: own.amount, since: from + chrono::TimeDelta::days(since) }),
                ..own
            };
            let (alike, own) = (Alike::of(&schedule), Alike::from(&schedule));
            prop_assert_eq!(alike.amount(), own.amount());
            prop_assert_eq!(alike.months().unwrap(), own.months().unwrap());
            for back in (-400..=1_700).step_by(13) {
                let date = from + chrono::TimeDelta::days(back);
                prop_assert_eq!(alike.earned_by(date).unwrap(), own.earned_by(date).unwrap());
                prop_assert_eq!(i128::from(schedule.earned_by(date).unwrap().minor()), own.earned_by(date).unwrap().minor());
            }
        }
    }
}
