//! What becomes of what was taken back when worth moves between usage and the shortfall of its commitment? A commitment tops usage up to
//! a sum, so both are one worth, and what was taken back of it stays taken back wherever the worth lies now.
//!
//! 20.00 committed, 8.00 used: 8.00 and a shortfall of 12.00.
//!
//! | first | then | usage | counts | shortfall | in all |
//! |---|---|---|---|---|---|
//! | void | the event is void | 0.00 | 8.00 | 12.00, waived | 0.00 |
//! | 5.00 of the usage credited | the event is void | 0.00 | 5.00 | 15.00 | 15.00 |
//! | usage corrected to 4.00 | the event is void | 0.00 | 4.00 | 16.00 | 16.00 |
//! | void | 15.00 used | 15.00 − 8.00 − 7.00 | 15.00 | 5.00, waived | 0.00 |
//! | void | 25.00 used | 25.00 − 8.00 − 12.00 | 25.00 | 0.00 | 5.00 |
//!
//! - **Usage that is worth less** counts towards the commitment with what was taken back of it beyond its worth, so that the shortfall
//!   does not charge that again.
//! - **A shortfall that is worth less** because more was used leaves what was taken back of it beyond its worth to that usage: no more
//!   than what counts grew by since the shortfall was billed at its largest. A shortfall that fell because the commitment was cut leaves nothing.
//! - **What is waived of one after its worth had moved to the other** is waived of the other: see [`waived_where_it_lies`].

use std::collections::{HashMap, HashSet};

use super::billed::Billed;
use super::charged::Charged;
use super::piece::{Counted, Key, Segment};
use super::recorded::Recorded;
use super::taken_back::Part;
use crate::domain::ids::SubscriptionId;
use crate::domain::money::{Money, MoneyError};

impl Segment<'_> {
    /// What is to stay charged of it after all that was taken back, of it or with the shortfall whose place it takes.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn stays(&self, billed: Option<&Recorded>) -> Result<Money, MoneyError> {
        let stays = billed.map_or(Ok(self.amount), |billed| billed.taken_back.stays(self.amount))?;
        self.less.map_or(Ok(stays), |less| stays.checked_sub(less))
    }
}

