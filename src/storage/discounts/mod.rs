//! How are coupons and discounts kept? A row a coupon and a row a redemption, neither ever deleted.
//!
//! A coupon's row is locked by whoever redeems it, after its customer's: so the hundredth redemption of a hundred is the last.
//!
//! What is on this shelf, what is not, and its laws: [`domain::discounts`](crate::domain::discounts).

mod in_force;
mod reach;
mod recorded;
mod rows;
pub mod views;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

pub use in_force::{InForce, insert_shares, load, load_drafted};
pub use reach::{Wanted, prices_of, takes_something};
pub(in crate::storage) use rows::{CouponRow, DiscountRow, JoinedRow, discount};

use super::schema::{coupons, discounts, invoice_line_discounts};
use super::{StorageError, Tx};
use crate::domain::catalog::{Billing, PriceKind};
use crate::domain::discounts::redeem::Billed;
use crate::domain::discounts::{AppliesTo, Coupon, Discount};
use crate::domain::ids::{CouponId, CustomerId, DiscountId, InvoiceId, PriceId, SubscriptionId, TenantId};
use crate::storage::customers::Held;
use crate::storage::sql_types::Json;
use crate::storage::{Found, Thing};

/// Adds a coupon.
pub fn insert_coupon(tx: &mut Tx<'_>, tenant_id: TenantId, coupon: &Coupon) -> Result<(), StorageError> {
    diesel::insert_into(coupons::table).values(CouponRow::of(tenant_id, coupon)).execute(tx.conn)?;
    Ok(())
}

/// What may change of a coupon: its name, its metadata, whether it is active, how often it was redeemed.
pub fn update_coupon(tx: &mut Tx<'_>, tenant_id: TenantId, coupon: &Coupon) -> Result<(), StorageError> {
    let metadata = Json(&coupon.metadata);
    diesel::update(coupons::table.find((tenant_id, coupon.id)))
        .set((
            coupons::name.eq(&coupon.name),
            coupons::active.eq(coupon.active),
            coupons::redemptions.eq(coupon.redemptions),
            coupons::metadata.eq(metadata),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The coupon with this id.
pub fn find_coupon(tx: &mut Tx<'_>, tenant_id: TenantId, id: CouponId) -> Result<Coupon, StorageError> {
    let row: CouponRow = coupons::table
        .find((tenant_id, id))
        .select(CouponRow::as_select())
        .first(tx.conn)
        .found(Thing::Coupon, id)?;
    row.try_into()
}

/// The coupon with this code or id, locked until the transaction ends; its customer is locked before.
pub fn lock_coupon(tx: &mut Tx<'_>, tenant_id: TenantId, named: &str) -> Result<Coupon, StorageError> {
    let id = named.parse().unwrap_or(CouponId::from_uuid(Uuid::nil()));
    let row: CouponRow = coupons::table
        .filter(coupons::tenant_id.eq(tenant_id))
        .filter(coupons::id.eq(id).or(coupons::code.eq(named)))
        .order(coupons::id.eq(id).desc())
        .for_no_key_update()
        .select(CouponRow::as_select())
        .first(tx.conn)
        .found(Thing::Coupon, named)?;
    row.try_into()
}

/// How often a customer has redeemed a coupon.
pub fn redemptions_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (coupon, customer): (CouponId, CustomerId),
) -> Result<i64, StorageError> {
    Ok(discounts::table
        .filter(discounts::tenant_id.eq(tenant_id).and(discounts::coupon_id.eq(coupon)))
        .filter(discounts::customer_id.eq(customer))
        .count()
        .get_result(tx.conn)?)
}

/// What was billed of a customer, or of one subscription, for periods that begin or end at exactly `at`. What was billed again of the
/// same period did not fall due again.
pub fn billed_around(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (customer, subscription): (CustomerId, Option<SubscriptionId>),
    at: DateTime<Utc>,
) -> Result<Vec<Billed>, StorageError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        kind: PriceKind,
        #[diesel(sql_type = Text)]
        billing: Billing,
        #[diesel(sql_type = Timestamptz)]
        period_start: DateTime<Utc>,
        #[diesel(sql_type = Timestamptz)]
        period_end: DateTime<Utc>,
    }
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT DISTINCT p.kind, p.billing, l.period_start, l.period_end FROM subscriptions s \
           JOIN item_versions v ON v.tenant_id = s.tenant_id AND v.subscription_id = s.id \
           JOIN prices p ON p.tenant_id = v.tenant_id AND p.id = v.price_id \
           JOIN invoice_lines l ON l.tenant_id = v.tenant_id AND l.item_version_id = v.id AND l.revision = 0 \
             AND (l.period_start = $4 OR l.period_end = $4) \
           WHERE s.tenant_id = $1 AND s.customer_id = $2 AND ($3 IS NULL OR s.id = $3)",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(customer)
    .bind::<Nullable<SqlUuid>, _>(subscription)
    .bind::<Timestamptz, _>(at)
    .load(tx.conn)?;
    let billed = |row: Row| Billed {
        kind: row.kind,
        billing: row.billing,
        start: row.period_start,
        end: row.period_end,
    };
    Ok(rows.into_iter().map(billed).collect())
}

