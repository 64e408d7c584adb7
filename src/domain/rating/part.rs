//! What are the terms of a usage price for a part of a period? What they say of a whole period, by days; what they say of a unit, a
//! package or an event, as it is.
//!
//! 100 units included in a month of 31 days, begun on the 17th to be counted by days: 15/31 of them, 48.387096774194. Bounds of tiers,
//! flat amounts and the maximum are shares alike: so a part costs the share of what a whole period of the same pace would.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::usage::UsagePrice;
use crate::domain::catalog::{Metering, PriceModel, Tier};
use crate::domain::money::{Currency, MoneyError};
use crate::domain::proration::Share;
use crate::domain::usage::Meter;

/// Digits after the point that a share of a bound keeps.
const DIGITS: u32 = 12;

/// Terms of a usage price, as they are for a piece.
#[derive(Debug, Clone)]
pub struct UsageTerms<'a> {
    model: Cow<'a, PriceModel>,
    metering: Cow<'a, Metering>,
}

impl<'a> UsageTerms<'a> {
    /// For a share of a period; `None`: for all of it.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when the numbers are too large.
    pub fn of(
        model: &'a PriceModel,
        metering: &'a Metering,
        share: Option<Share>,
    ) -> Result<UsageTerms<'a>, MoneyError> {
        let Some(share) = share else {
            return Ok(UsageTerms { model: Cow::Borrowed(model), metering: Cow::Borrowed(metering) });
        };
        let model = match scaled(model, share)? {
            Some(model) => Cow::Owned(model),
            None => Cow::Borrowed(model),
        };
        let mut metering = metering.clone();
        metering.included = part_of(metering.included, share)?;
        for most in metering.maximum.values_mut() {
            *most = part_of(*most, share)?;
        }
        Ok(UsageTerms { model, metering: Cow::Owned(metering) })
    }

    /// The price they make.
    #[must_use]
    pub fn price<'t>(&'t self, meter: &'t Meter, currency: Currency) -> UsagePrice<'t> {
        UsagePrice { model: &self.model, metering: &self.metering, meter, currency }
    }
}

/// `None`: nothing of it is of a period.
fn scaled(model: &PriceModel, share: Share) -> Result<Option<PriceModel>, MoneyError> {
    Ok(Some(match model {
        PriceModel::Flat { amount } => PriceModel::Flat { amount: part_of(*amount, share)? },
        PriceModel::Graduated { tiers } => PriceModel::Graduated { tiers: tiers_of(tiers, share)? },
        PriceModel::Volume { tiers } => PriceModel::Volume { tiers: tiers_of(tiers, share)? },
        PriceModel::Stairstep { tiers } => PriceModel::Stairstep { tiers: tiers_of(tiers, share)? },
        _ => return Ok(None),
    }))
}

fn tiers_of(tiers: &[Tier], share: Share) -> Result<Vec<Tier>, MoneyError> {
    let one = |tier: &Tier| {
        let up_to = tier.up_to.map(|bound| part_of(bound, share)).transpose()?;
        Ok(Tier { up_to, flat_amount: part_of(tier.flat_amount, share)?, unit_amount: tier.unit_amount })
    };
    tiers.iter().map(one).collect()
}

fn part_of(number: Decimal, share: Share) -> Result<Decimal, MoneyError> {
    let times = number.checked_mul(Decimal::from(share.numerator));
    let part = times.and_then(|n| n.checked_div(Decimal::from(share.denominator)));
    part.map(|part| part.round_dp(DIGITS)).ok_or(MoneyError::Overflow)
}
