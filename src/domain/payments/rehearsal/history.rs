//! What would another policy have made of what has happened? Of an attempt that was not made nobody knows what would have become of it; but a payer
//! who was declined on the 5th and paid on the 8th would have been declined before the 5th, and would have paid after the 8th. In between, and after
//! the last decline of one who never paid, both are possible: so there is a least and a most.
//!
//! Declined on the 1st and the 5th, paid on the 8th: a policy that tries on the 4th and the 7th recovers it at most on the 7th, and at least not by
//! that try.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Answer, Payer};
use crate::domain::payments::declines::Class;

/// An attempt as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedAttempt {
    pub at: DateTime<Utc>,
    /// Of the decline; `None`: it was paid.
    pub declined: Option<(Arc<str>, Class)>,
    /// Whether it charged what the first attempt charged.
    pub same_method: bool,
}

/// The payer of an invoice as it was, with the best of what could have been or the worst.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The oldest first.
    pub attempts: Arc<[RecordedAttempt]>,
    /// Whether what is not known is taken as paid.
    pub at_best: bool,
}

impl Recorded {
    fn same(&self) -> impl DoubleEndedIterator<Item = &RecordedAttempt> {
        self.attempts.iter().filter(|attempt| attempt.same_method)
    }
}

impl Payer for Recorded {
    fn answer(&self, at: DateTime<Utc>, has_other_card: bool) -> Answer {
        let is_paid = |attempt: &&RecordedAttempt| attempt.declined.is_none();
        // Another method has come: that it paid is what is known of it.
        if has_other_card && self.attempts.iter().filter(|one| !one.same_method).any(|one| is_paid(&one)) {
            return Answer::Paid;
        }
        if self.same().find(is_paid).is_some_and(|paid| paid.at <= at) {
            return Answer::Paid;
        }
        let declined = |attempt: &RecordedAttempt| {
            attempt.declined.clone().map(|(code, class)| Answer::Declined { code, class })
        };
        if let Some(next) = self.same().find(|one| one.at >= at).and_then(declined) {
            return next;
        }
        let last = self.same().rev().find(|one| one.at < at && one.declined.is_some()).and_then(declined);
        match last {
            Some(last) if !self.at_best => last,
            _ => Answer::Paid,
        }
    }

    fn other_card_at(&self) -> Option<DateTime<Utc>> {
        self.attempts.iter().find(|one| !one.same_method && one.declined.is_none()).map(|one| one.at)
    }
}
