//! An invoice is cancelled as if it had never been owed: every transfer it made is made the other way. Its number stays used.
//!
//! A payment of it that waits for its payer is ended at its gateway; another one under way is not stopped: should it still succeed, the money
//! becomes the customer's credit.

use crate::domain::credits::{Status, grant};
use crate::domain::events::EventType;
use crate::domain::ids::InvoiceId;
use crate::domain::invoicing::Invoice;
use crate::domain::invoicing::Status::Uncollectible;
use crate::domain::ledger::SourceKind::{InvoiceWrittenOff, RevenueRecognized, WriteOffRecovered};
use crate::domain::ledger::corrections::Loss;
use crate::domain::ledger::origins::{self, Charges};
use crate::domain::ledger::posting::Source;
use crate::domain::ledger::receipts::Restored;
use crate::domain::ledger::{Account, SourceKind, Transfer, corrections, posting};
use crate::domain::money::Money;
use crate::domain::payments::Refused;
use crate::storage::tax::providers;
use crate::storage::{Tx, credits, events, invoicing, ledger, payments};
use crate::workflows::billing::take_back;
use crate::workflows::credits::{return_credits, void_credit_grant as ending};
use crate::workflows::revenue::schedule;
use crate::workflows::{Error, Holding, Scope};

/// Voids an open or uncollectible invoice of which nothing is paid.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: InvoiceId) -> Result<Invoice, Error> {
    let scope = &scope.lock_owner(tx, id)?;
    let before = invoicing::find_locked(tx, scope.tenant_id, id)?;
    let invoice = before.clone().void(scope.now)?;
    let customer_id = invoice.customer_id;
    if credits::taken_back::touches(tx, scope.tenant_id, id)? {
        return Err(grant::Refused::UsageTakenBack.into());
    }
    take_back_what_it_sold(tx, scope, &invoice)?;
    if before.status == Uncollectible {
        bring_back(tx, scope, &before)?;
    }
    let mut posted = ledger::of_source(tx, scope.tenant_id, id.uuid())?;
    // What was recognised of it is taken back by recognition; what was given up came back.
    let elsewhere = [RevenueRecognized, InvoiceWrittenOff, WriteOffRecovered];
    posted.retain(|transfer| !elsewhere.contains(&transfer.source_kind));
    let source = Source {
        kind: SourceKind::InvoiceVoided,
        id: id.uuid(),
        customer_id,
        entity_id: Some(invoice.entity_id),
        invoice_id: None,
        effective_on: scope.zone.local_date(scope.now),
        recorded_at: scope.now,
    };
    let reversed = corrections::reverse(&posted, source).map_err(Refused::from)?;
    let reversed = undo(tx, scope, (id, reversed), source)?;
    ledger::post(tx, &scope.held, &reversed)?;
    schedule::voided(tx, scope, &invoice)?;
    give_back_what_it_drew(tx, scope, (&invoice, &posted))?;
    take_back::waived(tx, scope, (&invoice, invoice.totals.total))?;
    invoicing::update(tx, &scope.held, &invoice)?;
    providers::note_void(tx, (scope.tenant_id, scope.now), id)?;
    payments::end_waiting(tx, &scope.held, (id, scope.now))?;
    let event = scope.event(EventType::InvoiceVoided, id.uuid(), invoice.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(invoice)
}

/// What was given up of it is owed again, to be voided with the rest.
fn bring_back(tx: &mut Tx<'_>, scope: &Holding<'_>, given_up: &Invoice) -> Result<(), Error> {
    let due = given_up.amount_due().map_err(Refused::from)?;
    let today = scope.zone.local_date(scope.now);
    let Restored { deferred, rated_on, counts_on } =
        schedule::restored(tx, scope, given_up, ((due, due), today))?;
    let source = Source {
        kind: WriteOffRecovered,
        id: given_up.id.uuid(),
        customer_id: given_up.customer_id,
        entity_id: Some(given_up.entity_id),
        invoice_id: Some(given_up.id),
        effective_on: counts_on,
        recorded_at: scope.now,
    };
    let loss = Loss { due, deferred };
    let transfers = corrections::recovered(loss, (source, rated_on)).map_err(Refused::from)?;
    Ok(ledger::post(tx, &scope.held, &transfers)?)
}

/// What later invoices gave back of it is not there any more: it comes off what those charged.
fn undo(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (id, reversed): (InvoiceId, Vec<Transfer>),
    source: Source,
) -> Result<Vec<Transfer>, Error> {
    let givers = ledger::origins::givers_of(tx, scope.tenant_id, id)?;
    if givers.is_empty() {
        return Ok(reversed);
    }
    let all: Vec<InvoiceId> = givers.iter().copied().chain([id]).collect();
    let held = ledger::origins::held(tx, scope.tenant_id, &all)?;
    let mut charges = Charges { held, ..Charges::default() };
    let undone = origins::undone((id, reversed), source, (&mut charges, &givers));
    Ok(undone.map_err(Refused::from)?)
}

/// Credits that it sold are void with it, unless some are used.
fn take_back_what_it_sold(tx: &mut Tx<'_>, scope: &Holding<'_>, invoice: &Invoice) -> Result<(), Error> {
    for sold in credits::sold_by(tx, scope.tenant_id, &[invoice.id])? {
        let used = sold.used().map_err(Refused::from)?;
        if !used.is_zero() {
            return Err(grant::Refused::UsedUnpaid { used }.into());
        }
        if matches!(sold.status, Status::Pending | Status::Active) {
            let (voided, _) = sold.close(Status::Void)?;
            // The price goes the way of the invoice's other postings.
            ending::end(tx, scope, &voided, (Vec::new(), EventType::CreditGrantVoided))?;
        }
    }
    Ok(())
}

/// Credits that it drew can be drawn again. What its postings gave back of them may differ by a cent from what the grants count
/// as owed, because each counts on the whole of what is used: that cent is posted.
fn give_back_what_it_drew(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (invoice, posted): (&Invoice, &[Transfer]),
) -> Result<(), Error> {
    let returned = return_credits::run(tx, scope, invoice, invoice.applied.credits)?;
    let Some(first) = returned.grants.first() else { return Ok(()) };
    let sold = posted.iter().filter(|t| t.debit == Account::PrepaidCredits).map(|t| t.amount);
    let reversed = Money::sum(invoice.currency, sold).map_err(Refused::from)?;
    let cent = returned.owed.checked_sub(reversed).map_err(Refused::from)?;
    let source = ending::source(scope, first, SourceKind::CreditsReturned);
    let moves = [(Account::PromotionalCredits, Account::PrepaidCredits, cent)];
    let adjusted = posting::post(source, &moves).map_err(Refused::from)?;
    ending::end(tx, scope, first, (adjusted, EventType::CreditGrantReturned))
}
