//! Which keys has a tenant? A page of them, newest first, revoked ones included.

use diesel::prelude::*;

use super::super::keyset::{Keyset, Slice, keyset_query};
use crate::domain::ids::TenantId;
use crate::storage::schema::api_keys;
use crate::storage::tenants::api_keys::{ApiKey, ApiKeyRow};
use crate::storage::{StorageError, Tx};

/// One page of the tenant's keys.
pub fn list(tx: &mut Tx<'_>, tenant_id: TenantId, keyset: &Keyset) -> Result<Slice<ApiKey>, StorageError> {
    let query = api_keys::table.filter(api_keys::tenant_id.eq(tenant_id)).select(ApiKeyRow::as_select());
    let rows = keyset_query!(query.into_boxed(), api_keys::id, keyset).load::<ApiKeyRow>(tx.conn)?;
    Ok(keyset.slice(rows).map(ApiKey::from))
}
