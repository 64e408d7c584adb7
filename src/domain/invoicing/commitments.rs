//! What does usage fall short of what was committed? 100.00 a month committed, 62.00 charged → a line of 38.00.
//!
//! Charges count in the commitment's period in which they end. Late usage of a billed period lowers the shortfall, and the
//! difference is credited like every other.
//!
//! A pooled commitment counts the charges of all subscriptions that the same account pays for: 40.00 of one child and 35.00 of
//! another leave 25.00 of 100.00. What is being billed counts as it is billed, everything else as it was billed last, so the
//! subscriptions need not fall due together; what was billed to another account does not count.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::segments::{Counted, Expected, Key, Segment, Unbillable};
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
    let own = segments.iter_mut().filter(|s| is_commitment(s) && !s.version.model().is_pooled());
    lower(own.collect(), &charges)
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
    lower(segments.filter(|segment| pooled(segment)).collect(), &charges)
}

/// What was charged falls so much short of what was committed.
///
/// # Errors
/// The difference does not fit.
pub fn short_of(committed: Money, came_to: Money) -> Result<Money, MoneyError> {
    let short = committed.checked_sub(came_to)?;
    Ok(if short.is_negative() { Money::zero(short.currency()) } else { short })
}

/// Lowers commitments by what counts towards each. One that was cut is one over the whole period: each piece is charged what the
/// pieces up to its end fall short, less what those before it do.
fn lower(mut commitments: Vec<&mut Segment<'_>>, charges: &[Charged]) -> Result<(), Unbillable> {
    let mut known: HashMap<Key, Counted> = HashMap::with_capacity(commitments.len());
    for segment in &commitments {
        let counts = charges.iter().filter(|charge| charge.counts(segment)).map(|charge| charge.amount);
        let counted = Money::sum(segment.amount.currency(), counts)?;
        known.insert(segment.key(), Counted { committed: segment.amount, counted });
    }
    for segment in &mut commitments {
        let own = known[&segment.key()];
        let nothing = Money::zero(segment.amount.currency());
        let mut before = Counted { committed: nothing, counted: nothing };
        let earlier = segment.chained.iter().flat_map(|chained| &chained.earlier);
        for piece in earlier.filter_map(|key| known.get(key)) {
            before = plus(before, *piece)?;
        }
        if let Some(chained) = &mut segment.chained {
            chained.counted = Some(before);
        }
        segment.amount = falls_short(own, Some(before))?;
        segment.counted = Some(own.counted);
        (segment.quantity, segment.unit_amount) = (Decimal::ONE, segment.amount.to_decimal());
    }
    Ok(())
}

fn plus(a: Counted, b: Counted) -> Result<Counted, MoneyError> {
    let (committed, counted) = (a.committed.checked_add(b.committed)?, a.counted.checked_add(b.counted)?);
    Ok(Counted { committed, counted })
}

/// What a piece of a commitment is charged for falling short, after the pieces before it.
///
/// # Errors
/// The sums do not fit.
pub fn falls_short(own: Counted, before: Option<Counted>) -> Result<Money, MoneyError> {
    let Some(before) = before else { return short_of(own.committed, own.counted) };
    let through = plus(own, before)?;
    let already = short_of(before.committed, before.counted)?;
    short_of(through.committed, through.counted)?.checked_sub(already)
}
