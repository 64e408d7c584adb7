//! How are coupons and discounts written in rows? Amounts off as JSON of decimal strings by currency: `{"USD": "10.00"}`.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::domain::discounts::{AppliesTo, Coupon, Discount, Duration, DurationKind, Limits, Metadata, Off};
use crate::domain::ids::{CouponId, CustomerId, DiscountId, PriceId, SubscriptionId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::storage::StorageError;
use crate::storage::schema::{coupons, discounts};
use crate::storage::sql_types::Json;

/// A coupon as its row holds it; views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = coupons, treat_none_as_default_value = false)]
pub(in crate::storage) struct CouponRow {
    tenant_id: TenantId,
    id: CouponId,
    code: String,
    name: String,
    percent_off: Option<Decimal>,
    amounts_off: Option<Json<BTreeMap<Currency, String>>>,
    duration: DurationKind,
    periods: Option<i32>,
    pub(super) applies_to: Json<AppliesTo>,
    max_redemptions: Option<i32>,
    max_redemptions_per_customer: Option<i32>,
    redeem_by: Option<DateTime<Utc>>,
    active: bool,
    redemptions: i32,
    metadata: Json<Metadata>,
    created_at: DateTime<Utc>,
}

/// A redemption as its row holds it; views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = discounts, treat_none_as_default_value = false)]
pub(in crate::storage) struct DiscountRow {
    tenant_id: TenantId,
    id: DiscountId,
    coupon_id: CouponId,
    customer_id: CustomerId,
    subscription_id: Option<SubscriptionId>,
    price_id: Option<PriceId>,
    starts_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

/// A discount with its coupon.
pub(in crate::storage) type JoinedRow = (DiscountRow, CouponRow);

impl CouponRow {
    pub(super) fn of(tenant_id: TenantId, coupon: &Coupon) -> CouponRow {
        let (percent_off, amounts_off) = match &coupon.off {
            Off::Percent(percent) => (Some(*percent), None),
            Off::Amounts(amounts) => (None, Some(amounts_json(amounts))),
        };
        let periods = match coupon.duration {
            Duration::Repeating(periods) => Some(periods),
            Duration::Once | Duration::Forever => None,
        };
        CouponRow {
            tenant_id,
            id: coupon.id,
            code: coupon.code.clone(),
            name: coupon.name.clone(),
            percent_off,
            amounts_off,
            duration: coupon.duration.into(),
            periods,
            applies_to: Json(coupon.applies_to.clone()),
            max_redemptions: coupon.limits.max_redemptions,
            max_redemptions_per_customer: coupon.limits.max_redemptions_per_customer,
            redeem_by: coupon.limits.redeem_by,
            active: coupon.active,
            redemptions: coupon.redemptions,
            metadata: Json(coupon.metadata.clone()),
            created_at: coupon.created_at,
        }
    }

    fn off(&self) -> Result<Off, StorageError> {
        match (self.percent_off, &self.amounts_off) {
            (Some(percent), _) => Ok(Off::Percent(percent)),
            (None, Some(amounts)) => amounts_from(amounts).map(Off::Amounts),
            (None, None) => Err(StorageError::unreadable("coupon amounts", "there are none")),
        }
    }

    fn duration(&self) -> Result<Duration, StorageError> {
        match (self.duration, self.periods) {
            (DurationKind::Once, _) => Ok(Duration::Once),
            (DurationKind::Forever, _) => Ok(Duration::Forever),
            (DurationKind::Repeating, Some(periods)) => Ok(Duration::Repeating(periods)),
            (DurationKind::Repeating, None) => {
                Err(StorageError::unreadable("coupon duration", "it does not say how often"))
            }
        }
    }
}

fn amounts_json(amounts: &BTreeMap<Currency, Money>) -> Json<BTreeMap<Currency, String>> {
    Json(amounts.iter().map(|(currency, amount)| (*currency, amount.to_major_string())).collect())
}

fn amounts_from(
    stored: &Json<BTreeMap<Currency, String>>,
) -> Result<BTreeMap<Currency, Money>, StorageError> {
    let one = |(currency, amount): (&Currency, &String)| {
        let read = Money::parse_major(amount, *currency);
        Ok((*currency, read.map_err(|e| StorageError::unreadable("coupon amounts", e))?))
    };
    stored.0.iter().map(one).collect()
}

impl TryFrom<CouponRow> for Coupon {
    type Error = StorageError;

    fn try_from(row: CouponRow) -> Result<Coupon, StorageError> {
        Ok(Coupon {
            id: row.id,
            off: row.off()?,
            duration: row.duration()?,
            code: row.code,
            name: row.name,
            applies_to: row.applies_to.0,
            limits: Limits {
                max_redemptions: row.max_redemptions,
                max_redemptions_per_customer: row.max_redemptions_per_customer,
                redeem_by: row.redeem_by,
            },
            active: row.active,
            redemptions: row.redemptions,
            metadata: row.metadata.0,
            created_at: row.created_at,
        })
    }
}

impl DiscountRow {
    pub(super) fn of(tenant_id: TenantId, discount: &Discount) -> DiscountRow {
        DiscountRow {
            tenant_id,
            id: discount.id,
            coupon_id: discount.coupon_id,
            customer_id: discount.customer_id,
            subscription_id: discount.subscription_id,
            price_id: discount.price_id,
            starts_at: discount.starts_at,
            ended_at: discount.ended_at,
            created_at: discount.created_at,
        }
    }
}

/// The discount; which prices its coupon is for is read with what is billed.
pub(in crate::storage) fn discount((row, coupon): JoinedRow) -> Result<Discount, StorageError> {
    Ok(Discount {
        id: row.id,
        coupon_id: row.coupon_id,
        customer_id: row.customer_id,
        subscription_id: row.subscription_id,
        price_id: row.price_id,
        off: Arc::new(coupon.off()?),
        duration: coupon.duration()?,
        coupon_code: coupon.code.into(),
        prices: None,
        starts_at: row.starts_at,
        ended_at: row.ended_at,
        created_at: row.created_at,
    })
}
