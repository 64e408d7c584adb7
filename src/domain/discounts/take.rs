//! How much does each discount take off each line? In order of redemption, each of what the earlier ones left.
//!
//! 25 % and then 10.00 off lines of 60.00 and 40.00: 15.00 + 10.00, then 6.00 + 4.00; 65.00 are left.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::coverage::Place;
use super::{Discount, Off, Share, Uncountable};
use crate::domain::ids::{DiscountId, SubscriptionId};
use crate::domain::money::{Currency, Money, MoneyError, allocate, round_share_to_minor};

/// A charge of an invoice to be, above zero.
#[derive(Debug, Clone)]
pub struct Charge {
    pub amount: Money,
    pub place: Place,
}

/// A period of a subscription, as a discount counts it.
type Slot = (DiscountId, SubscriptionId, i32);

/// What discounts have taken off so far, by their periods.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken(HashMap<Slot, Money>);

impl Taken {
    /// Adds what was taken, or given back.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn add(&mut self, share: &Share) -> Result<(), MoneyError> {
        let slot = (share.discount_id, share.subscription_id, share.period_no);
        let before = self.0.entry(slot).or_insert(Money::zero(share.amount.currency()));
        *before = before.checked_add(share.amount)?;
        Ok(())
    }

    /// How much of what comes again of a discount may be taken off: of an amount, no more than is not used up in its period. One that is not
    /// among these, for it is of somebody who pays no longer, is as it was.
    ///
    /// # Errors
    /// The difference does not fit.
    pub fn room_for(&self, discounts: &[Discount], share: &Share) -> Result<Money, MoneyError> {
        let currency = share.amount.currency();
        let discount = discounts.iter().find(|discount| discount.id == share.discount_id);
        let Some(Off::Amounts(amounts)) = discount.map(|discount| &*discount.off) else {
            return Ok(share.amount);
        };
        let Some(most) = amounts.get(&currency) else { return Ok(share.amount) };
        let slot = (share.discount_id, share.subscription_id, share.period_no);
        let left = not_below_zero(most.checked_sub(self.amount_of(&slot, currency))?);
        share.amount.smaller(left)
    }

    fn amount_of(&self, slot: &Slot, currency: Currency) -> Money {
        self.0.get(slot).copied().unwrap_or(Money::zero(currency))
    }

    fn all_of(&self, discount: DiscountId, currency: Currency) -> Result<Money, MoneyError> {
        Money::sum(currency, self.0.iter().filter(|(slot, _)| slot.0 == discount).map(|(_, taken)| *taken))
    }

    /// Whether a discount for one invoice has found it, and this period is not on it.
    fn is_over_for(&self, slot: &Slot) -> bool {
        !self.0.contains_key(slot) && self.0.keys().any(|known| known.0 == slot.0)
    }
}

/// A line that a discount covers: its place among the charges, the discount's period, and what the discounts before left of it.
struct Covered<'l> {
    at: usize,
    slot: Slot,
    left: &'l mut Money,
}

/// What the discounts, in this order, take off the charges of one invoice: the index of each charge with the share, none of
/// them zero. Notes it in `taken`.
///
/// # Errors
/// Sums that do not fit; dates out of range.
pub fn take(
    discounts: &[Discount],
    charges: &[Charge],
    currency: Currency,
    taken: &mut Taken,
) -> Result<Vec<(usize, Share)>, Uncountable> {
    let mut left: Vec<Money> = charges.iter().map(|charge| charge.amount).collect();
    let mut shares = Vec::new();
    for discount in discounts {
        let mut covered = Vec::with_capacity(charges.len());
        let charges = charges.iter().zip(&mut left).enumerate();
        for (at, (charge, left)) in charges.filter(|(_, (_, left))| left.is_positive()) {
            let Some(period_no) = discount.covers(&charge.place)? else { continue };
            let slot = (discount.id, charge.place.subscription_id, period_no);
            if !(discount.is_for_one_invoice() && taken.is_over_for(&slot)) {
                covered.push(Covered { at, slot, left });
            }
        }
        if covered.is_empty() {
            continue;
        }
        let off = match &*discount.off {
            Off::Percent(percent) => of_percent(*percent, &covered, currency)?,
            Off::Amounts(amounts) => match amounts.get(&currency) {
                Some(amount) => of_amount(discount, *amount, &covered, taken)?,
                None => continue,
            },
        };
        for (covered, amount) in covered.into_iter().zip(off).filter(|(_, amount)| !amount.is_zero()) {
            *covered.left = covered.left.checked_sub(amount)?;
            let (discount_id, subscription_id, period_no) = covered.slot;
            let share = Share { discount_id, subscription_id, period_no, amount };
            taken.add(&share)?;
            shares.push((covered.at, share));
        }
    }
    Ok(shares)
}

