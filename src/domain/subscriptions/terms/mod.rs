//! For how long is a subscription agreed? Evergreen, or in fixed terms that renew or end; with a minimum, a notice, and a fee
//! for leaving early.
//!
//! Twelve months from 15 January 2026, renewed by six: terms end on 15 January 2027, 15 July 2027, 15 January 2028. With a
//! notice of 30 days, who asks on 20 December 2026 to leave at the term's end leaves on 15 July 2027.

mod moved;
mod request;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use moved::Moved;
pub use request::TermsRequest;

use crate::domain::calendar::{CalendarError, Cycle, Interval, Unit, Zone};

/// What was agreed, beyond the prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// `None`: evergreen.
    pub fixed: Option<Fixed>,
    /// It does not end sooner.
    pub minimum: Option<Interval>,
    /// What leaving sooner costs; `None`: it is refused.
    pub fee: Option<Fee>,
    /// Notice of an end must be given so many days ahead.
    pub notice_days: u32,
    /// A term's end is announced so many days ahead; 0: it is not.
    pub reminder_days: u32,
    /// What breaks that extend have moved.
    #[serde(default, skip_serializing_if = "Moved::is_nothing")]
    pub moved: Moved,
}

/// Terms of a fixed length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fixed {
    pub first: Interval,
    /// Every later one.
    pub renewal: Interval,
    /// Otherwise it ends with the term.
    pub renews: bool,
}

/// What leaving early costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Fee {
    /// So much, in the subscription's currency.
    Fixed { amount: Decimal },
    /// So many percent of what its recurring prices would have charged from the end to when it was agreed for.
    Remaining { percent: Decimal },
}

/// A term, the first being number 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    pub number: i64,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

/// From when, and by whose days, terms are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// The begin of billing: after a trial.
    pub begin: DateTime<Utc>,
    pub zone: Zone,
    /// The end of a trial: to then it binds nobody.
    pub free_until: Option<DateTime<Utc>>,
}

impl Fixed {
    /// The end of the first term, and the cycle of those after it.
    fn renewals(self, since: Since) -> Result<(DateTime<Utc>, Cycle), CalendarError> {
        let first = Cycle::starting(since.begin, None, self.first, since.zone)?;
        let end = first.boundary(1)?;
        let renewed = since.zone.local_date(end);
        // A term from the 31st ends on the last of shorter months, and returns to the 31st.
        let day = match self.first.unit {
            Unit::Day | Unit::Week => renewed.day(),
            Unit::Month | Unit::Quarter | Unit::Year => first.anchor_day(),
        };
        Ok((end, Cycle::from_parts(renewed, day, self.renewal, since.zone)?))
    }

    /// The term that an instant is in; before the first one begins, the first.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn term_at(self, since: Since, at: DateTime<Utc>) -> Result<Term, CalendarError> {
        let (end, renewals) = self.renewals(since)?;
        if at < end {
            return Ok(Term { number: 1, start: since.begin, end });
        }
        let n = renewals.index_at(at)?;
        Ok(Term { number: n + 2, start: renewals.boundary(n)?, end: renewals.boundary(n + 1)? })
    }
}

impl Terms {
    /// The first instant, not before `at`, at which it may end when it is canceled now.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn free_to_end(
        &self,
        since: Since,
        (at, now): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<DateTime<Utc>, CalendarError> {
        if since.free_until.is_some_and(|end| at <= end) {
            return Ok(at);
        }
        let noticed = now + TimeDelta::days(i64::from(self.notice_days));
        let mut earliest = if self.notice_days == 0 { at } else { at.max(noticed) };
        if let Some(minimum) = self.minimum {
            earliest = earliest.max(self.minimum_end(since, minimum)?);
        }
        match self.fixed {
            None => Ok(earliest),
            Some(fixed) => {
                let term = self.term_at(since, (fixed, earliest))?;
                let ends_one = term.number > 1 && term.start == earliest;
                Ok(if ends_one { earliest } else { term.end })
            }
        }
    }

