//! How does one tenant's slow remote party hold up no other tenant? Where work calls somebody elsewhere, tenants are worked for side by side, each by a
//! thread of its own, as many as there are places; no tenant has two. Who finds no place is looked at again at the next tick.
//!
//! A provider of tax that takes 25 seconds for each answer takes them of its tenant: the others' invoices go out meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::turn::{Tick, log_failure, of_tenant};
use super::{Job, Kind, Sources};
use crate::adapters::gateway::Gateways;
use crate::domain::ids::TenantId;
use crate::platform::places::{Bounds, Places};
use crate::platform::vitals;
use crate::storage::Db;

/// Threads that move clocks, serve endpoints, or work for one tenant.
pub(super) type Moving = Arc<Mutex<Vec<JoinHandle<()>>>>;

/// Tenants that one job works for at once.
const AT_ONCE: Bounds =
    Bounds { at_once: 16, at_once_of_one: 1, waiting: 0, waiting_of_one: 0, patience: Duration::ZERO };

/// The places of one job, the threads of all, and what they work with.
pub(super) struct Beside {
    places: Arc<Places>,
    moving: Moving,
    db: Db,
    gateways: Arc<Gateways>,
    sources: Sources,
}

impl Beside {
    /// With every place free.
    pub(super) fn new(moving: &Moving, db: &Db, gateways: &Arc<Gateways>, sources: &Sources) -> Beside {
        Beside {
            places: Places::new(AT_ONCE),
            moving: Arc::clone(moving),
            db: db.clone(),
            gateways: Arc::clone(gateways),
            sources: sources.clone(),
        }
    }

    /// Begins a tenant's work, unless it is under way, or no place is free.
    pub(super) fn begin(&self, (job, kinds): (&'static Job, &'static [Kind]), tenant_id: TenantId) -> Tick {
        let Some(place) = self.places.enter_alone(tenant_id.uuid()) else { return Tick::default() };
        let (db, gateways, sources) = (self.db.clone(), Arc::clone(&self.gateways), self.sources.clone());
        let run = move || {
            let mut session = db.lent_session();
            let work = || of_tenant((job, kinds), &mut session, (&gateways, &sources), tenant_id);
            let ended = catch_unwind(AssertUnwindSafe(work));
            let ended =
                ended.unwrap_or_else(|panic| log_failure((job, Some(tenant_id)), Err(panic), &mut session));
            for _ in 0..ended.failures {
                vitals::failed(job.name);
            }
            drop(place);
        };
        let mut moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        moving.retain(|thread| !thread.is_finished());
        match thread::Builder::new().name(format!("job-{}", job.name)).spawn(run) {
            Ok(thread) => {
                moving.push(thread);
                Tick::default()
            }
            Err(error) => {
                tracing::error!(job = job.name, %error, "a thread cannot be started");
                Tick { failures: 1, outage: false }
            }
        }
    }
}
