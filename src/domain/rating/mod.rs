//! What does a quantity cost under a price model? 7 seats at 12.50 → 87.50, exact and not yet rounded.

use rust_decimal::Decimal;

use super::catalog::PriceModel;
use super::money::MoneyError;

/// What a whole period costs, before the one rounding of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rated {
    /// Major units, exact.
    pub amount: Decimal,
    /// What one unit costs, as printed on the line.
    pub unit_amount: Decimal,
    /// The quantity printed on the line: 1 for a flat price.
    pub quantity: Decimal,
}

/// Rates a quantity.
pub fn rate(model: &PriceModel, quantity: Decimal) -> Result<Rated, MoneyError> {
    match model {
        PriceModel::Flat { amount } => {
            Ok(Rated { amount: *amount, unit_amount: *amount, quantity: Decimal::ONE })
        }
        PriceModel::PerUnit { unit_amount } => {
            let amount = unit_amount.checked_mul(quantity).ok_or(MoneyError::Overflow)?;
            Ok(Rated { amount, unit_amount: *unit_amount, quantity })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_flat_price_costs_the_same_for_any_quantity() {
        let flat = PriceModel::Flat { amount: d("31.00") };
        assert_eq!(rate(&flat, d("0")).unwrap().amount, d("31.00"));
        assert_eq!(rate(&flat, d("12")).unwrap().amount, d("31.00"));
    }

    #[test]
    fn a_price_per_unit_is_not_rounded_before_its_line() {
        let api_calls = PriceModel::PerUnit { unit_amount: d("0.0025") };
        assert_eq!(rate(&api_calls, d("1001")).unwrap().amount, d("2.5025"));
    }

    #[test]
    fn a_quantity_too_large_to_price_is_refused() {
        let dear = PriceModel::PerUnit { unit_amount: d("999999999999999") };
        assert!(matches!(rate(&dear, d("999999999999999")), Err(MoneyError::Overflow)));
    }
}