    /// The end of the term that now is in, or of the first one whose notice can still be given.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn next_end(&self, since: Since, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, CalendarError> {
        let Some(fixed) = self.fixed else { return Ok(None) };
        let end = self.term_at(since, (fixed, now.max(since.begin)))?.end;
        self.free_to_end(since, (end, now)).map(Some)
    }

    /// The first step of its terms after an instant: the reminder of a term's end, or that end.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn step_after(
        &self,
        since: Since,
        at: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, CalendarError> {
        let Some(fixed) = self.fixed else { return Ok(None) };
        let term = self.term_at(since, (fixed, at))?;
        let reminder = self.reminder_of(term).filter(|reminder| *reminder > at);
        Ok(Some(reminder.unwrap_or(term.end)))
    }

    /// When a term's end is announced; that of a term that is not longer than that is not.
    #[must_use]
    pub fn reminder_of(&self, term: Term) -> Option<DateTime<Utc>> {
        let ahead = TimeDelta::days(i64::from(self.reminder_days));
        (self.reminder_days > 0).then(|| term.end - ahead).filter(|at| *at > term.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}T00:00:00Z").parse().unwrap()
    }

    fn since(text: &str) -> Since {
        Since { begin: at(text), zone: Zone::UTC, free_until: None }
    }

    fn months(count: u16) -> Interval {
        Interval { unit: Unit::Month, count }
    }

    fn terms(first: u16, renewal: u16, notice_days: u32) -> Terms {
        let fixed = Some(Fixed { first: months(first), renewal: months(renewal), renews: true });
        Terms { fixed, minimum: None, fee: None, notice_days, reminder_days: 30, moved: Moved::default() }
    }

    #[test]
    fn terms_follow_each_other_from_the_original_day() {
        let fixed = terms(1, 3, 0).fixed.unwrap();
        let end = |within: &str| fixed.term_at(since("2026-01-31"), at(within)).unwrap().end;
        let ends = ["2026-02-01", "2026-03-01", "2026-06-01", "2026-09-01"].map(end);
        assert_eq!(ends, ["2026-02-28", "2026-05-31", "2026-08-31", "2026-11-30"].map(at));
        let term = fixed.term_at(since("2026-01-31"), at("2026-05-31")).unwrap();
        assert_eq!(term, Term { number: 3, start: at("2026-05-31"), end: at("2026-08-31") });
    }

    #[test]
    fn an_end_waits_for_the_term_the_minimum_and_the_notice() {
        let start = since("2026-01-15");
        let end =
            |terms: Terms, wanted: &str, now: &str| terms.free_to_end(start, (at(wanted), at(now))).unwrap();
        assert_eq!(end(terms(12, 6, 0), "2026-05-01", "2026-05-01"), at("2027-01-15"));
        assert_eq!(end(terms(12, 6, 0), "2027-01-15", "2026-05-01"), at("2027-01-15"));
        assert_eq!(end(terms(12, 6, 30), "2027-01-15", "2026-12-16"), at("2027-01-15"));
        assert_eq!(end(terms(12, 6, 30), "2027-01-15", "2026-12-20"), at("2027-07-15"));
        let minimum = Terms { fixed: None, minimum: Some(months(6)), ..terms(1, 1, 0) };
        assert_eq!(end(minimum, "2026-05-01", "2026-05-01"), at("2026-07-15"));
        assert_eq!(end(minimum, "2026-09-03", "2026-09-03"), at("2026-09-03"));
        assert_eq!(end(Terms { notice_days: 30, ..minimum }, "2026-09-03", "2026-09-03"), at("2026-10-03"));
        assert_eq!(end(terms(12, 6, 0), "2026-01-15", "2026-01-15"), at("2027-01-15"));
        let trial = Since { free_until: Some(at("2026-01-15")), ..start };
        let free = terms(12, 6, 30).free_to_end(trial, (at("2026-01-15"), at("2026-01-10")));
        assert_eq!(free.unwrap(), at("2026-01-15"));
    }

    #[test]
    fn a_term_is_announced_ahead_and_at_its_end() {
        let step = |after: &str| terms(12, 1, 0).step_after(since("2026-01-15"), at(after)).unwrap().unwrap();
        assert_eq!(step("2026-01-15"), at("2026-12-16"));
        assert_eq!(step("2026-12-16"), at("2027-01-15"));
        // A month of 31 days has a reminder on its second day, one of 28 has none.
        assert_eq!(step("2027-01-15"), at("2027-01-16"));
        assert_eq!(step("2027-02-15"), at("2027-03-15"));
    }

    proptest! {
        #[test]
        fn every_instant_is_in_one_term(first in 1_u16..30, renewal in 1_u16..30, days in 0_i64..20_000) {
            let fixed = terms(first, renewal, 0).fixed.unwrap();
            let since = since("1999-08-31");
            let instant = since.begin + TimeDelta::days(days);
            let term = fixed.term_at(since, instant).unwrap();
            prop_assert!(term.start <= instant && instant < term.end);
            let next = fixed.term_at(since, term.end).unwrap();
            prop_assert_eq!((next.number, next.start), (term.number + 1, term.end));
        }
    }
}
