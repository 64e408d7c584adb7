//! What does usage fall short of what was committed? 100.00 a month committed, 62.00 charged → a line of 38.00.
//!
//! Charges count in the commitment's period in which they end; a change that begins a commitment or ends it cuts them there. Late usage
//! of a billed period lowers the shortfall, and the difference is credited like every other.
//!
//! A pooled commitment counts the charges of all subscriptions that the same account pays for: 40.00 of one child and 35.00 of
//! another leave 25.00 of 100.00. What is being billed counts as it is billed, everything else as it was billed last, so the
//! subscriptions need not fall due together; what was billed to another account does not count.
//!
//! What was taken back of either moves with what it was taken of: see [`super::topped_up`].

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;

use super::billed::Billed;
use super::charged::Charged;
use super::expected::Expected;
use super::piece::{Counted, Key, Segment};
use super::recorded::Recorded;
use super::unbillable::Unbillable;
use super::{billed, topped_up};
use crate::domain::catalog::PriceModel;
use crate::domain::money::{Money, MoneyError};
use crate::domain::subscriptions::Timeline;

fn is_commitment(segment: &Segment<'_>) -> bool {
    matches!(segment.version.model(), PriceModel::Commitment { .. })
}

/// What is known of a subscription.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub timeline: &'a Timeline,
    /// What was billed of it.
    pub recorded: &'a [Recorded],
    /// What of that is left as it is for now.
    pub held: &'a [Key],
}

/// Lowers each commitment of one subscription by what its prices came to; pooled ones are left to [`pool`].
pub(super) fn settle(segments: &mut [Segment<'_>], known: Known<'_>) -> Result<(), Unbillable> {
    if !segments.iter().any(is_commitment) {
        return Ok(());
    }
    let billed = billed::billed(known.recorded);
    let expected_keys = keys(segments.iter());
    let mut charges = charged(segments.iter(), &billed)?;
    charges.extend(withdrawn(known, &expected_keys, &billed)?);
    let mut all: Vec<&mut Segment<'_>> = segments.iter_mut().collect();
    top_up(&mut all, |segment| !segment.version.model().is_pooled(), (&charges, &billed))
}

/// Lowers each pooled commitment by what the prices of all subscriptions came to that one account pays for: of the subscriptions that are
/// being billed, and of all others what was recorded.
pub fn pool<'k>(
    expected: &mut [Expected<'_>],
    others: &[Charged],
    timelines: impl Iterator<Item = (&'k Timeline, &'k [Recorded])> + Clone,
) -> Result<(), Unbillable> {
    let pooled = |segment: &Segment<'_>| segment.version.model().is_pooled();
    if !expected.iter().flat_map(|e| &e.segments).any(pooled) {
        return Ok(());
    }
    let billed = billed::billed(timelines.clone().flat_map(|(_, recorded)| recorded));
    let expected_keys = keys(expected.iter().flat_map(|e| &e.segments));
    let mut charges = charged(expected.iter().flat_map(|e| &e.segments), &billed)?;
    for (expected, (timeline, recorded)) in expected.iter().zip(timelines) {
        charges.extend(withdrawn(
            Known { timeline, recorded, held: &expected.held },
            &expected_keys,
            &billed,
        )?);
    }
    let known: HashSet<Key> = charges.iter().map(|charge| charge.key).collect();
    charges.extend(others.iter().filter(|charge| !known.contains(&charge.key)).cloned());
    let mut all: Vec<&mut Segment<'_>> = expected.iter_mut().flat_map(|e| &mut e.segments).collect();
    top_up(&mut all, pooled, (&charges, &billed))
}

fn keys<'s, 'v: 's>(segments: impl Iterator<Item = &'s Segment<'v>>) -> HashSet<Key> {
    segments.map(Segment::key).collect()
}

fn charged<'s, 'v: 's>(
    segments: impl Iterator<Item = &'s Segment<'v>>,
    billed: &Billed<'_>,
) -> Result<Vec<Charged>, MoneyError> {
    segments.filter(|s| !is_commitment(s)).map(|s| Charged::of_segment(s, billed)).collect()
}

/// What was billed, taken back and then taken out of the timeline.
fn withdrawn(
    Known { timeline, recorded, held }: Known<'_>,
    expected_keys: &HashSet<Key>,
    billed: &Billed<'_>,
) -> Result<Vec<Charged>, MoneyError> {
    let mut charges = Vec::new();
    let gone = recorded.iter().filter(|r| !r.taken_back.is_nothing() && billed.contains_key(&r.key));
    for r in gone.filter(|r| !expected_keys.contains(&r.key) && !held.contains(&r.key)) {
        let found = timeline.versions.iter().find(|version| version.id == r.key.version);
        if let Some(version) = found.filter(|v| !matches!(v.model(), PriceModel::Commitment { .. })) {
            let nothing = Money::zero(r.amount.currency());
            charges.push(Charged::of(version, (r.key, r.period_end), nothing, Some(r))?);
        }
    }
    Ok(charges)
}

/// Lowers the commitments among these that are wanted, and what takes the place of a shortfall that was taken back.
fn top_up(
    all: &mut [&mut Segment<'_>],
    is_wanted: impl Fn(&Segment<'_>) -> bool,
    (charges, billed): (&[Charged], &Billed<'_>),
) -> Result<(), Unbillable> {
    let is_due = |segment: &Segment<'_>| is_commitment(segment) && is_wanted(segment);
    let commitments = all.iter_mut().filter(|s| is_due(s)).map(|s| &mut **s).collect();
    let through = lower(commitments, charges)?;
    Ok(topped_up::spread(all, &through, (charges, billed))?)
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
/// pieces up to its end fall short, less what those before it do. Gives what was committed, and what counts, up to the end of each.
fn lower(
    mut commitments: Vec<&mut Segment<'_>>,
    charges: &[Charged],
) -> Result<HashMap<Key, Counted>, Unbillable> {
    let mut known: HashMap<Key, Counted> = HashMap::with_capacity(commitments.len());
    let mut all = Vec::with_capacity(commitments.len());
    for segment in &commitments {
        let counts = charges.iter().filter(|charge| charge.counts(segment)).map(|charge| charge.amount);
        let counted = Money::sum(segment.amount.currency(), counts)?;
        let own = Counted { committed: segment.amount, counted };
        known.insert(segment.key(), own);
        all.push(own);
    }
    let mut through = HashMap::with_capacity(commitments.len());
    for (segment, own) in commitments.iter_mut().zip(all) {
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
        through.insert(segment.key(), plus(own, before)?);
    }
    Ok(through)
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
