//! How is money asked for, so that a crash at any instant charges nobody twice and loses nothing?
//!
//! First the attempts are recorded as processing with a claim, and committed (1). Then the claim's number is read again and, when it is
//! still ours, it is noted that a call begins (2); the gateway is called, outside any transaction, with the payment's id as its idempotency
//! key (3); its answer is recorded and the claim let go of (4). Killed before 1 commits: nothing happened. Afterwards the attempt stands as
//! processing and [`resolve_payments`](super::resolve_payments) queries the gateway; it never charges.
//!
//! Whoever concludes raises the claim's number before it asks: a process that stood still between 1 and 2 finds it changed, and calls
//! nobody. One that stood still between 2 and 4 has a call that may be alive for 60 seconds of real time, and no conclusion is drawn
//! before they are over. Should money come all the same, [`settle_late`](super::settle_late) puts it right. Nothing of this rests on a
//! connection: ended at any moment, it is opened again, and what is known is recorded.

use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::routing::Routes;
use super::settle_payments::{self, Answer};
use crate::adapters::gateway::{ChargeRequest, Gateways};
use crate::domain::ids::TenantId;
use crate::domain::payments::calls::Call;
use crate::domain::payments::settle::Settled;
use crate::domain::payments::{Outcome, Payment};
use crate::platform::clock;
use crate::storage::payments::claims::{self, Claim};
use crate::storage::{Session, StorageError, Tx, payments};
use crate::workflows::{Error, Scope};

/// Pauses before an answer is recorded again when the connection broke, in milliseconds: about as long as a database takes to come back.
const PAUSES: [u64; 5] = [50, 200, 800, 3_200, 6_400];
/// Days for which a claim that nobody let go of is kept.
const KEPT_DAYS: i64 = 1;

/// An attempt, and what is to be charged.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    pub payment: Payment,
    /// The gateway's name for the payment method.
    pub token: String,
}

/// Attempts as they were recorded, and the claim to call for them.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub attempts: Vec<Attempt>,
    scope: Scope,
    /// `None`: there is nobody to call for.
    claim: Option<Claim>,
}

/// What was attempted, and what of it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    pub attempts: Vec<Attempt>,
    /// What the answers changed; attempts without an answer stay processing.
    pub settled: Vec<Settled>,
}

