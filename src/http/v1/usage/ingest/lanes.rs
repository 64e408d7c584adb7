//! Who stores events? Threads of their own, each with its connection, so that neither a stream keeps other calls waiting nor they a stream.
//!
//! Single events go through one lane, in which all that wait are committed together; batches through another, a transaction each.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::timeout;

use crate::domain::ids::TenantId;
use crate::domain::usage::Event;
use crate::http::Problem;
use crate::platform::threads;
use crate::storage::{Db, Session, StorageError};
use crate::workflows::usage::ingest_usage::{self, Outcome};
use crate::workflows::{Error, Scope};

/// Threads that store single events: while one commits the other collects.
const SINGLE_THREADS: usize = 2;
/// Threads that store batches.
const BULK_THREADS: usize = 2;
/// Batches that are stored or wait to be: the rest waits at its sender's, which bounds the memory.
const BULK_PLACES: usize = 2 * BULK_THREADS;
/// Of them, those of one tenant.
const TENANT_PLACES: usize = 2;
/// How many tenants' places are remembered before those are forgotten in which nothing is.
const TENANTS: usize = 10_000;
/// How long a batch, or a part of a stream, waits for its place.
const PATIENCE: Duration = Duration::from_secs(30);
/// Single events that wait.
const WAITING: usize = 10_000;
/// Single events that are committed together.
const TOGETHER: usize = 1_000;

/// A single event, and who waits for what becomes of it.
struct Single {
    tenant_id: TenantId,
    event: Event,
    answer: oneshot::Sender<Result<Outcome, Problem>>,
}

type Bulk = Box<dyn FnOnce(&mut Session) + Send>;

/// The two lanes.
pub struct Lanes {
    single: Sender<Single>,
    bulk: Sender<Bulk>,
    places: Arc<Semaphore>,
    of_tenants: Mutex<HashMap<TenantId, Arc<Semaphore>>>,
}

/// What is being done.
pub struct Awaited<T>(oneshot::Receiver<T>);

impl<T> Awaited<T> {
    /// What came of it.
    pub async fn answer(self) -> Result<T, Problem> {
        self.0.await.map_err(|_| lost())
    }
}

fn lost() -> Problem {
    StorageError::Broken("events were dropped before they were stored".to_owned()).into()
}

impl Lanes {
    /// Starts the threads. They connect when there is something to store, and end with the last handle on the lanes.
    pub fn start(db: &Db) -> Lanes {
        let (single, singles) = bounded::<Single>(WAITING);
        let (bulk, bulks) = unbounded::<Bulk>();
        for n in 0..SINGLE_THREADS {
            let (db, singles) = (db.clone(), singles.clone());
            spawn(format!("usage-{n}"), move || live(&db, || next(&singles), store));
        }
        for n in 0..BULK_THREADS {
            let (db, bulks) = (db.clone(), bulks.clone());
            spawn(format!("usage-bulk-{n}"), move || {
                live(&db, || bulks.recv().ok(), |session, work| work(session))
            });
        }
        Lanes { single, bulk, places: Arc::new(Semaphore::new(BULK_PLACES)), of_tenants: Mutex::default() }
    }

    /// Stores one event together with others.
    pub async fn single(&self, tenant_id: TenantId, event: Event) -> Result<Outcome, Problem> {
        let (answer, answered) = oneshot::channel();
        let waiting = Single { tenant_id, event, answer };
        self.single.try_send(waiting).map_err(|_| Problem::from(StorageError::Busy))?;
        answered.await.map_err(|_| lost())?
    }

