//! What is a trial? Time in which the subscription is had and nothing is charged: its items begin when it ends.
//!
//! 14 days from 1 January: items and cycle begin on 15 January; three days ahead, on the 12th, its end is announced.

use chrono::{DateTime, TimeDelta, Utc};
use strum::{EnumString, IntoStaticStr};

use crate::domain::calendar::Zone;

/// How far ahead of its end a trial's end is announced, in days.
pub const NOTICE_DAYS: i64 = 3;
/// Longest trial, in days.
pub const LONGEST_DAYS: u32 = 730;

/// A trial, as agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    pub end: DateTime<Utc>,
    pub without_method: WithoutMethod,
}

/// A trial, as requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrialRequest {
    pub days: Option<u32>,
    /// In place of days.
    pub end: Option<DateTime<Utc>>,
    pub without_method: WithoutMethod,
}

/// Why there is no trial like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTrial {
    /// Two ends.
    #[error("give trial_days or trial_end, not both")]
    Both,
    /// None, or for years.
    #[error("a trial has 1 to {LONGEST_DAYS} days; leave it out to have none")]
    Days,
    /// Over before it begins, or years later.
    #[error("trial_end lies after the start, by at most {LONGEST_DAYS} days")]
    End,
}

impl TrialRequest {
    /// None.
    pub const NONE: TrialRequest =
        TrialRequest { days: None, end: None, without_method: WithoutMethod::Bill };

    /// The trial of a subscription that starts then. Days are those of its zone: a trial from a day's
    /// beginning ends at one.
    ///
    /// # Errors
    /// [`BadTrial`].
    pub fn from(self, start: DateTime<Utc>, zone: Zone) -> Result<Option<Trial>, BadTrial> {
        let end = match (self.days, self.end) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => return Err(BadTrial::Both),
            (Some(days), None) if !(1..=LONGEST_DAYS).contains(&days) => return Err(BadTrial::Days),
            (Some(days), None) => zone.days_later(start, i64::from(days)),
            (None, Some(end)) => end,
        };
        if end <= start || end - start > TimeDelta::days(i64::from(LONGEST_DAYS) + 1) {
            return Err(BadTrial::End);
        }
        Ok(Some(Trial { end, without_method: self.without_method }))
    }
}

/// What happens at the end when nothing can be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum WithoutMethod {
    /// It is billed all the same.
    Bill,
    /// The subscription is canceled.
    Cancel,
    /// It is paused until it is resumed.
    Pause,
}
