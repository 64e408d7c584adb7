//! Whose key is this? One row by the SHA-256 of the key's text; the text itself is kept nowhere.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::ids::{ApiKeyId, TenantId};
use crate::storage::schema::{api_keys, tenants};
use crate::storage::{Found, StorageError, Thing, Tx};

/// A key, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// As given.
    pub name: String,
    /// Its beginning and end, to recognise it by.
    pub hint: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Whose a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The key.
    pub key_id: ApiKeyId,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_keys)]
pub(in crate::storage) struct ApiKeyRow {
    id: ApiKeyId,
    name: String,
    hint: String,
    created_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

impl From<ApiKeyRow> for ApiKey {
    fn from(row: ApiKeyRow) -> ApiKey {
        ApiKey {
            id: row.id,
            name: row.name,
            hint: row.hint,
            created_at: row.created_at,
            revoked_at: row.revoked_at,
        }
    }
}

/// Whose key has this hash, unless it was revoked.
pub fn owner(tx: &mut Tx<'_>, hash: &[u8; 32]) -> Result<Option<Owner>, StorageError> {
    let row: Option<(TenantId, ApiKeyId)> = api_keys::table
        .filter(api_keys::hash.eq(&hash[..]).and(api_keys::revoked_at.is_null()))
        .select((api_keys::tenant_id, api_keys::id))
        .first(tx.conn)
        .optional()?;
    Ok(row.map(|(tenant_id, key_id)| Owner { tenant_id, key_id }))
}

/// Adds a key.
pub fn insert(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    key: &ApiKey,
    hash: &[u8; 32],
) -> Result<(), StorageError> {
    diesel::insert_into(api_keys::table)
        .values((
            api_keys::tenant_id.eq(tenant_id),
            api_keys::id.eq(key.id),
            api_keys::name.eq(&key.name),
            api_keys::hash.eq(&hash[..]),
            api_keys::hint.eq(&key.hint),
            api_keys::created_at.eq(key.created_at),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// One key of the tenant.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: ApiKeyId) -> Result<ApiKey, StorageError> {
    let row: ApiKeyRow = api_keys::table
        .find((tenant_id, id))
        .select(ApiKeyRow::as_select())
        .first(tx.conn)
        .found(Thing::ApiKey, id)?;
    Ok(row.into())
}

/// How many keys of the tenant are good. Locks the tenant's row first: two keys that revoke each other at the same
/// moment must not both find the other alive.
pub fn lock_and_count_live(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<i64, StorageError> {
    tenants::table.find(tenant_id).select(tenants::id).for_no_key_update().first::<TenantId>(tx.conn)?;
    Ok(api_keys::table
        .filter(api_keys::tenant_id.eq(tenant_id).and(api_keys::revoked_at.is_null()))
        .count()
        .get_result(tx.conn)?)
}

/// Marks a key as revoked.
pub fn revoke(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: ApiKeyId,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    diesel::update(api_keys::table.find((tenant_id, id)))
        .set(api_keys::revoked_at.eq(at))
        .execute(tx.conn)?;
    Ok(())
}
