//! What was billed under one key? The sum of all its lines, less what was taken back of them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::grounds::Staying;
use super::piece::Key;
use super::taken_back::TakenBack;
use crate::domain::money::{Money, MoneyError};

/// All that was billed under one key.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    pub key: Key,
    pub period_end: DateTime<Utc>,
    /// How far it is paid for after all revisions: the end of the period, or where a correction cut it.
    pub covered_to: DateTime<Utc>,
    /// The sum over all revisions, less all that was taken back otherwise.
    pub amount: Money,
    /// What was taken back otherwise: by voids, credit notes, corrections.
    pub taken_back: TakenBack,
    pub last_revision: i16,
    /// Where it went in the books, so that a credit takes it from there.
    pub deferred: bool,
    pub description: Arc<str>,
    /// What was measured when it was last billed, of a usage price.
    pub metered: Option<Decimal>,
    /// Whether any of it is on an invoice that is still a draft.
    pub drafted: bool,
}

impl Recorded {
    /// What a line notes of what was taken back before it; nothing, when nothing was.
    pub(super) fn staying(
        &self,
        (worth, stays): (Money, Money),
        less: Option<Money>,
    ) -> Result<Option<Staying>, MoneyError> {
        if self.taken_back.is_nothing() && less.is_none() {
            return Ok(None);
        }
        let taken_back = self.taken_back.amount(worth.currency())?;
        let [worth, taken_back, stays] = [worth, taken_back, stays].map(Money::minor);
        Ok(Some(Staying { worth, taken_back, of_shortfall: less.map(Money::minor), stays }))
    }
}
