//! Money goes back by the gateway it came through. The refund is committed before the gateway hears of it, under its id: a process
//! that dies asks again with the same id, and the gateway refunds once.
//!
//! Each is called for under a claim, as charges are: a process that stood still while another took over, was told no and put the money on
//! the balance, calls nobody when it wakes. Should 40.00 have gone back all the same, they are taken off the balance.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::attempts;
use super::routing::Routes;
use crate::adapters::gateway::{Gateways, RefundRequest};
use crate::domain::credits::notes::{Refund, RefundState};
use crate::domain::events::EventType;
use crate::domain::ids::RefundId;
use crate::domain::ledger::posting::Source;
use crate::domain::ledger::{self, SourceKind};
use crate::domain::money::Money;
use crate::domain::payments::{Outcome, Refused};
use crate::domain::work::Work;
use crate::platform::clock;
use crate::storage::credits::refunds;
use crate::storage::payments::claims::{self, Claim};
use crate::storage::{Session, StorageError, Tx, credits, due, events, ledger as transfers, payments};
use crate::workflows::parked_work::{self, Attempted, Place};
use crate::workflows::{Error, Scope};

/// When a gateway that gave no answer is called again.
const AGAIN: TimeDelta = TimeDelta::hours(1);
/// When refunds whose process died are taken over by another.
const TAKEN_OVER: TimeDelta = TimeDelta::minutes(5);
/// Refunds taken on at once.
const BATCH: i64 = 100;

/// Makes every refund due by then.
///
/// # Errors
/// The database cannot be reached.
pub fn run(session: &mut Session, gateways: &Gateways, place: Place) -> Result<Attempted, Error> {
    let mut failed = Attempted::default();
    let mut attempted = parked_work::batches_due(session, &due::REFUNDS, place, BATCH, |session, items| {
        failed += make(session, gateways, (place, items))?;
        Ok(())
    })?;
    attempted.parked += failed.parked;
    Ok(attempted)
}

/// Makes one that was parked.
///
/// # Errors
/// What keeps it from being recorded.
pub fn one(session: &mut Session, gateways: &Gateways, place: Place, id: RefundId) -> Result<(), Error> {
    let Some(taken) = session.transaction("claim_refunds", |tx| take_on(tx, place, &[id.uuid()]))? else {
        return Ok(());
    };
    let mut over = true;
    for refund in &taken.due {
        over &= give_back(session, gateways, (place, &taken), refund)?.unwrap_or(false);
    }
    release(session, (&taken, over))
}

/// Makes these, as far as nobody else does. One that cannot be recorded is parked.
fn make(
    session: &mut Session,
    gateways: &Gateways,
    (place, items): (Place, &[Uuid]),
) -> Result<Attempted, Error> {
    let mut attempted = Attempted::default();
    let Some(taken) = session.transaction("claim_refunds", |tx| take_on(tx, place, items))? else {
        return Ok(attempted);
    };
    let mut over = taken.alive.is_empty();
    let mut holds = true;
    for refund in &taken.due {
        let work = (Work::Refunds, place);
        attempted += parked_work::each(session, work, [refund.id.uuid()], |session, _| {
            if holds {
                match give_back(session, gateways, (place, &taken), refund)? {
                    Some(in_time) => over &= in_time,
                    None => holds = false,
                }
            }
            Ok(())
        })?;
    }
    release(session, (&taken, over && holds))?;
    Ok(attempted)
}

/// Calls for one and records the answer; gives whether the call came back in its time. `None`: the claim does not hold any more.
fn give_back(
    session: &mut Session,
    gateways: &Gateways,
    (place, taken): (Place, &Taken),
    refund: &Refund,
) -> Result<Option<bool>, Error> {
    let Some((answer, in_time)) = ask(session, gateways, (taken.claim, refund), place.now) else {
        return Ok(None);
    };
    // A no may be overtaken by a yes to the same key that is still on its way: it is requested again.
    let open = matches!(answer, Outcome::Declined { .. }) && taken.alive.contains(&refund.id);
    let outcome = if open { Outcome::Unknown } else { answer };
    attempts::insist(session, "record_refund", |tx| record(tx, place, refund, &outcome))?;
    Ok(Some(in_time))
}

fn release(session: &mut Session, (taken, over): (&Taken, bool)) -> Result<(), Error> {
    if over && taken.alive.is_empty() {
        attempts::insist(session, "release_refunds", |tx| Ok(claims::release(tx, taken.claim)?))?;
    }
    Ok(())
}

/// Refunds to be made now, and the claim to call for them.
struct Taken {
    due: Vec<Refund>,
    /// Those for which another process's call may be alive. The key makes asking again harmless.
    alive: HashSet<RefundId>,
    claim: Claim,
}

