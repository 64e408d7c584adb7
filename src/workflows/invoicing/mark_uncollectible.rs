//! An invoice is given up: what is still due leaves the receivables; what of it is not earned comes off deferred revenue, the rest is lost. It
//! can still be paid; then that much is taken back.
//!
//! 31.00 for 15 January to 14 February, given up on 1 February: deferred revenue −14.00, write-offs 17.00. Of 100.00 of credits that were sold, 40.00
//! of them used: 60.00 are credited with the credits, and 40.00 are given up.

use crate::domain::events::EventType;
use crate::domain::ids::InvoiceId;
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::ledger::SourceKind;
use crate::domain::ledger::corrections::{self, Loss};
use crate::domain::ledger::posting::Source;
use crate::domain::payments::Refused;
use crate::storage::{Tx, events, invoicing, ledger};
use crate::workflows::billing::take_back;
use crate::workflows::credits::void_credit_grant;
use crate::workflows::revenue::schedule;
use crate::workflows::{Error, Scope};

/// Gives up an open invoice.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: InvoiceId) -> Result<Invoice, Error> {
    let scope = &scope.lock_owner(tx, id)?;
    let mut open = invoicing::find_locked(tx, scope.tenant_id, id)?;
    if open.status == Status::Open {
        void_credit_grant::unused_of(tx, scope, id)?;
        open = invoicing::find_locked(tx, scope.tenant_id, id)?;
        // Of credits nothing was used: nothing is left to be given up.
        if open.status != Status::Open {
            return Ok(open);
        }
    }
    let customer_id = open.customer_id;
    let due = open.amount_due().map_err(Refused::from)?;
    let invoice = open.write_off(scope.now)?;
    let deferred = schedule::given_up(tx, scope, (&invoice, due))?;
    let source = Source {
        kind: SourceKind::InvoiceWrittenOff,
        id: id.uuid(),
        customer_id,
        entity_id: Some(invoice.entity_id),
        invoice_id: None,
        effective_on: scope.zone.local_date(scope.now),
        recorded_at: scope.now,
    };
    let before = ledger::of_source(tx, scope.tenant_id, id.uuid())?;
    let before = before.iter().filter(|transfer| transfer.source_kind == SourceKind::InvoiceWrittenOff);
    let first_leg = before.map(|transfer| transfer.leg.saturating_add(1)).max().unwrap_or(0);
    let transfers =
        corrections::write_off(Loss { due, deferred }, (source, first_leg)).map_err(Refused::from)?;
    ledger::post(tx, &scope.held, &transfers)?;
    take_back::waived(tx, scope, (&invoice, due))?;
    invoicing::update(tx, &scope.held, &invoice)?;
    let event = scope.event(EventType::InvoiceMarkedUncollectible, id.uuid(), invoice.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(invoice)
}
