//! Which postings are exported, and what do they say? Transfers and revaluations of an entity on the days of a period that no standing export has,
//! numbered in the order of their days and sources.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::entities::series;
use crate::domain::ids::{CustomerId, EntityId, JournalExportId, TenantId};
use crate::domain::ledger::{Account, Functional, NOBODY};
use crate::domain::money::{Currency, Money};
use crate::domain::revenue::Days;
use crate::domain::revenue::journals::Posted;
use crate::storage::{StorageError, Tx};

/// What a posting says; a place for what it is read through.
macro_rules! postings {
    ($transfers:literal, $revaluations:literal) => {
        concat!(
            "SELECT t.source_kind AS kind, t.source_id, t.leg, t.effective_on, t.recorded_at, t.debit, t.credit, t.amount, t.currency, \
                 t.functional_currency, coalesce(t.functional_amount, t.amount) AS worth, coalesce(t.realised_gain, 0) AS gain, \
                 t.customer_id, coalesce(t.invoice_id, t.source_id) AS invoice_id",
            $transfers,
            " UNION ALL \
             SELECT 'revaluation', r.revaluation_id, r.leg, r.effective_on, v.created_at, r.debit, r.credit, r.amount, r.functional_currency, \
                 r.functional_currency, r.amount, 0, NULL, NULL",
            $revaluations
        )
    };
}

/// Those in an export, $2.
const EXPORTED: &str = postings!(
    ", i.place, i.entry_no FROM journal_export_items i \
     JOIN ledger_transfers t ON t.tenant_id = $1 AND t.source_id = i.source_id AND t.source_kind = i.source_kind AND t.leg = i.leg \
     WHERE i.tenant_id = $1 AND i.export_id = $2",
    ", i.place, i.entry_no FROM journal_export_items i \
     JOIN ledger_revaluation_postings r ON r.tenant_id = $1 AND r.revaluation_id = i.source_id AND r.leg = i.leg \
     JOIN ledger_revaluations v ON v.tenant_id = $1 AND v.id = r.revaluation_id \
     WHERE i.tenant_id = $1 AND i.export_id = $2 AND i.source_kind = 'revaluation'"
);

/// Those of an entity, $2, from the day $3 on and before $4.
const OF_DAYS: &str = postings!(
    " FROM ledger_transfers t WHERE t.tenant_id = $1 AND coalesce(t.entity_id, $1) = $2 AND t.effective_on >= $3 AND t.effective_on < $4",
    " FROM ledger_revaluation_postings r JOIN ledger_revaluations v ON v.tenant_id = $1 AND v.id = r.revaluation_id \
     WHERE r.tenant_id = $1 AND r.entity_id = $2 AND r.effective_on >= $3 AND r.effective_on < $4"
);

/// The number of what a posting is about, and who it is.
const NAMED: &str =
    "coalesce(n.series, d.series) AS series, coalesce(n.number, d.number) AS number, c.name AS customer_name";
const NAMES: &str = "LEFT JOIN invoices d ON d.tenant_id = $1 AND d.id = p.invoice_id \
     LEFT JOIN credit_notes n ON n.tenant_id = $1 AND n.id = p.source_id \
     LEFT JOIN customers c ON c.tenant_id = $1 AND c.id = p.customer_id";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    entry_no: i64,
    #[diesel(sql_type = Date)]
    effective_on: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = SqlUuid)]
    source_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    series: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    number: Option<i64>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    customer_id: Option<CustomerId>,
    #[diesel(sql_type = Nullable<Text>)]
    customer_name: Option<String>,
    #[diesel(sql_type = Text)]
    debit: Account,
    #[diesel(sql_type = Text)]
    credit: Account,
    #[diesel(sql_type = BigInt)]
    amount: i64,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Text)]
    functional_currency: Currency,
    #[diesel(sql_type = BigInt)]
    worth: i64,
    #[diesel(sql_type = BigInt)]
    gain: i64,
}

impl From<Row> for Posted {
    fn from(row: Row) -> Posted {
        let home = |minor: i64| Money::from_minor(minor, row.functional_currency);
        Posted {
            entry_no: row.entry_no,
            on: row.effective_on,
            recorded_at: row.recorded_at,
            kind: row.kind,
            source_id: row.source_id,
            number: row.series.zip(row.number).map(|(series, number)| series::printed(&series, number)),
            customer: row
                .customer_id
                .filter(|id| *id != NOBODY)
                .map(|id| (id, row.customer_name.unwrap_or_default())),
            debit: row.debit,
            credit: row.credit,
            amount: Money::from_minor(row.amount, row.currency),
            functional: Functional { amount: home(row.worth), realised: home(row.gain) },
        }
    }
}

