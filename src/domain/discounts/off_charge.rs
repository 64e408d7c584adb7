//! What did discounts take off one charge, line by line, and what of that went back and may come again? What comes again has off what went
//! back with it, in proportion, whoever pays by now: so an end that is moved to and fro leaves off what it would have left at once.
//!
//! 31.00 with 10.00 off; −15.00 gave 4.84 of it back. Of those 15.00, 8.00 come again with 4.84 × 8 ÷ 15 = 2.58 off.

use std::collections::BTreeMap;

use super::Share;
use crate::domain::ids::{DiscountId, SubscriptionId};
use crate::domain::money::{Currency, Money, MoneyError};

/// One line of a charge, and what each discount took off it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineOff {
    /// Whether it is the charge's first, and not a difference to what was billed before.
    pub is_first: bool,
    pub amount: Money,
    pub shares: Vec<Share>,
}

/// What discounts took off the lines of one charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffCharge {
    by_discount: BTreeMap<(DiscountId, SubscriptionId, i32), Sums>,
    /// How much of the charge lines gave back that did not come again.
    went_back: Money,
}

/// Of one discount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sums {
    off: Money,
    /// The same, with what was given back added in place of taken off.
    moved: Money,
    went_back: Money,
}

impl OffCharge {
    /// Of a charge without a line.
    #[must_use]
    pub fn nothing(currency: Currency) -> OffCharge {
        OffCharge { by_discount: BTreeMap::new(), went_back: Money::zero(currency) }
    }

    /// Adds the next line.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn add(&mut self, line: &LineOff) -> Result<(), MoneyError> {
        let gives_back = !line.is_first && line.amount.is_negative();
        if !line.is_first && line.amount.is_positive() {
            let again = self.comes_again(line.amount, Money::zero(line.amount.currency()))?;
            self.went_back = self.went_back.checked_sub(again.amount)?;
            for share in again.shares {
                let sums = self.sums_of(&share);
                sums.went_back = sums.went_back.checked_sub(share.amount)?;
            }
        }
        if gives_back {
            self.went_back = self.went_back.checked_sub(line.amount)?;
        }
        for share in &line.shares {
            let sums = self.sums_of(share);
            sums.off = sums.off.checked_add(share.amount)?;
            let is_back = share.amount.is_negative();
            let size = if is_back { share.amount.negated()? } else { share.amount };
            sums.moved = sums.moved.checked_add(size)?;
            if gives_back && is_back {
                sums.went_back = sums.went_back.checked_add(size)?;
            }
        }
        Ok(())
    }

    fn sums_of(&mut self, share: &Share) -> &mut Sums {
        let nothing = Money::zero(share.amount.currency());
        let slot = (share.discount_id, share.subscription_id, share.period_no);
        self.by_discount.entry(slot).or_insert(Sums { off: nothing, moved: nothing, went_back: nothing })
    }

    fn each(&self, amount: fn(&Sums) -> Money) -> impl Iterator<Item = Share> {
        self.by_discount.iter().map(move |((discount_id, subscription_id, period_no), sums)| Share {
            discount_id: *discount_id,
            subscription_id: *subscription_id,
            period_no: *period_no,
            amount: amount(sums),
        })
    }

    /// What is still taken off its lines.
    #[must_use]
    pub fn shares(&self) -> Vec<Share> {
        self.each(|sums| sums.off).collect()
    }

    /// What each of them took off or gave back in all.
    #[must_use]
    pub fn moved(&self) -> Vec<Money> {
        self.by_discount.values().map(|sums| sums.moved).collect()
    }

    /// What comes again with so much more of the charge, `but` so much of what went back, which cannot.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn comes_again(&self, more: Money, but: Money) -> Result<Again, MoneyError> {
        let room = self.went_back.checked_sub(but)?;
        let nothing = Again { amount: Money::zero(more.currency()), shares: Vec::new() };
        if !room.is_positive() || !more.is_positive() {
            return Ok(nothing);
        }
        let amount = more.smaller(room)?;
        let mut shares = Vec::with_capacity(self.by_discount.len());
        for share in self.each(|sums| sums.went_back).filter(|share| share.amount.is_positive()) {
            shares.push(Share { amount: share.amount.share((amount, self.went_back))?, ..share });
        }
        Ok(Again { amount, shares })
    }
}

/// What comes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    /// How much of the charge.
    pub amount: Money,
    /// What is taken off that.
    pub shares: Vec<Share>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, "USD".parse().unwrap())
    }

    fn share(amount: i64) -> Share {
        Share {
            discount_id: DiscountId::from_uuid(Uuid::from_u128(1)),
            subscription_id: SubscriptionId::from_uuid(Uuid::from_u128(2)),
            period_no: 0,
            amount: usd(amount),
        }
    }

    /// Of lines with so much off, the first one first: what comes again of the charge with so much more, and off that.
    fn again(lines: &[(i64, i64)], more: i64) -> (i64, i64) {
        let mut charge = OffCharge::nothing("USD".parse().unwrap());
        for (n, (amount, off)) in lines.iter().enumerate() {
            let shares = (*off != 0).then(|| share(*off)).into_iter().collect();
            charge.add(&LineOff { is_first: n == 0, amount: usd(*amount), shares }).unwrap();
        }
        let Again { amount, shares } = charge.comes_again(usd(more), usd(0)).unwrap();
        (amount.minor(), shares.iter().map(|share| share.amount.minor()).sum())
    }

    #[test]
    fn what_went_back_comes_again_in_proportion() {
        let back = [(3_100, 1_000), (-1_500, -484)];
        assert_eq!(again(&back, 800), (800, 258));
        assert_eq!(again(&back, 1_500), (1_500, 484));
        assert_eq!(again(&[back[0], back[1], (800, 258)], 900), (700, 226), "the rest of it");
        assert_eq!(again(&[back[0], (-1_500, 0)], 800), (800, 0), "nothing was off what went back");
    }

    #[test]
    fn what_is_charged_for_the_first_time_does_not_come_again() {
        assert_eq!(again(&[(3_100, 1_000)], 800), (0, 0));
        assert_eq!(again(&[(3_100, 1_000), (500, 0), (-300, -50)], 400), (300, 50));
        assert_eq!(again(&[(-3_300, 0)], 800), (0, 0), "a first line below zero gives back of nothing");
    }
}
