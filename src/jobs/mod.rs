//! When is which work looked for? The table of every job: its name, its schedule, what of it is due in which tenants, and who does it.
//!
//! Work is found by state, so a job may run twice, late, or in two processes at once: the books come out the same. Live tenants' jobs are
//! run by the [`Runner`]; a test tenant's when its clock is moved, by the same table as [`TestClocks`] follow it.

mod beside;
mod chores;
mod lanes;
mod runner;
mod table;
mod test_clocks;
mod turn;

pub use chores::{Chore, Sources};
pub use runner::Runner;
pub use table::{JOBS, defaults, kinds};
pub use test_clocks::TestClocks;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::adapters::gateway::Gateways;
use crate::domain::ids::TenantId;
use crate::domain::work::Tally;
use crate::storage::Session;
use crate::storage::due::Due;
use crate::workflows::billing::bill_run::Trigger;
use crate::workflows::parked_work::{self, Place};
use crate::workflows::tax::registers::Registers;
use crate::workflows::webhooks::Courier;
use crate::workflows::{Error, Scope};

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// As the configuration names it.
    pub name: &'static str,
    /// When it looks, unless configured otherwise.
    pub cron: &'static str,
    pub does: Does,
}

/// What a job does at its ticks.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// Work of tenants, in this order.
    WorkOfTenants {
        kinds: &'static [Kind],
        /// Whether tenants that live by a test clock are looked at in real time, too.
        with_clocks: bool,
        /// Whether it calls somebody elsewhere, who may be slow: tenants are worked for side by side.
        remote: bool,
    },
    /// Events for the endpoints that tenants hear of them at: each endpoint is served by a thread of its own, so that a slow one delays no other.
    PostOffice(&'static [Kind]),
    /// Test clocks that are on their way while nobody waits for them: what moved one may have died.
    TestClocks,
    /// Work of the server itself: each of them is done though another fails.
    Chores(&'static [chores::Chore]),
}

/// A kind of due work.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// What of it is due, and when next.
    pub due: Due,
    /// Which state makes it due, in words.
    pub takes_on: &'static str,
    /// At which instant a test clock stops for it.
    pub at: At,
    /// Does everything that is due, as fast as it can be done together; `None`: one after the other.
    all: Option<fn(Task<'_>) -> Result<Tally, Error>>,
    /// Does one item.
    one: fn(Task<'_>, Uuid) -> Result<Tally, Error>,
}

/// At which instant of a test clock work is done that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// At the next tick of its job's schedule.
    Tick,
    /// At the very instant at which it is due.
    Once,
    /// When the clock begins to move, and where it stands in the end.
    Ends,
}

/// What work is done with.
pub struct Task<'a> {
    pub session: &'a mut Session,
    pub gateways: &'a Gateways,
    pub registers: &'a Registers,
    pub courier: &'a Courier,
    pub place: Place,
    pub trigger: Trigger,
}

impl Kind {
    /// Does everything of it that is due in a tenant, then tries again what was parked. What cannot be done is parked.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub fn perform(&self, task: Task<'_>) -> Result<Tally, Error> {
        let Task { session, gateways, registers, courier, place, trigger } = task;
        let mut tally = Tally::default();
        let one = |session: &mut Session, id: Uuid, tally: &mut Tally| {
            *tally += (self.one)(Task { session, gateways, registers, courier, place, trigger }, id)?;
            Ok(())
        };
        match self.all {
            Some(all) => {
                let session = &mut *session;
                tally += all(Task { session, gateways, registers, courier, place, trigger })?;
            }
            None => {
                let work = (&self.due, place);
                let done = parked_work::each_due(session, work, |session, id| one(session, id, &mut tally))?;
                tally.parked += done.parked;
            }
        }
        let work = (self.due.work, place);
        let again = parked_work::retry(session, work, |session, id| one(session, id, &mut tally))?;
        tally.parked += again.parked;
        Ok(tally)
    }
}

/// The tenant's now.
fn now_of(session: &mut Session, tenant_id: TenantId) -> Result<DateTime<Utc>, Error> {
    Ok(session.read(|tx| Scope::load(tx, tenant_id))?.now)
}
