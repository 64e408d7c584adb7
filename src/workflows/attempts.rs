//! How is money asked for, so that a crash at any instant charges nobody twice and loses nothing?
//!
//! First the attempt is recorded as processing, and committed (1). Then the gateway is called, outside any transaction, with the
//! payment's id as its idempotency key (2). Then the answer is recorded (3). Killed before 1 commits: nothing happened. Between 1
//! and 2: the gateway has never heard of it. Between 2 and 3: it has. Either way the attempt stands as processing and
//! [`resolve_payments`](super::resolve_payments) asks the gateway; it never charges.
//!
//! From 1 to 3 the connection holds a lock that says "on its way": whoever wants to conclude from a gateway's "never heard
//! of it" waits for it first, so a slow process cannot charge behind the back of a conclusion.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::settle_payments::{self, Answer};
use super::{Error, Scope};
use crate::adapters::gateway::{ChargeRequest, Gateways};
use crate::domain::ids::TenantId;
use crate::domain::payments::settle::Settled;
use crate::domain::payments::{Outcome, Payment};
use crate::storage::{Session, Tx, collection};

/// A recorded attempt, and what is to be charged.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    pub payment: Payment,
    /// The gateway's name for the payment method.
    pub token: String,
}

/// Records attempts with `begin`, asks the gateways, records their answers.
///
/// `now` is the instant the work is done for; left out, the tenant's now.
pub fn make(
    session: &mut Session,
    gateways: &Gateways,
    whose: (TenantId, Option<DateTime<Utc>>),
    mut begin: impl FnMut(&mut Tx<'_>, &Scope) -> Result<Vec<Attempt>, Error>,
) -> Result<Made, Error> {
    let (tenant_id, now) = whose;
    let mut held = 0;
    let begun = session.transaction("begin_attempts", |tx| {
        collection::begin_attempts(tx, tenant_id)?;
        held += 1;
        let loaded = Scope::load(tx, tenant_id)?;
        let scope = Scope { now: now.unwrap_or(loaded.now), ..loaded };
        Ok::<_, Error>((begin(tx, &scope)?, scope))
    });
    let made = begun.and_then(|(attempts, scope)| {
        let answers = ask(gateways, &attempts, scope.now);
        let known: Vec<Answer> = answers.into_iter().filter(|a| a.outcome != Outcome::Unknown).collect();
        let settled =
            session.transaction("record_outcomes", |tx| settle_payments::run(tx, &scope, &known))?;
        Ok(Made { attempts, settled })
    });
    // Gone with its connection when that broke: then there is nothing to let go of.
    if let Err(error) = collection::end_attempts(session, tenant_id, held) {
        tracing::warn!(%error, "the lock of attempts on their way went with its connection");
    }
    made
}

/// What was attempted, and what of it is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    pub attempts: Vec<Attempt>,
    /// What the answers changed; attempts without an answer stay processing.
    pub settled: Vec<Settled>,
}

/// Calls each gateway once with its share of the attempts.
fn ask(gateways: &Gateways, attempts: &[Attempt], at: DateTime<Utc>) -> Vec<Answer> {
    let mut shares: BTreeMap<Arc<str>, Vec<&Attempt>> = BTreeMap::new();
    for attempt in attempts {
        shares.entry(Arc::clone(&attempt.payment.gateway)).or_default().push(attempt);
    }
    let mut answers = Vec::with_capacity(attempts.len());
    for (name, share) in shares {
        let outcomes = match gateways.get(&name) {
            Some(gateway) => {
                let requests: Vec<ChargeRequest> = share.iter().map(|attempt| request(attempt, at)).collect();
                gateway.charge_all(&requests)
            }
            None => vec![not_configured(); share.len()],
        };
        let answered = share.iter().zip(outcomes);
        answers.extend(answered.map(|(attempt, outcome)| Answer::to(&attempt.payment, outcome)));
    }
    answers
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
    Outcome::Declined { code: "gateway_not_configured".to_owned(), reference: None, hard: false }
}
