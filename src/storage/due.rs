//! Which work is due? Found by a column of the row itself, such as an invoice's `next_attempt_at`, never by a queue: so nothing that is due
//! can be lost. What is parked is left aside until it is tried again.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::ids::{CustomerId, TenantId};
use crate::domain::work::Work;
use crate::storage::sql_types::IdRow;
use crate::storage::{StorageError, Tx};

/// Where a kind of work is found: rows of a table, from the instant in a column on.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    pub work: Work,
    table: &'static str,
    /// The column that says from when on; null where nothing is to be done.
    at: &'static str,
    /// The column of the item's id.
    item: &'static str,
    /// What else a row must be, as the index says it; `d` is the row, `{by}` the instant by which it is looked for.
    only: &'static str,
    parked_too: bool,
}

/// Runs that nobody works on to their end.
pub const BILL_RUNS: Due = Due {
    work: Work::BillRuns,
    table: "bill_runs",
    at: "issued_at",
    item: "id",
    only: "d.finished_at IS NULL",
    parked_too: false,
};

/// Migrations that are not through.
pub const PLAN_MIGRATIONS: Due = Due {
    work: Work::PlanMigrations,
    table: "plan_migrations",
    at: "created_at",
    item: "id",
    only: "d.completed_at IS NULL",
    parked_too: false,
};

/// Steps of subscriptions.
pub const SUBSCRIPTION_STEPS: Due = column(Work::SubscriptionSteps, "subscriptions", "step_at");

/// Customers with something to bill. What a trial's end decides waits for that step, parked or not: what would be paused is not billed.
pub const BILLING: Due = Due {
    work: Work::Billing,
    table: "billing_cursors",
    at: "next_bill_at",
    item: "customer_id",
    only: "d.next_bill_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.tenant_id = d.tenant_id \
           AND s.id = d.subscription_id AND s.step_at <= s.trial_end AND s.trial_end <= {by} AND s.trial_without_method <> 'bill')",
    parked_too: false,
};

/// The same, whether their customers are parked or not: for trying those again.
pub(in crate::storage) const BILLING_PARKED_TOO: Due = Due { parked_too: true, ..BILLING };

/// Drafts.
pub const FINALIZATION: Due = column(Work::Finalization, "invoices", "finalizes_at");

/// Payments without an outcome.
pub const PAYMENT_RESOLUTION: Due = column(Work::PaymentResolution, "payments", "next_check_at");

/// What gateways have told.
pub const INBOUND_EVENTS: Due = column(Work::InboundEvents, "inbound_events", "next_attempt_at");

/// Payments that may be disputed.
pub const DISPUTES: Due =
    Due { item: "payment_id", ..column(Work::Disputes, "dispute_watches", "next_attempt_at") };

/// Invoices to be charged.
pub const COLLECTION: Due = column(Work::Collection, "invoices", "next_attempt_at");

/// Last actions of retry policies.
pub const FINAL_ACTIONS: Due =
    Due { item: "invoice_id", ..column(Work::FinalActions, "invoice_retries", "final_action_at") };

/// Prepaid credits.
pub const CREDIT_EXPIRY: Due = Due {
    only: "d.status = 'active' AND d.expires_at IS NOT NULL",
    ..column(Work::CreditExpiry, "credit_grants", "expires_at")
};

/// Refunds.
pub const REFUNDS: Due = column(Work::Refunds, "refunds", "next_attempt_at");

/// Budgets.
pub const BUDGETS: Due = column(Work::Budgets, "budgets", "next_check_at");

/// Numbers of customers that a register is asked about.
pub const TAX_NUMBERS: Due = column(Work::TaxNumbers, "tax_numbers", "next_check_at");

/// Tenants whose sales are held against the thresholds of states.
pub const TAX_NEXUS: Due = Due {
    work: Work::TaxNexus,
    table: "tax_settings",
    at: "nexus_check_at",
    item: "tenant_id",
    only: "",
    parked_too: false,
};

/// What providers of tax are to be asked.
pub const TAX_QUESTIONS: Due = column(Work::TaxQuestions, "tax_questions", "next_ask_at");

