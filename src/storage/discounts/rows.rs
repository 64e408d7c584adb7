//! How are coupons and discounts written in rows? Amounts off as JSON of decimal strings by currency: `{"USD": "10.00"}`.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::discounts::{AppliesTo, Coupon, Discount, Duration, Limits, Off};
use crate::domain::ids::{CouponId, CustomerId, DiscountId, PriceId, SubscriptionId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::storage::StorageError;
use crate::storage::columns::{metadata_from, metadata_json};
use crate::storage::schema::{coupons, discounts};

/// A coupon as its row holds it; views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = coupons, treat_none_as_default_value = false)]
pub(in crate::storage) struct CouponRow {
    tenant_id: Uuid,
    id: Uuid,
    code: String,
    name: String,
    percent_off: Option<Decimal>,
    amounts_off: Option<Value>,
    duration: String,
    periods: Option<i32>,
    applies_to: Value,
    max_redemptions: Option<i32>,
    max_redemptions_per_customer: Option<i32>,
    redeem_by: Option<DateTime<Utc>>,
    active: bool,
    redemptions: i32,
    metadata: Value,
    created_at: DateTime<Utc>,
}

/// A redemption as its row holds it; views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = discounts, treat_none_as_default_value = false)]
pub(in crate::storage) struct DiscountRow {
    tenant_id: Uuid,
    id: Uuid,
    coupon_id: Uuid,
    customer_id: Uuid,
    subscription_id: Option<Uuid>,
    price_id: Option<Uuid>,
    starts_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

/// A discount with its coupon.
pub(in crate::storage) type JoinedRow = (DiscountRow, CouponRow);

impl CouponRow {
    pub(super) fn of(tenant_id: TenantId, coupon: &Coupon) -> Result<CouponRow, StorageError> {
        let (percent_off, amounts_off) = match &coupon.off {
            Off::Percent(percent) => (Some(*percent), None),
            Off::Amounts(amounts) => (None, Some(amounts_json(amounts))),
        };
        let periods = match coupon.duration {
            Duration::Repeating(periods) => Some(periods),
            Duration::Once | Duration::Forever => None,
        };
        Ok(CouponRow {
            tenant_id: tenant_id.uuid(),
            id: coupon.id.uuid(),
            code: coupon.code.clone(),
            name: coupon.name.clone(),
            percent_off,
            amounts_off,
            duration: coupon.duration.as_str().to_owned(),
            periods,
            applies_to: serde_json::to_value(&coupon.applies_to)
                .map_err(|e| StorageError::unreadable("coupon scope", e))?,
            max_redemptions: coupon.limits.max_redemptions,
            max_redemptions_per_customer: coupon.limits.max_redemptions_per_customer,
            redeem_by: coupon.limits.redeem_by,
            active: coupon.active,
            redemptions: coupon.redemptions,
            metadata: metadata_json(&coupon.metadata),
            created_at: coupon.created_at,
        })
    }

    /// Which prices it is for.
    pub(super) fn applies_to(&self) -> Result<AppliesTo, StorageError> {
        serde_json::from_value(self.applies_to.clone())
            .map_err(|e| StorageError::unreadable("coupon scope", e))
    }

    fn off(&self) -> Result<Off, StorageError> {
        match (self.percent_off, &self.amounts_off) {
            (Some(percent), _) => Ok(Off::Percent(percent)),
            (None, amounts) => amounts_from(amounts.clone().unwrap_or_default()).map(Off::Amounts),
        }
    }

    fn duration(&self) -> Result<Duration, StorageError> {
        match (self.duration.as_str(), self.periods) {
            ("once", _) => Ok(Duration::Once),
            ("forever", _) => Ok(Duration::Forever),
            ("repeating", Some(periods)) => Ok(Duration::Repeating(periods)),
            (other, _) => Err(StorageError::unreadable("coupon duration", other)),
        }
    }
}

fn amounts_json(amounts: &BTreeMap<Currency, Money>) -> Value {
    amounts.iter().map(|(currency, amount)| (currency.code(), amount.to_major_string())).collect::<Value>()
}

fn amounts_from(stored: Value) -> Result<BTreeMap<Currency, Money>, StorageError> {
    let unreadable = |e: &dyn std::fmt::Display| StorageError::unreadable("coupon amounts", e);
    let texts: BTreeMap<String, String> = serde_json::from_value(stored).map_err(|e| unreadable(&e))?;
    let one = |(code, amount): (String, String)| {
        let currency = Currency::parse(&code).map_err(|e| unreadable(&e))?;
        Ok((currency, Money::parse_major(&amount, currency).map_err(|e| unreadable(&e))?))
    };
    texts.into_iter().map(one).collect()
}

impl TryFrom<CouponRow> for Coupon {
    type Error = StorageError;

    fn try_from(row: CouponRow) -> Result<Coupon, StorageError> {
        Ok(Coupon {
            id: CouponId::from_uuid(row.id),
            off: row.off()?,
            duration: row.duration()?,
            code: row.code,
            name: row.name,
            applies_to: serde_json::from_value(row.applies_to)
                .map_err(|e| StorageError::unreadable("coupon scope", e))?,
            limits: Limits {
                max_redemptions: row.max_redemptions,
                max_redemptions_per_customer: row.max_redemptions_per_customer,
                redeem_by: row.redeem_by,
            },
            active: row.active,
            redemptions: row.redemptions,
            metadata: metadata_from(row.metadata)?,
            created_at: row.created_at,
        })
    }
}

impl DiscountRow {
    pub(super) fn of(tenant_id: TenantId, discount: &Discount) -> DiscountRow {
        DiscountRow {
            tenant_id: tenant_id.uuid(),
            id: discount.id.uuid(),
            coupon_id: discount.coupon_id.uuid(),
            customer_id: discount.customer_id.uuid(),
            subscription_id: discount.subscription_id.map(SubscriptionId::uuid),
            price_id: discount.price_id.map(PriceId::uuid),
            starts_at: discount.starts_at,
            ended_at: discount.ended_at,
            created_at: discount.created_at,
        }
    }
}

/// The discount; which prices its coupon is for is read with what is billed.
pub(in crate::storage) fn discount((row, coupon): JoinedRow) -> Result<Discount, StorageError> {
    Ok(Discount {
        id: DiscountId::from_uuid(row.id),
        coupon_id: CouponId::from_uuid(row.coupon_id),
        customer_id: CustomerId::from_uuid(row.customer_id),
        subscription_id: row.subscription_id.map(SubscriptionId::from_uuid),
        price_id: row.price_id.map(PriceId::from_uuid),
        off: Arc::new(coupon.off()?),
        duration: coupon.duration()?,
        coupon_code: coupon.code.into(),
        prices: None,
        starts_at: row.starts_at,
        ended_at: row.ended_at,
        created_at: row.created_at,
    })
}
