//! What do providers say of drafts that wait for them? Questions are taken in one transaction, asked side by side without any, and the answers
//! recorded in another; then the drafts are issued. Whoever dies in between leaves questions that are due again.
//!
//! 300 drafts, 100 questions a call of 200 ms: three calls side by side, then one batch of 300 invoices.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use uuid::Uuid;

use super::finalize_drafts;
use crate::adapters::tax::{Provider, Trouble};
use crate::domain::events::EventType;
use crate::domain::ids::{CustomerId, TaxProviderId, TenantId};
use crate::domain::invoicing::drafts::Whole;
use crate::domain::tax::provided::answer::FRESH;
use crate::domain::tax::provided::documents::delay;
use crate::domain::tax::provided::{Answer, OnOutage, Question};
use crate::domain::work::Tally;
use crate::platform::clock::Stopwatch;
use crate::platform::threads::side_by_side;
use crate::storage::customers::locks::{self, Locked};
use crate::storage::invoicing::{self, drafts};
use crate::storage::tax::providers::{self as storage, Failure, OpenQuestion, Turn};
use crate::storage::tenants::Mode;
use crate::storage::{Session, Tx, due, events};
use crate::workflows::parked_work::{self, Attempted, Place};
use crate::workflows::tax::providers::{Opened, Providers, WIDTH};
use crate::workflows::tax::tax_draft;
use crate::workflows::{Error, Holding, Scope};

/// Questions of one transaction.
const BATCH: i64 = 2_000;
/// Nobody else asks meanwhile: longer than a batch may take.
const LEASE: TimeDelta = TimeDelta::minutes(10);
/// How long one live tenant's questions may keep the others' waiting.
const TURN: Duration = Duration::from_secs(30);
/// Failures after which the built-in rules answer, where the tenant wants that.
const GIVE_UP: i32 = 3;

/// Asks at once, for who shows what is not written: what is answered is known from then on, what is not is left.
///
/// # Errors
/// The database cannot be reached.
pub fn for_preview(
    session: &mut Session,
    providers: &Providers,
    (tenant_id, questions): (TenantId, Vec<Question>),
) -> Result<(), Error> {
    let mut open = Vec::with_capacity(questions.len());
    for question in questions {
        open.push(OpenQuestion { id: storage::question_id(&question)?, question, attempts: 0 });
    }
    let now = session.read(|tx| Scope::load(tx, tenant_id))?.now;
    let place = Place { tenant_id, now };
    let reached = reach(session, providers, (place, &open))?;
    session.rest();
    let answers = ask(providers, &reached, &open);
    let answered = answers.into_iter().filter_map(|(open, answer)| Some((open, answer.ok()?)));
    let answered: Vec<(&OpenQuestion, Answer)> = answered.collect();
    session.transaction("record_tax_previews", |tx| {
        let known = answered.iter().map(|(open, answer)| (open.question.clone(), answer.clone()));
        let known: Vec<(Question, Answer)> = known.collect();
        Ok::<_, Error>(storage::keep_answers(tx, (tenant_id, Turn::Before), &known, (now, now + FRESH))?)
    })
}

/// Asks all that is due, and issues what waited for it. A question that cannot be asked is parked, and holds up no other.
///
/// # Errors
/// The database cannot be reached.
pub fn run(session: &mut Session, providers: &Providers, place: Place) -> Result<Tally, Error> {
    let is_live = session.read(|tx| Scope::load(tx, place.tenant_id))?.mode == Mode::Live;
    let begun = Stopwatch::start();
    let due = &due::TAX_QUESTIONS;
    let Attempted { parked, .. } = parked_work::batches_due(session, due, place, BATCH, |session, ids| {
        // The others' turn: what is left is due at the next tick.
        let is_over = is_live && begun.elapsed() > TURN;
        if is_over { Ok(()) } else { these(session, providers, place, ids) }
    })?;
    let mut tally = Tally { parked, ..Tally::default() };
    tally += finalize_drafts::run(session, place)?;
    Ok(tally)
}

/// Asks these, as far as they are due, and has what waited for them looked at.
///
/// # Errors
/// What keeps them from being asked.
pub fn these(session: &mut Session, providers: &Providers, place: Place, ids: &[Uuid]) -> Result<(), Error> {
    let claimed = session.transaction("claim_tax_questions", |tx| {
        let until = place.now + LEASE;
        Ok::<_, Error>(storage::claim_questions(tx, (place.tenant_id, place.now), (until, ids))?)
    })?;
    if claimed.is_empty() {
        return Ok(());
    }
    let reached = reach(session, providers, (place, &claimed))?;
    session.rest();
    let answers = ask(providers, &reached, &claimed);
    session.transaction("record_tax_answers", |tx| record(tx, place, &reached, &answers))
}

fn reach(
    session: &mut Session,
    providers: &Providers,
    (place, claimed): (Place, &[OpenQuestion]),
) -> Result<BTreeMap<TaxProviderId, Opened>, Error> {
    let ids: BTreeSet<TaxProviderId> = claimed.iter().map(|open| open.question.provider_id).collect();
    let mut reached = BTreeMap::new();
    for id in ids {
        reached.insert(id, providers.open(session, (place.tenant_id, id))?);
    }
    Ok(reached)
}

