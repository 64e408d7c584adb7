//! Which budgets are there? Pages, one statement each.

use diesel::prelude::*;

use super::super::keyset::{Keyset, Slice, keyset_query};
use crate::domain::budgets::Budget;
use crate::domain::ids::{CustomerId, SubscriptionId, TenantId};
use crate::storage::budgets::BudgetRow;
use crate::storage::schema::budgets;
use crate::storage::{StorageError, Tx};

pub use crate::storage::budgets::find;

/// A page of budgets.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (customer, subscription): (Option<CustomerId>, Option<SubscriptionId>),
    keyset: &Keyset,
) -> Result<Slice<Budget>, StorageError> {
    let mut query =
        budgets::table.filter(budgets::tenant_id.eq(tenant_id)).select(BudgetRow::as_select()).into_boxed();
    if let Some(customer) = customer {
        query = query.filter(budgets::customer_id.eq(customer));
    }
    if let Some(subscription) = subscription {
        query = query.filter(budgets::subscription_id.eq(subscription));
    }
    let rows: Vec<BudgetRow> = keyset_query!(query, budgets::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(Budget::from))
}
