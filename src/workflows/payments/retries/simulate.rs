//! What would a policy have made of the invoices whose payment has failed? Each lives through it once more, at the best and at the worst; nothing
//! is written.
//!
//! Of 120 invoices that failed in June 62 were paid in the end; by steps of 2, 4 and 6 days it would have been between 58 and 71.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::ids::{InvoiceId, RetryPolicyId};
use crate::domain::money::Money;
use crate::domain::payments::declines::{self, Class, Decline};
use crate::domain::payments::rehearsal::{
    Attempt, Case, Lived, Recorded, RecordedAttempt, Rules, Story, Tally,
};
use crate::domain::payments::retries::forecast::Outcomes;
use crate::domain::payments::retries::policy::RetryPolicy;
use crate::domain::refusal::Invalid;
use crate::storage::Tx;
use crate::storage::payments::retries::outcomes::{self, Made};
use crate::storage::payments::views;
use crate::workflows::{Error, Scope};

/// Invoices that are looked at: the newest.
const MOST: i64 = 5_000;
/// How far back, when nothing is said.
const BACK: TimeDelta = TimeDelta::days(365);

/// When the attempts failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    /// A year ago when left out.
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
}

/// What was, and what would have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulated {
    pub policy: RetryPolicy,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub recorded: Tally,
    pub at_worst: Tally,
    pub at_best: Tally,
}

/// Has the invoices of a range live through a policy's newest version.
///
/// # Errors
/// Not found; a range that is none; storage.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, (id, range): (RetryPolicyId, Range)) -> Result<Simulated, Error> {
    let policy = views::find_retry_policy(tx, scope.tenant_id, id)?;
    let to = range.to.unwrap_or(scope.now);
    let from = range.from.unwrap_or(to - BACK);
    if from >= to {
        return Err(Invalid::one("/to", "empty_range", "`to` is after `from`").into());
    }
    let learned = match policy.terms.adaptive {
        true => Some(Outcomes::of(&outcomes::retries_made(tx, scope.tenant_id)?, scope.zone)),
        false => None,
    };
    let made = outcomes::attempts_of(tx, scope.tenant_id, (from, to), MOST)?;
    let mut simulated = Simulated {
        policy: policy.clone(),
        from,
        to,
        recorded: Tally::default(),
        at_worst: Tally::default(),
        at_best: Tally::default(),
    };
    let rules = Rules { terms: &policy.terms, outcomes: learned.as_ref(), zone: scope.zone };
    for of_invoice in made.chunk_by(|one, other| one.invoice_id == other.invoice_id) {
        let Some(case) = case(of_invoice).filter(|case| is_within(case, (from, to))) else { continue };
        simulated.recorded.count(&case, &as_it_was(&case));
        simulated.at_worst.count(&case, &case.live(rules));
        let best = Case { payer: Recorded { at_best: true, ..case.payer.clone() }, ..case };
        simulated.at_best.count(&best, &best.live(rules));
    }
    Ok(simulated)
}

fn is_within(case: &Case<Recorded>, (from, to): (DateTime<Utc>, DateTime<Utc>)) -> bool {
    case.invoices.first().is_some_and(|(at, _)| (from..to).contains(at))
}

/// An invoice whose first attempt failed.
fn case(made: &[Made]) -> Option<Case<Recorded>> {
    let first = made.first().filter(|first| !first.paid)?;
    let attempt = |one: &Made| RecordedAttempt {
        at: one.at,
        declined: (!one.paid).then(|| declined(one)),
        same_method: one.method_id == first.method_id,
    };
    let invoice_id: InvoiceId = first.invoice_id;
    Some(Case {
        payer: Recorded { attempts: made.iter().map(attempt).collect(), at_best: false },
        invoices: vec![(first.at, Money::from_minor(first.amount, first.currency))],
        network: first.brand.clone(),
        gateway: first.gateway.clone(),
        country: first.country.clone(),
        seed: invoice_id.uuid().as_u128(),
    })
}

fn declined(one: &Made) -> (Arc<str>, Class) {
    let code: Arc<str> = Arc::from(one.decline_code.as_deref().unwrap_or_default());
    let decline = Decline { gateway: &one.gateway, code: &code, network_code: None, advice_code: None };
    let class = one.decline_class.unwrap_or_else(|| declines::meaning(&decline).class);
    (code, class)
}

/// What became of it.
fn as_it_was(case: &Case<Recorded>) -> Lived {
    let attempts = &case.payer.attempts;
    let paid_at = attempts.iter().find(|one| one.declined.is_none()).map(|one| one.at);
    let attempt = |one: &RecordedAttempt| Attempt {
        at: one.at,
        code: one.declined.as_ref().map(|(code, _)| Arc::clone(code)),
        has_other_card: !one.same_method,
    };
    let stories = case.invoices.iter().map(|(_, amount)| Story {
        amount: *amount,
        class: attempts.first().and_then(|one| one.declined.as_ref()).map(|(_, class)| *class),
        attempts: attempts.iter().map(attempt).collect(),
        paid_at,
    });
    Lived::of(stories.collect(), case)
}
