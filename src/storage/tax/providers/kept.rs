//! Which providers does a tenant use? A row each; one that is removed stays for the documents it heard of.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::ids::{EntityId, TaxProviderId, TenantId};
use crate::domain::tax::provided::{OnOutage, ProviderKind, TaxProvider};
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::tax_providers as table;
use crate::storage::sql_types::Json;
use crate::storage::{Found, StorageError, Thing, Tx};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true)]
struct ProviderRow {
    tenant_id: TenantId,
    id: TaxProviderId,
    name: String,
    kind: ProviderKind,
    base_url: String,
    company: Option<String>,
    entity_id: Option<EntityId>,
    countries: Json<BTreeSet<String>>,
    on_outage: OnOutage,
    timeout_ms: i32,
    credentials: Option<String>,
    created_at: DateTime<Utc>,
}

/// A provider with its credentials as they are kept: sealed.
#[derive(Debug, Clone)]
pub struct Sealed {
    pub provider: TaxProvider,
    pub credentials: Option<String>,
}

impl From<ProviderRow> for Sealed {
    fn from(row: ProviderRow) -> Sealed {
        let provider = TaxProvider {
            id: row.id,
            name: row.name,
            kind: row.kind,
            base_url: row.base_url,
            company: row.company,
            entity_id: row.entity_id,
            countries: row.countries.0,
            on_outage: row.on_outage,
            timeout_ms: row.timeout_ms,
            has_credentials: row.credentials.is_some(),
            created_at: row.created_at,
        };
        Sealed { provider, credentials: row.credentials }
    }
}

fn row(tenant_id: TenantId, sealed: &Sealed) -> ProviderRow {
    let Sealed { provider, credentials } = sealed.clone();
    ProviderRow {
        tenant_id,
        id: provider.id,
        name: provider.name,
        kind: provider.kind,
        base_url: provider.base_url,
        company: provider.company,
        entity_id: provider.entity_id,
        countries: Json(provider.countries),
        on_outage: provider.on_outage,
        timeout_ms: provider.timeout_ms,
        credentials,
        created_at: provider.created_at,
    }
}

/// Those that answer for what is sold now, the oldest first.
pub fn providers(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Vec<TaxProvider>, StorageError> {
    let rows: Vec<ProviderRow> = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::deleted_at.is_null()))
        .order(table::id)
        .select(ProviderRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| Sealed::from(row).provider).collect())
}

/// A page of them.
pub fn list_providers(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    keyset: &Keyset,
) -> Result<Slice<TaxProvider>, StorageError> {
    let query = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::deleted_at.is_null()))
        .select(ProviderRow::as_select())
        .into_boxed();
    let rows: Vec<ProviderRow> = keyset_query!(query, table::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(|row| Sealed::from(row).provider))
}

/// One that answers.
pub fn find_provider(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: TaxProviderId,
) -> Result<TaxProvider, StorageError> {
    let row: ProviderRow = table::table
        .find((tenant_id, id))
        .filter(table::deleted_at.is_null())
        .select(ProviderRow::as_select())
        .first(tx.conn)
        .found(Thing::TaxProvider, id)?;
    Ok(Sealed::from(row).provider)
}

/// One that answers, or did, with what it is called with.
pub fn sealed_provider(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: TaxProviderId,
) -> Result<Sealed, StorageError> {
    let row: ProviderRow = table::table
        .find((tenant_id, id))
        .select(ProviderRow::as_select())
        .first(tx.conn)
        .found(Thing::TaxProvider, id)?;
    Ok(row.into())
}

/// Adds one, whose figures are first compared then.
pub fn insert_provider(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (sealed, next_compare_at): (&Sealed, DateTime<Utc>),
) -> Result<(), StorageError> {
    let row = row(tenant_id, sealed);
    diesel::insert_into(table::table)
        .values((row, table::next_compare_at.eq(next_compare_at)))
        .execute(tx.conn)?;
    Ok(())
}

/// Writes what may change of one.
pub fn update_provider(tx: &mut Tx<'_>, tenant_id: TenantId, sealed: &Sealed) -> Result<(), StorageError> {
    let row = row(tenant_id, sealed);
    diesel::update(table::table.find((tenant_id, row.id))).set(&row).execute(tx.conn)?;
    Ok(())
}

/// Has one answer for nothing new.
pub fn delete_provider(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, TaxProviderId),
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    diesel::update(table::table.find((tenant_id, id))).set(table::deleted_at.eq(now)).execute(tx.conn)?;
    Ok(())
}

/// Says when its figures are compared next.
pub fn compare_next(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, TaxProviderId),
    next: DateTime<Utc>,
) -> Result<(), StorageError> {
    diesel::update(table::table.find((tenant_id, id)))
        .set(table::next_compare_at.eq(next))
        .execute(tx.conn)?;
    Ok(())
}
