//! Which periods do the books of an entity have, and from which day on are they open? A row a month; what posting asks on every call stands with
//! the entity.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::domain::ids::{AccountingPeriodId, EntityId, TenantId};
use crate::domain::revenue::Days;
use crate::domain::revenue::periods::{Check, Period, Reopened, Status};
use crate::domain::revenue::reports::month_of;
use crate::storage::schema::{accounting_periods as table, entities, ledger_transfers};
use crate::storage::{Found, StorageError, Thing, Tx};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, primary_key(tenant_id, id))]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
struct PeriodRow {
    tenant_id: TenantId,
    id: AccountingPeriodId,
    entity_id: EntityId,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    status: Status,
    created_at: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
    reopened_at: Option<DateTime<Utc>>,
    reopened_because: Option<String>,
    accepted: Vec<String>,
}

impl From<PeriodRow> for Period {
    fn from(row: PeriodRow) -> Period {
        let accepted = row.accepted.iter().filter_map(|name| name.parse().ok());
        let accepted: Vec<Check> = accepted.collect();
        let reopened = row.reopened_at.zip(row.reopened_because);
        Period {
            id: row.id,
            entity_id: row.entity_id,
            days: Days { from: row.starts_on, to: row.ends_on },
            status: row.status,
            created_at: row.created_at,
            closed_at: row.closed_at,
            reopened: reopened.map(|(at, because)| Reopened { at, because }),
            accepted,
        }
    }
}

impl PeriodRow {
    fn of(tenant_id: TenantId, period: &Period) -> PeriodRow {
        PeriodRow {
            tenant_id,
            id: period.id,
            entity_id: period.entity_id,
            starts_on: period.days.from,
            ends_on: period.days.to,
            status: period.status,
            created_at: period.created_at,
            closed_at: period.closed_at,
            reopened_at: period.reopened.as_ref().map(|reopened| reopened.at),
            reopened_because: period.reopened.as_ref().map(|reopened| reopened.because.clone()),
            accepted: period.accepted.iter().map(|check| check.into_str().to_owned()).collect(),
        }
    }
}

/// The books of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct Books {
    /// From which day on something can be posted; `None`: nothing is closed.
    pub open_from: Option<NaiveDate>,
    /// Before which day revenue is recognised; `None`: it never was.
    pub recognized_to: Option<NaiveDate>,
    pub next_recognition_at: Option<DateTime<Utc>>,
}

/// Those of an entity.
///
/// # Errors
/// Not found.
pub fn books(tx: &mut Tx<'_>, tenant_id: TenantId, entity_id: EntityId) -> Result<Books, StorageError> {
    entities::table
        .find((tenant_id, entity_id))
        .select((entities::books_open_from, entities::recognized_to, entities::next_recognition_at))
        .first(tx.conn)
        .found(Thing::Entity, entity_id)
}

/// The same, locked until the transaction ends: one at a time changes them.
///
/// # Errors
/// Not found.
pub fn lock_books(tx: &mut Tx<'_>, tenant_id: TenantId, entity_id: EntityId) -> Result<Books, StorageError> {
    entities::table
        .find((tenant_id, entity_id))
        .select((entities::books_open_from, entities::recognized_to, entities::next_recognition_at))
        .for_no_key_update()
        .first(tx.conn)
        .found(Thing::Entity, entity_id)
}

/// Writes what changed of locked books.
pub fn save_books(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, EntityId),
    books: &Books,
) -> Result<(), StorageError> {
    diesel::update(entities::table.find((tenant_id, entity_id)))
        .set((
            entities::books_open_from.eq(books.open_from),
            entities::recognized_to.eq(books.recognized_to),
            entities::next_recognition_at.eq(books.next_recognition_at),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What is booked on a day that is recognised already is looked at once more, now.
pub fn look_again(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, EntityId),
    (day, now): (NaiveDate, DateTime<Utc>),
) -> Result<(), StorageError> {
    let month = month_of(day);
    diesel::update(entities::table.find((tenant_id, entity_id)))
        .filter(entities::recognized_to.gt(day))
        .set((entities::recognized_to.eq(month), entities::next_recognition_at.eq(now)))
        .execute(tx.conn)?;
    Ok(())
}

/// Waits until everything is through that is being posted in these books, and keeps others from posting until the transaction ends: who comes then
/// sees what it changed.
pub fn hold_postings(tx: &mut Tx<'_>, entity_id: EntityId) -> Result<(), StorageError> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended('books of ' || $1, 0))")
        .bind::<Text, _>(entity_id.uuid().to_string())
        .execute(tx.conn)?;
    Ok(())
}

/// The first day on which anything counts in the books of an entity.
pub fn first_posting(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    entity_id: EntityId,
) -> Result<Option<NaiveDate>, StorageError> {
    let entity =
        crate::storage::columns::entity_or_first(ledger_transfers::entity_id, ledger_transfers::tenant_id);
    Ok(ledger_transfers::table
        .filter(ledger_transfers::tenant_id.eq(tenant_id).and(entity.eq(entity_id)))
        .select(diesel::dsl::min(ledger_transfers::effective_on))
        .first(tx.conn)?)
}

/// The periods of an entity, in order.
pub fn of_entity(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    entity_id: EntityId,
) -> Result<Vec<Period>, StorageError> {
    let rows: Vec<PeriodRow> = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::entity_id.eq(entity_id)))
        .order(table::starts_on)
        .select(PeriodRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Period::from).collect())
}

/// Those of all entities, or of one, the newest first.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    entity_id: Option<EntityId>,
) -> Result<Vec<Period>, StorageError> {
    let mut query = table::table
        .filter(table::tenant_id.eq(tenant_id))
        .order((table::starts_on.desc(), table::entity_id))
        .select(PeriodRow::as_select())
        .into_boxed();
    if let Some(entity_id) = entity_id {
        query = query.filter(table::entity_id.eq(entity_id));
    }
    let rows: Vec<PeriodRow> = query.load(tx.conn)?;
    Ok(rows.into_iter().map(Period::from).collect())
}

/// One.
///
/// # Errors
/// Not found.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: AccountingPeriodId) -> Result<Period, StorageError> {
    let row: PeriodRow = table::table
        .find((tenant_id, id))
        .select(PeriodRow::as_select())
        .first(tx.conn)
        .found(Thing::AccountingPeriod, id)?;
    Ok(row.into())
}

/// Adds periods; one that is there already stays as it is.
pub fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, added: &[Period]) -> Result<(), StorageError> {
    let rows: Vec<PeriodRow> = added.iter().map(|period| PeriodRow::of(tenant_id, period)).collect();
    diesel::insert_into(table::table)
        .values(&rows)
        .on_conflict((table::tenant_id, table::entity_id, table::starts_on))
        .do_nothing()
        .execute(tx.conn)?;
    Ok(())
}

/// Writes what changed of a period; its books are locked.
pub fn update(tx: &mut Tx<'_>, tenant_id: TenantId, period: &Period) -> Result<(), StorageError> {
    diesel::update(table::table.find((tenant_id, period.id)))
        .set(PeriodRow::of(tenant_id, period))
        .execute(tx.conn)?;
    Ok(())
}
