//! Has a provider what we have? Every night each document that it heard of lately is looked up there, and what it says is kept beside our tax:
//! where they differ, the list of differences says so.

use chrono::TimeDelta;

use super::change_providers::next_night;
use super::endpoints::{Providers, WIDTH};
use crate::adapters::tax::{Found, Trouble};
use crate::domain::ids::{CreditNoteId, TaxProviderId};
use crate::domain::tax::provided::documents::{DocumentKind, Recorded};
use crate::platform::threads::side_by_side;
use crate::storage::tax::providers::{self as storage, KeptDocument};
use crate::storage::{Session, invoicing};
use crate::workflows::Error;
use crate::workflows::parked_work::Place;

/// Documents of one round, and rounds of one night.
const BATCH: i64 = 200;
const ROUNDS: usize = 500;
/// A document is looked up again after so long, until it is old.
const AGAIN: TimeDelta = TimeDelta::days(7);
/// Answers older than this are forgotten.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Compares the documents of one provider, and says when that is due next.
///
/// # Errors
/// The database cannot be reached.
pub fn one(
    session: &mut Session,
    providers: &Providers,
    place: Place,
    id: TaxProviderId,
) -> Result<(), Error> {
    let tenant_id = place.tenant_id;
    if let Ok(provider) = providers.open(session, (tenant_id, id))?.provider {
        for _ in 0..ROUNDS {
            let since = place.now - AGAIN;
            let documents = session.read(|tx| {
                let documents = storage::documents_to_compare(tx, (tenant_id, id), (since, BATCH))?;
                let named = documents.into_iter().map(|kept| {
                    let currency = invoicing::find(tx, tenant_id, kept.invoice_id)?.currency;
                    Ok((name(&kept), currency, kept))
                });
                named.collect::<Result<Vec<_>, Error>>()
            })?;
            if documents.is_empty() {
                break;
            }
            session.rest();
            let seen = side_by_side(WIDTH, documents, |(name, currency, kept)| {
                let found = providers.call(id, || provider.look_up(&name, currency.code()));
                (kept.id, figure(&kept, found))
            });
            let seen: Vec<_> = seen.into_iter().filter_map(|(id, figure)| Some((id, figure?))).collect();
            if seen.is_empty() {
                break;
            }
            session.transaction("record_tax_comparison", |tx| {
                Ok::<_, Error>(storage::compared(tx, (tenant_id, place.now), &seen)?)
            })?;
        }
    }
    session.transaction("end_tax_comparison", |tx| {
        storage::purge_questions(tx, (tenant_id, id), place.now - KEPT)?;
        Ok::<_, Error>(storage::compare_next(tx, (tenant_id, id), next_night(place.now))?)
    })
}

/// How the provider knows a document.
fn name(kept: &KeptDocument) -> String {
    match kept.kind {
        DocumentKind::Invoice => kept.invoice_id.to_string(),
        DocumentKind::CreditNote => CreditNoteId::from_uuid(kept.id.uuid()).to_string(),
    }
}

/// What it has: the inner `None`: nothing. The outer one: nobody knows.
#[expect(clippy::option_option, reason = "nothing there, and nothing known, are two things")]
fn figure(kept: &KeptDocument, found: Result<Found, Trouble>) -> Option<Option<Option<i64>>> {
    match found {
        Err(_) => None,
        // What it said when it heard of the document stands; of one that was returned its own figure, too.
        Ok(Found::Unknowable) => Some(None),
        Ok(_) if kept.recorded == Recorded::Returned => Some(None),
        Ok(Found::Committed(receipt)) => Some(Some(receipt.tax)),
        Ok(Found::Voided) => Some(Some(Some(0))),
        Ok(Found::Nothing) if kept.recorded == Recorded::Voided => Some(Some(Some(0))),
        Ok(Found::Nothing) => Some(Some(None)),
    }
}
