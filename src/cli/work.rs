//! `billwright work`: the jobs without the API, for a second process beside a server on the same database.

use std::sync::Arc;

use clap::Args;

use super::Outcome;
use super::serve::{accounts, sources};
use crate::http::server;
use crate::jobs::{self, Runner};
use crate::platform::config::{DatabaseSettings, ServerSettings};
use crate::platform::postgres::Access;
use crate::storage::{Db, Session, migrate};
use crate::workflows::payments::gateways;

/// Run the jobs alone: billing, collection, event relay, housekeeping
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  DATABASE_URL=postgresql://billing@db.internal/billwright billwright work\n\n\
    Any number of processes may work on one database: they claim different rows, and leave the books of one."
)]
pub(super) struct Work {
    #[command(flatten)]
    database: DatabaseSettings,
    #[command(flatten)]
    server: ServerSettings,
}

impl Work {
    /// Works until told to stop, then ends each job after what it is at, within its grace.
    pub(super) fn run(self) -> Outcome {
        let database = self.database.check()?;
        let server = self.server.check(&jobs::defaults())?;
        let access = Access::open(&database.data_dir, database.url())?;
        migrate::run(&mut Session::open(access.url())?)?;
        let db = Db::start(access.url(), 1)?;
        let gateways = Arc::new(gateways::all(&db).reaching(accounts(&server, &database)?));
        let sources = sources(&server, &database)?;
        let runner = Runner::start_with(jobs::JOBS, (&db, &gateways), &server.schedules, sources)?;
        tracing::info!(jobs = jobs::JOBS.len(), "at work");
        server::block_on(server::stop_signal());
        runner.stop_within(server.shutdown_grace);
        drop(db);
        access.close();
        Ok(())
    }
}
