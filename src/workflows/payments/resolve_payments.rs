//! What became of attempts nobody answered for? The gateway is queried by idempotency key; it is never charged again to find out.
//!
//! An answer lost at 12:00:00 is queried at 12:01, 12:06, 12:36, 14:36, then twice a day. A gateway that never heard of
//! it took nothing: the attempt failed as `never_reached_gateway` and the invoice is due again. Such an attempt is queried once more
//! after an hour, a day and a week: money that came all the same is not lost.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::routing::Routes;
use super::settle_payments::{self, Answer};
use crate::adapters::gateway::{Gateways, GivenUp, Sought};
use crate::domain::ids::{InvoiceId, PaymentId, PaymentMethodId, TenantId};
use crate::domain::payments::calls::Call;
use crate::domain::payments::{Outcome, Payment, State, checks};
use crate::platform::clock;
use crate::storage::payments::{claims, payment_methods};
use crate::storage::tenants::Mode;
use crate::storage::{Session, StorageError, due, invoicing, payments};
use crate::workflows::parked_work::{self, Place};
use crate::workflows::{Error, Scope};

/// Payments of one batch.
const BATCH: i64 = 500;

/// What became known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resolved {
    pub queried: u64,
    pub succeeded: u64,
    pub failed: u64,
    /// Still without an outcome.
    pub processing: u64,
    /// Put off because nothing could be recorded of them.
    pub parked: u64,
}

/// Queries the gateways for every attempt due for it by then.
///
/// # Errors
/// The database cannot be reached.
pub fn run(session: &mut Session, gateways: &Gateways, place: Place) -> Result<Resolved, Error> {
    let mut resolved = Resolved::default();
    let attempted =
        parked_work::batches_due(session, &due::PAYMENT_RESOLUTION, place, BATCH, |session, items| {
            resolve(session, gateways, (place, items), &mut resolved)
        })?;
    resolved.parked = attempted.parked;
    Ok(resolved)
}

/// Queries the gateways for these.
///
/// # Errors
/// What keeps an answer from being recorded.
pub fn resolve(
    session: &mut Session,
    gateways: &Gateways,
    (place, items): (Place, &[Uuid]),
    resolved: &mut Resolved,
) -> Result<(), Error> {
    let Place { tenant_id, now } = place;
    let open =
        session.transaction("find_open_payments", |tx| payments::to_resolve(tx, tenant_id, (now, items)))?;
    query(session, gateways, (place, open), resolved)
}

/// Queries the gateway for an attempt whose process has died, ahead of the time of its job: somebody asks for it now. `false`: its call may
/// still be under way, or was already queried by its process.
///
/// # Errors
/// What keeps an answer from being recorded.
pub fn resolve_abandoned(
    session: &mut Session,
    gateways: &Gateways,
    (tenant_id, id): (TenantId, PaymentId),
) -> Result<bool, Error> {
    let abandoned = session.transaction("find_abandoned_payment", |tx| {
        if !claims::is_abandoned(tx, (tenant_id, id), clock::now())? {
            return Ok::<_, Error>(None);
        }
        let payment = payments::find(tx, tenant_id, id)?;
        let place = Place { tenant_id, now: Scope::load(tx, tenant_id)?.now };
        Ok(matches!(payment.state, State::Processing { .. }).then_some((place, vec![payment])))
    })?;
    let Some(abandoned) = abandoned else { return Ok(false) };
    query(session, gateways, abandoned, &mut Resolved::default())?;
    Ok(true)
}

/// Queries the gateway for one because the gateway has told something of it; gives whether it answered. Nothing is concluded from "never heard
/// of": its call may be under way.
///
/// # Errors
/// What keeps the answer from being recorded.
pub(super) fn look(
    session: &mut Session,
    gateways: &Gateways,
    place: Place,
    payment: &Payment,
) -> Result<bool, Error> {
    let whose = (place.tenant_id, place.now);
    let answers = ask(session, gateways, std::slice::from_ref(payment), whose)?;
    let silent = |answer: &Answer| matches!(answer.outcome, Outcome::Unknown | Outcome::NeverReached);
    if answers.iter().any(silent) {
        return Ok(false);
    }
    record(session, whose, &answers, &mut Resolved::default())?;
    Ok(true)
}

