//! `billwright migrate`: brings the tables up to date without starting a server.

use clap::Args;

use super::Outcome;
use crate::platform::config::DatabaseSettings;
use crate::platform::postgres::Access;
use crate::storage::{Session, migrate};

/// Bring the database's tables up to date
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  billwright migrate --data-dir data\n  \
    DATABASE_URL=postgresql://billing@db.internal/billwright billwright migrate")]
pub(super) struct Migrate {
    #[command(flatten)]
    database: DatabaseSettings,
}

impl Migrate {
    /// Runs the command.
    pub(super) fn run(self) -> Outcome {
        let database = self.database.check()?;
        let access = Access::open(&database.data_dir, database.url())?;
        let mut session = Session::open(access.url())?;
        let done = migrate::run(&mut session)?;
        match done.len() {
            0 => println!("the tables are up to date"),
            n => println!("ran {n} migrations: {}", done.join(", ")),
        }
        drop(session);
        access.close();
        Ok(())
    }
}
