//! What do a customer's discounts change on its invoices to be? Lines that take something back give back their discount; then
//! every charge is discounted. Worked numbers: [`discounts`](crate::domain::discounts).

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::super::billing::Line;
use super::super::billing::piece::Key;
use super::super::billing::recorded::Recorded;
use super::super::billing::unbillable::Unbillable;
use super::assemble::Draft;
use crate::domain::calendar::CalendarError;
use crate::domain::discounts::coverage::Place;
use crate::domain::discounts::give_back::give_back;
use crate::domain::discounts::off_charge::{Again, OffCharge};
use crate::domain::discounts::rhythm::Rhythm;
use crate::domain::discounts::take::{Charge, Taken, take};
use crate::domain::discounts::{Discount, Share, Uncountable};
use crate::domain::ids::{CustomerId, DiscountId, ItemVersionId, SubscriptionId};
use crate::domain::money::{Money, MoneyError};
use crate::domain::subscriptions::{ItemVersion, Timeline};

/// What is known of a customer's discounts.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// In order of redemption.
    pub discounts: Vec<Discount>,
    /// By their periods.
    pub taken: Taken,
    /// What was taken off the lines billed under each key, by whoever's discounts.
    pub recorded: HashMap<Key, OffCharge>,
}

/// A subscription whose charges are on the drafts, and what was billed of it before.
#[derive(Debug, Clone, Copy)]
pub struct Sold<'a> {
    pub timeline: &'a Timeline,
    pub recorded: &'a [Recorded],
    /// Whose subscription it is, and who pays for it.
    pub whose: (CustomerId, CustomerId),
}

/// A share, and the number of its line.
pub type LineShare = (i32, Share);

impl From<Uncountable> for Unbillable {
    fn from(error: Uncountable) -> Unbillable {
        match error {
            Uncountable::Money(error) => error.into(),
            Uncountable::Calendar(error) => error.into(),
        }
    }
}

/// Discounts the drafts of one customer, in the order in which they are issued, and gives each draft's shares.
///
/// What is given back is given back first, on all of them: so a seat that is replaced leaves its amount off to its successor.
pub fn apply(
    drafts: &mut [Draft],
    sold: &[Sold<'_>],
    known: &Known,
) -> Result<Vec<Vec<LineShare>>, Unbillable> {
    let mut shares: Vec<Vec<LineShare>> = vec![Vec::new(); drafts.len()];
    if known.discounts.is_empty() && known.recorded.is_empty() {
        return Ok(shares);
    }
    let mut taken = known.taken.clone();
    let billed: HashMap<Key, &Recorded> =
        sold.iter().flat_map(|s| s.recorded).map(|recorded| (recorded.key, recorded)).collect();
    for (draft, shares) in drafts.iter_mut().zip(&mut shares) {
        for line in draft.lines.iter_mut().filter(|line| line.amount.is_negative()) {
            for share in given_back(line, &billed, known)? {
                taken.add(&share)?;
                line.discount = line.discount.checked_add(share.amount)?;
                shares.push((line.line_no, share));
            }
        }
    }
    let versions = versions(sold)?;
    for (draft, shares) in drafts.iter_mut().zip(&mut shares) {
        let mut again: HashMap<i32, Money> = HashMap::new();
        for line in draft.lines.iter_mut().filter(|line| line.revision > 0 && line.amount.is_positive()) {
            let Some(key) = key(line) else { continue };
            let Some(recorded) = billed.get(&key) else { continue };
            let Again { amount, shares: of_line } = match recorded.amount.is_negative() {
                true => charged_again((line, key), recorded, known)?,
                false => comes_again((line, key), recorded, (known, &taken))?,
            };
            again.insert(line.line_no, amount);
            for share in of_line {
                taken.add(&share)?;
                line.discount = line.discount.checked_add(share.amount)?;
                shares.push((line.line_no, share));
            }
        }
        shares.extend(discount(draft, (&versions, &again), (&known.discounts, &mut taken))?);
    }
    shares.into_iter().map(|shares| Ok(added_up(shares)?)).collect()
}

/// One share of each discount for each line: of what comes again and of what is new, and of all charges that a line gives back of.
fn added_up(shares: Vec<LineShare>) -> Result<Vec<LineShare>, MoneyError> {
    let mut sums: Vec<LineShare> = Vec::with_capacity(shares.len());
    let mut places: HashMap<(i32, DiscountId, SubscriptionId, i32), usize> = HashMap::new();
    for (line_no, share) in shares {
        let place = (line_no, share.discount_id, share.subscription_id, share.period_no);
        let at = *places.entry(place).or_insert(sums.len());
        match sums.get_mut(at) {
            Some((_, sum)) => sum.amount = sum.amount.checked_add(share.amount)?,
            None => sums.push((line_no, share)),
        }
    }
    sums.retain(|(_, share)| !share.amount.is_zero());
    Ok(sums)
}

/// How much of a line charges again what was given back of a charge that is waived by now, and the discounts that went back with it: they come
/// again with it. Where more of the charge than of its discount went back, the rest of the discount goes: of nothing charged, nothing is off.
fn charged_again((line, key): (&Line, Key), recorded: &Recorded, known: &Known) -> Result<Again, Unbillable> {
    let gave = recorded.amount.negated()?;
    let amount = line.amount.smaller(gave)?;
    let (shares, moved) = known.recorded.get(&key).map(|off| (off.shares(), off.moved())).unwrap_or_default();
    let mut again = Vec::new();
    let mut stays_off = recorded.taken_back.shares_beyond(&shares, &moved)?;
    if stays_off.is_empty() {
        stays_off = recorded.taken_back.shares_left(&shares)?;
    }
    for share in stays_off {
        let share = Share { amount: share.amount.negated()?.share((amount, gave))?, ..share };
        again.extend((!share.amount.is_zero()).then_some(share));
    }
    Ok(Again { amount, shares: again })
}

/// How much of a line charges again what lines gave back of its charge, and the discounts that went back with it, as far as they are not used
/// up since.
fn comes_again(
    (line, key): (&Line, Key),
    recorded: &Recorded,
    (known, taken): (&Known, &Taken),
) -> Result<Again, Unbillable> {
    let Some(off) = known.recorded.get(&key) else {
        return Ok(Again { amount: Money::zero(line.amount.currency()), shares: Vec::new() });
    };
    let struck_off = recorded.taken_back.struck_off(line.amount.currency())?;
    let mut again = off.comes_again(line.amount, struck_off)?;
    for share in &mut again.shares {
        share.amount = taken.room_for(&known.discounts, share)?;
    }
    again.shares.retain(|share| !share.amount.is_zero());
    Ok(again)
}

fn given_back(
    line: &Line,
    billed: &HashMap<Key, &Recorded>,
    known: &Known,
) -> Result<Vec<Share>, Unbillable> {
    let mut left = line.amount.negated()?;
    let mut back = Vec::new();
    for key in gives_back_of(line) {
        let Some(off) = known.recorded.get(&key) else { continue };
        let Some(recorded) = billed.get(&key) else { continue };
        let shares = recorded.taken_back.shares_left(&off.shares())?;
        let part = match line.revision > 0 {
            true => left,
            false if recorded.amount.is_positive() => left.smaller(recorded.amount)?,
            false => continue,
        };
        back.extend(give_back(&shares, recorded.amount, recorded.amount.checked_sub(part)?)?);
        left = left.checked_sub(part)?;
    }
    Ok(back)
}

/// The charges that a line below zero gives back of, the last first.
fn gives_back_of(line: &Line) -> Vec<Key> {
    match line.changed_key() {
        Some(key) => vec![key],
        None => line.earlier_pieces(),
    }
}

fn key(line: &Line) -> Option<Key> {
    line.item_version_id.map(|version| Key { version, start: line.period.start })
}

type Versions<'a> = HashMap<ItemVersionId, (&'a Sold<'a>, &'a ItemVersion, Arc<Rhythm>)>;