fn query(
    session: &mut Session,
    gateways: &Gateways,
    (place, open): (Place, Vec<Payment>),
    resolved: &mut Resolved,
) -> Result<(), Error> {
    let Place { tenant_id, now } = place;
    resolved.queried += open.len() as u64;
    let (unheard, answered): (Vec<Answer>, Vec<Answer>) = ask(session, gateways, &open, (tenant_id, now))?
        .into_iter()
        .partition(|a| a.outcome == Outcome::NeverReached);
    record(session, (tenant_id, now), &answered, resolved)?;
    if !unheard.is_empty() {
        let unheard: HashSet<PaymentId> = unheard.iter().map(|answer| answer.payment_id).collect();
        let open: Vec<Payment> = open.into_iter().filter(|p| unheard.contains(&p.id)).collect();
        let answered = conclude(session, gateways, (tenant_id, now), &open)?;
        record(session, (tenant_id, now), &answered, resolved)?;
    }
    Ok(())
}

/// Never heard of: because it never will, or because it is on its way this very moment? Once their claims' numbers are raised no call
/// begins any more; those that may be alive are left alone and queried again; for the rest the second answer is final.
fn conclude(
    session: &mut Session,
    gateways: &Gateways,
    whose: (TenantId, DateTime<Utc>),
    open: &[Payment],
) -> Result<Vec<Answer>, Error> {
    let (tenant_id, _) = whose;
    let ids: Vec<PaymentId> = open.iter().map(|payment| payment.id).collect();
    let alive = session
        .transaction("raise_fences", |tx| claims::raise_of_attempts(tx, tenant_id, &ids, clock::now()))?;
    let (alive, over): (Vec<&Payment>, Vec<&Payment>) = open.iter().partition(|p| alive.contains(&p.id));
    let over: Vec<Payment> = over.into_iter().cloned().collect();
    let mut answers = ask(session, gateways, &over, whose)?;
    answers.extend(alive.into_iter().map(|payment| Answer::to(payment, Outcome::Unknown)));
    Ok(answers)
}

fn record(
    session: &mut Session,
    whose: (TenantId, DateTime<Utc>),
    answers: &[Answer],
    resolved: &mut Resolved,
) -> Result<(), Error> {
    let (tenant_id, now) = whose;
    let settled = session.transaction("record_outcomes", |tx| {
        let scope = Scope { now, ..Scope::load(tx, tenant_id)? };
        settle_payments::run(tx, &scope, answers)
    })?;
    for one in &settled {
        match one.payment.state {
            State::Succeeded { .. } => resolved.succeeded += 1,
            State::Failed { .. } => resolved.failed += 1,
            State::Processing { .. } => resolved.processing += 1,
        }
    }
    Ok(())
}

/// Queries each gateway once for its share.
fn ask(
    session: &mut Session,
    gateways: &Gateways,
    open: &[Payment],
    (tenant_id, at): (TenantId, DateTime<Utc>),
) -> Result<Vec<Answer>, Error> {
    let routes = Routes::open(session, gateways, tenant_id, open.iter())?;
    let charged = open.iter().filter(|payment| payment.gateway_account_id.is_some());
    let methods: Vec<PaymentMethodId> = charged.filter_map(|payment| payment.payment_method_id).collect();
    let waiting = open.iter().filter(|payment| payment.action_url.is_some());
    let waiting: Vec<InvoiceId> = waiting.filter_map(|payment| payment.invoice_id).collect();
    let (tokens, mode, owed) = match methods.as_slice() {
        [] => (HashMap::new(), None, HashSet::new()),
        ids => session.read(|tx| {
            let mode = Scope::load(tx, tenant_id)?.mode;
            let owed = invoicing::owed_of(tx, tenant_id, &waiting)?;
            Ok::<_, StorageError>((payment_methods::tokens(tx, tenant_id, ids)?, Some(mode), owed))
        })?,
    };
    let given_up = |payment: &Payment| {
        let invoice_id = payment.invoice_id.filter(|_| payment.action_url.is_some())?;
        match checks::has_waited_enough(payment.created_at, at) {
            _ if !owed.contains(&invoice_id) => Some(GivenUp::NotNeeded),
            true => Some(GivenUp::Abandoned),
            false => None,
        }
    };
    let sought = |payment: &Payment| Sought {
        idempotency_key: payment.gateway_key(),
        reference: payment.reference.clone(),
        token: payment.payment_method_id.and_then(|id| tokens.get(&id).cloned()),
        // A test tenant's now is its own.
        since: (mode == Some(Mode::Live)).then_some(payment.created_at),
        given_up: given_up(payment),
    };
    session.rest();
    let outcomes = routes.call(
        open,
        |payment| payment,
        |gateway, share| match gateway {
            Ok(gateway) => {
                let sought: Vec<Sought> = share.iter().map(|payment| sought(payment)).collect();
                gateway.lookup_all(&sought, at, Call::begun(clock::now()).deadline)
            }
            // Money may have moved there: it is queried until the server can reach that gateway again.
            Err(_) => vec![Outcome::Unknown; share.len()],
        },
    );
    Ok(outcomes.into_iter().map(|(payment, outcome)| Answer::to(payment, outcome)).collect())
}
