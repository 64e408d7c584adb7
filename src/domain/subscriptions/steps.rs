//! Which events and steps of a subscription come due by themselves, and when next? The notice ahead of its trial's end,
//! that end, the reminder of a term's end, and the renewal: one after the other.
//!
//! A trial to 15 January and terms of a year: announced on the 12th, ends on the 15th, reminded on 16 December, renewed on 15 January.

use chrono::{DateTime, TimeDelta, Utc};

use super::Subscription;
use super::breaks::pause::PauseMode;
use super::terms::{Since, Term};
use super::trial::NOTICE_DAYS;
use crate::domain::calendar::CalendarError;

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The end of its trial is near.
    TrialNotice,
    /// Its trial ends.
    TrialEnd,
    /// The end of a term is near.
    TermNotice(Term),
    /// A term begins that is not the first.
    Renewal(Term),
}

/// A step that is due, and when the next one is.
pub type Due = (Step, Option<DateTime<Utc>>);

impl Subscription {
    /// From when, and by whose days, its terms are counted.
    #[must_use]
    pub fn since(&self) -> Since {
        let free_until = self.trial.map(|trial| trial.end);
        Since { begin: self.begins_at(), zone: self.cycle.zone(), free_until }
    }

    /// The term it is in; `None`: it is evergreen.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn term_at(&self, at: DateTime<Utc>) -> Result<Option<Term>, CalendarError> {
        let Some((terms, fixed)) = self.terms.and_then(|terms| Some((terms, terms.fixed?))) else {
            return Ok(None);
        };
        terms.term_at(self.since(), (fixed, at)).map(Some)
    }

    /// When it has its first step.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn first_step(&self) -> Result<Option<DateTime<Utc>>, CalendarError> {
        match self.trial {
            // A shorter trial than the notice is announced at once.
            Some(trial) => Ok(Some((trial.end - TimeDelta::days(NOTICE_DAYS)).max(self.start_at))),
            None => self.next_term_step(self.start_at),
        }
    }

    /// The step due by now, and when the next one is.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn step(&self, now: DateTime<Utc>) -> Result<Option<Due>, CalendarError> {
        let Some(at) = self.step_at.filter(|at| *at <= now) else { return Ok(None) };
        match self.trial {
            Some(trial) if at < trial.end => return Ok(Some((Step::TrialNotice, Some(trial.end)))),
            Some(trial) if at == trial.end => {
                return Ok(Some((Step::TrialEnd, self.next_term_step(at)?)));
            }
            _ => {}
        }
        let Some(term) = self.term_at(at)? else { return Ok(None) };
        let step = if term.start == at { Step::Renewal(term) } else { Step::TermNotice(term) };
        Ok(Some((step, self.next_term_step(at)?)))
    }

    /// The next step after an instant.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub(super) fn next_step(&self, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, CalendarError> {
        match self.trial.filter(|trial| trial.end > after) {
            Some(trial) => Ok(Some(trial.end)),
            None => self.next_term_step(after),
        }
    }

    /// Of a contract recorded late, what has passed is not announced.
    fn next_term_step(&self, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, CalendarError> {
        let Some(terms) = self.terms else { return Ok(None) };
        let next = terms.step_after(self.since(), after.max(self.created_at))?;
        Ok(next.filter(|at| !self.waits_for_the_end_of_a_break(*at)))
    }

    /// Nobody knows yet by how many days a break that extends moves a term: until it is over, nothing of terms is announced.
    fn waits_for_the_end_of_a_break(&self, at: DateTime<Utc>) -> bool {
        self.pause.is_some_and(|p| p.mode == PauseMode::Extend && p.until.is_none() && p.from <= at)
    }

    /// The same after a break that extends: what was agreed ends so many days later.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn moved_by_a_break(
        mut self,
        (from, days): (DateTime<Utc>, i64),
    ) -> Result<Subscription, CalendarError> {
        let (zone, since) = (self.cycle.zone(), self.since());
        if self.pause.is_none_or(|pause| pause.moves_end) {
            self.end_at = self.end_at.map(|end| zone.days_later(end, days));
        }
        self.terms = self.terms.map(|terms| terms.stretched(since, (from, days))).transpose()?;
        self.with_steps_after_a_break(from)
    }

    /// The same, with its next step where a break, or its end, has moved it. Those before the break stay.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn with_steps_after_a_break(mut self, from: DateTime<Utc>) -> Result<Subscription, CalendarError> {
        let of_trial = self.trial.is_some_and(|trial| self.step_at.is_some_and(|at| at <= trial.end));
        if self.terms.is_some() && !of_trial && self.step_at.is_none_or(|at| at >= from) {
            self.step_at = self.next_term_step(from)?;
        }
        Ok(self)
    }
}
