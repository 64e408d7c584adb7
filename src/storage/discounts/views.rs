//! Which coupons and discounts are there? Pages of each, newest first.

use diesel::prelude::*;

use super::super::keyset::{Keyset, Slice, keyset_query};
use crate::domain::discounts::{Coupon, Discount};
use crate::domain::ids::{CouponId, CustomerId, SubscriptionId, TenantId};
use crate::storage::discounts::{self as rows, CouponRow, DiscountRow, JoinedRow};
use crate::storage::schema::{coupons, discounts};
use crate::storage::{StorageError, Tx};

pub use crate::storage::discounts::{find_coupon, find_discount as find, shares_of};

/// Which discounts are wanted; everything left out does not matter.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    pub customer_id: Option<CustomerId>,
    pub subscription_id: Option<SubscriptionId>,
    pub coupon_id: Option<CouponId>,
}

/// A page of coupons.
pub fn list_coupons(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    code: Option<&str>,
    keyset: &Keyset,
) -> Result<Slice<Coupon>, StorageError> {
    let mut query =
        coupons::table.filter(coupons::tenant_id.eq(tenant_id)).select(CouponRow::as_select()).into_boxed();
    if let Some(code) = code {
        query = query.filter(coupons::code.eq(code.to_owned()));
    }
    let found: Vec<CouponRow> = keyset_query!(query, coupons::id, keyset).load(tx.conn)?;
    keyset.slice(found).try_map(Coupon::try_from)
}

/// A page of discounts.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: Wanted,
    keyset: &Keyset,
) -> Result<Slice<Discount>, StorageError> {
    let same = coupons::tenant_id.eq(discounts::tenant_id).and(coupons::id.eq(discounts::coupon_id));
    let mut query = discounts::table
        .inner_join(coupons::table.on(same))
        .filter(discounts::tenant_id.eq(tenant_id))
        .select((DiscountRow::as_select(), CouponRow::as_select()))
        .into_boxed();
    if let Some(customer) = wanted.customer_id {
        query = query.filter(discounts::customer_id.eq(customer));
    }
    if let Some(subscription) = wanted.subscription_id {
        query = query.filter(discounts::subscription_id.eq(subscription));
    }
    if let Some(coupon) = wanted.coupon_id {
        query = query.filter(discounts::coupon_id.eq(coupon));
    }
    let found: Vec<JoinedRow> = keyset_query!(query, discounts::id, keyset).load(tx.conn)?;
    keyset.slice(found).try_map(rows::discount)
}
