//! At which instants does a test clock stop on its way? Wherever a job would have found work in real time.
//!
//! Billing looks every hour: a subscription due at 9:20 is billed at 10:00, or where the clock stops before that.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use cron::Schedule;
use uuid::Uuid;

use super::{At, Does, JOBS, Kind, Task};
use crate::adapters::gateway::Gateways;
use crate::domain::ids::TenantId;
use crate::domain::work::{Tally, Work};
use crate::platform::places::{LONG_WORK, Places};
use crate::storage::Session;
use crate::workflows::Error;
use crate::workflows::advance_clock::{Stop, Timetable};
use crate::workflows::billing::bill_run::Trigger;
use crate::workflows::parked_work::{Jobs, Place};
use crate::workflows::tax::registers::Registers;
use crate::workflows::webhooks::Courier;

/// The table of jobs as test clocks follow it.
pub struct TestClocks {
    rows: Vec<(&'static Kind, Schedule)>,
    gateways: Arc<Gateways>,
    registers: Registers,
    courier: Courier,
    /// For clocks that move in this process, whoever moves them.
    places: Arc<Places>,
    ending: AtomicBool,
}

impl TestClocks {
    /// With these schedules by the names of their jobs, or the standard ones where none is given.
    ///
    /// # Errors
    /// A schedule that cannot be read.
    pub fn new(
        schedules: &BTreeMap<String, Schedule>,
        gateways: &Arc<Gateways>,
    ) -> Result<TestClocks, cron::error::Error> {
        let mut rows = Vec::new();
        for job in JOBS {
            let (Does::WorkOfTenants { kinds, .. } | Does::PostOffice(kinds)) = job.does else { continue };
            let schedule = match schedules.get(job.name) {
                Some(schedule) => schedule.clone(),
                None => job.cron.parse()?,
            };
            rows.extend(kinds.iter().map(|kind| (kind, schedule.clone())));
        }
        let (places, ending) = (Places::new(LONG_WORK), AtomicBool::new(false));
        let (registers, courier) = (Registers::default(), Courier::default());
        Ok(TestClocks { rows, gateways: Arc::clone(gateways), registers, courier, places, ending })
    }

    /// The same with these registers for what is tried again of live tenants.
    #[must_use]
    pub fn asking(self, registers: Registers) -> TestClocks {
        TestClocks { registers, ..self }
    }

    /// The same with what webhook endpoints are called with.
    #[must_use]
    pub fn sending(self, courier: Courier) -> TestClocks {
        TestClocks { courier, ..self }
    }

    /// The process is to end: clocks that nobody waits for are left after the step they are in.
    pub(super) fn end(&self) {
        self.ending.store(true, Ordering::Release);
    }
}

impl Jobs for TestClocks {
    fn retry(&self, session: &mut Session, place: Place, (work, item_id): (Work, Uuid)) -> Result<(), Error> {
        let kind = self.rows.iter().map(|row| row.0).find(|kind| kind.due.work == work);
        let kind = kind.ok_or_else(|| Error::Fault(format!("no job does {}", work.into_str())))?;
        let (gateways, registers, courier) = (&*self.gateways, &self.registers, &self.courier);
        (kind.one)(Task { session, gateways, registers, courier, place, trigger: Trigger::Api }, item_id)?;
        Ok(())
    }
}

impl Timetable for TestClocks {
    fn next_stop(
        &self,
        session: &mut Session,
        tenant_id: TenantId,
        (now, to): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Option<Stop>, Error> {
        let stops = session.transaction("find_due_work", |tx| {
            let mut stops: Vec<(usize, DateTime<Utc>)> = Vec::new();
            for (row, (kind, schedule)) in self.rows.iter().enumerate() {
                if kind.at != At::Ends {
                    let due = kind.due.next(tx, tenant_id)?.filter(|due| *due <= to);
                    stops.extend(due.map(|due| (row, stop(kind.at, schedule, due.max(now)).min(to))));
                }
            }
            Ok::<_, Error>(stops)
        })?;
        let Some(at) = stops.iter().map(|stop| stop.1).min() else { return Ok(None) };
        let due = stops.into_iter().filter(|stop| stop.1 == at).map(|stop| stop.0).collect();
        Ok(Some(Stop { at, due }))
    }

    fn work(&self, session: &mut Session, place: Place, due: &[usize]) -> Result<Tally, Error> {
        let mut tally = Tally::default();
        for (kind, _) in due.iter().filter_map(|row| self.rows.get(*row)) {
            let (gateways, registers, courier) = (&*self.gateways, &self.registers, &self.courier);
            let trigger = Trigger::Clock;
            tally += kind.perform(Task { session, gateways, registers, courier, place, trigger })?;
        }
        Ok(tally)
    }

    fn places(&self) -> &Arc<Places> {
        &self.places
    }

    fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Acquire)
    }

    fn at_the_ends(&self) -> Vec<usize> {
        (0..self.rows.len()).filter(|row| self.rows[*row].0.at == At::Ends).collect()
    }
}

/// Where the clock stops for what is due at an instant.
fn stop(at: At, schedule: &Schedule, due: DateTime<Utc>) -> DateTime<Utc> {
    if at == At::Once {
        return due;
    }
    let before = due - TimeDelta::nanoseconds(1);
    schedule.after(&before).next().unwrap_or(due).max(due)
}