/// Asks in calls of as many questions as a provider takes.
pub(in crate::workflows) fn ask<'q>(
    providers: &Providers,
    reached: &BTreeMap<TaxProviderId, Opened>,
    claimed: &'q [OpenQuestion],
) -> Vec<(&'q OpenQuestion, Result<Answer, Trouble>)> {
    let mut calls: Vec<(TaxProviderId, &Opened, Vec<&OpenQuestion>)> = Vec::new();
    for (id, provider) in reached {
        let size = provider.provider.as_ref().map_or(1, |provider| provider.batch().max(1));
        let theirs: Vec<&OpenQuestion> =
            claimed.iter().filter(|open| open.question.provider_id == *id).collect();
        calls.extend(theirs.chunks(size).map(|chunk| (*id, provider, chunk.to_vec())));
    }
    let answered = side_by_side(WIDTH, calls, |(id, reached, chunk)| {
        let questions: Vec<Question> = chunk.iter().map(|open| open.question.clone()).collect();
        let answers = match &reached.provider {
            Err(trouble) => questions.iter().map(|_| Err(trouble.clone())).collect(),
            Ok(provider) => preview(providers, (id, provider.as_ref()), &questions),
        };
        chunk.into_iter().zip(answers).collect::<Vec<_>>()
    });
    answered.into_iter().flatten().collect()
}

/// What a provider answers: checked, whether each is an answer to its question.
fn preview(
    providers: &Providers,
    (id, provider): (TaxProviderId, &dyn Provider),
    questions: &[Question],
) -> Vec<Result<Answer, Trouble>> {
    let called = providers.call(id, || {
        let answers = provider.preview(questions);
        // A call in which nobody was reached is a failure as a whole.
        match answers.iter().all(|answer| matches!(answer, Err(Trouble::Unreachable(_)))) {
            true => Err(answers.into_iter().find_map(Result::err).unwrap_or(Trouble::Locked)),
            false => Ok(answers),
        }
    });
    let answers = match called {
        Ok(answers) => answers,
        Err(trouble) => questions.iter().map(|_| Err(trouble.clone())).collect(),
    };
    let checked = |(answer, question): (Result<Answer, Trouble>, &Question)| {
        let answer = answer?;
        answer.check(question).map_err(|wrong| Trouble::Refused(format!("its answer is wrong: {wrong}")))?;
        Ok(answer)
    };
    answers.into_iter().zip(questions).map(checked).collect()
}

fn record(
    tx: &mut Tx<'_>,
    place: Place,
    reached: &BTreeMap<TaxProviderId, Opened>,
    answers: &[(&OpenQuestion, Result<Answer, Trouble>)],
) -> Result<(), Error> {
    let scope = place.scope(tx)?;
    let mut customers: Vec<CustomerId> = answers.iter().map(|(open, _)| open.question.customer_id).collect();
    customers.sort_unstable();
    customers.dedup();
    let scope = scope.holding(locks::each(tx, scope.tenant_id, &customers, Locked::Wait)?);
    let (mut known, mut failed, mut settled) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (open, answer) in answers {
        let customer_id = open.question.customer_id;
        match answer {
            Ok(answer) => {
                known.push((open.question.clone(), answer.clone()));
                settled.insert(customer_id);
            }
            Err(trouble) => {
                let attempts = open.attempts.saturating_add(1);
                let is_out = matches!(trouble, Trouble::Unreachable(_));
                let on_outage = reached.get(&open.question.provider_id).map(|reached| reached.on_outage);
                let by_engine = is_out && attempts >= GIVE_UP && on_outage == Some(OnOutage::Engine);
                if by_engine {
                    settled.insert(customer_id);
                }
                // Nothing is issued any more on a day that is over.
                let is_moot = open.question.date < scope.zone.local_date(scope.now - TimeDelta::days(1));
                failed.push(Failure {
                    id: open.id,
                    trouble: trouble.to_string(),
                    next_ask_at: Some(scope.now + delay(attempts)).filter(|_| by_engine || !is_moot),
                    by_engine,
                });
            }
        }
    }
    storage::keep_answers(tx, (scope.tenant_id, Turn::Job), &known, (scope.now, scope.now + FRESH))?;
    storage::fail_questions(tx, scope.tenant_id, &failed)?;
    for customer_id in settled {
        drafts::look_again(tx, &scope.held, customer_id, scope.now)?;
    }
    tax_again(tx, &scope)
}

/// Shows on drafts that wait for their time, or for somebody, what they will be taxed with.
fn tax_again(tx: &mut Tx<'_>, scope: &Holding<'_>) -> Result<(), Error> {
    let before = drafts::not_waiting(tx, &scope.held)?;
    if before.is_empty() {
        return Ok(());
    }
    let mut lines = drafts::lines_of(tx, scope.tenant_id, &before)?;
    let mut whole: Vec<Whole> = Vec::with_capacity(before.len());
    for invoice in before.clone() {
        let lines = lines.remove(&invoice.id).unwrap_or_default();
        whole.push(Whole { invoice, lines, shares: Vec::new() });
    }
    tax_draft::run(tx, scope, &mut whole)?;
    let mut emitted = Vec::new();
    for (Whole { invoice, .. }, before) in whole.iter().zip(&before) {
        if invoice.totals != before.totals {
            invoicing::update(tx, &scope.held, invoice)?;
            emitted.push(scope.event(EventType::InvoiceUpdated, invoice.id.uuid(), invoice.event_data()));
        }
    }
    Ok(events::record(tx, scope.tenant_id, &emitted)?)
}
