//! `billwright database`: the embedded database alone, for `psql`, a backup or a test run.

use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::Outcome;
use crate::platform::config::DatabaseSettings;
use crate::platform::postgres::{Access, Tuning};

/// Run the embedded database alone and print its connection string; stops with Ctrl-C
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  billwright database --data-dir data            prints the URL for psql or pg_dump\n  \
    billwright database --tuning tests --until-unused 10 --data-dir /tmp/billwright-tests"
)]
pub(super) struct Database {
    #[command(flatten)]
    database: DatabaseSettings,

    /// Stop when no other billwright command has used it for so long
    #[arg(long, value_name = "SECONDS")]
    until_unused: Option<u64>,

    /// What the data is worth: `tests` is small, quick, and loses data at a power cut
    #[arg(long, default_value = "machine")]
    tuning: Worth,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Worth {
    Machine,
    Tests,
}

impl Database {
    /// Runs the command.
    pub(super) fn run(self) -> Outcome {
        let database = self.database.check()?;
        let tuning = match self.tuning {
            Worth::Machine => Tuning::for_this_machine(),
            Worth::Tests => Tuning::for_tests(),
        };
        let access = Access::open_tuned(&database.data_dir, database.url(), &tuning)?;
        println!("{}", access.url());
        match self.until_unused {
            Some(seconds) => Ok(access.lend_until_unused(Duration::from_secs(seconds))?),
            // A signal ends this process, and PostgreSQL with it.
            None => loop {
                thread::park();
            },
        }
    }
}
