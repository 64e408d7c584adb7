//! Prepaid credits are taken back. What was paid for the rest goes to the customer's credit balance; when nothing was paid or used,
//! the invoice is voided with them; when some are used and not paid, the invoice is lowered to what is used.

use super::issue_credit_note::{self, Order};
use crate::domain::credits::grant::Refused;
use crate::domain::credits::note::{To, Wanted};
use crate::domain::credits::{Grant, Status};
use crate::domain::events::EventType;
use crate::domain::ids::{CreditGrantId, InvoiceId};
use crate::domain::invoicing;
use crate::domain::ledger::posting::Source;
use crate::domain::ledger::{self, SourceKind};
use crate::domain::payments;
use crate::storage::{Tx, credits, events, invoicing as invoices, ledger as transfers};
use crate::workflows::invoicing::void_invoice;
use crate::workflows::{Error, Holding, Scope};

/// Voids what is left of a grant.
///
/// # Errors
/// Not found; it has ended; some of it is used, and its invoice given up.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: CreditGrantId) -> Result<Grant, Error> {
    let customer_id = credits::find(tx, scope.tenant_id, id)?.customer_id;
    let scope = &scope.lock(tx, customer_id)?;
    let grant = credits::find(tx, scope.tenant_id, id)?;
    if let Some(invoice_id) = grant.invoice_id
        && let Some(voided) = with_its_invoice(tx, scope, (&grant, invoice_id))?
    {
        return Ok(voided);
    }
    let (grant, unearned) = grant.close(Status::Void)?;
    let source = source(scope, &grant, SourceKind::CreditsVoided);
    let posted = ledger::credits::voided(unearned, source).map_err(payments::Refused::from)?;
    end(tx, scope, &grant, (posted, EventType::CreditGrantVoided))?;
    Ok(grant)
}

/// Takes back what is not used of what an invoice sold that is to be given up: what is left to be lost is what was used.
///
/// # Errors
/// Storage.
pub fn unused_of(tx: &mut Tx<'_>, scope: &Holding<'_>, invoice_id: InvoiceId) -> Result<(), Error> {
    for grant in credits::sold_by(tx, scope.tenant_id, &[invoice_id])? {
        if matches!(grant.status, Status::Pending | Status::Active) && grant.remaining.is_positive() {
            with_its_invoice(tx, scope, (&grant, invoice_id))?;
        }
    }
    Ok(())
}

/// While the invoice that sold it is not paid: voids it when nothing is paid and nothing used, or lowers it by what is not used; `None`
/// when all of it is paid.
fn with_its_invoice(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (grant, invoice_id): (&Grant, InvoiceId),
) -> Result<Option<Grant>, Error> {
    let invoice = invoices::find_locked(tx, scope.tenant_id, invoice_id)?;
    if matches!(invoice.status, invoicing::Status::Paid | invoicing::Status::Void) {
        return Ok(None);
    }
    let used = grant.used().map_err(payments::Refused::from)?;
    if invoice.amount_paid.is_zero() && used.is_zero() {
        void_invoice::run(tx, scope, invoice_id)?;
        return Ok(Some(credits::find(tx, scope.tenant_id, grant.id)?));
    }
    if invoice.status == invoicing::Status::Uncollectible {
        return Err(Refused::UsedUnpaid { used }.into());
    }
    Ok(Some(stop(tx, scope, (grant.clone(), invoice_id))?))
}

/// What is used stays owed. The price of the rest is credited: first off what is due, and what was paid of it goes to the balance.
///
/// 10.00 sold, 4.00 used, nothing paid: a credit note of 6.00, and 4.00 are due.
fn stop(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (grant, invoice_id): (Grant, InvoiceId),
) -> Result<Grant, Error> {
    let (grant, unearned) = grant.close(Status::Void)?;
    let source = source(scope, &grant, SourceKind::CreditsVoided);
    let posted = ledger::credits::unsold(unearned, source).map_err(payments::Refused::from)?;
    end(tx, scope, &grant, (posted, EventType::CreditGrantVoided))?;
    if unearned.is_positive() {
        let order = Order {
            invoice_id,
            wanted: Wanted::Amount(unearned),
            to: To::CreditBalance,
            reason: "unused credits taken back".to_owned(),
        };
        let locked = issue_credit_note::lock_sale(tx, scope, invoice_id)?;
        issue_credit_note::issue(tx, scope, (&locked, &order), None)?;
    }
    Ok(grant)
}

/// What the postings of a grant have in common.
#[must_use]
pub fn source(scope: &Scope, grant: &Grant, kind: SourceKind) -> Source {
    Source {
        kind,
        id: grant.id.uuid(),
        customer_id: grant.customer_id,
        entity_id: None,
        invoice_id: None,
        effective_on: scope.zone.local_date(scope.now),
        recorded_at: scope.now,
    }
}

/// Writes a grant that has ended, with its postings, whose legs follow those it has made before, and emits its event.
///
/// # Errors
/// Storage.
pub fn end(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    grant: &Grant,
    (mut posted, event_type): (Vec<ledger::Transfer>, EventType),
) -> Result<(), Error> {
    if let Some(first) = posted.first() {
        let legs = credits::legs_of(tx, scope.tenant_id, (first.source_id, first.source_kind))?;
        posted.iter_mut().for_each(|transfer| transfer.leg += legs);
    }
    credits::update(tx, &scope.held, grant)?;
    transfers::post(tx, &scope.held, &posted)?;
    let event = scope.event(event_type, grant.id.uuid(), grant.event_data());
    Ok(events::record(tx, scope.tenant_id, &[event])?)
}
