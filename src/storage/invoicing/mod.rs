//! How are invoices kept? Written by `COPY`, one row an invoice; changed only in what its state allows. Their [`mod@lines`] are
//! written beside them, once.
//!
//! Numbers come in blocks: 2,000 invoices of a chunk take 2,000 numbers in one statement, the last lock of the transaction.
//!
//! What is on this shelf, what is not, and its laws: [`domain::invoicing`](crate::domain::invoicing).

pub mod drafts;
pub mod earlier_drafts;
mod lines;
pub mod views;

use std::borrow::Cow;
use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;

pub(in crate::storage) use lines::LineRow;
pub use lines::{insert_lines, lines};

use super::schema::{invoices, number_counters};
use super::{StorageError, Tx};
use crate::domain::ids::{BillRunId, CustomerId, EntityId, InvoiceId, SubscriptionId, TenantId};
use crate::domain::invoicing::{Applied, Invoice, Number, Status, Totals, WaitsFor};
use crate::domain::money::{Currency, Money};
use crate::domain::subscriptions::Collection;
use crate::storage::customers::Held;
use crate::storage::{Found, Thing};

/// Of these invoices, those that are owed still.
pub fn owed_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[InvoiceId],
) -> Result<HashSet<InvoiceId>, StorageError> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let owed: Vec<InvoiceId> = invoices::table
        .filter(invoices::tenant_id.eq(tenant_id).and(invoices::id.eq_any(ids)))
        .filter(invoices::status.eq_any([Status::Open, Status::Uncollectible]))
        .select(invoices::id)
        .load(tx.conn)?;
    Ok(owed.into_iter().collect())
}

/// An invoice as its row holds it; views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = invoices, treat_none_as_default_value = false)]
pub(in crate::storage) struct InvoiceRow<'a> {
    tenant_id: TenantId,
    pub(in crate::storage) id: InvoiceId,
    customer_id: CustomerId,
    subscription_id: Option<SubscriptionId>,
    bill_run_id: Option<BillRunId>,
    series: Option<Cow<'a, str>>,
    number: Option<i64>,
    status: Status,
    collection: Collection,
    currency: Currency,
    billing_date: NaiveDate,
    buyer_version: Option<i32>,
    seller_version: Option<i32>,
    subtotal: i64,
    discount_total: i64,
    tax_total: i64,
    total: i64,
    amount_paid: i64,
    created_at: DateTime<Utc>,
    issued_at: Option<DateTime<Utc>>,
    due_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    next_attempt_at: Option<DateTime<Utc>>,
    attempt_count: i16,
    finalizes_at: Option<DateTime<Utc>>,
    credits_applied: i64,
    balance_applied: i64,
    amount_credited: i64,
    given_back: i64,
    tax_included_total: i64,
    waits_for: Option<WaitsFor>,
    entity_id: Option<EntityId>,
}

impl From<InvoiceRow<'_>> for Invoice {
    fn from(row: InvoiceRow<'_>) -> Invoice {
        let currency = row.currency;
        let money = |minor| Money::from_minor(minor, currency);
        Invoice {
            id: row.id,
            customer_id: row.customer_id,
            entity_id: row.entity_id.unwrap_or(EntityId::first_of(row.tenant_id)),
            subscription_id: row.subscription_id,
            bill_run_id: row.bill_run_id,
            number: row
                .series
                .zip(row.number)
                .map(|(series, number)| Number { series: series.into(), number }),
            status: row.status,
            collection: row.collection,
            currency,
            billing_date: row.billing_date,
            buyer_version: row.buyer_version,
            seller_version: row.seller_version,
            totals: Totals {
                subtotal: money(row.subtotal),
                discount_total: money(row.discount_total),
                tax_total: money(row.tax_total),
                tax_included_total: money(row.tax_included_total),
                total: money(row.total),
            },
            amount_paid: money(row.amount_paid),
            applied: Applied {
                credits: money(row.credits_applied),
                balance: money(row.balance_applied),
                credited: money(row.amount_credited),
                given_back: money(row.given_back),
            },
            created_at: row.created_at,
            issued_at: row.issued_at,
            due_at: row.due_at,
            closed_at: row.closed_at,
            next_attempt_at: row.next_attempt_at,
            attempt_count: row.attempt_count,
            finalizes_at: row.finalizes_at,
            waits_for: row.waits_for,
        }
    }
}

impl<'a> InvoiceRow<'a> {
    fn of(tenant_id: TenantId, invoice: &'a Invoice) -> InvoiceRow<'a> {
        InvoiceRow {
            tenant_id,
            id: invoice.id,
            customer_id: invoice.customer_id,
            subscription_id: invoice.subscription_id,
            bill_run_id: invoice.bill_run_id,
            series: invoice.number.as_ref().map(|n| Cow::Borrowed(&*n.series)),
            number: invoice.number.as_ref().map(|n| n.number),
            status: invoice.status,
            collection: invoice.collection,
            currency: invoice.currency,
            billing_date: invoice.billing_date,
            buyer_version: invoice.buyer_version,
            seller_version: invoice.seller_version,
            subtotal: invoice.totals.subtotal.minor(),
            discount_total: invoice.totals.discount_total.minor(),
            tax_total: invoice.totals.tax_total.minor(),
            total: invoice.totals.total.minor(),
            amount_paid: invoice.amount_paid.minor(),
            created_at: invoice.created_at,
            issued_at: invoice.issued_at,
            due_at: invoice.due_at,
            closed_at: invoice.closed_at,
            next_attempt_at: invoice.next_attempt_at,
            attempt_count: invoice.attempt_count,
            finalizes_at: invoice.finalizes_at,
            credits_applied: invoice.applied.credits.minor(),
            balance_applied: invoice.applied.balance.minor(),
            amount_credited: invoice.applied.credited.minor(),
            given_back: invoice.applied.given_back.minor(),
            tax_included_total: invoice.totals.tax_included_total.minor(),
            waits_for: invoice.waits_for,
            entity_id: Some(invoice.entity_id),
        }
    }
}

/// The invoice with this id.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: InvoiceId) -> Result<Invoice, StorageError> {
    let row: InvoiceRow<'_> = invoices::table
        .find((tenant_id, id))
        .select(InvoiceRow::as_select())
        .first(tx.conn)
        .found(Thing::Invoice, id)?;
    Ok(row.into())
}

