//! Which entities has a tenant? A page, newest first.

use diesel::prelude::*;

use super::EntityRow;
use crate::domain::entities::Entity;
use crate::domain::ids::TenantId;
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::entities;
use crate::storage::{StorageError, Tx};

pub use super::find;

/// A page of entities, of all or of the one with an external id.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    external_id: Option<&str>,
    keyset: &Keyset,
) -> Result<Slice<Entity>, StorageError> {
    let mut query =
        entities::table.filter(entities::tenant_id.eq(tenant_id)).select(EntityRow::as_select()).into_boxed();
    if let Some(external_id) = external_id {
        query = query.filter(entities::external_id.eq(external_id.to_owned()));
    }
    let rows: Vec<EntityRow> = keyset_query!(query, entities::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(Entity::from))
}
