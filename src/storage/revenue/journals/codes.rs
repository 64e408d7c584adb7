//! What are accounts called in general ledgers? A row an account, of an entity or of all.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use uuid::Uuid;

use crate::domain::ids::{EntityId, TenantId};
use crate::domain::ledger::Account;
use crate::domain::revenue::journals::{AccountCode, Codes};
use crate::storage::schema::account_mappings as table;
use crate::storage::{StorageError, Tx};

/// As the rows of all entities have it.
fn entity_number(entity_id: Option<EntityId>) -> Uuid {
    entity_id.map_or(Uuid::nil(), EntityId::uuid)
}

/// Those of one entity alone, or those of all.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    entity_id: Option<EntityId>,
) -> Result<Vec<AccountCode>, StorageError> {
    let rows: Vec<(Account, String, Option<String>)> = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::entity_id.eq(entity_number(entity_id))))
        .order(table::account)
        .select((table::account, table::code, table::name))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(account, code, name)| AccountCode { account, code, name }).collect())
}

/// What an entity's books are exported with.
pub fn of_entity(tx: &mut Tx<'_>, tenant_id: TenantId, entity_id: EntityId) -> Result<Codes, StorageError> {
    Ok(Codes::of_entity(list(tx, tenant_id, Some(entity_id))?, list(tx, tenant_id, None)?))
}

/// Says what accounts are called from now on.
pub fn save(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, Option<EntityId>),
    (codes, at): (&[AccountCode], DateTime<Utc>),
) -> Result<(), StorageError> {
    let row = |code: &AccountCode| {
        (
            table::tenant_id.eq(tenant_id),
            table::entity_id.eq(entity_number(entity_id)),
            table::account.eq(code.account),
            table::code.eq(code.code.clone()),
            table::name.eq(code.name.clone()),
            table::changed_at.eq(at),
        )
    };
    diesel::insert_into(table::table)
        .values(codes.iter().map(row).collect::<Vec<_>>())
        .on_conflict((table::tenant_id, table::entity_id, table::account))
        .do_update()
        .set((
            table::code.eq(excluded(table::code)),
            table::name.eq(excluded(table::name)),
            table::changed_at.eq(excluded(table::changed_at)),
        ))
        .execute(tx.conn)?;
    Ok(())
}
