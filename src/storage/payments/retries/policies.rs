//! How are the policies of retries kept? A row a policy with the number of its newest version, and a row a version, never changed.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::ids::{RetryPolicyId, TenantId};
use crate::domain::payments::retries::policy::{RetryPolicy, Terms, Version};
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::{retry_policies as table, retry_policy_versions as versions};
use crate::storage::sql_types::Json;
use crate::storage::{Found, StorageError, Thing, Tx};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = table)]
struct PolicyRow {
    tenant_id: TenantId,
    id: RetryPolicyId,
    name: String,
    is_default: bool,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = versions)]
struct VersionRow {
    tenant_id: TenantId,
    policy_id: RetryPolicyId,
    version: i32,
    terms: Json<Terms>,
    recorded_at: DateTime<Utc>,
}

fn policy((row, terms): (PolicyRow, Terms)) -> RetryPolicy {
    RetryPolicy {
        id: row.id,
        name: row.name,
        is_default: row.is_default,
        version: row.version,
        terms,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// With their terms, in their order.
fn with_terms(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    rows: Vec<PolicyRow>,
) -> Result<Vec<RetryPolicy>, StorageError> {
    let wanted: Vec<Version> =
        rows.iter().map(|row| Version { policy_id: row.id, version: row.version }).collect();
    let mut terms = terms_of(tx, tenant_id, &wanted)?;
    let with = |row: PolicyRow| {
        let version = Version { policy_id: row.id, version: row.version };
        let terms = terms.remove(&version).ok_or_else(|| {
            StorageError::unreadable(
                "retry policy",
                format!("version {} of {} is missing", row.version, row.id),
            )
        })?;
        Ok(policy((row, terms)))
    };
    rows.into_iter().map(with).collect()
}

/// What these versions say.
pub fn terms_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: &[Version],
) -> Result<HashMap<Version, Terms>, StorageError> {
    let ids: Vec<RetryPolicyId> = wanted.iter().map(|version| version.policy_id).collect();
    let numbers: Vec<i32> = wanted.iter().map(|version| version.version).collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<VersionRow> = versions::table
        .filter(versions::tenant_id.eq(tenant_id).and(versions::policy_id.eq_any(ids)))
        .filter(versions::version.eq_any(numbers))
        .select(VersionRow::as_select())
        .load(tx.conn)?;
    let entry = |row: VersionRow| (Version { policy_id: row.policy_id, version: row.version }, row.terms.0);
    Ok(rows.into_iter().map(entry).collect())
}

/// The policy with this id.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: RetryPolicyId) -> Result<RetryPolicy, StorageError> {
    let row: PolicyRow = table::table
        .find((tenant_id, id))
        .select(PolicyRow::as_select())
        .first(tx.conn)
        .found(Thing::RetryPolicy, id)?;
    with_terms(tx, tenant_id, vec![row])?.pop().ok_or_else(|| StorageError::not_found(Thing::RetryPolicy, id))
}

/// The same, its row locked.
pub fn find_locked(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: RetryPolicyId,
) -> Result<RetryPolicy, StorageError> {
    let locked: RetryPolicyId = table::table
        .find((tenant_id, id))
        .select(table::id)
        .for_no_key_update()
        .first(tx.conn)
        .found(Thing::RetryPolicy, id)?;
    find(tx, tenant_id, locked)
}

/// The one that invoices follow whose first attempt fails now.
pub fn default_of(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Option<RetryPolicy>, StorageError> {
    let row: Option<PolicyRow> = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::is_default))
        .select(PolicyRow::as_select())
        .first(tx.conn)
        .optional()?;
    Ok(with_terms(tx, tenant_id, row.into_iter().collect())?.pop())
}

/// A page of them.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    keyset: &Keyset,
) -> Result<Slice<RetryPolicy>, StorageError> {
    let query =
        table::table.filter(table::tenant_id.eq(tenant_id)).select(PolicyRow::as_select()).into_boxed();
    let rows: Vec<PolicyRow> = keyset_query!(query, table::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(with_terms(tx, tenant_id, rows)?))
}

/// How many there are.
pub fn count(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<i64, StorageError> {
    Ok(table::table.filter(table::tenant_id.eq(tenant_id)).count().get_result(tx.conn)?)
}

/// Makes none the default.
pub fn unset_default(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<(), StorageError> {
    diesel::update(table::table.filter(table::tenant_id.eq(tenant_id).and(table::is_default)))
        .set(table::is_default.eq(false))
        .execute(tx.conn)?;
    Ok(())
}

/// Adds one, with its first version.
pub fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, new: &RetryPolicy) -> Result<(), StorageError> {
    let row = PolicyRow {
        tenant_id,
        id: new.id,
        name: new.name.clone(),
        is_default: new.is_default,
        version: new.version,
        created_at: new.created_at,
        updated_at: new.updated_at,
    };
    diesel::insert_into(table::table).values(row).execute(tx.conn)?;
    insert_version(tx, tenant_id, new)
}

/// Writes what was changed; a version that is there stays as it is.
pub fn update(tx: &mut Tx<'_>, tenant_id: TenantId, changed: &RetryPolicy) -> Result<(), StorageError> {
    insert_version(tx, tenant_id, changed)?;
    diesel::update(table::table.find((tenant_id, changed.id)))
        .set((
            table::name.eq(&changed.name),
            table::is_default.eq(changed.is_default),
            table::version.eq(changed.version),
            table::updated_at.eq(changed.updated_at),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn insert_version(tx: &mut Tx<'_>, tenant_id: TenantId, policy: &RetryPolicy) -> Result<(), StorageError> {
    let row = VersionRow {
        tenant_id,
        policy_id: policy.id,
        version: policy.version,
        terms: Json(policy.terms.clone()),
        recorded_at: policy.updated_at,
    };
    diesel::insert_into(versions::table).values(row).on_conflict_do_nothing().execute(tx.conn)?;
    Ok(())
}