    /// Does a tenant's work on a connection of the bulk lane.
    pub async fn bulk<T: Send + 'static>(
        &self,
        tenant_id: TenantId,
        work: impl FnOnce(&mut Session) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.begin(tenant_id, work).await?.answer().await
    }

    /// Waits for a place, and begins a tenant's work there. The place is given back when the work is done, whoever takes its answer and when:
    /// a stream that trickles holds none between its parts.
    pub async fn begin<T: Send + 'static>(
        &self,
        tenant_id: TenantId,
        work: impl FnOnce(&mut Session) -> T + Send + 'static,
    ) -> Result<Awaited<T>, Problem> {
        let places = timeout(PATIENCE, self.place(tenant_id)).await.map_err(|_| StorageError::Busy)??;
        let (answer, answered) = oneshot::channel();
        let work: Bulk = Box::new(move |session| {
            let done = work(session);
            drop(places);
            let _ = answer.send(done);
        });
        self.bulk.send(work).map_err(|_| lost())?;
        Ok(Awaited(answered))
    }

    /// One of the tenant's own places, then one of all: however many batches one tenant sends, another waits behind two of them.
    async fn place(&self, tenant_id: TenantId) -> Result<[OwnedSemaphorePermit; 2], Problem> {
        let own = {
            let mut known = self.of_tenants.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= TENANTS {
                known.retain(|_, places| Arc::strong_count(places) > 1);
            }
            Arc::clone(known.entry(tenant_id).or_insert_with(|| Arc::new(Semaphore::new(TENANT_PLACES))))
        };
        let own = own.acquire_owned().await.map_err(|_| lost())?;
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| lost())?;
        Ok([own, place])
    }
}

fn spawn(name: String, life: impl FnMut() + Send + 'static) {
    if let Err(error) = threads::lasting(&name, life) {
        tracing::error!(%error, "a thread that stores events cannot be started");
    }
}

/// A thread's life: work comes, and is done on a connection that is opened when there is none. Without one the work is dropped, and
/// whoever waits for it is told.
fn live<W>(db: &Db, mut next: impl FnMut() -> Option<W>, work: impl Fn(&mut Session, W)) {
    let mut session: Option<Session> = None;
    while let Some(item) = next() {
        let open = session.take().filter(|session| !session.is_broken());
        let open = open.or_else(|| {
            db.session()
                .inspect_err(|error| tracing::error!(%error, "events cannot be stored without the database"))
                .ok()
        });
        let Some(mut open) = open else { continue };
        if catch_unwind(AssertUnwindSafe(|| work(&mut open, item))).is_ok() {
            session = Some(open);
        }
    }
}

/// The next event and all that wait behind it.
fn next(singles: &Receiver<Single>) -> Option<Vec<Single>> {
    let mut together = vec![singles.recv().ok()?];
    while together.len() < TOGETHER
        && let Ok(another) = singles.try_recv()
    {
        together.push(another);
    }
    Some(together)
}

/// Commits events together, a transaction for each tenant.
fn store(session: &mut Session, mut together: Vec<Single>) {
    together.sort_by_key(|single| single.tenant_id);
    while let Some(tenant_id) = together.last().map(|single| single.tenant_id) {
        let from = together.partition_point(|single| single.tenant_id < tenant_id);
        let (events, answers): (Vec<Event>, Vec<_>) =
            together.split_off(from).into_iter().map(|single| (single.event, single.answer)).unzip();
        match ingest(session, tenant_id, &events) {
            Ok(outcomes) => {
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    let _ = answer.send(Ok(outcome));
                }
            }
            Err(error) if events.len() > 1 && !error.is_outage() => {
                // One of them is at fault: each alone, so that the others do not suffer for it.
                for (event, answer) in events.into_iter().zip(answers) {
                    let outcome = ingest(session, tenant_id, &[event]).map_err(Problem::from);
                    let _ = answer
                        .send(outcome.and_then(|outcomes| outcomes.into_iter().next().ok_or_else(lost)));
                }
            }
            Err(error) => {
                let problem = Problem::from(error);
                for answer in answers {
                    let _ = answer.send(Err(problem.clone()));
                }
            }
        }
    }
}

fn ingest(session: &mut Session, tenant_id: TenantId, events: &[Event]) -> Result<Vec<Outcome>, Error> {
    session.transaction("ingest_usage", |tx| {
        let scope = Scope::load(tx, tenant_id)?;
        ingest_usage::run(tx, &scope, events)
    })
}
