//! What will providers of tax say of the invoices of a run? They are asked about chunks that are billed next while others are billed, so that a
//! run issues at once what would else wait as drafts. It is help and no more: what is not answered in time waits as it always does.
//!
//! 2,000 invoices of a chunk, a hundred a call of 200 ms, 20 calls side by side: answered in 0.2 s, while the chunks before it are written.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{Scope as Threads, ScopedJoinHandle};
use std::time::Duration;

use super::bill_customers::{self, Batch};
use crate::domain::ids::TaxProviderId;
use crate::domain::tax::provided::answer::FRESH;
use crate::domain::tax::provided::{Answer, Question};
use crate::platform::clock::Stopwatch;
use crate::storage::Session;
use crate::storage::billing::PriceBook;
use crate::storage::billing::bill_runs::Chunk;
use crate::storage::tax::providers::{self as storage, OpenQuestion, Turn};
use crate::workflows::invoicing::ask_tax_providers::ask;
use crate::workflows::parked_work::Place;
use crate::workflows::tax::providers::{Opened, Providers};
use crate::workflows::{Error, Scope};

/// Chunks of one worker that are asked about while one is billed.
const DEPTH: usize = 2;
/// Fewer questions are asked by the job, seconds later.
const WORTH_IT: usize = 100;
/// Calls about one chunk: of a provider that takes single questions the job asks.
const CALLS: usize = 64;
/// Nobody waits longer for one answer here.
const PATIENCE: Duration = Duration::from_secs(5);
/// A run waits so long for answers in all, or as long as it was at work.
const WAITED: Duration = Duration::from_secs(10);

/// What the workers of a run share.
pub(super) struct Ahead {
    place: Place,
    providers: Providers,
    reached: BTreeMap<TaxProviderId, Opened>,
    chunks: Mutex<VecDeque<Chunk>>,
    /// Somebody did not answer: nobody is asked any more.
    is_over: AtomicBool,
    begun: Stopwatch,
    waited_ms: AtomicU64,
}

/// A question with its answer.
type Answered = (Question, Answer);

/// The chunks of one worker, asked about in the order in which they are billed.
pub(super) struct Line<'scope, 'env: 'scope> {
    ahead: &'env Ahead,
    threads: &'scope Threads<'scope, 'env>,
    under_way: VecDeque<(Chunk, Option<ScopedJoinHandle<'scope, Vec<Answered>>>)>,
    book: PriceBook,
}

impl Ahead {
    /// Of the chunks of a run whose invoices are issued at once; `None`: there is nobody to ask.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub(super) fn of(
        session: &mut Session,
        providers: &Providers,
        (place, chunks): (Place, Vec<Chunk>),
    ) -> Result<Option<Ahead>, Error> {
        let tenant_id = place.tenant_id;
        let theirs = session.read(|tx| storage::providers(tx, tenant_id))?;
        let mut reached = BTreeMap::new();
        for provider in theirs.iter().filter(|provider| providers.admits(provider.id)) {
            reached.insert(provider.id, providers.open_within(session, (tenant_id, provider.id), PATIENCE)?);
        }
        let ahead = Ahead {
            place,
            providers: providers.apart(),
            reached,
            chunks: Mutex::new(chunks.into()),
            is_over: AtomicBool::new(false),
            begun: Stopwatch::start(),
            waited_ms: AtomicU64::new(0),
        };
        Ok(Some(ahead).filter(|ahead| !ahead.reached.is_empty()))
    }

    fn next_chunk(&self) -> Option<Chunk> {
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// Whether a run may wait for answers still.
    fn goes_on(&self) -> bool {
        let waited = Duration::from_millis(self.waited_ms.load(Ordering::Relaxed));
        !self.is_over.load(Ordering::Relaxed) && waited <= WAITED.max(self.begun.elapsed() / 2)
    }

    /// Those that are asked now: of providers that take many in few calls.
    fn worth_asking(&self, questions: Vec<Question>) -> Result<Vec<OpenQuestion>, Error> {
        let mut by_provider: BTreeMap<TaxProviderId, Vec<Question>> = BTreeMap::new();
        for question in questions {
            by_provider.entry(question.provider_id).or_default().push(question);
        }
        let mut open = Vec::new();
        for (id, theirs) in by_provider {
            let Some(Ok(provider)) = self.reached.get(&id).map(|reached| reached.provider.as_ref()) else {
                continue;
            };
            if theirs.len() < WORTH_IT || theirs.len().div_ceil(provider.batch().max(1)) > CALLS {
                continue;
            }
            for question in theirs {
                open.push(OpenQuestion { id: storage::question_id(&question)?, question, attempts: 0 });
            }
        }
        Ok(open)
    }

    /// What is answered at once. Whoever does not answer one call is asked no more.
    fn answers(&self, open: &[OpenQuestion]) -> Vec<Answered> {
        let answers = ask(&self.providers, &self.reached, open);
        let known: Vec<Answered> = answers
            .into_iter()
            .filter_map(|(open, answer)| Some((open.question.clone(), answer.ok()?)))
            .collect();
        if known.is_empty() {
            self.is_over.store(true, Ordering::Relaxed);
        }
        known
    }
}

