//! How much long work is done at once, and of whom? A lane for each kind, so that a test clock that moves through years delays no payment;
//! in each a share for every tenant, and a line in which who comes too many waits for a moment.
//!
//! Four clocks move and a fifth call comes: it waits up to 5 seconds, then it is told to come back.

use std::sync::Arc;
use std::time::Duration;

use super::Problem;
use crate::domain::ids::TenantId;
use crate::platform::places::{Bounds, LONG_WORK, Place, Places};

/// A kind of long work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum Lane {
    /// A gateway is waited for; little else is done.
    Payments,
    Clocks,
    /// Bill runs, and parked work that is tried again.
    Runs,
    Migrations,
    /// Usage that is replayed or replaced.
    Corrections,
    /// Lists that are read whole.
    Exports,
    /// Clocks that are stopped.
    Stops,
}

impl Lane {
    fn bounds(self) -> Bounds {
        match self {
            Lane::Payments => Bounds {
                at_once: 256,
                at_once_of_one: 192,
                waiting: 2048,
                waiting_of_one: 1024,
                patience: Duration::from_secs(10),
            },
            // Little is done, and nothing is to wait for what it stops.
            Lane::Stops => Bounds { at_once: 16, ..LONG_WORK },
            Lane::Clocks | Lane::Runs | Lane::Migrations | Lane::Corrections | Lane::Exports => LONG_WORK,
        }
    }
}

/// The lanes of a server.
pub struct Lanes {
    payments: Arc<Places>,
    clocks: Arc<Places>,
    runs: Arc<Places>,
    migrations: Arc<Places>,
    corrections: Arc<Places>,
    exports: Arc<Places>,
    stops: Arc<Places>,
}

impl Lanes {
    /// With these places for clocks: those that a job moves take theirs among them.
    pub fn beside(clocks: &Arc<Places>) -> Lanes {
        let lane = |lane: Lane| Places::new(lane.bounds());
        Lanes {
            payments: lane(Lane::Payments),
            clocks: Arc::clone(clocks),
            runs: lane(Lane::Runs),
            migrations: lane(Lane::Migrations),
            corrections: lane(Lane::Corrections),
            exports: lane(Lane::Exports),
            stops: lane(Lane::Stops),
        }
    }

    /// A place in a lane, at once or when one comes free.
    ///
    /// # Errors
    /// 503 when the line is full or the wait is over.
    pub async fn enter(&self, lane: Lane, tenant: TenantId) -> Result<Place, Problem> {
        let entered = self.places(lane).enter(tenant.uuid()).await;
        entered.map_err(|full| {
            let lane: &str = lane.into();
            let detail =
                format!("the server is busy with {lane}, and {full}; nothing was done: send it again later");
            Problem::unavailable("busy", detail, 5)
        })
    }

    /// How many are under way and how many wait, by lane.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, (usize, usize))> {
        use strum::IntoEnumIterator;
        Lane::iter().map(|lane| (lane.into(), self.places(lane).taken_and_waiting()))
    }

    fn places(&self, lane: Lane) -> &Arc<Places> {
        match lane {
            Lane::Payments => &self.payments,
            Lane::Clocks => &self.clocks,
            Lane::Runs => &self.runs,
            Lane::Migrations => &self.migrations,
            Lane::Corrections => &self.corrections,
            Lane::Exports => &self.exports,
            Lane::Stops => &self.stops,
        }
    }
}
