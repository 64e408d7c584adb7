//! How does one turn of a job go, for one tenant or chore? What goes wrong is logged and counted, also a panic, and keeps the job from nothing else.

use std::ops::AddAssign;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use super::{Job, Kind, Sources, Task, now_of};
use crate::adapters::gateway::Gateways;
use crate::domain::ids::TenantId;
use crate::storage::{Session, StorageError};
use crate::workflows::Error;
use crate::workflows::billing::bill_run::Trigger;
use crate::workflows::parked_work::Place;

/// How a tick went, or a part of it.
#[derive(Default)]
pub(super) struct Tick {
    /// Tenants and chores it went wrong with.
    pub(super) failures: u64,
    /// The database was gone on the way: what is due is looked at again soon.
    pub(super) outage: bool,
}

impl AddAssign for Tick {
    fn add_assign(&mut self, other: Tick) {
        self.failures += other.failures;
        self.outage |= other.outage;
    }
}

/// One tenant's work. Its trouble does not keep the job from the others.
pub(super) fn of_tenant(
    (job, kinds): (&Job, &'static [Kind]),
    session: &mut Session,
    (gateways, sources): (&Arc<Gateways>, &Sources),
    tenant_id: TenantId,
) -> Tick {
    let work = || {
        let now = now_of(session, tenant_id)?;
        for kind in kinds {
            let (registers, courier) = (&sources.registers, &sources.courier);
            let (place, trigger) = (Place { tenant_id, now }, Trigger::Schedule);
            kind.perform(Task { session, gateways, registers, courier, place, trigger })?;
        }
        Ok(())
    };
    log_failure((job, Some(tenant_id)), catch_unwind(AssertUnwindSafe(work)), session)
}

/// Logs what went wrong. After a panic the connection is left with whatever was open on it.
pub(super) fn log_failure(
    (job, tenant_id): (&Job, Option<TenantId>),
    outcome: thread::Result<Result<(), Error>>,
    session: &mut Session,
) -> Tick {
    let tenant = tenant_id.map(tracing::field::display);
    match outcome {
        Ok(Ok(())) => Tick::default(),
        Ok(Err(error)) => {
            tracing::error!(job = job.name, tenant, %error, "the job failed; it is tried again");
            Tick { failures: 1, outage: error.is_broken() }
        }
        Err(panic) => {
            tracing::error!(
                job = job.name,
                tenant,
                panic = %StorageError::panicked(panic.as_ref()),
                "the job panicked; it goes on with what is left"
            );
            let reopened = session.reopen().inspect_err(
                |error| tracing::error!(job = job.name, %error, "the database cannot be reached"),
            );
            Tick { failures: 1, outage: reopened.is_err() }
        }
    }
}
