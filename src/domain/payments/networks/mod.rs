//! How often may a card be tried? As often as its network allows: dated rows say so, and the attempts that are recorded are counted.
//!
//! Visa allows 20 new tries of a declined card within 30 days, and none after "stolen". The 21st waits until the first of the 20 is 30 days
//! old. What counts is the card, at whatever invoice it was tried and however often it was added again.

mod rows;

use chrono::{DateTime, TimeDelta, Utc};

use super::declines::Class;
use crate::domain::money::Money;
pub use rows::{Counts, Limit, limits};
use rows::{category, in_force};

/// An attempt at a card that did not bring the money, or not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub at: DateTime<Utc>,
    /// `None`: nobody knows yet; it counts as declined.
    pub class: Option<Class>,
    pub network_code: Option<String>,
    pub amount: Money,
}

/// A card, and what is recorded of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Card {
    /// Such as `visa`; of another network nothing is known.
    pub network: Option<String>,
    pub gateway: String,
    /// At any invoice, the oldest first.
    pub failures: Vec<Failure>,
}

/// For how long failures count at most. Those that allow no other try count for ever.
pub const COUNTED: TimeDelta = TimeDelta::days(30);

impl Card {
    /// The first instant, from one on, at which its network allows another try with this amount; `None`: never.
    #[must_use]
    pub fn first_allowed(&self, amount: Money, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let network = self.network.as_deref()?.to_ascii_lowercase();
        let limits = in_force(&network, &self.gateway, from);
        let mut at = from;
        loop {
            let mut later = at;
            for limit in &limits {
                later = later.max(self.allowed_by(limit, amount, at)?);
            }
            if later == at {
                return Some(at);
            }
            at = later;
        }
    }

    /// How many new tries of a declined card its network allows within 30 days by its newest rows; `None`: as many as one likes.
    #[must_use]
    pub fn most_retries(&self) -> Option<usize> {
        let network = self.network.as_deref().unwrap_or_default().to_ascii_lowercase();
        let rows = in_force(&network, &self.gateway, DateTime::<Utc>::MAX_UTC);
        let counted = rows.iter().filter(|row| row.counts == Counts::Reattempts && row.window.is_some());
        counted.map(|row| row.most).min()
    }

    /// The same; at once for a card of a network that is not known.
    #[must_use]
    pub fn allowed(&self, amount: Money, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.network.is_none() { Some(from) } else { self.first_allowed(amount, from) }
    }

    fn allowed_by(&self, limit: &Limit, amount: Money, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let counted: Vec<DateTime<Utc>> = self
            .failures
            .iter()
            .filter(|failure| !limit.same_amount || failure.amount == amount)
            .filter(|failure| {
                limit.concerns(category(limit.network, failure.network_code.as_deref(), failure.class))
            })
            .map(|failure| failure.at)
            .collect();
        let Some(window) = limit.window else {
            return if counted.len() > limit.most { None } else { Some(at) };
        };
        let within = |instant: DateTime<Utc>, end: DateTime<Utc>| instant <= end && end - instant < window;
        let counted: Vec<DateTime<Utc>> = match limit.counts {
            Counts::Attempts => counted,
            // A try is a new one when another has failed within the window before it.
            Counts::Reattempts if counted.iter().any(|failed| within(*failed, at)) => counted
                .windows(2)
                .filter_map(|pair| match pair {
                    [before, again] if within(*before, *again) => Some(*again),
                    _ => None,
                })
                .collect(),
            Counts::Reattempts => return Some(at),
        };
        let Some(oldest) = counted.len().checked_sub(limit.most) else { return Some(at) };
        // So many may lie within the window before the next, the next among them: this one has to be out of it.
        match counted.get(oldest) {
            Some(oldest) => Some(at.max(oldest.checked_add_signed(window)?)),
            None => Some(at),
        }
    }
}

/// Whether a network of this name has limits.
#[must_use]
pub fn has_limits(network: &str) -> bool {
    limits().iter().any(|limit| limit.network.eq_ignore_ascii_case(network))
}

/// A network limit that tries so long after each other would break, with so many more at any moment; `None`: none.
#[must_use]
pub fn broken_by(offsets: &[TimeDelta], more: usize) -> Option<&'static Limit> {
    let mut times = vec![TimeDelta::zero()];
    for offset in offsets {
        let last = times.last().copied().unwrap_or_default();
        times.push(last.checked_add(offset).unwrap_or(TimeDelta::MAX));
    }
    limits().iter().find(|limit| {
        let Some(window) = limit.window else { return false };
        let counted = match limit.counts {
            Counts::Attempts => times.as_slice(),
            Counts::Reattempts => times.get(1..).unwrap_or_default(),
        };
        let within = |end: &TimeDelta| counted.iter().filter(|at| *at <= end && *end - **at < window).count();
        counted.iter().any(|end| within(end) + more > limit.most)
    })
}

#[cfg(test)]
mod tests;
