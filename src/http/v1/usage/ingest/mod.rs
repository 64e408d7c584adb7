//! How do events come in? One, a batch, or a stream of lines; single ones of many callers are committed together.
//!
//! While one flush is under way the next is collected: 256 callers with an event each make a few transactions, not 256.

mod lanes;
mod lines;
mod pace;
mod read;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;

pub use lanes::Lanes;
pub use lines::stream;

use crate::domain::ids::{BackfillId, TenantId};
use crate::domain::usage::{Event, Refused};
use crate::http::idempotency::{self, Outcome};
use crate::http::{Answer, App, Problem, body};
use crate::storage::{Session, StorageError, Tx};
use crate::wire::usage::usage_events::Ingested;
use crate::workflows::usage::ingest_usage::{self, Outcome as Fate};
use crate::workflows::{Error, Scope};
use read::{Batch, Item};

/// What events are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// They count at once.
    Count,
    /// They count when this backfill is closed.
    Backfill(BackfillId),
}

impl Target {
    fn run(self, tx: &mut Tx<'_>, scope: &Scope, events: &[Event]) -> Result<Vec<Fate>, Error> {
        match self {
            Target::Count => ingest_usage::run(tx, scope, events),
            Target::Backfill(id) => ingest_usage::stage(tx, scope, (id, events)),
        }
    }
}

/// Whose events they are, and what for.
pub type Destination = (TenantId, Target);

/// Whether the body is a stream of lines, by its header.
pub fn is_lines(req: &HttpRequest) -> bool {
    let header = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    ["application/x-ndjson", "application/ndjson", "application/jsonl"].contains(&essence.as_str())
}

/// Takes a body of one event or an array of them.
pub async fn take(
    app: &App,
    destination: Destination,
    (req, bytes): (HttpRequest, Bytes),
) -> Result<Answer, Problem> {
    let (tenant_id, target) = destination;
    let batch = read::is_array(&bytes);
    let sent = bytes.clone();
    let items = body::apart(bytes.len(), move || match batch {
        true => read::array(&sent),
        false => Ok(vec![Item::Event(read::one(&sent)?)]),
    });
    let read = Batch::new(0, items.await?.into_iter());
    let key = idempotency::key(&req, tenant_id, &bytes)?;
    if key.is_some() {
        let work = move |tx: &mut Tx<'_>| {
            idempotency::once(tx, key.as_ref(), |tx| {
                let scope = Scope::load(tx, tenant_id)?;
                let fates = target.run(tx, &scope, &read.events)?;
                if batch {
                    return Outcome::of(StatusCode::OK, &read.outcome(fates));
                }
                Outcome::of(StatusCode::OK, &single(fates.into_iter().next())?)
            })
        };
        return Ok(app.db.transaction((tenant_id, "ingest_usage"), work).await?);
    }
    if batch {
        let work = move |session: &mut Session| ingest(session, destination, &read);
        return Ok(Answer::ok(&app.ingest.bulk(tenant_id, work).await??)?);
    }
    let event = read.events.into_iter().next();
    let event = event.ok_or_else(|| StorageError::Internal("an event was lost".to_owned()))?;
    if let Target::Count = target {
        return Ok(Answer::ok(&single(Some(app.ingest.single(tenant_id, event).await?))?)?);
    }
    let work = move |session: &mut Session| fates(session, destination, &[event]);
    Ok(Answer::ok(&single(app.ingest.bulk(tenant_id, work).await??.into_iter().next())?)?)
}

/// What is answered for one event: refused, it is a problem of its own.
fn single(fate: Option<Fate>) -> Result<Ingested, Error> {
    match fate {
        Some(Fate::Refused(refused)) => Err(refused.into()),
        Some(Fate::Accepted) => Ok(Ingested { accepted: 1, ..Ingested::default() }),
        Some(Fate::Duplicate) => Ok(Ingested { duplicates: 1, ..Ingested::default() }),
        Some(Fate::Kept) => Ok(Ingested { kept: 1, ..Ingested::default() }),
        None => Err(StorageError::Internal("an event was not answered".to_owned()).into()),
    }
}

/// Takes a batch, in one transaction; when the database refuses it as a whole, in halves, so that one event does not take the others with it.
fn ingest(session: &mut Session, destination: Destination, batch: &Batch) -> Result<Ingested, Problem> {
    Ok(batch.outcome(fates(session, destination, &batch.events)?))
}

fn fates(session: &mut Session, destination: Destination, events: &[Event]) -> Result<Vec<Fate>, Problem> {
    let (tenant_id, target) = destination;
    let outcome: Result<Vec<Fate>, Error> = session.transaction("ingest_usage", |tx| {
        let scope = Scope::load(tx, tenant_id)?;
        target.run(tx, &scope, events)
    });
    match outcome {
        Err(Error::Storage(StorageError::Fault(_))) if events.len() > 1 => {
            let (first, second) = events.split_at(events.len() / 2);
            let mut all = fates(session, destination, first)?;
            all.extend(fates(session, destination, second)?);
            Ok(all)
        }
        // What the database cannot take of one event is that event's rejection; it is logged, for it should have been seen before.
        Err(Error::Storage(fault)) if fault.is_unstorable() => {
            tracing::error!(%tenant_id, %fault, "an event was refused by the database");
            let detail =
                "the database cannot store this event: look for values that are too long or too large";
            Ok(events.iter().map(|_| Fate::Refused(Refused::at("", "unstorable_event", detail))).collect())
        }
        outcome => Ok(outcome?),
    }
}