/// Leaves to usage what was taken back of the shortfalls whose place it takes: first to what would be charged anew.
pub(super) fn spread(
    segments: &mut [&mut Segment<'_>],
    through: &HashMap<Key, Counted>,
    (charges, billed): (&[Charged], &Billed<'_>),
) -> Result<(), MoneyError> {
    if billed.is_empty() {
        return Ok(());
    }
    let mut to_leave: Vec<(Money, HashSet<Key>)> = Vec::new();
    for commitment in segments.iter() {
        let Some(counted) = through.get(&commitment.key()) else { continue };
        let left = moved(commitment, counted, segments, charges, billed)?;
        if left.is_positive() {
            let keys = segments.iter().map(|segment| segment.key());
            to_leave
                .push((left, keys.filter(|key| is_counted(key, commitment, (segments, charges))).collect()));
        }
    }
    for (mut left, fills) in to_leave {
        for anew in [true, false] {
            for usage in segments.iter_mut().filter(|segment| fills.contains(&segment.key())) {
                left = left.checked_sub(take(usage, left, (anew, billed))?)?;
            }
        }
    }
    Ok(())
}

/// Takes of what stays charged of usage what it can, and gives how much.
fn take(
    usage: &mut Segment<'_>,
    most: Money,
    (anew, billed): (bool, &Billed<'_>),
) -> Result<Money, MoneyError> {
    let known = billed.get(&usage.key()).copied();
    let zero = Money::zero(most.currency());
    let stays = usage.stays(known)?;
    let charged = known.map(|r| r.amount).filter(|amount| anew && amount.is_positive()).unwrap_or(zero);
    let taken = least(most, stays.checked_sub(charged)?);
    if !taken.is_positive() {
        return Ok(zero);
    }
    usage.less = Some(usage.less.unwrap_or(zero).checked_add(taken)?);
    Ok(taken)
}

/// What was taken back of a commitment's shortfall, and of usage that counts, and is to be left to usage.
fn moved(
    commitment: &Segment<'_>,
    through: &Counted,
    segments: &[&mut Segment<'_>],
    charges: &[Charged],
    billed: &Billed<'_>,
) -> Result<Money, MoneyError> {
    let zero = Money::zero(commitment.amount.currency());
    let Some(taken_back) = billed.get(&commitment.key()).map(|r| &r.taken_back) else { return Ok(zero) };
    if taken_back.is_nothing() {
        return Ok(zero);
    }
    let mut moved = taken_back.beyond(commitment.amount)?;
    let goes_on = |s: &&&mut Segment<'_>| {
        s.chained.as_ref().is_some_and(|chained| chained.earlier.contains(&commitment.key()))
    };
    // What was taken back of usage that is gone, and is more than the commitment had room for.
    let above = through.counted.checked_sub(through.committed)?;
    if above.is_positive() && !segments.iter().any(|s| goes_on(&s)) {
        let gone = charges.iter().filter(|charge| is_counted(&charge.key, commitment, (segments, charges)));
        moved = moved
            .checked_add(least(above, Money::sum(zero.currency(), gone.map(|charge| charge.beyond))?))?;
    }
    match taken_back.counted_least {
        Some(before) => Ok(least(moved, through.counted.checked_sub(before)?)),
        None => Ok(moved),
    }
}

/// Whether a charge counts towards a commitment, or towards the pieces of it before.
fn is_counted(
    key: &Key,
    commitment: &Segment<'_>,
    (segments, charges): (&[&mut Segment<'_>], &[Charged]),
) -> bool {
    let Some(charge) = charges.iter().find(|charge| charge.key == *key) else { return false };
    let earlier = commitment.chained.iter().flat_map(|chained| &chained.earlier);
    let pieces = earlier.filter_map(|key| segments.iter().find(|s| s.key() == *key));
    charge.counts(commitment) || pieces.into_iter().any(|piece| charge.counts(piece))
}

/// Which side of a commitment a charge is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Usage,
    Shortfall,
}

/// A charge on one side of a commitment, and what stays charged of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub subscription_id: SubscriptionId,
    pub key: Key,
    pub side: Side,
    pub stays: Money,
}

/// Waives of the other side what is more than stays of one. 8.00 and 12.00 billed, then −8.00 and 8.00 because the event was void; the
/// first invoice void: not 8.00 of usage and 12.00 of the shortfall are waived, but all 20.00 of the shortfall.
///
/// # Errors
/// Sums that do not fit.
pub fn waived_where_it_lies(mut parts: Vec<Part>, standing: &[Standing]) -> Result<Vec<Part>, MoneyError> {
    for from in standing {
        for to in
            standing.iter().filter(|to| to.side != from.side && to.subscription_id == from.subscription_id)
        {
            let Some(part) = parts.iter().find(|part| part.key == from.key) else { break };
            let left =
                if from.stays.is_negative() { Money::zero(part.amount.currency()) } else { from.stays };
            let too_much = part.amount.checked_sub(left)?;
            let waived = parts.iter().find(|part| part.key == to.key);
            let room = waived.map_or(Ok(to.stays), |waived| to.stays.checked_sub(waived.amount))?;
            let moved = least(too_much, room);
            if !moved.is_positive() {
                continue;
            }
            let Some(part) = parts.iter_mut().find(|part| part.key == from.key) else { break };
            let before = part.discount;
            *part = part.to(part.amount.checked_sub(moved)?)?;
            let discount = before.checked_sub(part.discount)?;
            match parts.iter_mut().find(|part| part.key == to.key) {
                None => parts.push(Part { key: to.key, amount: moved, discount, is_first: false }),
                Some(waived) => {
                    waived.amount = waived.amount.checked_add(moved)?;
                    waived.discount = waived.discount.checked_add(discount)?;
                }
            }
        }
    }
    Ok(parts)
}

fn least(a: Money, b: Money) -> Money {
    if b.minor() < a.minor() { b } else { a }
}
