//! What can a coupon take something off? The prices it is for, of every version there is by now; and whether any of them is held, is planned, or
//! can still be bought.
//!
//! A coupon for the prices of plan A, redeemed for a subscription of plan B: nothing, and so it is refused.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::domain::discounts::AppliesTo;
use crate::domain::ids::{CustomerId, PlanId, PriceId, SubscriptionId, TenantId};
use crate::domain::money::Currency;
use crate::storage::catalog::same_prices;
use crate::storage::schema::prices;
use crate::storage::{StorageError, Tx};

/// The prices a coupon is for, of all versions there are by now; `None`: all.
pub fn prices_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    to: &AppliesTo,
) -> Result<Option<Arc<BTreeSet<PriceId>>>, StorageError> {
    if to.everything() {
        return Ok(None);
    }
    let mut query = prices::table.filter(prices::tenant_id.eq(tenant_id)).select(prices::id).into_boxed();
    if !to.plan_ids.is_empty() {
        query = query.filter(prices::plan_id.eq_any(&to.plan_ids));
    }
    if !to.price_codes.is_empty() {
        query = query.filter(prices::code.eq_any(&to.price_codes));
    }
    if !to.price_ids.is_empty() {
        let same = same_prices::of_any(tx, tenant_id, &to.price_ids)?;
        query = query.filter(prices::id.eq_any(same));
    }
    let ids: Vec<PriceId> = query.load(tx.conn)?;
    Ok(Some(Arc::new(ids.into_iter().collect())))
}

/// Those that are in both; of no second set, all.
pub(super) fn intersection(
    these: &BTreeSet<PriceId>,
    others: Option<&BTreeSet<PriceId>>,
) -> BTreeSet<PriceId> {
    these.iter().filter(|id| others.is_none_or(|others| others.contains(id))).copied().collect()
}

/// What a coupon is to be redeemed for.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    pub applies_to: &'a AppliesTo,
    /// Of this price only.
    pub price_id: Option<PriceId>,
    /// Takes off amounts in these; `None`: a part of any.
    pub currencies: Option<Vec<Currency>>,
    pub customer_id: CustomerId,
    /// One subscription, and the plans that it has or will have; `None`: whatever its customer has or buys.
    pub subscription: Option<(SubscriptionId, Vec<PlanId>)>,
    /// From when on.
    pub from: DateTime<Utc>,
}

/// Whether there is a price it could take something off.
pub fn takes_something(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: &Wanted<'_>,
) -> Result<bool, StorageError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        there_is: bool,
    }
    let mut covered = prices_of(tx, tenant_id, wanted.applies_to)?.map(|prices| (*prices).clone());
    if let Some(id) = wanted.price_id {
        let same = same_prices::of_any(tx, tenant_id, &[id].into())?;
        covered = Some(intersection(&same, covered.as_ref()));
    }
    let is_for_all = covered.is_none() && (wanted.currencies.is_none() || wanted.subscription.is_some());
    if is_for_all {
        return Ok(true);
    }
    let uuids = |ids: &BTreeSet<PriceId>| ids.iter().copied().collect::<Vec<_>>();
    let (subscription, plans) = wanted.subscription.clone().unzip();
    // Held or planned; or in the latest version of a plan. Of a subscription, what is charged once and belongs to the plan was charged.
    let row: Row = diesel::sql_query(
        "SELECT EXISTS (SELECT 1 FROM prices p \
         WHERE p.tenant_id = $1 AND ($2 IS NULL OR p.id = ANY($2)) \
           AND ($3 IS NULL OR EXISTS (SELECT 1 FROM price_amounts a \
                WHERE a.tenant_id = $1 AND a.price_id = p.id AND a.currency = ANY($3))) \
           AND (EXISTS (SELECT 1 FROM item_versions v JOIN subscriptions s ON s.tenant_id = $1 AND s.id = v.subscription_id \
                        WHERE v.tenant_id = $1 AND v.price_id = p.id AND s.customer_id = $4 AND ($5 IS NULL OR s.id = $5) \
                          AND (v.valid_to IS NULL OR v.valid_to > greatest(v.valid_from, $6)) \
                          AND (p.kind <> 'one_time' OR v.valid_from >= $6)) \
             OR (($5 IS NULL OR p.kind <> 'one_time' OR p.add_on) \
                 AND EXISTS (SELECT 1 FROM plans l WHERE l.tenant_id = $1 AND l.id = p.plan_id \
                             AND l.latest_version = p.plan_version AND ($7 IS NULL OR l.id = ANY($7)))))) AS there_is",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Nullable<Array<SqlUuid>>, _>(covered.as_ref().map(uuids))
    .bind::<Nullable<Array<Text>>, _>(wanted.currencies.as_ref())
    .bind::<SqlUuid, _>(wanted.customer_id)
    .bind::<Nullable<SqlUuid>, _>(subscription)
    .bind::<Timestamptz, _>(wanted.from)
    .bind::<Nullable<Array<SqlUuid>>, _>(plans)
    .get_result(tx.conn)?;
    Ok(row.there_is)
}
