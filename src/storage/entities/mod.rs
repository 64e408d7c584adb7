//! Through whom does a tenant sell? A row an entity, a row each pattern its documents were ever numbered by, a row each version of what its
//! invoices print of it.
//!
//! The entity a tenant begins with has the tenant's id, and a row of another table that names no entity is of that one. Whoever changes entities
//! holds the tenant's row, so what is checked against the others stays so.
//!
//! What is on this shelf, what is not, and its laws: [`domain::entities`](crate::domain::entities).

pub mod ties;
pub mod views;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::customers::{Address, Metadata};
use crate::domain::entities::{BankAccount, CashRounding, Entity, KeptSeries, Kind, Numbering, Pattern};
use crate::domain::ids::{EntityId, TenantId};
use crate::domain::money::Currency;
use crate::domain::tax::place::Place;
use crate::storage::schema::{entities, number_series, seller_versions, tenants};
use crate::storage::sql_types::Json;
use crate::storage::tenants::{Tenant, TenantRow};
use crate::storage::{Found, StorageError, Thing, Tx};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = entities, primary_key(tenant_id, id))]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
pub(in crate::storage) struct EntityRow {
    tenant_id: TenantId,
    id: EntityId,
    external_id: Option<String>,
    name: String,
    legal_name: Option<String>,
    country: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    address: Option<Json<Address>>,
    functional_currency: Currency,
    countries: Json<Vec<String>>,
    bank_accounts: Json<Vec<BankAccount>>,
    mentions: Json<Vec<String>>,
    metadata: Json<Metadata>,
    is_default: bool,
    invoice_pattern: Pattern,
    credit_note_pattern: Pattern,
    seller_version: i32,
    logo: Option<String>,
    payment_terms_days: Option<i32>,
    cash_rounding: Json<CashRounding>,
    created_at: DateTime<Utc>,
}

impl EntityRow {
    fn of(tenant_id: TenantId, entity: &Entity) -> EntityRow {
        let entity = entity.clone();
        let place = entity.place;
        EntityRow {
            tenant_id,
            id: entity.id,
            external_id: entity.external_id,
            name: entity.name,
            legal_name: entity.legal_name,
            country: place.as_ref().map(|place| place.country.clone()),
            state: place.as_ref().and_then(|place| place.state.clone()),
            postal_code: place.and_then(|place| place.postal_code),
            address: entity.address.map(Json),
            functional_currency: entity.functional_currency,
            countries: Json(entity.countries),
            bank_accounts: Json(entity.bank_accounts),
            mentions: Json(entity.mentions),
            metadata: Json(entity.metadata),
            is_default: entity.is_default,
            invoice_pattern: entity.numbering.invoice,
            credit_note_pattern: entity.numbering.credit_note,
            seller_version: entity.seller_version,
            logo: entity.logo,
            payment_terms_days: entity.payment_terms_days,
            cash_rounding: Json(entity.cash_rounding),
            created_at: entity.created_at,
        }
    }
}

impl From<EntityRow> for Entity {
    fn from(row: EntityRow) -> Entity {
        let EntityRow { state, postal_code, .. } = row;
        Entity {
            id: row.id,
            external_id: row.external_id,
            name: row.name,
            legal_name: row.legal_name,
            place: row.country.map(|country| Place { country, state, postal_code }),
            address: row.address.map(|address| address.0),
            functional_currency: row.functional_currency,
            countries: row.countries.0,
            bank_accounts: row.bank_accounts.0,
            mentions: row.mentions.0,
            metadata: row.metadata.0,
            is_default: row.is_default,
            numbering: Numbering { invoice: row.invoice_pattern, credit_note: row.credit_note_pattern },
            seller_version: row.seller_version,
            logo: row.logo,
            payment_terms_days: row.payment_terms_days,
            cash_rounding: row.cash_rounding.0,
            created_at: row.created_at,
        }
    }
}

/// What issuing a document needs of the entity that issues it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = entities)]
pub struct Issuer {
    pub id: EntityId,
    pub is_default: bool,
    pub seller_version: i32,
    /// Of its customers that have none of their own; `None`: the tenant's.
    pub payment_terms_days: Option<i32>,
    invoice_pattern: Pattern,
    credit_note_pattern: Pattern,
}

impl Issuer {
    /// How its documents of a kind are numbered.
    #[must_use]
    pub fn pattern(&self, kind: Kind) -> &Pattern {
        match kind {
            Kind::Invoice => &self.invoice_pattern,
            Kind::CreditNote => &self.credit_note_pattern,
        }
    }
}

