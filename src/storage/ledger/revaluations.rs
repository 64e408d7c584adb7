//! Which days are revalued? A row a revaluation, a row each position it found, a row each amount it posted or took back: written once, together.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Nullable, Numeric, Text, Uuid as SqlUuid};
use rust_decimal::Decimal;

use super::rows::total;
use super::waiting::Waiting;
use crate::domain::ids::{EntityId, RevaluationId, TenantId};
use crate::domain::ledger::Account;
use crate::domain::ledger::revaluation::{Line, Position, REVALUED, Revaluation};
use crate::domain::money::{Currency, Money};
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::{
    entities, ledger_revaluation_lines as lines, ledger_revaluation_postings as postings,
    ledger_revaluations as table,
};
use crate::storage::{Found, StorageError, Thing, Tx};

#[derive(QueryableByName)]
struct PositionRow {
    #[diesel(sql_type = Text)]
    account: Account,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Numeric)]
    amount: Decimal,
    #[diesel(sql_type = Numeric)]
    carried: Decimal,
}

/// What an entity holds and owes in foreign currencies at the end of a day.
pub fn positions(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, EntityId),
    (home, as_of): (Currency, NaiveDate),
) -> Result<Vec<Position>, StorageError> {
    let rows: Vec<PositionRow> = diesel::sql_query(
        "WITH moved AS MATERIALIZED ( \
             SELECT debit, credit, currency, sum(amount) AS amount, sum(functional_amount) AS debited, \
                 sum(functional_amount - coalesce(realised_gain, 0)) AS credited \
             FROM ledger_transfers WHERE tenant_id = $1 AND coalesce(entity_id, $1) = $2 AND effective_on <= $3 \
             AND functional_amount IS NOT NULL GROUP BY debit, credit, currency) \
         SELECT account, currency, sum(amount) AS amount, sum(worth) AS carried \
         FROM (SELECT debit AS account, currency, amount, debited AS worth FROM moved \
               UNION ALL SELECT credit, currency, -amount, -credited FROM moved) s \
         WHERE account = ANY ($4) GROUP BY account, currency HAVING sum(amount) <> 0 OR sum(worth) <> 0 \
         ORDER BY account, currency",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(entity_id)
    .bind::<Date, _>(as_of)
    .bind::<Array<Text>, _>(REVALUED.to_vec())
    .load(tx.conn)?;
    let position = |row: PositionRow| Position {
        account: row.account,
        amount: total(row.amount, row.currency),
        carried: total(row.carried, home),
    };
    Ok(rows.into_iter().map(position).collect())
}

/// How many transfers of an entity up to a day have no value yet, and what is said of one of them.
pub fn waiting(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, Option<EntityId>),
    as_of: Option<NaiveDate>,
) -> Result<Waiting, StorageError> {
    Ok(diesel::sql_query(
        "SELECT count(*) AS transfers, min(w.reason) AS reason FROM ledger_transfers t \
         LEFT JOIN functional_waits w ON w.tenant_id = $1 AND w.customer_id = t.customer_id \
         WHERE t.tenant_id = $1 AND t.functional_currency IS NULL AND ($3::date IS NULL OR t.effective_on <= $3) \
         AND ($2::uuid IS NULL OR coalesce(t.entity_id, $1) = $2)",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Nullable<SqlUuid>, _>(entity_id)
    .bind::<Nullable<Date>, _>(as_of)
    .get_result(tx.conn)?)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = table)]
struct Row {
    tenant_id: TenantId,
    id: RevaluationId,
    entity_id: EntityId,
    as_of: NaiveDate,
    functional_currency: Currency,
    created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = lines)]
struct LineRow {
    tenant_id: TenantId,
    revaluation_id: RevaluationId,
    line_no: i16,
    account: Account,
    currency: Currency,
    amount: i64,
    carried: i64,
    worth: i64,
    rate: Decimal,
    rate_date: NaiveDate,
}

