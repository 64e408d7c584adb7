//! How much of a line's discount goes back when a part of the line is taken back? In proportion, counted on the whole.
//!
//! 1,200.00 with 720.00 off, of which 300.00 stay charged: 720 × 300 ÷ 1,200 = 180.00 stay off, 540.00 are charged back.

use rust_decimal::Decimal;

use super::Share;
use crate::domain::money::{Money, MoneyError, allocate};

/// The shares, all negative or zero, that bring what was taken off a line of `recorded` down to what is right for `now`.
///
/// Counted on the whole: however often a line is reduced, what stays off is what one reduction would have left, give or
/// take a cent of rounding each; and at nothing charged, nothing stays off.
///
/// # Errors
/// Sums that do not fit.
pub fn give_back(shares: &[Share], recorded: Money, now: Money) -> Result<Vec<Share>, MoneyError> {
    let currency = recorded.currency();
    let off = Money::sum(currency, shares.iter().map(|share| share.amount))?;
    if !off.is_positive() {
        return Ok(Vec::new());
    }
    let stays = if now.is_positive() && recorded.is_positive() && !recorded.checked_sub(now)?.is_negative() {
        off.share((now, recorded))?
    } else {
        Money::zero(currency)
    };
    let weights: Vec<Decimal> = shares.iter().map(|share| share.amount.to_decimal()).collect();
    let mut given_back = Vec::with_capacity(shares.len());
    for (share, stays) in shares.iter().zip(allocate(stays, &weights)?) {
        given_back.push(Share { amount: stays.checked_sub(share.amount)?, ..*share });
    }
    Ok(given_back)
}
