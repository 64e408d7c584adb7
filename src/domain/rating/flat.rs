//! What does a flat price cost? Its amount: 31.00 for 1, for 12 and for 0.

use rust_decimal::Decimal;

use super::Rated;

pub(super) fn rate(amount: Decimal) -> Rated {
    Rated::whole(amount)
}