/// Documents that providers of tax are to hear of.
pub const TAX_DOCUMENTS: Due = column(Work::TaxDocuments, "tax_documents", "next_tell_at");

/// Providers of tax whose figures are held against ours.
pub const TAX_COMPARISON: Due = column(Work::TaxComparison, "tax_providers", "next_compare_at");
/// Transfers that wait for a rate, customer by customer.
pub const FUNCTIONAL_AMOUNTS: Due =
    Due { item: "customer_id", ..column(Work::FunctionalAmounts, "functional_waits", "next_attempt_at") };

/// Entities whose revenue is to be recognised: when a month of theirs is over.
pub const RECOGNITION: Due = column(Work::Recognition, "entities", "next_recognition_at");

/// Endpoints with something to hear: of the feed, or once more. `claimed_until` is by the wall clock, whatever the tenant's clock says.
pub const WEBHOOK_DELIVERIES: Due = Due {
    work: Work::WebhookDeliveries,
    table: "(SELECT w.tenant_id, w.id, w.failing_since IS NOT NULL AS is_failing, greatest(w.resumes_at, n.at) AS next_at \
        FROM webhook_endpoints w CROSS JOIN LATERAL (SELECT CASE \
            WHEN EXISTS (SELECT 1 FROM event_counters c WHERE c.tenant_id = w.tenant_id AND c.last_sequence > w.seen_sequence) \
            THEN '-infinity'::timestamptz \
            ELSE (SELECT x.next_attempt_at FROM webhook_deliveries x WHERE x.tenant_id = w.tenant_id AND x.endpoint_id = w.id \
                AND x.next_attempt_at IS NOT NULL AND (x.claimed_until IS NULL OR x.claimed_until < now()) \
                ORDER BY x.next_attempt_at LIMIT 1) END AS at) n \
        WHERE w.disabled_at IS NULL AND n.at IS NOT NULL)",
    at: "next_at",
    item: "id",
    only: "true",
    parked_too: false,
};

/// Balances that pay open invoices by themselves: at once, wherever there is a balance and something to pay in its currency.
pub const BALANCES: Due = Due {
    work: Work::Balances,
    table: "(SELECT DISTINCT b.tenant_id, b.customer_id, '-infinity'::timestamptz AS since \
        FROM tenants t JOIN credit_balances b ON b.tenant_id = t.id AND b.balance > 0 \
        JOIN invoices i ON i.tenant_id = b.tenant_id AND i.customer_id = b.customer_id AND i.currency = b.currency AND i.status = 'open' \
            AND i.total + i.given_back > i.amount_paid + i.credits_applied + i.balance_applied + i.amount_credited \
        WHERE t.apply_balance = 'oldest_first' AND NOT EXISTS (SELECT 1 FROM payments p \
            WHERE p.tenant_id = i.tenant_id AND p.invoice_id = i.id AND p.status = 'processing'))",
    at: "since",
    item: "customer_id",
    only: "true",
    parked_too: false,
};

const fn column(work: Work, table: &'static str, at: &'static str) -> Due {
    Due { work, table, at, item: "id", only: "", parked_too: false }
}

impl Due {
    /// The rows of this work that are not parked, as the part of a statement after SELECT. `$1` is the tenant where it is not `t`.
    pub(in crate::storage) fn rows(&self, tenant: &str, by: &str) -> String {
        let Due { work, table, at, item, only, parked_too } = self;
        let only = if only.is_empty() { format!("d.{at} IS NOT NULL") } else { only.replace("{by}", by) };
        if *parked_too {
            return format!("FROM {table} d WHERE d.tenant_id = {tenant} AND {only}");
        }
        format!(
            "FROM {table} d WHERE d.tenant_id = {tenant} AND {only} AND NOT EXISTS (SELECT 1 FROM parked_work p \
             WHERE p.tenant_id = d.tenant_id AND p.work = '{}' AND p.item_id = d.{item})",
            work.into_str()
        )
    }

