//! A draft becomes an invoice: numbered, dated, its parties as they are now, posted, told, due for collection. In one transaction.

use std::sync::Arc;

use super::{Error, Scope};
use crate::domain::events::EventType;
use crate::domain::ids::InvoiceId;
use crate::domain::invoicing::Invoice;
use crate::domain::invoicing::finalize::{self, Issue};
use crate::domain::ledger;
use crate::domain::payments::Refused;
use crate::storage::{Tx, events, invoicing, ledger as transfers};

/// Finalizes a draft; anything else is refused.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: InvoiceId) -> Result<Invoice, Error> {
    let customer_id = invoicing::find(tx, scope.tenant_id, id)?.customer_id;
    let buyer = invoicing::lock_buyer(tx, scope.tenant_id, customer_id)?;
    let draft = invoicing::find_locked(tx, scope.tenant_id, id)?;
    let lines = invoicing::lines(tx, scope.tenant_id, id)?;
    let issue = Issue {
        now: scope.now,
        zone: scope.zone,
        series: Arc::clone(&scope.invoice_series),
        seller_version: scope.seller_version,
        buyer_version: buyer.version,
        payment_terms_days: buyer.payment_terms_days.unwrap_or(scope.payment_terms_days),
    };
    let mut invoice = finalize::finalize(draft, &issue)?;
    let posted = ledger::invoices::finalized(&invoice, &lines, &issue).map_err(Refused::from)?;
    transfers::post(tx, scope.tenant_id, &posted)?;
    let number = invoicing::take_numbers(tx, scope.tenant_id, &issue.series, 1)?;
    finalize::number(&mut invoice, &issue.series, number);
    invoicing::update(tx, scope.tenant_id, &invoice)?;
    let told = scope.event(EventType::InvoiceFinalized, id.uuid(), invoice.event_data());
    events::record(tx, scope.tenant_id, &[told])?;
    Ok(invoice)
}
