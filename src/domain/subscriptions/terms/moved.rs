//! What does a break that extends move? The end of the term it falls in, by its days, and with it every later term; and the end of the
//! minimum. Twelve months from 1 January with ten days of break in March: they end on 11 January, the next twelve a year later.

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};

use super::{Fixed, Since, Term, Terms};
use crate::domain::calendar::{CalendarError, Cycle, Interval};

/// What breaks have moved so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The term the last of them fell in, as it is now: the later ones are counted from its end.
    #[serde(default)]
    pub term: Option<Term>,
    /// Days by which the minimum ends later.
    #[serde(default)]
    pub minimum_days: i64,
}

impl Moved {
    /// Whether nothing was moved.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Moved::default()
    }
}

impl Terms {
    /// The term that an instant is in; before the first one begins, the first.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn term_at(&self, since: Since, (fixed, at): (Fixed, DateTime<Utc>)) -> Result<Term, CalendarError> {
        let Some(moved) = self.moved.term.filter(|moved| moved.start <= at || moved.number == 1) else {
            return fixed.term_at(since, at);
        };
        if at < moved.end {
            return Ok(moved);
        }
        let date = since.zone.local_date(moved.end);
        let renewals = Cycle::from_parts(date, date.day(), fixed.renewal, since.zone)?;
        let n = renewals.index_at(at)?;
        Ok(Term {
            number: moved.number + n + 1,
            start: renewals.boundary(n)?.max(moved.end),
            end: renewals.boundary(n + 1)?,
        })
    }

    /// When the minimum is over.
    pub(super) fn minimum_end(
        &self,
        since: Since,
        minimum: Interval,
    ) -> Result<DateTime<Utc>, CalendarError> {
        let end = Cycle::starting(since.begin, None, minimum, since.zone)?.boundary(1)?;
        Ok(since.zone.days_later(end, self.moved.minimum_days))
    }

    /// With a break from an instant on that moves what it falls in by so many days; or, the days below zero, with that taken back.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn stretched(
        mut self,
        since: Since,
        (from, days): (DateTime<Utc>, i64),
    ) -> Result<Terms, CalendarError> {
        // A break of a trial is over before anything binds.
        if days == 0 || from < since.begin {
            return Ok(self);
        }
        if let Some(minimum) = self.minimum
            && from < self.minimum_end(since, minimum)?
        {
            self.moved.minimum_days += days;
        }
        if let Some(fixed) = self.fixed {
            let term = self.term_at(since, (fixed, from))?;
            let term = Term { end: since.zone.days_later(term.end, days), ..term };
            self.moved.term = (fixed.term_at(since, from)? != term).then_some(term);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::{Unit, Zone};

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}T00:00:00Z").parse().unwrap()
    }

    fn year() -> (Terms, Since, Fixed) {
        let twelve = Interval { unit: Unit::Month, count: 12 };
        let fixed = Fixed { first: twelve, renewal: twelve, renews: true };
        let moved = Moved::default();
        let terms = Terms {
            fixed: Some(fixed),
            minimum: Some(Interval { unit: Unit::Month, count: 6 }),
            fee: None,
            notice_days: 0,
            reminder_days: 30,
            moved,
        };
        (terms, Since { begin: at("2026-01-01"), zone: Zone::UTC, free_until: None }, fixed)
    }

    #[test]
    fn two_breaks_move_the_term_they_fall_in_and_all_after_it() {
        let (terms, since, fixed) = year();
        let once = terms.stretched(since, (at("2026-03-01"), 10)).unwrap();
        let twice = once.stretched(since, (at("2027-05-01"), 4)).unwrap();
        let found = |terms: &Terms, day: &str| {
            let term = terms.term_at(since, (fixed, at(day))).unwrap();
            (term.number, term.start, term.end)
        };
        assert_eq!(found(&once, "2027-01-10"), (1, at("2026-01-01"), at("2027-01-11")));
        assert_eq!(found(&once, "2027-01-11"), (2, at("2027-01-11"), at("2028-01-11")));
        assert_eq!(found(&twice, "2028-01-14"), (2, at("2027-01-11"), at("2028-01-15")));
        assert_eq!(found(&twice, "2028-01-15"), (3, at("2028-01-15"), at("2029-01-15")));
        assert_eq!(once.minimum_end(since, once.minimum.unwrap()), Ok(at("2026-07-11")));
        assert_eq!(twice.moved.minimum_days, 10);
    }

    #[test]
    fn a_break_taken_back_leaves_the_terms_as_they_were() {
        let (terms, since, _) = year();
        let stretched = terms.stretched(since, (at("2026-03-01"), 10)).unwrap();
        assert_ne!(stretched, terms);
        assert_eq!(stretched.stretched(since, (at("2026-03-01"), -10)), Ok(terms));
        assert!(!serde_json::to_string(&terms).unwrap().contains("moved"));
    }
}
