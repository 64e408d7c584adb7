//! How much of an amount off is used up in a period of which charges were taken back? Of each charge as much less as went back of all that was
//! taken off it, rounded once for the period.
//!
//! 10.00 off one charge and 5.00 off another, each of 15.00 with all discounts; of the first a note took back 3.00 of the 15.00: 2.00 of
//! the 10.00 went back, and 13.00 are used up.
//!
//! A line that a correction leaves as it is has its discount in its price from then on, and that stays used up with as much as stays of it: 90.00
//! with 10.00 within, of which 45.00 are given back: 5.00.

use rust_decimal::Decimal;

use crate::domain::money::{Currency, Money, MoneyError, round_to_minor};

/// What one discount took off charges, and what went back of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenOff {
    pub amount: Money,
    /// What all discounts took off them.
    pub by_all: Money,
    /// What went back of that.
    pub went_back: Money,
    pub priced_in: PricedIn,
}

/// What corrections made part of the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PricedIn {
    pub amount: Money,
    /// What the charge came to then.
    pub price: Money,
    /// What stays charged of that.
    pub stays: Money,
}

impl PricedIn {
    /// What went back of it with its price.
    fn went_back(&self) -> Option<Decimal> {
        let [amount, price, stays] = [self.amount, self.price, self.stays].map(Money::to_decimal);
        if !self.amount.is_positive() || stays >= price {
            return Some(Decimal::ZERO);
        }
        let gone = price.checked_sub(stays.max(Decimal::ZERO))?;
        amount.checked_mul(gone)?.checked_div(price)
    }
}

impl TakenOff {
    /// Its part of what went back, not rounded.
    fn part_back(&self) -> Option<Decimal> {
        let [amount, by_all, went_back] = [self.amount, self.by_all, self.went_back].map(Money::to_decimal);
        let went_back = went_back.checked_add(self.priced_in.went_back()?)?;
        if by_all.is_zero() || went_back.is_zero() {
            return Some(Decimal::ZERO);
        }
        // Multiplied first, so that a half cent is one.
        amount.checked_mul(went_back)?.checked_div(by_all)
    }
}

/// What is used up of a discount in one of its periods.
///
/// # Errors
/// Sums that do not fit.
pub fn used_up(taken: &[TakenOff], currency: Currency) -> Result<Money, MoneyError> {
    let parts = taken.iter().try_fold(Decimal::ZERO, |sum, one| sum.checked_add(one.part_back()?));
    let back = round_to_minor(parts.ok_or(MoneyError::OutOfRange { currency })?, currency)?;
    Money::sum(currency, taken.iter().map(|one| one.amount))?.checked_sub(back)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::LARGEST;

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, "USD".parse().unwrap())
    }

    fn taken(amount: i64, by_all: i64, went_back: i64) -> TakenOff {
        let priced_in = PricedIn { amount: usd(0), price: usd(0), stays: usd(0) };
        TakenOff { amount: usd(amount), by_all: usd(by_all), went_back: usd(went_back), priced_in }
    }

    #[test]
    fn what_is_part_of_the_price_is_used_up_with_as_much_as_stays_of_it() {
        for (stays, used) in [(9_000, 1_000), (4_500, 500), (0, 0), (12_000, 1_000)] {
            let priced_in = PricedIn { amount: usd(1_000), price: usd(9_000), stays: usd(stays) };
            assert_eq!(cents(&[TakenOff { priced_in, ..taken(1_000, 1_000, 0) }]), used, "{stays}");
        }
    }

    fn cents(charges: &[TakenOff]) -> i64 {
        used_up(charges, "USD".parse().unwrap()).unwrap().minor()
    }

    #[test]
    fn the_part_of_what_went_back_is_not_used_up() {
        assert_eq!(cents(&[taken(1_000, 1_500, 300), taken(500, 1_500, 0)]), 1_300);
        assert_eq!(cents(&[taken(1_000, 1_000, 1_000)]), 0, "all of it went back");
        assert_eq!(cents(&[taken(0, 0, 7)]), 0, "nothing was taken off it");
    }

    #[test]
    fn a_period_is_rounded_once() {
        // Three times 2.5 cents of 5 are 7.5, rounded 8; rounded one by one they would be 9.
        assert_eq!(cents(&[taken(5, 10, 5); 3]), 15 - 8);
        assert_eq!(cents(&[taken(1, 6, 3)]), 0, "half a cent goes back as a cent");
    }

    #[test]
    fn the_largest_amount_can_go_back() {
        assert_eq!(cents(&[taken(LARGEST, LARGEST, LARGEST)]), 0);
    }
}