    /// When something of it is due next, parked items when they are to be tried again; `None`: never, as things are.
    ///
    /// # Errors
    /// Storage.
    pub fn next(&self, tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Option<DateTime<Utc>>, StorageError> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Nullable<Timestamptz>)]
            at: Option<DateTime<Utc>>,
        }
        let (at, rows) = (self.at, self.rows("$1", &format!("d.{}", self.at)));
        let sql = format!(
            "SELECT least((SELECT greatest(d.{at}, 'epoch') {rows} ORDER BY d.{at} LIMIT 1), \
             (SELECT min(retry_at) FROM parked_work WHERE tenant_id = $1 AND work = $2)) AS at"
        );
        let row: Row = diesel::sql_query(sql)
            .bind::<SqlUuid, _>(tenant_id)
            .bind::<Text, _>(self.work)
            .get_result(tx.conn)?;
        Ok(row.at)
    }

    /// At most so many items due by an instant, the longest due first, parked ones aside.
    ///
    /// # Errors
    /// Storage.
    pub fn items(
        &self,
        tx: &mut Tx<'_>,
        tenant_id: TenantId,
        (now, limit): (DateTime<Utc>, i64),
    ) -> Result<Vec<Uuid>, StorageError> {
        let Due { at, item, .. } = self;
        let sql = format!(
            "SELECT d.{item} AS id {} AND d.{at} <= $2 ORDER BY d.{at}, d.{item} LIMIT $3",
            self.rows("$1", "$2")
        );
        let rows: Vec<IdRow<Uuid>> = diesel::sql_query(sql)
            .bind::<SqlUuid, _>(tenant_id)
            .bind::<Timestamptz, _>(now)
            .bind::<BigInt, _>(limit)
            .load(tx.conn)?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// The same with whose they are, for work that is done under its customers' locks.
    ///
    /// # Errors
    /// Storage.
    pub fn items_of_customers(
        &self,
        tx: &mut Tx<'_>,
        tenant_id: TenantId,
        (now, limit): (DateTime<Utc>, i64),
    ) -> Result<Vec<(CustomerId, Uuid)>, StorageError> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = SqlUuid)]
            customer_id: CustomerId,
            #[diesel(sql_type = SqlUuid)]
            id: Uuid,
        }
        let Due { at, item, .. } = self;
        let sql = format!(
            "SELECT d.customer_id, d.{item} AS id {} AND d.{at} <= $2 ORDER BY d.{at}, d.{item} LIMIT $3",
            self.rows("$1", "$2")
        );
        let rows: Vec<Row> = diesel::sql_query(sql)
            .bind::<SqlUuid, _>(tenant_id)
            .bind::<Timestamptz, _>(now)
            .bind::<BigInt, _>(limit)
            .load(tx.conn)?;
        Ok(rows.into_iter().map(|row| (row.customer_id, row.id)).collect())
    }
}

/// The tenants in which something of these kinds is due by `now`, or by their own clock when tenants with one are looked at, too.
///
/// # Errors
/// Storage.
pub fn tenants(
    tx: &mut Tx<'_>,
    kinds: &[Due],
    (now, with_clocks): (DateTime<Utc>, bool),
) -> Result<Vec<TenantId>, StorageError> {
    let by = "coalesce(t.test_clock, $1)";
    let due = |kind: &Due| {
        let (work, at, rows) = (kind.work.into_str(), kind.at, kind.rows("t.id", by));
        format!(
            "EXISTS (SELECT 1 {rows} AND d.{at} <= {by}) OR EXISTS (SELECT 1 FROM parked_work r \
             WHERE r.tenant_id = t.id AND r.work = '{work}' AND r.retry_at <= {by})"
        )
    };
    let any: Vec<String> = kinds.iter().map(due).collect();
    let sql = format!(
        "SELECT t.id FROM tenants t WHERE ($2 OR t.test_clock IS NULL) AND ({}) ORDER BY t.id",
        any.join(" OR ")
    );
    let rows: Vec<IdRow<TenantId>> =
        diesel::sql_query(sql).bind::<Timestamptz, _>(now).bind::<Bool, _>(with_clocks).load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
