//! How are invoice lines kept? One row a line, written by `COPY` and never changed; removed only from drafts.
//!
//! A period of an item is billed once: revision 0 of its key is the first charge, later ones are corrections.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::domain::billing::{ByHand, Line, Metered};
use crate::domain::calendar::Period;
use crate::domain::catalog::{TaxBehavior, TaxCode, TaxTerms};
use crate::domain::ids::{InvoiceId, ItemVersionId, SubscriptionId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::storage::customers::Held;
use crate::storage::schema::{invoice_lines, invoices};
use crate::storage::{StorageError, Tx};

/// A line as its row holds it; views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = invoice_lines, treat_none_as_default_value = false)]
pub(in crate::storage) struct LineRow<'a> {
    tenant_id: TenantId,
    pub(in crate::storage) invoice_id: InvoiceId,
    line_no: i32,
    subscription_id: Option<SubscriptionId>,
    item_version_id: Option<ItemVersionId>,
    period_start: DateTime<Utc>,
    period_end: DateTime<Utc>,
    revision: i16,
    deferred: bool,
    quantity: Decimal,
    unit_amount: Decimal,
    amount: i64,
    discount: i64,
    tax: i64,
    description: Cow<'a, str>,
    concerns_from: Option<DateTime<Utc>>,
    concerns_to: Option<DateTime<Utc>>,
    measured_quantity: Option<Decimal>,
    measured_events: Option<i64>,
    measured_to: Option<DateTime<Utc>>,
    by_hand: bool,
    counters_line: Option<i32>,
    tax_included: i64,
    tax_code: Option<TaxCode>,
    tax_behavior: Option<TaxBehavior>,
}

impl LineRow<'_> {
    /// The line, in the currency of its invoice.
    pub(in crate::storage) fn into_line(self, currency: Currency) -> Result<Line, StorageError> {
        let money = |minor| Money::from_minor(minor, currency);
        let period = |from, to| Period::new(from, to).map_err(|e| StorageError::unreadable("line period", e));
        let measured = self.measured_quantity.zip(self.measured_events).zip(self.measured_to);
        Ok(Line {
            line_no: self.line_no,
            subscription_id: self.subscription_id,
            item_version_id: self.item_version_id,
            period: period(self.period_start, self.period_end)?,
            concerns: self
                .concerns_from
                .zip(self.concerns_to)
                .map(|(from, to)| period(from, to))
                .transpose()?,
            revision: self.revision,
            deferred: self.deferred,
            quantity: self.quantity,
            unit_amount: self.unit_amount,
            amount: money(self.amount),
            discount: money(self.discount),
            tax: money(self.tax),
            tax_included: money(self.tax_included),
            tax_terms: TaxTerms {
                code: self.tax_code.unwrap_or_default(),
                behavior: self.tax_behavior.unwrap_or_default(),
            },
            description: Arc::from(self.description),
            measured: measured.map(|((quantity, events), recorded_to)| Metered {
                quantity,
                events,
                recorded_to,
            }),
            grounds: None,
            by_hand: self.by_hand.then(|| self.counters_line.map_or(ByHand::Added, ByHand::Counters)),
        })
    }
}

/// The lines of an invoice, in order.
pub fn lines(tx: &mut Tx<'_>, tenant_id: TenantId, id: InvoiceId) -> Result<Vec<Line>, StorageError> {
    let rows: Vec<(LineRow<'_>, Currency)> = invoice_lines::table
        .inner_join(invoices::table.on(
            invoices::tenant_id.eq(invoice_lines::tenant_id).and(invoices::id.eq(invoice_lines::invoice_id)),
        ))
        .filter(invoice_lines::tenant_id.eq(tenant_id).and(invoice_lines::invoice_id.eq(id)))
        .order(invoice_lines::line_no)
        .select((LineRow::as_select(), invoices::currency))
        .load(tx.conn)?;
    rows.into_iter().map(|(row, currency)| row.into_line(currency)).collect()
}

/// Adds lines, by `COPY`. A period billed already is refused by `a_period_is_billed_once`.
pub fn insert_lines(tx: &mut Tx<'_>, held: &Held, added: &[(InvoiceId, &Line)]) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    if added.is_empty() {
        return Ok(());
    }
    let rows: Vec<LineRow<'_>> = added
        .iter()
        .map(|(invoice_id, line)| LineRow {
            tenant_id,
            invoice_id: *invoice_id,
            line_no: line.line_no,
            subscription_id: line.subscription_id,
            item_version_id: line.item_version_id,
            period_start: line.period.start,
            period_end: line.period.end,
            revision: line.revision,
            deferred: line.deferred,
            quantity: line.quantity,
            unit_amount: line.unit_amount,
            amount: line.amount.minor(),
            discount: line.discount.minor(),
            tax: line.tax.minor(),
            description: Cow::Borrowed(&line.description),
            concerns_from: line.concerns.map(|part| part.start),
            concerns_to: line.concerns.map(|part| part.end),
            measured_quantity: line.measured.map(|m| m.quantity),
            measured_events: line.measured.map(|m| m.events),
            measured_to: line.measured.map(|m| m.recorded_to),
            by_hand: line.by_hand.is_some(),
            counters_line: match line.by_hand {
                Some(ByHand::Counters(line_no)) => Some(line_no),
                _ => None,
            },
            tax_included: line.tax_included.minor(),
            tax_code: Some(line.tax_terms.code).filter(|code| *code != TaxCode::default()),
            tax_behavior: Some(line.tax_terms.behavior)
                .filter(|behavior| *behavior != TaxBehavior::default()),
        })
        .collect();
    diesel::copy_from(invoice_lines::table).from_insertable(&rows).execute(tx.conn)?;
    crate::storage::billing::grounds::insert(tx, held, added)
}
