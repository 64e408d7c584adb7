//! What was done to a subscription, by whom and when? Its changes, newest first.

use diesel::prelude::*;

use crate::domain::ids::{SubscriptionId, TenantId};
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::subscription_changes as changes;
pub use crate::storage::subscriptions::change::Change;
use crate::storage::subscriptions::changes::ChangeRow;
use crate::storage::{StorageError, Tx};

/// A page of the changes of a subscription.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    subscription_id: SubscriptionId,
    keyset: &Keyset,
) -> Result<Slice<Change>, StorageError> {
    crate::storage::subscriptions::find(tx, tenant_id, subscription_id)?;
    let query = changes::table
        .filter(changes::tenant_id.eq(tenant_id).and(changes::subscription_id.eq(subscription_id)))
        .select(ChangeRow::as_select())
        .into_boxed();
    let rows = keyset_query!(query, changes::id, keyset).load::<ChangeRow>(tx.conn)?;
    Ok(keyset.slice(rows).map(ChangeRow::into_change))
}
