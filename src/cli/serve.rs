//! `billwright serve`: the server, with its jobs and its database.

use clap::Args;

use super::Outcome;
use crate::platform::config::{DatabaseSettings, ServerSettings};
use crate::platform::postgres::Access;

/// Every job, with the time at which it looks for work when the configuration does not say otherwise
/// (second, minute, hour, day, month, weekday).
pub const JOBS: [(&str, &str); 5] = [
    ("billing", "0 0 * * * *"),
    ("collection", "*/10 * * * * *"),
    ("payment_resolution", "*/30 * * * * *"),
    ("event_relay", "* * * * * *"),
    ("housekeeping", "0 30 3 * * *"),
];

/// Start the server: API, jobs and, without DATABASE_URL, a database of its own
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  billwright serve --listen 127.0.0.1:8080 --data-dir data\n  \
    billwright serve --schedule 'billing=0 */15 * * * *' --log-format text\n  \
    DATABASE_URL=postgresql://billing@db.internal/billwright billwright serve")]
pub struct Serve {
    #[command(flatten)]
    database: DatabaseSettings,
    #[command(flatten)]
    server: ServerSettings,
}

impl Serve {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let database = self.database.check()?;
        let server = self.server.check(&JOBS)?;
        let access = Access::serve(&database.data_dir, database.url())?;
        tracing::info!(listen = %server.listen, "the database is ready");
        access.close();
        Ok(())
    }
}
