//! An invoice is cancelled as if it had never been owed: every transfer it made is made the other way. Its number stays used.
//!
//! A payment of it under way is not stopped: should it still succeed, the money becomes the customer's credit.

use super::{Error, Scope};
use crate::domain::events::EventType;
use crate::domain::ids::InvoiceId;
use crate::domain::invoicing::Invoice;
use crate::domain::ledger::posting::Source;
use crate::domain::ledger::{SourceKind, corrections};
use crate::domain::payments::Refused;
use crate::storage::{Tx, events, invoicing, ledger, payment_methods};

/// Voids an open or uncollectible invoice of which nothing is paid.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: InvoiceId) -> Result<Invoice, Error> {
    let customer_id = invoicing::find(tx, scope.tenant_id, id)?.customer_id;
    payment_methods::lock_customer(tx, scope.tenant_id, customer_id)?;
    let invoice = invoicing::find_locked(tx, scope.tenant_id, id)?.void(scope.now)?;
    let posted = ledger::of_source(tx, scope.tenant_id, id.uuid())?;
    let source = Source {
        kind: SourceKind::InvoiceVoided,
        id: id.uuid(),
        customer_id,
        effective_on: scope.zone.local_date(scope.now),
        recorded_at: scope.now,
    };
    let reversed = corrections::reverse(&posted, source).map_err(Refused::from)?;
    ledger::post(tx, scope.tenant_id, &reversed)?;
    invoicing::update(tx, scope.tenant_id, &invoice)?;
    let told = scope.event(EventType::InvoiceVoided, id.uuid(), invoice.event_data());
    events::record(tx, scope.tenant_id, &[told])?;
    Ok(invoice)
}
