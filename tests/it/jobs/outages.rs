//! When is work done whose tick fell into an outage of the database? As soon as the database is back, not at the next tick of a schedule that
//! may be an hour, or a day, away.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use billwright::jobs::{Chore, Does, Job, Runner};
use billwright::storage::Db;
use billwright::workflows::payments::gateways;
use billwright::workflows::relay_events;
use chrono::{TimeDelta, Utc};
use cron::Schedule;
use diesel::connection::SimpleConnection;

use super::parked::wait_until_empty;
use crate::harness::{Database, World};

static DONE: AtomicU32 = AtomicU32::new(0);

const DAILY: &[Job] = &[Job {
    name: "housekeeping",
    cron: "0 0 0 * * *",
    does: Does::Chores(&[Chore {
        takes_on: "nothing",
        run: |session, _| {
            relay_events::run(session, None)?;
            DONE.fetch_add(1, Ordering::SeqCst);
            Ok(())
        },
    }]),
}];

#[test]
fn a_daily_job_whose_tick_fell_into_an_outage_is_done_when_the_database_is_back() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    let db = Db::start(&world.database.url, 1).unwrap();
    let gateways = Arc::new(gateways::all(&db));
    let name = world.database.url.split('/').next_back().unwrap().split('?').next().unwrap().to_owned();
    let mut admin = Database::shared().connect();
    admin.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a job ticks by the wall clock")]
    let tick = Utc::now() + TimeDelta::seconds(2);
    let cron = tick.format("%S %M %H * * *").to_string();
    let schedules = BTreeMap::from([("housekeeping".to_owned(), Schedule::from_str(&cron).unwrap())]);
    let runner = Runner::start(DAILY, (&db, &gateways), &schedules).unwrap();
    thread::sleep(Duration::from_secs(4));
    assert_eq!(DONE.load(Ordering::SeqCst), 0, "there was no database to do it in");
    admin.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).unwrap();
    wait_until_empty(|| (DONE.load(Ordering::SeqCst)..1).collect::<Vec<u32>>());
    runner.stop();
}
