//! What have providers not heard yet of issued documents? What they are to have, less what is recorded that they have. That a call begins is
//! committed before it is made: whoever dies after it leaves a document that is looked up by its id before anything else is done.
//!
//! `inv_…` was committed, and the answer lost: ten seconds later it is found there, and recorded. It is there once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use uuid::Uuid;

use super::documents::{invoice_text, put_together};
use super::endpoints::{Providers, WIDTH};
use crate::adapters::tax::{Found, Provider, Receipt as Heard, Trouble};
use crate::domain::ids::TaxProviderId;
use crate::domain::tax::provided::documents::{
    Document, DocumentKind, Recorded, Step, Wanted, delay, return_id, step,
};
use crate::domain::work::Tally;
use crate::platform::clock::Stopwatch;
use crate::platform::threads::side_by_side;
use crate::storage::tax::providers::{self as storage, KeptDocument, Receipt};
use crate::storage::tenants::Mode;
use crate::storage::{Session, Tx, due};
use crate::workflows::parked_work::{self, Attempted, Place};
use crate::workflows::{Error, Scope};

/// Documents of one transaction.
const BATCH: i64 = 200;
/// Nobody else is at them meanwhile: longer than a batch may take.
const LEASE: TimeDelta = TimeDelta::minutes(15);

/// How long one live tenant's documents may keep the others' waiting.
const TURN: Duration = Duration::from_secs(30);

/// A document that is to be told of.
struct Call {
    kept: KeptDocument,
    document: Document,
    /// The provider's own id of the invoice that a credit note takes back of.
    original: Option<String>,
    step: Step,
}

/// Tells of all that is due, and says how many were parked. What cannot be put together is, and holds up no other.
///
/// # Errors
/// The database cannot be reached.
pub fn run(session: &mut Session, providers: &Providers, place: Place) -> Result<Tally, Error> {
    let is_live = session.read(|tx| Scope::load(tx, place.tenant_id))?.mode == Mode::Live;
    let begun = Stopwatch::start();
    let due = &due::TAX_DOCUMENTS;
    let Attempted { parked, .. } = parked_work::batches_due(session, due, place, BATCH, |session, ids| {
        // The others' turn: what is left is due at the next tick.
        let is_over = is_live && begun.elapsed() > TURN;
        if is_over { Ok(()) } else { these(session, providers, place, ids) }
    })?;
    Ok(Tally { parked, ..Tally::default() })
}

/// Tells of these, as far as they are due.
///
/// # Errors
/// What keeps them from being put together.
pub fn these(session: &mut Session, providers: &Providers, place: Place, ids: &[Uuid]) -> Result<(), Error> {
    let claimed = session.transaction("claim_tax_documents", |tx| {
        let until = place.now + LEASE;
        Ok::<_, Error>(storage::claim_documents(tx, (place.tenant_id, place.now), (until, ids))?)
    })?;
    let calls = session.transaction("begin_tax_calls", |tx| begin(tx, place, providers, &claimed))?;
    if calls.is_empty() {
        return Ok(());
    }
    let reached = reach(session, providers, (place, &calls))?;
    let date = session.read(|tx| place.scope(tx))?.zone.local_date(place.now);
    session.rest();
    let outcomes = side_by_side(WIDTH, calls, |call| {
        let id = call.kept.provider_id;
        let outcome = match reached.get(&id) {
            Some(Ok(provider)) => providers.call(id, || make(provider.as_ref(), &call, date)),
            Some(Err(trouble)) => Err(trouble.clone()),
            None => Err(Trouble::Refused("there is no such provider".to_owned())),
        };
        (call, outcome)
    });
    session.transaction("record_tax_calls", |tx| record(tx, place, &outcomes))
}

type Reached = BTreeMap<TaxProviderId, Result<Box<dyn Provider>, Trouble>>;

fn reach(
    session: &mut Session,
    providers: &Providers,
    (place, calls): (Place, &[Call]),
) -> Result<Reached, Error> {
    let ids: BTreeSet<TaxProviderId> = calls.iter().map(|call| call.kept.provider_id).collect();
    let mut reached = Reached::new();
    for id in ids {
        reached.insert(id, providers.open(session, (place.tenant_id, id))?.provider);
    }
    Ok(reached)
}

