//! What is left to do before a period of an entity is closed? Named checks, each with how much there is and the first of it.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::ids::TenantId;
use crate::domain::revenue::periods::Period;
use crate::storage::{StorageError, Tx};

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Found {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    /// The first ten.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub first: Vec<Uuid>,
}

/// What was taken back meanwhile is none of it.
const LINES_AT_ONCE: &str = "SELECT s.invoice_id AS id FROM revenue_schedules s JOIN invoices i ON i.tenant_id = s.tenant_id AND i.id = s.invoice_id \
     WHERE s.tenant_id = $1 AND coalesce(i.entity_id, i.tenant_id) = $2 AND s.because IS NOT NULL AND s.booked_on >= $3 AND s.booked_on < $4 \
     AND s.entry = 0 AND s.amount <> 0 AND i.status <> 'void' \
     AND s.amount <> -coalesce((SELECT sum(n.amount) FROM revenue_schedules n WHERE n.tenant_id = $1 AND n.invoice_id = s.invoice_id \
         AND n.line_no = s.line_no AND n.entry > 0), 0)";

/// Each check is a query of ids: `$1` the tenant, `$2` the entity, `$3` the first day of the period, `$4` the day after its last.
const CHECKS: &[(&str, &str)] = &[
    (
        "earlier_periods_are_closed",
        "SELECT id FROM accounting_periods WHERE tenant_id = $1 AND entity_id = $2 AND starts_on < $3 AND status <> 'closed'",
    ),
    (
        "drafts_are_issued",
        "SELECT id FROM invoices WHERE tenant_id = $1 AND coalesce(entity_id, tenant_id) = $2 AND status = 'draft' AND billing_date < $4",
    ),
    (
        "payments_have_an_outcome",
        "SELECT p.id FROM payments p JOIN invoices i ON i.tenant_id = p.tenant_id AND i.id = p.invoice_id \
         WHERE p.tenant_id = $1 AND coalesce(i.entity_id, i.tenant_id) = $2 AND p.status = 'processing' AND p.created_at < $4",
    ),
    ("no_work_is_parked", "SELECT id FROM parked_work WHERE tenant_id = $1"),
    (
        "transfers_have_their_value",
        "SELECT source_id AS id FROM ledger_transfers WHERE tenant_id = $1 AND coalesce(entity_id, tenant_id) = $2 \
         AND functional_currency IS NULL AND effective_on < $4",
    ),
    ("lines_at_once_have_a_rule", LINES_AT_ONCE),
    (
        "deferred_revenue_is_what_is_scheduled",
        "SELECT coalesce(s.id, t.id) FROM \
         (SELECT s.invoice_id AS id, sum(s.amount) AS amount FROM revenue_schedules s \
              JOIN invoices i ON i.tenant_id = s.tenant_id AND i.id = s.invoice_id \
              WHERE s.tenant_id = $1 AND coalesce(i.entity_id, i.tenant_id) = $2 AND s.deferred GROUP BY 1) s \
         FULL JOIN (SELECT coalesce(invoice_id, source_id) AS id, \
                        sum(CASE WHEN credit = 'deferred_revenue' THEN amount ELSE -amount END) \
                            FILTER (WHERE source_kind <> 'revenue_recognized') AS amount \
                    FROM ledger_transfers WHERE tenant_id = $1 AND coalesce(entity_id, tenant_id) = $2 \
                    AND (credit = 'deferred_revenue' OR debit = 'deferred_revenue') GROUP BY 1) t ON t.id = s.id \
         WHERE coalesce(s.amount, 0) <> coalesce(t.amount, 0)",
    ),
];

/// How many lines of a period are earned at once though no rule says so.
///
/// # Errors
/// Storage.
pub fn lines_at_once(tx: &mut Tx<'_>, tenant_id: TenantId, period: &Period) -> Result<i64, StorageError> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let found: Count = diesel::sql_query(format!("SELECT count(*) AS count FROM ({LINES_AT_ONCE}) f"))
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(period.entity_id)
        .bind::<Date, NaiveDate>(period.days.from)
        .bind::<Date, NaiveDate>(period.days.to)
        .get_result(tx.conn)?;
    Ok(found.count)
}

/// What each check finds.
pub fn read(tx: &mut Tx<'_>, tenant_id: TenantId, period: &Period) -> Result<Vec<Found>, StorageError> {
    let one = |(name, ids): &(&str, &str)| {
        format!(
            "SELECT '{name}' AS name, count(*) AS count, coalesce((array_agg(id ORDER BY id))[1:10], '{{}}') AS first FROM ({ids}) AS f (id)"
        )
    };
    let all: Vec<String> = CHECKS.iter().map(one).collect();
    Ok(diesel::sql_query(all.join(" UNION ALL "))
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(period.entity_id)
        .bind::<Date, NaiveDate>(period.days.from)
        .bind::<Date, NaiveDate>(period.days.to)
        .load(tx.conn)?)
}
