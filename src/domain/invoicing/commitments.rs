//! What does usage fall short of what was committed? 100.00 a month committed, 62.00 charged → a line of 38.00.
//!
//! Charges count in the commitment's period in which they end. Late usage of a billed period lowers the shortfall, and the
//! difference is credited like every other.
//!
//! A pooled commitment counts the charges of all subscriptions that the same account pays for: 40.00 of one child and 35.00 of
//! another leave 25.00 of 100.00. What is being billed counts as it is billed, everything else as it was billed last, so the
//! subscriptions need not fall due together; what was billed to another account does not count.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::segments::{Expected, Key, Segment, Unbillable};
use crate::domain::catalog::{PriceKind, PriceModel};
use crate::domain::money::{Money, MoneyError};

/// A charge that may count towards a commitment.
#[derive(Debug, Clone, PartialEq)]
pub struct Charged {
    pub key: Key,
    /// The price's.
    pub code: Arc<str>,
    pub kind: PriceKind,
    /// Of the period it is for.
    pub end: DateTime<Utc>,
    pub amount: Money,
}

impl Charged {
    fn of(segment: &Segment<'_>) -> Charged {
        Charged {
            key: segment.key(),
            code: Arc::clone(&segment.version.terms.code),
            kind: segment.version.terms.kind,
            end: segment.period.end,
            amount: segment.amount,
        }
    }

    /// Whether it counts towards a commitment.
    fn counts(&self, commitment: &Segment<'_>) -> bool {
        let PriceModel::Commitment { prices, .. } = commitment.version.model() else { return false };
        let named = match prices.is_empty() {
            true => self.kind == PriceKind::Usage,
            false => prices.iter().any(|code| **code == *self.code),
        };
        let ends_within = self.end > commitment.period.start && self.end <= commitment.period.end;
        named && ends_within && self.amount.currency() == commitment.amount.currency()
    }
}

fn is_commitment(segment: &Segment<'_>) -> bool {
    matches!(segment.version.model(), PriceModel::Commitment { .. })
}

/// Lowers each commitment of one subscription by what its prices came to; pooled ones are left to [`pool`].
pub(super) fn settle(segments: &mut [Segment<'_>]) -> Result<(), Unbillable> {
    if !segments.iter().any(is_commitment) {
        return Ok(());
    }
    let charges: Vec<Charged> = segments.iter().filter(|s| !is_commitment(s)).map(Charged::of).collect();
    let own = |segment: &&mut Segment<'_>| is_commitment(segment) && !segment.version.model().is_pooled();
    segments.iter_mut().filter(own).try_for_each(|segment| lower(segment, &charges))
}

/// Lowers each pooled commitment by what the prices of all subscriptions came to that one account pays for: of the subscriptions that are
/// being billed, and of all others what was recorded.
pub fn pool(expected: &mut [Expected<'_>], recorded: &[Charged]) -> Result<(), Unbillable> {
    let pooled = |segment: &Segment<'_>| segment.version.model().is_pooled();
    if !expected.iter().flat_map(|e| &e.segments).any(pooled) {
        return Ok(());
    }
    let billed: Vec<Charged> =
        expected.iter().flat_map(|e| &e.segments).filter(|s| !is_commitment(s)).map(Charged::of).collect();
    let known: HashSet<Key> = billed.iter().map(|charge| charge.key).collect();
    let others = recorded.iter().filter(|charge| !known.contains(&charge.key)).cloned();
    let charges: Vec<Charged> = billed.iter().cloned().chain(others).collect();
    let segments = expected.iter_mut().flat_map(|e| &mut e.segments);
    segments.filter(|segment| pooled(segment)).try_for_each(|segment| lower(segment, &charges))
}

/// What was charged falls so much short of what was committed.
///
/// # Errors
/// The difference does not fit.
pub fn short_of(committed: Money, came_to: Money) -> Result<Money, MoneyError> {
    let short = committed.checked_sub(came_to)?;
    Ok(if short.is_negative() { Money::zero(short.currency()) } else { short })
}

fn lower(commitment: &mut Segment<'_>, charges: &[Charged]) -> Result<(), Unbillable> {
    let counted = charges.iter().filter(|charge| charge.counts(commitment)).map(|charge| charge.amount);
    let came_to = Money::sum(commitment.amount.currency(), counted)?;
    commitment.amount = short_of(commitment.amount, came_to)?;
    commitment.counted = Some(came_to);
    (commitment.quantity, commitment.unit_amount) = (Decimal::ONE, commitment.amount.to_decimal());
    Ok(())
}