/// Adds a redemption.
pub fn insert_discount(tx: &mut Tx<'_>, held: &Held, discount: &Discount) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    diesel::insert_into(discounts::table).values(DiscountRow::of(tenant_id, discount)).execute(tx.conn)?;
    Ok(())
}

/// The discount with this id.
pub fn find_discount(tx: &mut Tx<'_>, tenant_id: TenantId, id: DiscountId) -> Result<Discount, StorageError> {
    let same = coupons::tenant_id.eq(discounts::tenant_id).and(coupons::id.eq(discounts::coupon_id));
    let row: JoinedRow = discounts::table
        .inner_join(coupons::table.on(same))
        .filter(discounts::tenant_id.eq(tenant_id).and(discounts::id.eq(id)))
        .select((DiscountRow::as_select(), CouponRow::as_select()))
        .first(tx.conn)
        .found(Thing::Discount, id)?;
    rows::discount(row)
}

/// The discounts of customers that are for all subscriptions or for this one, each with what its coupon is for.
pub fn bound(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (customers, subscription): ([CustomerId; 2], SubscriptionId),
) -> Result<Vec<(Discount, AppliesTo)>, StorageError> {
    let same = coupons::tenant_id.eq(discounts::tenant_id).and(coupons::id.eq(discounts::coupon_id));
    let of_it = discounts::subscription_id.is_null().or(discounts::subscription_id.eq(subscription));
    let rows: Vec<JoinedRow> = discounts::table
        .inner_join(coupons::table.on(same))
        .filter(discounts::tenant_id.eq(tenant_id))
        .filter(discounts::customer_id.eq_any(customers))
        .filter(of_it)
        .order((discounts::created_at, discounts::id))
        .select((DiscountRow::as_select(), CouponRow::as_select()))
        .load(tx.conn)?;
    let with_scope = |row: JoinedRow| {
        let Json(applies_to) = row.1.applies_to.clone();
        Ok((rows::discount(row)?, applies_to))
    };
    rows.into_iter().map(with_scope).collect()
}

/// Ends a discount.
pub fn end_discount(tx: &mut Tx<'_>, held: &Held, discount: &Discount) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    diesel::update(discounts::table.find((tenant_id, discount.id)))
        .set(discounts::ended_at.eq(discount.ended_at))
        .execute(tx.conn)?;
    Ok(())
}

/// Whether this subscription has an item of this price, or of what that is in another version of its plan.
pub fn sells(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (subscription, price): (SubscriptionId, PriceId),
) -> Result<bool, StorageError> {
    use super::schema::item_versions as v;
    let same = super::catalog::same_prices::of_any(tx, tenant_id, &[price].into())?;
    let item = v::table
        .filter(v::tenant_id.eq(tenant_id).and(v::subscription_id.eq(subscription)))
        .filter(v::price_id.eq_any(same));
    Ok(diesel::select(diesel::dsl::exists(item)).get_result(tx.conn)?)
}

/// What each discount took off the lines of an invoice: the line's number, the discount, and the amount in minor units.
pub fn shares_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    invoice: InvoiceId,
) -> Result<Vec<(i32, DiscountId, i64)>, StorageError> {
    use invoice_line_discounts as s;
    Ok(s::table
        .filter(s::tenant_id.eq(tenant_id).and(s::invoice_id.eq(invoice)))
        .order((s::line_no, s::discount_id))
        .select((s::line_no, s::discount_id, s::amount))
        .load(tx.conn)?)
}