/// A tenant with all its entities as far as issuing needs them, the oldest first.
pub fn tenant(tx: &mut Tx<'_>, id: TenantId) -> Result<(Tenant, Vec<Issuer>), StorageError> {
    let rows: Vec<(TenantRow, Issuer)> = tenants::table
        .inner_join(entities::table.on(entities::tenant_id.eq(tenants::id)))
        .filter(tenants::id.eq(id))
        .order((entities::created_at, entities::id))
        .select((TenantRow::as_select(), Issuer::as_select()))
        .load(tx.conn)?;
    let mut found = None;
    let mut issuers = Vec::with_capacity(rows.len());
    for (row, issuer) in rows {
        found = Some(row);
        issuers.push(issuer);
    }
    let row = found.ok_or_else(|| StorageError::not_found(Thing::Tenant, id))?;
    Ok((row.into(), issuers))
}

/// All entities of a tenant, the oldest first.
pub fn all(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Vec<Entity>, StorageError> {
    let rows: Vec<EntityRow> = entities::table
        .filter(entities::tenant_id.eq(tenant_id))
        .order((entities::created_at, entities::id))
        .select(EntityRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Entity::from).collect())
}

/// The entity with this id.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: EntityId) -> Result<Entity, StorageError> {
    let row: EntityRow = entities::table
        .find((tenant_id, id))
        .select(EntityRow::as_select())
        .first(tx.conn)
        .found(Thing::Entity, id)?;
    Ok(row.into())
}

/// Whether something is posted in the books of an entity. The tenant is locked: nobody begins meanwhile.
pub fn keeps_books(tx: &mut Tx<'_>, tenant_id: TenantId, id: EntityId) -> Result<bool, StorageError> {
    entities::table
        .find((tenant_id, id))
        .select(entities::keeps_books)
        .first(tx.conn)
        .found(Thing::Entity, id)
}

/// Adds an entity. Should it be the default, no other is.
pub fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, entity: &Entity) -> Result<(), StorageError> {
    make_room(tx, tenant_id, entity)?;
    diesel::insert_into(entities::table).values(EntityRow::of(tenant_id, entity)).execute(tx.conn)?;
    Ok(())
}

/// Writes a changed entity. Should it be the default, no other is.
pub fn update(tx: &mut Tx<'_>, tenant_id: TenantId, entity: &Entity) -> Result<(), StorageError> {
    make_room(tx, tenant_id, entity)?;
    let row = EntityRow::of(tenant_id, entity);
    diesel::update(entities::table.find((tenant_id, entity.id))).set(row).execute(tx.conn)?;
    Ok(())
}

/// Takes the place of the default from the one that has it.
fn make_room(tx: &mut Tx<'_>, tenant_id: TenantId, entity: &Entity) -> Result<(), StorageError> {
    if entity.is_default {
        diesel::update(entities::table)
            .filter(
                entities::tenant_id.eq(tenant_id).and(entities::is_default).and(entities::id.ne(entity.id)),
            )
            .set(entities::is_default.eq(false))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Every pattern that documents of the tenant are or were numbered by.
pub fn series(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Vec<KeptSeries>, StorageError> {
    let rows: Vec<(Pattern, EntityId, Kind, DateTime<Utc>)> = number_series::table
        .filter(number_series::tenant_id.eq(tenant_id))
        .order((number_series::begun_at, number_series::pattern))
        .select((
            number_series::pattern,
            number_series::entity_id,
            number_series::kind,
            number_series::begun_at,
        ))
        .load(tx.conn)?;
    let kept = |(pattern, entity_id, kind, begun_at)| KeptSeries { pattern, entity_id, kind, begun_at };
    Ok(rows.into_iter().map(kept).collect())
}

/// Notes the patterns of an entity as its own, for good.
pub fn keep_series(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    entity: &Entity,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    for (kind, pattern) in entity.numbering.each() {
        diesel::insert_into(number_series::table)
            .values((
                number_series::tenant_id.eq(tenant_id),
                number_series::pattern.eq(pattern),
                number_series::entity_id.eq(entity.id),
                number_series::kind.eq(kind),
                number_series::begun_at.eq(at),
            ))
            .on_conflict_do_nothing()
            .execute(tx.conn)?;
    }
    Ok(())
}

/// The number of the next version of what invoices print as the seller: one count for all entities of the tenant.
pub fn next_seller_version(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<i32, StorageError> {
    Ok(diesel::update(tenants::table.find(tenant_id))
        .set(tenants::seller_version.eq(tenants::seller_version + 1))
        .returning(tenants::seller_version)
        .get_result(tx.conn)?)
}

/// Keeps what invoices issued from now on print of an entity, under its version.
pub fn keep_printed(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    entity: &Entity,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    diesel::insert_into(seller_versions::table)
        .values((
            seller_versions::tenant_id.eq(tenant_id),
            seller_versions::version.eq(entity.seller_version),
            seller_versions::details.eq(entity.printed()),
            seller_versions::recorded_at.eq(at),
        ))
        .execute(tx.conn)?;
    Ok(())
}
