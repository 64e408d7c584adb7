//! Which prices are the same in other versions of their plan? Those with the same code: whatever is bound to one of them, a discount, a coupon or
//! a credit grant, is bound to all.
//!
//! Version 1 sells `seat` at 50.00 and version 2 at 40.00: a discount of half for the first takes 20.00 off the second.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};

use crate::domain::ids::{PriceId, TenantId};
use crate::storage::{StorageError, Tx};

/// For each of these prices, those that are the same, itself among them. A price that is not there has none.
pub fn find_each(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    named: &BTreeSet<PriceId>,
) -> Result<HashMap<PriceId, BTreeSet<PriceId>>, StorageError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        named: PriceId,
        #[diesel(sql_type = SqlUuid)]
        same: PriceId,
    }
    let mut same: HashMap<PriceId, BTreeSet<PriceId>> = HashMap::new();
    if named.is_empty() {
        return Ok(same);
    }
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT n.id AS named, p.id AS same FROM prices n \
         JOIN prices p ON p.tenant_id = $1 AND p.plan_id = n.plan_id AND p.code = n.code \
         WHERE n.tenant_id = $1 AND n.id = ANY($2)",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(named.iter().copied().collect::<Vec<_>>())
    .load(tx.conn)?;
    for row in rows {
        same.entry(row.named).or_default().insert(row.same);
    }
    Ok(same)
}

/// All that are the same as any of these.
pub fn of_any(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    named: &BTreeSet<PriceId>,
) -> Result<BTreeSet<PriceId>, StorageError> {
    Ok(find_each(tx, tenant_id, named)?.into_values().flatten().collect())
}