/// Decides about each, and notes that calls begin.
fn begin(
    tx: &mut Tx<'_>,
    place: Place,
    providers: &Providers,
    claimed: &[KeptDocument],
) -> Result<Vec<Call>, Error> {
    let scope = place.scope(tx)?;
    let mut calls = Vec::new();
    for kept in claimed {
        let step = step(kept.wanted, kept.recorded, kept.is_begun);
        if matches!(step, Step::Rest | Step::Forget) {
            let recorded = if step == Step::Forget { Recorded::Voided } else { kept.recorded };
            let receipt = Receipt { recorded, reference: None, their_tax: None };
            storage::document_told(tx, (scope.tenant_id, kept.id), &receipt, scope.now)?;
            continue;
        }
        let original = original_reference(tx, &scope, kept)?;
        let waits = kept.kind == DocumentKind::CreditNote && original.is_none();
        if waits || !providers.admits(kept.provider_id) {
            let next = scope.now + delay(kept.attempts.saturating_add(1));
            let why = match waits {
                true => "the provider has not heard of its invoice yet",
                false => "the provider keeps failing and is left alone for a while",
            };
            let tried = (kept.is_begun, Some(why));
            storage::document_failed(tx, (scope.tenant_id, kept.id), tried, next)?;
            continue;
        }
        let document = put_together(tx, &scope, kept)?;
        storage::document_failed(tx, (scope.tenant_id, kept.id), (true, None), scope.now + LEASE)?;
        calls.push(Call { kept: kept.clone(), document, original: original.flatten(), step });
    }
    Ok(calls)
}

/// The provider's own id of the invoice of a credit note; `None`: the provider does not have it yet.
fn original_reference(
    tx: &mut Tx<'_>,
    scope: &Scope,
    kept: &KeptDocument,
) -> Result<Option<Option<String>>, Error> {
    if kept.kind == DocumentKind::Invoice {
        return Ok(Some(None));
    }
    let invoice = storage::invoice_document(tx, (scope.tenant_id, kept.invoice_id))?;
    Ok(invoice.filter(|it| it.recorded != Recorded::Nothing).map(|it| it.reference))
}

/// What a provider has of a document after the call.
fn make(provider: &dyn Provider, call: &Call, date: NaiveDate) -> Result<Receipt, Trouble> {
    let Call { kept, document, .. } = call;
    let found = match call.step {
        Step::LookUp => Some(provider.look_up(&document.id, &document.currency)?),
        _ => None,
    };
    let receipt =
        |recorded, heard: Heard| Receipt { recorded, reference: heard.reference, their_tax: heard.tax };
    let nothing_left = |recorded| Receipt { recorded, reference: None, their_tax: Some(0) };
    match (kept.wanted, kept.recorded, found) {
        (Wanted::Committed, _, Some(Found::Committed(heard))) => Ok(receipt(Recorded::Committed, heard)),
        (Wanted::Committed, _, Some(Found::Voided)) => {
            Err(Trouble::Refused("it is void there, though nobody here voided it".to_owned()))
        }
        (Wanted::Committed, ..) => Ok(receipt(Recorded::Committed, keep(provider, call)?)),
        (Wanted::Voided, Recorded::Nothing, Some(Found::Unknowable)) => {
            // Kept a first time or again, under the same key; voided next.
            Ok(receipt(Recorded::Committed, keep(provider, call)?))
        }
        (Wanted::Voided, _, Some(Found::Voided | Found::Nothing)) => Ok(nothing_left(Recorded::Voided)),
        (Wanted::Voided, ..) => match provider.void(document, kept.reference.as_deref()) {
            Ok(()) => Ok(nothing_left(Recorded::Voided)),
            Err(Trouble::Locked) => {
                let is_there = provider.look_up(&return_id(&document.id), &document.currency)?;
                if !matches!(is_there, Found::Committed(_)) {
                    provider.credit(&document.returned(date), kept.reference.as_deref())?;
                }
                Ok(nothing_left(Recorded::Returned))
            }
            Err(trouble) => Err(trouble),
        },
    }
}

fn keep(provider: &dyn Provider, call: &Call) -> Result<Heard, Trouble> {
    match call.kept.kind {
        DocumentKind::Invoice => provider.commit(&call.document),
        DocumentKind::CreditNote => provider.credit(&call.document, call.original.as_deref()),
    }
}

fn record(tx: &mut Tx<'_>, place: Place, outcomes: &[(Call, Result<Receipt, Trouble>)]) -> Result<(), Error> {
    let scope = place.scope(tx)?;
    for (Call { kept, document, .. }, outcome) in outcomes {
        let id = (scope.tenant_id, kept.id);
        match outcome {
            Ok(receipt) => {
                storage::document_told(tx, id, receipt, scope.now)?;
                if document.id == invoice_text(kept.invoice_id) && receipt.recorded == Recorded::Committed {
                    storage::wake_originals(tx, (scope.tenant_id, scope.now), kept.invoice_id)?;
                }
            }
            Err(trouble) => {
                // A call that was refused had no effect; of any other nobody knows.
                let is_begun = matches!(trouble, Trouble::Unreachable(_));
                let next = scope.now + delay(kept.attempts.saturating_add(1));
                storage::document_failed(tx, id, (is_begun, Some(&trouble.to_string())), next)?;
            }
        }
    }
    Ok(())
}
