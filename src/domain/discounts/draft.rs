//! Is this coupon one that can be sold? A percentage above 0 and up to 100, or amounts above zero; limits of at least one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::{AppliesTo, Coupon, Duration, Limits, Metadata, Off};
use crate::domain::customers::metadata;
use crate::domain::fields::{Faults, NAME_LENGTH};
use crate::domain::ids::CouponId;
use crate::domain::money::{Currency, Money};
use crate::domain::refusal::Invalid;

/// Longest duration in periods.
pub const LONGEST: i32 = 1_000;

/// What a caller says of a new coupon.
#[derive(Debug, Clone, PartialEq)]
pub struct CouponDraft {
    pub code: String,
    pub name: Option<String>,
    pub percent_off: Option<Decimal>,
    pub amounts_off: BTreeMap<Currency, Money>,
    pub duration: Duration,
    pub applies_to: AppliesTo,
    pub limits: Limits,
    /// It is when left out.
    pub active: Option<bool>,
    pub metadata: Metadata,
}

impl CouponDraft {
    /// The coupon.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn create(self, id: CouponId, now: DateTime<Utc>) -> Result<Coupon, Invalid> {
        let mut faults = Faults::none();
        faults.check_code("/code", &self.code);
        faults.check_optional("/name", self.name.as_deref(), NAME_LENGTH);
        metadata::check(&self.metadata, &mut faults);
        for (pointer, limit) in [
            ("/max_redemptions", self.limits.max_redemptions),
            ("/max_redemptions_per_customer", self.limits.max_redemptions_per_customer),
        ] {
            if limit.is_some_and(|limit| limit < 1) {
                faults.add(pointer, "limit_out_of_range", "a limit is at least 1; leave it out for no limit");
            }
        }
        if let Duration::Repeating(periods) = self.duration
            && !(1..=LONGEST).contains(&periods)
        {
            faults.add("/periods", "periods_out_of_range", format_args!("periods are from 1 to {LONGEST}"));
        }
        let off = self.off(&mut faults);
        faults.into_result()?;
        let Some(off) = off else {
            return Err(Invalid::one(
                "/percent_off",
                "nothing_off",
                "say what is taken off: percent_off, or amount_off",
            ));
        };
        Ok(Coupon {
            id,
            name: self.name.unwrap_or_else(|| self.code.clone()),
            code: self.code,
            off,
            duration: self.duration,
            applies_to: self.applies_to,
            limits: self.limits,
            active: self.active.unwrap_or(true),
            redemptions: 0,
            metadata: self.metadata,
            created_at: now,
        })
    }

    fn off(&self, faults: &mut Faults) -> Option<Off> {
        for (currency, amount) in &self.amounts_off {
            if !amount.is_positive() {
                let detail = format_args!("{amount} takes nothing off: an amount is above zero");
                faults.add(format!("/amounts_off/{}", currency.code()), "amount_out_of_range", detail);
            }
        }
        let Some(percent) = self.percent_off else {
            return (!self.amounts_off.is_empty()).then(|| Off::Amounts(self.amounts_off.clone()));
        };
        if !self.amounts_off.is_empty() {
            faults.add("/percent_off", "off_twice", "a coupon takes off a percentage or an amount, not both");
        }
        if percent <= Decimal::ZERO || percent > Decimal::ONE_HUNDRED {
            faults.add("/percent_off", "percent_out_of_range", "a percentage is above 0 and at most 100");
        }
        Some(Off::Percent(percent))
    }
}