/// Takes on what is due of these, and raises the claims of who had it before.
fn take_on(tx: &mut Tx<'_>, place: Place, items: &[Uuid]) -> Result<Option<Taken>, Error> {
    let Place { tenant_id, now } = place;
    let due = refunds::refunds_due(tx, tenant_id, (now, items))?;
    if due.is_empty() {
        return Ok(None);
    }
    let ids: Vec<RefundId> = due.iter().map(|refund| refund.id).collect();
    let alive = claims::raise_of_refunds(tx, tenant_id, &ids, clock::now())?.into_iter().collect();
    let scope = place.scope(tx)?;
    let claim = claims::take(tx, tenant_id, scope.mint(), clock::now())?;
    refunds::hold_refunds(tx, claim, &ids, now + TAKEN_OVER)?;
    Ok(Some(Taken { due, alive, claim }))
}

/// What the gateway says, and whether the call came back in its time. `None`: the claim does not hold any more.
fn ask(
    session: &mut Session,
    gateways: &Gateways,
    (claim, refund): (Claim, &Refund),
    now: DateTime<Utc>,
) -> Option<(Outcome, bool)> {
    let payment =
        session.read::<_, StorageError>(|tx| payments::find(tx, claim.tenant_id, refund.payment_id));
    let payment = payment.ok()?;
    let routes = Routes::open(session, gateways, claim.tenant_id, std::iter::once(&payment)).ok()?;
    if !routes.lead_anywhere() {
        return Some((Outcome::Unknown, true));
    }
    let request = RefundRequest {
        idempotency_key: refund.id.uuid().to_string(),
        charge_key: refund.payment_id.uuid().to_string(),
        charge_reference: payment.reference.clone(),
        amount: refund.amount,
        at: now,
    };
    let call = attempts::begin_call(session, claim)?;
    let called = routes.call(
        std::slice::from_ref(&payment),
        |payment| payment,
        |gateway, _| {
            vec![gateway.map_or(Outcome::Unknown, |gateway| gateway.refund(&request, call.deadline))]
        },
    );
    let outcome = called.into_iter().next().map_or(Outcome::Unknown, |(_, outcome)| outcome);
    Some((outcome, clock::now() < call.deadline))
}

fn record(tx: &mut Tx<'_>, place: Place, requested: &Refund, outcome: &Outcome) -> Result<(), Error> {
    let Place { tenant_id, now } = place;
    let scope = place.scope(tx)?;
    let scope = scope.lock(tx, requested.customer_id)?;
    let mut refund = refunds::find_refund(tx, tenant_id, requested.id)?;
    let (state, posted) = match (&refund.state, outcome) {
        (RefundState::Pending { .. }, Outcome::Succeeded { reference }) => (
            RefundState::Succeeded { reference: Some(reference.clone()), at: now },
            ledger::credit_notes::refunded(
                refund.amount,
                source(tx, &scope, (SourceKind::RefundPaid, &refund))?,
            ),
        ),
        (RefundState::Pending { .. }, Outcome::Declined { code, .. }) => (
            RefundState::Failed { code: code.clone(), at: now },
            ledger::credit_notes::not_refunded(
                refund.amount,
                source(tx, &scope, (SourceKind::RefundFailed, &refund))?,
            ),
        ),
        (RefundState::Pending { .. }, Outcome::Pending { .. } | Outcome::Unknown | Outcome::NeverReached) => {
            (RefundState::Pending { next_attempt_at: now + AGAIN }, Ok(Vec::new()))
        }
        (RefundState::Failed { .. }, Outcome::Succeeded { reference }) => {
            let balances = credits::balances::of_customer(tx, tenant_id, refund.customer_id)?;
            let currency = refund.amount.currency();
            let balance = balances.get(&currency).copied().unwrap_or(Money::zero(currency));
            let source = source(tx, &scope, (SourceKind::RefundPaid, &refund))?;
            (
                RefundState::Succeeded { reference: Some(reference.clone()), at: now },
                ledger::credit_notes::refunded_late(refund.amount, balance, source),
            )
        }
        (RefundState::Succeeded { .. } | RefundState::Failed { .. }, _) => return Ok(()),
    };
    let type_ = match state {
        RefundState::Succeeded { .. } => Some(EventType::RefundSucceeded),
        RefundState::Failed { .. } => Some(EventType::RefundFailed),
        RefundState::Pending { .. } => None,
    };
    refund.state = state;
    refunds::save_refund(tx, tenant_id, &refund)?;
    transfers::post(tx, &scope.held, &posted.map_err(Refused::from)?)?;
    let emitted: Vec<_> =
        type_.map(|t| scope.event(t, refund.id.uuid(), refund.event_data())).into_iter().collect();
    Ok(events::record(tx, tenant_id, &emitted)?)
}

/// In the books in which the money came.
pub(super) fn source(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (kind, refund): (SourceKind, &Refund),
) -> Result<Source, StorageError> {
    let entity_id = transfers::entity_of(tx, scope.tenant_id, refund.payment_id.uuid())?;
    Ok(Source {
        kind,
        id: refund.id.uuid(),
        customer_id: refund.customer_id,
        entity_id,
        invoice_id: None,
        effective_on: scope.zone.local_date(scope.now),
        recorded_at: scope.now,
    })
}