/// Records the attempts that `begin` begins, queries the gateways, records their answers.
///
/// `now` is the instant the work is done for; left out, the tenant's now.
pub fn make(
    session: &mut Session,
    gateways: &Gateways,
    whose: (TenantId, Option<DateTime<Utc>>),
    mut begin: impl FnMut(&mut Tx<'_>, &Scope) -> Result<Vec<Attempt>, Error>,
) -> Result<Made, Error> {
    let (tenant_id, now) = whose;
    let recorded = session.transaction("begin_attempts", |tx| {
        let loaded = Scope::load(tx, tenant_id)?;
        let scope = Scope { now: now.unwrap_or(loaded.now), ..loaded };
        let attempts = begin(tx, &scope)?;
        record(tx, scope, attempts)
    })?;
    finish(session, gateways, recorded)
}

/// The first half: records attempts as processing, with a claim to call for them.
///
/// # Errors
/// Another attempt at one of the invoices is under way; storage.
pub fn record(tx: &mut Tx<'_>, scope: Scope, attempts: Vec<Attempt>) -> Result<Recorded, Error> {
    if attempts.is_empty() {
        return Ok(Recorded { attempts, scope, claim: None });
    }
    let claim = claims::take(tx, scope.tenant_id, scope.mint(), clock::now())?;
    payments::insert_attempts(tx, claim, attempts.iter().map(|attempt| &attempt.payment))?;
    Ok(Recorded { attempts, scope, claim: Some(claim) })
}

/// The second half: queries the gateways, as far as the claim still holds, and records their answers.
///
/// # Errors
/// Storage: then the attempts stand as processing, and their gateways are queried for them.
pub fn finish(session: &mut Session, gateways: &Gateways, recorded: Recorded) -> Result<Made, Error> {
    let Some(claim) = recorded.claim else {
        return Ok(Made { attempts: recorded.attempts, settled: Vec::new() });
    };
    let called = ask(session, gateways, (&recorded, claim));
    let settled = insist(session, "record_outcomes", |tx| {
        let settled = settle_payments::run(tx, &recorded.scope, &called.answers)?;
        if called.over {
            claims::release(tx, claim)?;
        }
        Ok(settled)
    })?;
    Ok(Made { attempts: recorded.attempts, settled })
}

/// What gateways said.
struct Called {
    answers: Vec<Answer>,
    /// Whether each call came back in its time: none can be alive any more.
    over: bool,
}

/// Calls each gateway once with its share of the attempts, side by side. The claim is read again once, for all of them.
fn ask(session: &mut Session, gateways: &Gateways, (recorded, claim): (&Recorded, Claim)) -> Called {
    let Recorded { attempts, scope, .. } = recorded;
    let nobody = Called { answers: Vec::new(), over: true };
    let payments = attempts.iter().map(|attempt| &attempt.payment);
    let routes = match Routes::open(session, gateways, claim.tenant_id, payments) {
        Ok(routes) => routes,
        Err(error) => {
            tracing::warn!(tenant = %claim.tenant_id, %error, "no gateway is called; it is asked about the attempts later");
            return nobody;
        }
    };
    let call = if routes.lead_anywhere() { begin_call(session, claim) } else { None };
    if call.is_none() && routes.lead_anywhere() {
        return nobody;
    }
    session.rest();
    let outcomes = routes.call(
        attempts,
        |attempt| &attempt.payment,
        |gateway, share| match (gateway, call) {
            (Ok(gateway), Some(call)) => {
                let requests: Vec<ChargeRequest> =
                    share.iter().map(|attempt| request(attempt, scope.now)).collect();
                gateway.charge_all(&requests, call.deadline)
            }
            _ => vec![not_configured(); share.len()],
        },
    );
    let over = call.is_none_or(|call| clock::now() < call.deadline);
    let answered = outcomes.into_iter().filter(|(_, outcome)| *outcome != Outcome::Unknown);
    let answers = answered.map(|(attempt, outcome)| Answer::to(&attempt.payment, outcome)).collect();
    Called { answers, over }
}

/// Begins a call when the claim still holds. `None`: nobody is called. Also when that cannot be known, because the database is gone.
pub(super) fn begin_call(session: &mut Session, claim: Claim) -> Option<Call> {
    // Read before the database is asked: the time that takes is the call's.
    let call = Call::begun(clock::now());
    // A statement of its own: committed when it answers, so that a process which stops here holds no lock that others wait for.
    let holds = session.read::<_, StorageError>(|tx| claims::begin_call(tx, claim, call.alive_until));
    match holds {
        Ok(true) if clock::now() < call.deadline => Some(call),
        Ok(_) => {
            tracing::warn!(tenant = %claim.tenant_id, claim = %claim.id, "came too late to call a gateway: somebody else has concluded");
            None
        }
        Err(error) => {
            tracing::warn!(tenant = %claim.tenant_id, %error, "no gateway is called; it is asked about the attempts later");
            None
        }
    }
}

/// Does `work` in a transaction, again and again while the connection breaks: an answer of a gateway is not to be lost with it.
pub(super) fn insist<T>(
    session: &mut Session,
    name: &'static str,
    mut work: impl FnMut(&mut Tx<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    for pause in PAUSES {
        match session.transaction(name, &mut work) {
            Err(error) if session.is_broken() => {
                tracing::warn!(transaction = name, %error, "the connection broke; tried again");
                thread::sleep(Duration::from_millis(pause));
            }
            done => return done,
        }
    }
    session.transaction(name, work)
}

fn request(attempt: &Attempt, at: DateTime<Utc>) -> ChargeRequest {
    ChargeRequest {
        idempotency_key: attempt.payment.gateway_key(),
        token: attempt.token.clone(),
        amount: attempt.payment.amount,
        at,
    }
}

/// Nothing was sent anywhere: it may work when the server is configured again.
fn not_configured() -> Outcome {
    Outcome::declined("gateway_not_configured", false)
}

/// Removes claims that dead processes left behind.
///
/// # Errors
/// Storage.
pub fn purge_claims(session: &mut Session) -> Result<usize, Error> {
    let before = clock::now() - TimeDelta::days(KEPT_DAYS);
    session.transaction("purge_gateway_claims", |tx| Ok(claims::purge(tx, before)?))
}
