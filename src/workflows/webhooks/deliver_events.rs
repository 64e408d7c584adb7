//! What does an endpoint hear now? What it is to hear, less what it has heard: taken in one transaction, sent outside of any, recorded in another.
//! Whoever dies in between leaves deliveries that are taken again in less than a minute, and sent a second time under the same id.

use std::time::Duration;

use chrono::TimeDelta;

use super::change_endpoints::emit;
use super::courier::Courier;
use crate::adapters::webhooks::{Letter, Sent};
use crate::domain::events::EventType;
use crate::domain::ids::WebhookEndpointId;
use crate::domain::webhooks::{
    Attempt, DeliveryStatus, Disabled, GIVEN_UP_AFTER, PayloadForm, Verdict, Why, judge,
};
use crate::platform::clock::Stopwatch;
use crate::platform::random;
use crate::storage::events::views::FedEvent;
use crate::storage::webhooks::{self as storage, Bearing, Claimed, Recording, Taken};
use crate::storage::{Session, Tx};
use crate::workflows::parked_work::Place;
use crate::workflows::{Error, Scope};

/// Deliveries of one batch: of an endpoint that takes what it is sent, and of one that does not.
const BATCH: i64 = 200;
const PROBE: i64 = 16;
/// Nothing of a batch is begun later: with the longest call this is shorter than a claim.
const BEGUN_WITHIN: Duration = Duration::from_secs(10);
/// For how long one endpoint is served before others have their turn.
const TURN: Duration = Duration::from_secs(5);

/// Writes an event as it is sent.
pub type Writing = fn(&FedEvent, PayloadForm) -> Vec<u8>;

/// Sends an endpoint what is due, batch after batch, until nothing is left or its turn is over.
///
/// # Errors
/// The database cannot be reached, or has what cannot be read.
pub fn run(
    session: &mut Session,
    (courier, writing): (&Courier, Writing),
    (place, id): (Place, WebhookEndpointId),
) -> Result<(), Error> {
    let begun = Stopwatch::start();
    while begun.elapsed() < TURN {
        let taken = session.transaction("take_webhook_deliveries", |tx| {
            // Time goes on meanwhile, where it is real.
            let scope = Scope::load(tx, place.tenant_id)?;
            let scope = Scope { now: scope.now.max(place.now), ..scope };
            let taken = storage::take(tx, (place.tenant_id, id), (scope.now, [BATCH, PROBE]))?;
            Ok::<_, Error>(taken.map(|taken| (scope, taken)))
        })?;
        let Some((scope, taken)) = taken else { return Ok(()) };
        if taken.deliveries.is_empty() {
            if taken.has_more {
                continue;
            }
            return Ok(());
        }
        session.rest();
        let sent = send(courier, &scope, &taken, writing);
        let is_well =
            session.transaction("record_webhook_attempts", |tx| record(tx, &scope, &taken, &sent))?;
        if !is_well {
            return Ok(());
        }
    }
    Ok(())
}

fn send(courier: &Courier, scope: &Scope, taken: &Taken, writing: Writing) -> Vec<Sent> {
    let form = taken.sealed.endpoint.payload;
    let letter =
        |claimed: &Claimed| Letter { id: claimed.event.id.to_string(), body: writing(&claimed.event, form) };
    match courier.open(scope, &taken.sealed) {
        Ok(post) => {
            let letters: Vec<Letter> = taken.deliveries.iter().map(letter).collect();
            post.send(&letters, BEGUN_WITHIN)
        }
        Err(trouble) => vec![Sent::Unanswered { trouble, milliseconds: 0 }; taken.deliveries.len()],
    }
}

