//! What does a share of what was used cost? 1,000.00 moved in 4 payments at 2.9 % and 0.30 each: 29.00 + 1.20 = 30.20.
//!
//! With bounds each event is priced alone: at 1 %, at least 0.50 and at most 10.00, payments of 20.00, 600.00 and 5,000.00
//! cost 0.50 + 6.00 + 10.00 = 16.50.

use rust_decimal::Decimal;

use super::summary::{Bounded, Events};
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
            return Ok(Rated { amount: share, unit_amount: self.unit_amount(), quantity });
        }
        Ok(Rated::whole(plus(share, fixed)?))
    }

    /// Single events, put apart by whether a bound decides what each costs.
    pub(super) fn put_apart(&self, values: &[Decimal]) -> Result<Bounded, MoneyError> {
        let mut bounded = Bounded::default();
        for value in values {
            let amount = plus(self.share(*value)?, self.fixed_amount)?;
            let events = match (self.minimum, self.maximum) {
                (Some(least), _) if amount < least => &mut bounded.at_minimum,
                (_, Some(most)) if amount > most => &mut bounded.at_maximum,
                _ => &mut bounded.between,
            };
            events.events += 1;
            events.quantity = plus(events.quantity, *value)?;
        }
        Ok(bounded)
    }

    /// Of single events, each within its bounds.
    pub(super) fn rate_bounded(&self, bounded: &Bounded) -> Result<Rated, MoneyError> {
        let count = |events: &Events| Decimal::from(events.events);
        let least = times(self.minimum.unwrap_or_default(), count(&bounded.at_minimum))?;
        let most = times(self.maximum.unwrap_or_default(), count(&bounded.at_maximum))?;
        let fixed = times(self.fixed_amount, count(&bounded.between))?;
        let between = plus(self.share(bounded.between.quantity)?, fixed)?;
        Ok(Rated::whole(plus(plus(least, most)?, between)?))
    }

    /// What one unit costs.
    pub(super) fn unit_amount(&self) -> Decimal {
        self.percent / Decimal::ONE_HUNDRED
    }

    fn share(&self, value: Decimal) -> Result<Decimal, MoneyError> {
        times(self.unit_amount(), value)
    }
}
