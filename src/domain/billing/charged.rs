//! Which charge may count towards a commitment? Its price, the end of its period, and what it comes to.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::billed::Billed;
use super::piece::{Key, Segment};
use super::recorded::Recorded;
use crate::domain::catalog::PriceKind;
use crate::domain::money::{Money, MoneyError};
use crate::domain::subscriptions::ItemVersion;

/// A charge that may count towards a commitment.
#[derive(Debug, Clone, PartialEq)]
pub struct Charged {
    pub key: Key,
    /// The price's.
    pub code: Arc<str>,
    pub kind: PriceKind,
    /// Of the period it is for.
    pub end: DateTime<Utc>,
    /// What it is worth, and what was taken back of it beyond that.
    pub amount: Money,
    pub beyond: Money,
}

impl Charged {
    /// What is worth so much.
    pub(in crate::domain) fn of(
        version: &ItemVersion,
        (key, end): (Key, DateTime<Utc>),
        worth: Money,
        billed: Option<&Recorded>,
    ) -> Result<Charged, MoneyError> {
        let beyond = billed.map(|billed| billed.taken_back.beyond(worth)).transpose()?;
        let beyond = beyond.unwrap_or(Money::zero(worth.currency()));
        let (code, kind) = (Arc::clone(&version.terms.code), version.terms.kind);
        Ok(Charged { key, code, kind, end, amount: worth.checked_add(beyond)?, beyond })
    }

    pub(super) fn of_segment(segment: &Segment<'_>, billed: &Billed<'_>) -> Result<Charged, MoneyError> {
        let (key, version) = (segment.key(), segment.version);
        Charged::of(version, (key, segment.period.end), segment.amount, billed.get(&key).copied())
    }

    /// Whether it counts towards a commitment.
    pub(super) fn counts(&self, commitment: &Segment<'_>) -> bool {
        let named = commitment.version.model().counts(self.kind, &self.code);
        let ends_within = self.end > commitment.period.start && self.end <= commitment.period.end;
        named && ends_within && self.amount.currency() == commitment.amount.currency()
    }
}