impl<'scope, 'env: 'scope> Line<'scope, 'env> {
    /// With nothing asked yet.
    pub(super) fn of(ahead: &'env Ahead, threads: &'scope Threads<'scope, 'env>) -> Line<'scope, 'env> {
        Line { ahead, threads, under_way: VecDeque::new(), book: PriceBook::default() }
    }

    /// The next chunk to bill, once what was answered about it is kept; `None`: there are no more. `batch` says how a chunk is billed.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub(super) fn next(
        &mut self,
        session: &mut Session,
        batch: impl Fn(&Chunk) -> Batch,
    ) -> Result<Option<Chunk>, Error> {
        while self.under_way.len() < DEPTH
            && let Some(chunk) = self.ahead.next_chunk()
        {
            let call = if self.ahead.goes_on() { self.begin(session, &batch(&chunk))? } else { None };
            self.under_way.push_back((chunk, call));
        }
        let Some((chunk, call)) = self.under_way.pop_front() else { return Ok(None) };
        let Some(call) = call.filter(|call| call.is_finished() || self.ahead.goes_on()) else {
            return Ok(Some(chunk));
        };
        let waiting = Stopwatch::start();
        let answered = call.join().unwrap_or_default();
        let waited = u64::try_from(waiting.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.ahead.waited_ms.fetch_add(waited, Ordering::Relaxed);
        let Place { tenant_id, now } = self.ahead.place;
        if !answered.is_empty() {
            session.transaction("keep_tax_answers", |tx| {
                Ok::<_, Error>(storage::keep_answers(
                    tx,
                    (tenant_id, Turn::Before),
                    &answered,
                    (now, now + FRESH),
                )?)
            })?;
        }
        Ok(Some(chunk))
    }

    /// Finds what is to be asked about a chunk, and begins to ask.
    fn begin(
        &mut self,
        session: &mut Session,
        batch: &Batch,
    ) -> Result<Option<ScopedJoinHandle<'scope, Vec<Answered>>>, Error> {
        let Ahead { place, .. } = *self.ahead;
        let foreseen = session.read(|tx| {
            let scope = Scope { now: place.now, ..Scope::load(tx, place.tenant_id)? };
            bill_customers::tax_questions(tx, &scope, batch, &mut self.book)
        });
        // What keeps a chunk from being foreseen is found again, and parked, when it is billed.
        let open = match foreseen {
            Ok(questions) => self.ahead.worth_asking(questions)?,
            Err(error) if error.is_outage() => return Err(error),
            Err(_) => Vec::new(),
        };
        if open.is_empty() {
            return Ok(None);
        }
        let ahead = self.ahead;
        Ok(Some(self.threads.spawn(move || ahead.answers(&open))))
    }
}