/// Puts what is posted in an entity's period and not exported yet into an export; gives how many journal entries that makes. What is worth nothing in
/// the currency of the books moves nothing there. The entity's books are locked: one at a time exports them.
pub fn claim(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, JournalExportId),
    (entity_id, days): (EntityId, Days),
) -> Result<i64, StorageError> {
    #[derive(QueryableByName)]
    struct Entries {
        #[diesel(sql_type = BigInt)]
        entries: i64,
    }
    let sql = format!(
        "WITH put AS (INSERT INTO journal_export_items (tenant_id, export_id, place, entry_no, source_id, source_kind, leg, standing) \
             SELECT $1, $5, row_number() OVER w, dense_rank() OVER (ORDER BY p.effective_on, p.source_id, p.kind), p.source_id, p.kind, p.leg, true \
             FROM ({OF_DAYS}) p \
             WHERE NOT EXISTS (SELECT 1 FROM journal_export_items i WHERE i.tenant_id = $1 AND i.source_id = p.source_id \
                 AND i.source_kind = p.kind AND i.leg = p.leg AND i.standing) AND (p.worth > 0 OR p.gain <> 0) \
             WINDOW w AS (ORDER BY p.effective_on, p.source_id, p.kind, p.leg) \
             RETURNING entry_no) \
         SELECT coalesce(max(entry_no), 0) AS entries FROM put"
    );
    let put: Entries = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(entity_id)
        .bind::<Date, _>(days.from)
        .bind::<Date, _>(days.to)
        .bind::<SqlUuid, _>(id)
        .get_result(tx.conn)?;
    Ok(put.entries)
}

/// What is in an export, all between the same two accounts together, as one entry of that day.
pub fn summed(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, JournalExportId),
    on: NaiveDate,
) -> Result<Vec<Posted>, StorageError> {
    let sql = format!(
        "SELECT 1::bigint AS entry_no, $3 AS effective_on, max(p.recorded_at) AS recorded_at, 'summary' AS kind, $2 AS source_id, NULL AS series, \
             NULL::bigint AS number, NULL::uuid AS customer_id, NULL AS customer_name, p.debit, p.credit, sum(p.amount)::bigint AS amount, p.currency, \
             p.functional_currency, sum(p.worth)::bigint AS worth, sum(p.gain)::bigint AS gain \
         FROM ({EXPORTED}) p GROUP BY p.debit, p.credit, p.currency, p.functional_currency, sign(p.gain) \
         ORDER BY p.debit, p.credit, p.currency, sign(p.gain)"
    );
    let rows: Vec<Row> = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(id)
        .bind::<Date, _>(on)
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Posted::from).collect())
}

/// Each posting in an export, in its order; never all of them in memory.
pub fn each_exported<E: From<StorageError>>(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, JournalExportId),
    mut take: impl FnMut(Posted) -> Result<(), E>,
) -> Result<(), E> {
    let sql = format!("SELECT p.*, {NAMED} FROM ({EXPORTED}) p {NAMES} ORDER BY p.place");
    let query = diesel::sql_query(sql).bind::<SqlUuid, _>(tenant_id).bind::<SqlUuid, _>(id);
    let rows = query.load_iter::<Row, PgRowByRowLoadingMode>(tx.conn).map_err(StorageError::from)?;
    for row in rows {
        take(row.map_err(StorageError::from)?.into())?;
    }
    Ok(())
}

/// Each posting of an entity's days, numbered and in order; never all of them in memory.
pub fn each_of_days<E: From<StorageError>>(
    tx: &mut Tx<'_>,
    (tenant_id, entity_id): (TenantId, EntityId),
    (days, mut take): (Days, impl FnMut(Posted) -> Result<(), E>),
) -> Result<(), E> {
    let sql = format!(
        "SELECT p.*, dense_rank() OVER (ORDER BY p.effective_on, p.source_id, p.kind) AS entry_no, {NAMED} FROM ({OF_DAYS}) p {NAMES} WHERE p.worth > 0 OR p.gain <> 0 \
         ORDER BY p.effective_on, p.source_id, p.kind, p.leg"
    );
    let query = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(entity_id)
        .bind::<Date, _>(days.from)
        .bind::<Date, _>(days.to);
    let rows = query.load_iter::<Row, PgRowByRowLoadingMode>(tx.conn).map_err(StorageError::from)?;
    for row in rows {
        take(row.map_err(StorageError::from)?.into())?;
    }
    Ok(())
}
