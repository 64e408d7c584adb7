//! Which shares of thresholds were announced, and when are sales looked at next?

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use crate::domain::ids::{EntityId, TenantId};
use crate::domain::tax::nexus::Mark;
use crate::storage::schema::{tax_nexus_marks as table, tax_settings};
use crate::storage::{StorageError, Tx};

/// Records a mark of an entity; `false`: it was recorded before.
pub fn record_mark(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, EntityId),
    (mark, now): (&Mark<'_>, DateTime<Utc>),
) -> Result<bool, StorageError> {
    let (state, looks, period_from, percent): (&str, &str, NaiveDate, i16) = mark.key();
    let added = diesel::insert_into(table::table)
        .values((
            table::tenant_id.eq(tenant_id),
            table::entity_id.eq(entity_id),
            table::state.eq(state),
            table::looks.eq(looks),
            table::period_from.eq(period_from),
            table::percent.eq(percent),
            table::recorded_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    Ok(added > 0)
}

/// Says when a tenant's sales are looked at next.
pub fn look_at_nexus(tx: &mut Tx<'_>, tenant_id: TenantId, next: DateTime<Utc>) -> Result<(), StorageError> {
    diesel::update(tax_settings::table.find(tenant_id))
        .set(tax_settings::nexus_check_at.eq(next))
        .execute(tx.conn)?;
    Ok(())
}