/// Writes a revaluation with what it posts; false when that day of the entity is revalued already.
pub fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, revaluation: &Revaluation) -> Result<bool, StorageError> {
    let id = revaluation.id;
    let row = Row {
        tenant_id,
        id,
        entity_id: revaluation.entity_id,
        as_of: revaluation.as_of,
        functional_currency: revaluation.currency,
        created_at: revaluation.created_at,
    };
    let written = diesel::insert_into(table::table).values(row).on_conflict_do_nothing().execute(tx.conn)?;
    if written == 0 {
        return Ok(false);
    }
    let line = |(line_no, line): (i16, &Line)| LineRow {
        tenant_id,
        revaluation_id: id,
        line_no,
        account: line.account,
        currency: line.amount.currency(),
        amount: line.amount.minor(),
        carried: line.carried.minor(),
        worth: line.worth.minor(),
        rate: line.rate,
        rate_date: line.rate_date,
    };
    let found: Vec<LineRow> = (1_i16..).zip(&revaluation.lines).map(line).collect();
    diesel::insert_into(lines::table).values(found).execute(tx.conn)?;
    let posted: Vec<_> = (0_i16..)
        .zip(revaluation.postings())
        .map(|(leg, posting)| {
            (
                postings::tenant_id.eq(tenant_id),
                postings::revaluation_id.eq(id),
                postings::leg.eq(leg),
                postings::entity_id.eq(revaluation.entity_id),
                postings::debit.eq(posting.debit),
                postings::credit.eq(posting.credit),
                postings::amount.eq(posting.amount.minor()),
                postings::functional_currency.eq(revaluation.currency),
                postings::effective_on.eq(posting.effective_on),
            )
        })
        .collect();
    diesel::insert_into(postings::table).values(posted).execute(tx.conn)?;
    Ok(true)
}

/// The revaluation of a day.
pub fn of_day(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, EntityId),
    as_of: NaiveDate,
) -> Result<Option<Revaluation>, StorageError> {
    let row: Option<Row> = table::table
        .filter(
            table::tenant_id.eq(tenant_id).and(table::entity_id.eq(entity_id)).and(table::as_of.eq(as_of)),
        )
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?;
    Ok(with_lines(tx, tenant_id, row.into_iter().collect())?.pop())
}

/// The revaluation with this id.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: RevaluationId) -> Result<Revaluation, StorageError> {
    let row: Row = table::table
        .find((tenant_id, id))
        .select(Row::as_select())
        .first(tx.conn)
        .found(Thing::Revaluation, id)?;
    let found = with_lines(tx, tenant_id, vec![row])?.pop();
    found.ok_or_else(|| StorageError::not_found(Thing::Revaluation, id))
}

/// A page of revaluations, perhaps of one entity.
pub fn list(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, Option<EntityId>),
    keyset: &Keyset,
) -> Result<Slice<Revaluation>, StorageError> {
    let mut query = table::table.filter(table::tenant_id.eq(tenant_id)).select(Row::as_select()).into_boxed();
    if let Some(entity_id) = entity_id {
        query = query.filter(table::entity_id.eq(entity_id));
    }
    let rows: Vec<Row> = keyset_query!(query, table::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(with_lines(tx, tenant_id, rows)?))
}

fn with_lines(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    rows: Vec<Row>,
) -> Result<Vec<Revaluation>, StorageError> {
    let ids: Vec<RevaluationId> = rows.iter().map(|row| row.id).collect();
    let found: Vec<LineRow> = lines::table
        .filter(lines::tenant_id.eq(tenant_id).and(lines::revaluation_id.eq_any(ids)))
        .order((lines::revaluation_id, lines::line_no))
        .select(LineRow::as_select())
        .load(tx.conn)?;
    let revaluation = |row: Row| {
        let home = row.functional_currency;
        let of_it = found.iter().filter(|line| line.revaluation_id == row.id);
        let line = |line: &LineRow| Line {
            account: line.account,
            amount: Money::from_minor(line.amount, line.currency),
            carried: Money::from_minor(line.carried, home),
            worth: Money::from_minor(line.worth, home),
            rate: line.rate.normalize(),
            rate_date: line.rate_date,
        };
        Revaluation {
            id: row.id,
            entity_id: row.entity_id,
            as_of: row.as_of,
            currency: home,
            lines: of_it.map(line).collect(),
            created_at: row.created_at,
        }
    };
    Ok(rows.into_iter().map(revaluation).collect())
}

/// From which day on the books of an entity are open, and stay so until the transaction ends; `None`: no period of it was ever closed.
pub fn open_from(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, EntityId),
) -> Result<Option<NaiveDate>, StorageError> {
    // The lock of whoever posts: who closes a period waits, or is through before.
    diesel::sql_query("SELECT pg_advisory_xact_lock_shared(hashtextextended('books of ' || $1::text, 0))")
        .bind::<SqlUuid, _>(entity_id)
        .execute(tx.conn)?;
    let open_from: Option<Option<NaiveDate>> = entities::table
        .find((tenant_id, entity_id))
        .select(entities::books_open_from)
        .first(tx.conn)
        .optional()?;
    Ok(open_from.flatten())
}