fn versions<'a>(sold: &'a [Sold<'a>]) -> Result<Versions<'a>, CalendarError> {
    let mut versions = HashMap::new();
    for s in sold {
        let rhythm = Arc::new(Rhythm::of(s.timeline)?);
        let its_versions =
            s.timeline.versions.iter().map(|version| (version.id, (s, version, Arc::clone(&rhythm))));
        versions.extend(its_versions);
    }
    Ok(versions)
}

fn discount(
    draft: &mut Draft,
    (versions, again): (&Versions<'_>, &HashMap<i32, Money>),
    (discounts, taken): (&[Discount], &mut Taken),
) -> Result<Vec<LineShare>, Unbillable> {
    let mut lines = Vec::with_capacity(draft.lines.len());
    let mut charges = Vec::with_capacity(draft.lines.len());
    for line in draft.lines.iter_mut().filter(|line| line.amount.is_positive()) {
        let sold = line.item_version_id.and_then(|id| versions.get(&id));
        let Some((sold, version, rhythm)) = sold else { continue };
        let amount = match again.get(&line.line_no) {
            Some(again) => line.amount.checked_sub(*again)?,
            None => line.amount,
        };
        if amount.is_positive() {
            charges.push(Charge { amount, place: place((sold, rhythm), version, line.period.start)? });
            lines.push(line);
        }
    }
    let mut shares = Vec::new();
    for (at, share) in take(discounts, &charges, draft.currency, taken)? {
        #[expect(
            clippy::indexing_slicing,
            reason = "the places are among the charges, one for each of the lines"
        )]
        let line = &mut lines[at];
        line.discount = line.discount.checked_add(share.amount)?;
        shares.push((line.line_no, share));
    }
    Ok(shares)
}

fn place(
    (sold, rhythm): (&Sold<'_>, &Arc<Rhythm>),
    version: &ItemVersion,
    start: DateTime<Utc>,
) -> Result<Place, Unbillable> {
    let mut place = Place::of((sold.timeline, rhythm), version, start)?;
    place.whose = Some(sold.whose);
    Ok(place)
}