/// Records what became of a batch, and whether more may be sent at once.
fn record(tx: &mut Tx<'_>, scope: &Scope, taken: &Taken, sent: &[Sent]) -> Result<bool, Error> {
    let (tenant_id, id) = (scope.tenant_id, taken.sealed.endpoint.id);
    let (mut bearing, mut is_gone) = (Bearing::default(), false);
    let mut recordings = Vec::with_capacity(sent.len());
    for (claimed, sent) in taken.deliveries.iter().zip(sent) {
        let (recording, verdict) = judged(scope, claimed, sent);
        recordings.push(recording);
        match verdict {
            None => {}
            Some(Verdict::Delivered) => bearing.is_well = true,
            Some(Verdict::Gone) => (bearing.has_failed, is_gone) = (true, true),
            Some(Verdict::Again(_) | Verdict::Failed) => bearing.has_failed = true,
        }
        if let Sent::Answered { wait: Some(wait), .. } = sent {
            let resumes_at = scope.now + (*wait).clamp(TimeDelta::zero(), LONGEST_HOLD);
            bearing.resumes_at = bearing.resumes_at.max(Some(resumes_at));
        }
    }
    let borne = storage::bear(tx, (tenant_id, id), (bearing, scope.now))?;
    let Some(failing_since) = borne else { return Ok(false) };
    storage::record_attempts(tx, (tenant_id, id), (scope.now, &recordings))?;
    let is_given_up = failing_since.is_some_and(|since| scope.now - since >= GIVEN_UP_AFTER);
    if is_gone || (is_given_up && bearing.has_failed) {
        disable(tx, scope, (id, if is_gone { Why::Gone } else { Why::Failing }))?;
        return Ok(false);
    }
    Ok(bearing.resumes_at.is_none() && bearing.is_well)
}

/// The longest time for which an endpoint may have nothing sent.
const LONGEST_HOLD: TimeDelta = TimeDelta::hours(24);

/// What is recorded of one delivery; no verdict: it was not sent.
fn judged(scope: &Scope, claimed: &Claimed, sent: &Sent) -> (Recording, Option<Verdict>) {
    let as_it_was = Recording {
        event_id: claimed.event.id,
        fence: claimed.fence,
        status: DeliveryStatus::Pending,
        attempts: claimed.attempts,
        next_attempt_at: Some(scope.now),
        attempt: None,
    };
    let (attempt, wait) = match sent {
        Sent::Unsent => return (as_it_was, None),
        Sent::Answered { status, wait, text, milliseconds } => {
            let answer = Some(text.clone()).filter(|text| !text.is_empty());
            let trouble = (!matches!(status, 200..=299)).then(|| format!("it answered {status}"));
            let status = Some(*status);
            (Attempt { at: scope.now, status, milliseconds: *milliseconds, trouble, answer }, *wait)
        }
        Sent::Unanswered { trouble, milliseconds } => {
            let trouble = Some(trouble.clone());
            let milliseconds = *milliseconds;
            (Attempt { at: scope.now, status: None, milliseconds, trouble, answer: None }, None)
        }
    };
    let attempts = claimed.attempts.saturating_add(1);
    let verdict = judge(&attempt, attempts, (wait, random::cheap_u32()));
    let (status, next_attempt_at) = match verdict {
        Verdict::Delivered => (DeliveryStatus::Delivered, None),
        Verdict::Again(at) => (DeliveryStatus::Pending, Some(at)),
        Verdict::Failed | Verdict::Gone => (DeliveryStatus::Failed, None),
    };
    (Recording { status, attempts, next_attempt_at, attempt: Some(attempt), ..as_it_was }, Some(verdict))
}

/// Has nothing sent to an endpoint any more, and says so to the others.
fn disable(tx: &mut Tx<'_>, scope: &Scope, (id, why): (WebhookEndpointId, Why)) -> Result<(), Error> {
    let mut sealed = storage::lock_endpoint(tx, scope.tenant_id, id)?;
    if sealed.endpoint.disabled.is_none() {
        sealed.endpoint.disabled = Some(Disabled { since: scope.now, why });
        storage::update_endpoint(tx, scope.tenant_id, &sealed)?;
        emit(tx, scope, EventType::WebhookEndpointDisabled, &sealed.endpoint)?;
    }
    Ok(())
}