/// The invoice with this id, locked until the transaction ends. The caller has locked its customer's row before.
pub fn find_locked(tx: &mut Tx<'_>, tenant_id: TenantId, id: InvoiceId) -> Result<Invoice, StorageError> {
    let row: InvoiceRow<'_> = invoices::table
        .find((tenant_id, id))
        .for_no_key_update()
        .select(InvoiceRow::as_select())
        .first(tx.conn)
        .found(Thing::Invoice, id)?;
    Ok(row.into())
}

/// The open invoices of a locked customer, locked, the one that is due first, first.
pub fn open_locked(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    customer: CustomerId,
) -> Result<Vec<Invoice>, StorageError> {
    let rows: Vec<InvoiceRow<'_>> = invoices::table
        .filter(invoices::tenant_id.eq(tenant_id).and(invoices::customer_id.eq(customer)))
        .filter(invoices::status.eq(Status::Open))
        .order((invoices::due_at, invoices::issued_at, invoices::id))
        .for_no_key_update()
        .select(InvoiceRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Invoice::from).collect())
}

/// Several invoices, locked, in the order of their ids; those that do not exist are left out. Customers are locked before.
pub fn find_all_locked(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[InvoiceId],
) -> Result<Vec<Invoice>, StorageError> {
    let rows: Vec<InvoiceRow<'_>> = invoices::table
        .filter(invoices::tenant_id.eq(tenant_id).and(invoices::id.eq_any(ids)))
        .order(invoices::id)
        .for_no_key_update()
        .select(InvoiceRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Invoice::from).collect())
}

/// Adds invoices, by `COPY`.
pub fn insert(tx: &mut Tx<'_>, held: &Held, added: &[Invoice]) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    if added.is_empty() {
        return Ok(());
    }
    let rows: Vec<InvoiceRow<'_>> = added.iter().map(|invoice| InvoiceRow::of(tenant_id, invoice)).collect();
    diesel::copy_from(invoices::table).from_insertable(&rows).execute(tx.conn)?;
    Ok(())
}

/// Writes what may change of an invoice: state, number, dates and what is paid; its totals too while it is a draft.
pub fn update(tx: &mut Tx<'_>, held: &Held, invoice: &Invoice) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let row = InvoiceRow::of(tenant_id, invoice);
    let target = invoices::table.find((row.tenant_id, row.id));
    let changed = diesel::update(target)
        .set((
            invoices::status.eq(row.status),
            invoices::series.eq(row.series),
            invoices::number.eq(row.number),
            invoices::buyer_version.eq(row.buyer_version),
            invoices::seller_version.eq(row.seller_version),
            invoices::amount_paid.eq(row.amount_paid),
            invoices::issued_at.eq(row.issued_at),
            invoices::due_at.eq(row.due_at),
            invoices::closed_at.eq(row.closed_at),
            invoices::next_attempt_at.eq(row.next_attempt_at),
            invoices::attempt_count.eq(row.attempt_count),
            invoices::finalizes_at.eq(row.finalizes_at),
            invoices::waits_for.eq(row.waits_for),
            invoices::credits_applied.eq(row.credits_applied),
            invoices::balance_applied.eq(row.balance_applied),
            invoices::amount_credited.eq(row.amount_credited),
            invoices::given_back.eq(row.given_back),
        ))
        .execute(tx.conn)?;
    if changed == 0 {
        return Err(StorageError::not_found(Thing::Invoice, invoice.id));
    }
    if invoice.status == Status::Draft {
        diesel::update(invoices::table.find((row.tenant_id, row.id)))
            .set((
                invoices::subtotal.eq(row.subtotal),
                invoices::discount_total.eq(row.discount_total),
                invoices::tax_total.eq(row.tax_total),
                invoices::tax_included_total.eq(row.tax_included_total),
                invoices::total.eq(row.total),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Takes `count` numbers of a series and gives the first: 1 on first use. It is the last lock of its transaction, so
/// that nobody waits for a number while work is still to be done; a rollback gives the numbers back, leaving no gap.
pub fn take_numbers(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    series: &str,
    count: i64,
) -> Result<i64, StorageError> {
    let last: i64 = diesel::insert_into(number_counters::table)
        .values((
            number_counters::tenant_id.eq(tenant_id),
            number_counters::series.eq(series),
            number_counters::last_number.eq(count),
        ))
        .on_conflict((number_counters::tenant_id, number_counters::series))
        .do_update()
        .set(
            number_counters::last_number
                .eq(number_counters::last_number + excluded(number_counters::last_number)),
        )
        .returning(number_counters::last_number)
        .get_result(tx.conn)?;
    Ok(last - count + 1)
}
