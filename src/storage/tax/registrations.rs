//! Where is a tenant registered for tax? A row a registration; it ends, and stays.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use crate::domain::ids::{EntityId, TaxRegistrationId, TenantId};
use crate::domain::tax::parties::{Registration, Scheme};
use crate::domain::tax::registered::KeptRegistration;
use crate::storage::columns::entity_or_first;
use crate::storage::schema::tax_registrations as table;
use crate::storage::{Found, StorageError, Thing, Tx};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = table)]
pub(super) struct RegistrationRow {
    tenant_id: TenantId,
    pub(super) id: TaxRegistrationId,
    country: String,
    region: Option<String>,
    number: Option<String>,
    scheme: Scheme,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    created_at: DateTime<Utc>,
    entity_id: Option<EntityId>,
}

impl From<RegistrationRow> for KeptRegistration {
    fn from(row: RegistrationRow) -> KeptRegistration {
        let registration = Registration {
            country: row.country,
            region: row.region,
            number: row.number,
            scheme: row.scheme,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        };
        let entity_id = row.entity_id.unwrap_or(EntityId::first_of(row.tenant_id));
        KeptRegistration { id: row.id, entity_id, registration, created_at: row.created_at }
    }
}

/// All of an entity.
pub(super) fn all(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, EntityId),
) -> Result<Vec<KeptRegistration>, StorageError> {
    let rows: Vec<RegistrationRow> = table::table
        .filter(table::tenant_id.eq(tenant_id))
        .filter(entity_or_first(table::entity_id, table::tenant_id).eq(entity_id))
        .order(table::id)
        .select(RegistrationRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(KeptRegistration::from).collect())
}

/// The registration with this id.
pub fn find_registration(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: TaxRegistrationId,
) -> Result<KeptRegistration, StorageError> {
    let row: RegistrationRow = table::table
        .find((tenant_id, id))
        .select(RegistrationRow::as_select())
        .first(tx.conn)
        .found(Thing::TaxRegistration, id)?;
    Ok(row.into())
}

/// Adds a registration.
pub fn insert_registration(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    kept: &KeptRegistration,
) -> Result<(), StorageError> {
    let registration = kept.registration.clone();
    let row = RegistrationRow {
        tenant_id,
        id: kept.id,
        country: registration.country,
        region: registration.region,
        number: registration.number,
        scheme: registration.scheme,
        valid_from: registration.valid_from,
        valid_to: registration.valid_to,
        created_at: kept.created_at,
        entity_id: Some(kept.entity_id),
    };
    diesel::insert_into(table::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Writes what may change of a registration: its number and its dates.
pub fn update_registration(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    kept: &KeptRegistration,
) -> Result<(), StorageError> {
    let registration = &kept.registration;
    diesel::update(table::table.find((tenant_id, kept.id)))
        .set((
            table::number.eq(&registration.number),
            table::valid_from.eq(registration.valid_from),
            table::valid_to.eq(registration.valid_to),
        ))
        .execute(tx.conn)?;
    Ok(())
}
