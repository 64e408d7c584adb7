//! What does a share of what was used cost? 1,000.00 moved in 4 payments at 2.9 % and 0.30 each: 29.00 + 1.20 = 30.20.
//!
//! With bounds each event is priced alone: at 1 %, at least 0.50 and at most 10.00, payments of 20.00, 600.00 and 5,000.00
//! cost 0.50 + 6.00 + 10.00 = 16.50.

use rust_decimal::Decimal;

use super::{Rated, plus, times};
use crate::domain::money::MoneyError;

/// A percentage price.
#[derive(Debug, Clone, Copy)]
pub(super) struct Percentage {
    pub(super) percent: Decimal,
    pub(super) fixed_amount: Decimal,
    pub(super) minimum: Option<Decimal>,
    pub(super) maximum: Option<Decimal>,
}

impl Percentage {
    /// Whether each event must be priced alone.
    pub(super) fn is_bounded(&self) -> bool {
        self.minimum.is_some() || self.maximum.is_some()
    }

    /// Of a quantity in so many events, all alike.
    pub(super) fn rate(&self, quantity: Decimal, events: i64) -> Result<Rated, MoneyError> {
        let share = self.share(quantity)?;
        let fixed = times(self.fixed_amount, Decimal::from(events))?;
        if fixed.is_zero() {
            return Ok(Rated { amount: share, unit_amount: self.percent / Decimal::ONE_HUNDRED, quantity });
        }
        Ok(Rated::whole(plus(share, fixed)?))
    }

    /// Of single events, each within its bounds.
    pub(super) fn rate_each(&self, values: &[Decimal]) -> Result<Rated, MoneyError> {
        values.iter().try_fold(Decimal::ZERO, |sum, value| plus(sum, self.event(*value)?)).map(Rated::whole)
    }

    fn event(&self, value: Decimal) -> Result<Decimal, MoneyError> {
        let amount = plus(self.share(value)?, self.fixed_amount)?;
        let raised = self.minimum.map_or(amount, |least| amount.max(least));
        Ok(self.maximum.map_or(raised, |most| raised.min(most)))
    }

    fn share(&self, value: Decimal) -> Result<Decimal, MoneyError> {
        times(self.percent / Decimal::ONE_HUNDRED, value)
    }
}
