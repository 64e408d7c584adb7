//! Can a price be of this amount? Not below zero, and not beyond what the currency can count.

use rust_decimal::Decimal;

use crate::domain::fields::Faults;
use crate::domain::money::{Currency, round_to_minor};

/// Notes an amount below zero, or beyond what the currency can count.
pub(super) fn check_amount(amount: Decimal, at: &str, currency: Currency, faults: &mut Faults) {
    if amount.is_sign_negative() && !amount.is_zero() {
        let detail =
            format_args!("a price cannot be negative, and this one is {amount}: use 0 for what is free");
        faults.add(at, "negative_amount", detail);
    } else if let Err(error) = round_to_minor(amount, currency) {
        faults.add(at, "amount_out_of_range", error);
    }
}
