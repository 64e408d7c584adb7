//! What does the step reached cost? Its flat amount, whatever the quantity on it: up to 1,000 for 50.00 and up to 5,000 for
//! 200.00 makes 1,000 cost 50.00, and 1,001 cost 200.00.

use rust_decimal::Decimal;

use super::{Rated, reached};
use crate::domain::catalog::Tier;

pub(super) fn rate(tiers: &[Tier], quantity: Decimal) -> Rated {
    Rated::whole(reached(tiers, quantity).map_or(Decimal::ZERO, |step| step.flat_amount))
}
