//! What is recurring revenue reckoned from? The timelines of every customer's subscriptions, some thousands of customers at a time, so that memory has
//! a bound; and of which plan each price is.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;

use crate::domain::ids::{CustomerId, PlanId, PriceId, TenantId};
use crate::domain::subscriptions::Timeline;
use crate::storage::billing;
use crate::storage::schema::{prices, subscriptions as subs};
use crate::storage::{StorageError, Tx};

/// Customers at a time.
const PAGE: usize = 2_000;

/// Of which plan each price of a tenant is.
pub fn plans_of_prices(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
) -> Result<HashMap<PriceId, PlanId>, StorageError> {
    let rows: Vec<(PriceId, PlanId)> = prices::table
        .filter(prices::tenant_id.eq(tenant_id))
        .select((prices::id, prices::plan_id))
        .load(tx.conn)?;
    Ok(rows.into_iter().collect())
}

/// Hands over the timelines of each customer, in the order of customers.
///
/// # Errors
/// Storage; what the taker says.
pub fn each_customer<E: From<StorageError>>(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    mut take: impl FnMut(CustomerId, &[Timeline]) -> Result<(), E>,
) -> Result<(), E> {
    let mut after: Option<CustomerId> = None;
    loop {
        let customers = page(tx, tenant_id, after)?;
        let Some(last) = customers.last().copied() else { return Ok(()) };
        let mut had: BTreeMap<CustomerId, Vec<Timeline>> = BTreeMap::new();
        for standing in billing::standing_of_customers(tx, tenant_id, &customers)? {
            had.entry(standing.billable.consumer).or_default().push(standing.billable.timeline);
        }
        for (customer, timelines) in had {
            take(customer, &timelines)?;
        }
        if customers.len() < PAGE {
            return Ok(());
        }
        after = Some(last);
    }
}

fn page(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    after: Option<CustomerId>,
) -> Result<Vec<CustomerId>, StorageError> {
    let mut query = subs::table
        .filter(subs::tenant_id.eq(tenant_id))
        .select(subs::customer_id)
        .distinct()
        .order(subs::customer_id)
        .limit(i64::try_from(PAGE).unwrap_or(i64::MAX))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(subs::customer_id.gt(after));
    }
    Ok(query.load(tx.conn)?)
}