/// The percentage of all that is left of the lines, rounded once.
fn of_percent(
    percent: Decimal,
    covered: &[Covered<'_>],
    currency: Currency,
) -> Result<Vec<Money>, MoneyError> {
    let base = Money::sum(currency, covered.iter().map(|c| *c.left))?;
    let hundred = 100 * 10_i64.pow(currency.exponent());
    let total = round_share_to_minor(percent, (base.minor(), hundred), currency)?;
    spread(total, covered.iter().map(|c| *c.left))
}

/// The amount, as far as it is not used up: by period, and for a discount of all subscriptions by invoice, too.
fn of_amount(
    discount: &Discount,
    amount: Money,
    covered: &[Covered<'_>],
    taken: &Taken,
) -> Result<Vec<Money>, MoneyError> {
    let currency = amount.currency();
    // Of each period the lines: their places among those covered, and what is left of them.
    let mut slots: Vec<(Slot, Vec<(usize, Money)>)> = Vec::new();
    let mut places: HashMap<Slot, usize> = HashMap::new();
    for (n, line) in covered.iter().enumerate() {
        let place = *places.entry(line.slot).or_insert(slots.len());
        match slots.get_mut(place) {
            Some((_, lines)) => lines.push((n, *line.left)),
            None => slots.push((line.slot, vec![(n, *line.left)])),
        }
    }
    let mut most = Vec::with_capacity(slots.len());
    let mut there_is = Vec::with_capacity(slots.len());
    for (slot, lines) in &slots {
        let left = Money::sum(currency, lines.iter().map(|(_, left)| *left))?;
        most.push(not_below_zero(amount.checked_sub(taken.amount_of(slot, currency))?).smaller(left)?);
        there_is.push(left);
    }
    if discount.subscription_id.is_none() {
        let used = if discount.is_for_one_invoice() {
            taken.all_of(discount.id, currency)?
        } else {
            Money::zero(currency)
        };
        most = share_out(not_below_zero(amount.checked_sub(used)?), &most, &there_is)?;
    }
    let mut off: Vec<(usize, Money)> = Vec::with_capacity(covered.len());
    for ((_, lines), total) in slots.iter().zip(most) {
        let parts = spread(total, lines.iter().map(|(_, left)| *left))?;
        off.extend(lines.iter().map(|(n, _)| *n).zip(parts));
    }
    off.sort_unstable_by_key(|(n, _)| *n); // every line is of one period
    Ok(off.into_iter().map(|(_, part)| part).collect())
}

/// One that an amount is shared out to.
struct Sharer {
    most: Money,
    there_is: Money,
    part: Money,
    /// It got its most.
    is_full: bool,
}

/// Shares an amount out in proportion to what there is, none getting more than its most: what one cannot take goes to the others.
fn share_out(amount: Money, most: &[Money], there_is: &[Money]) -> Result<Vec<Money>, MoneyError> {
    let currency = amount.currency();
    let sharer = |(most, there_is): (&Money, &Money)| Sharer {
        most: *most,
        there_is: *there_is,
        part: *most,
        is_full: false,
    };
    let mut sharers: Vec<Sharer> = most.iter().zip(there_is).map(sharer).collect();
    loop {
        let full = sharers.iter().filter(|s| s.is_full).map(|s| s.most);
        let left = not_below_zero(amount.checked_sub(Money::sum(currency, full)?)?);
        let wanted = Money::sum(currency, sharers.iter().filter(|s| !s.is_full).map(|s| s.most))?;
        if !left.checked_sub(wanted)?.is_negative() {
            return Ok(most.to_vec());
        }
        let parts = spread(left, sharers.iter().filter(|s| !s.is_full).map(|s| s.there_is))?;
        let mut is_shared_out = true;
        for (sharer, part) in sharers.iter_mut().filter(|s| !s.is_full).zip(parts) {
            sharer.is_full = part.minor() > sharer.most.minor();
            sharer.part = if sharer.is_full { sharer.most } else { part };
            is_shared_out &= !sharer.is_full;
        }
        if is_shared_out {
            return Ok(sharers.iter().map(|s| s.part).collect());
        }
    }
}

/// By largest remainder. No part is larger than its weight when the total is not larger than their sum.
fn spread(total: Money, over: impl Iterator<Item = Money>) -> Result<Vec<Money>, MoneyError> {
    let weights: Vec<Decimal> = over.map(Money::to_decimal).collect();
    allocate(total, &weights)
}

fn not_below_zero(amount: Money) -> Money {
    if amount.is_negative() { Money::zero(amount.currency()) } else { amount }
}
