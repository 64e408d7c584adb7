//! `billwright bench …`: measurements beside the floor PostgreSQL itself sets, in the same run.

mod api;
mod billing_run;
mod clock;
mod close;
mod commits;
mod entitled;
mod ingest;
mod load;
mod payments;
mod pgbench;
mod rating;
mod reports;
mod retries;
mod served;
mod tax_provider;
mod tenants;
mod webhooks;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use clap::{Args, Subcommand};
use rust_decimal::Decimal;

use super::Outcome;
use crate::platform::postgres::Embedded;
use crate::platform::random;
use crate::storage::{Session, migrate};

/// Measure speed beside plain PostgreSQL
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright bench billing-run --subscriptions 100000 --json")]
pub(super) struct Bench {
    #[command(subcommand)]
    benchmark: Benchmark,
}

#[derive(Debug, Subcommand)]
enum Benchmark {
    Api(api::Api),
    BillingRun(billing_run::BillingRun),
    Clock(clock::Clock),
    Close(close::Close),
    Ingest(ingest::Ingest),
    Payments(payments::Payments),
    Rating(rating::Rating),
    Reports(reports::Reports),
    Retries(retries::Retries),
    TaxProvider(tax_provider::TaxProvider),
    Tenants(tenants::Tenants),
    Webhooks(webhooks::Webhooks),
}

impl Bench {
    /// Runs the command.
    pub(super) fn run(self) -> Outcome {
        match self.benchmark {
            Benchmark::Api(bench) => bench.run(),
            Benchmark::BillingRun(bench) => bench.run(),
            Benchmark::Clock(bench) => bench.run(),
            Benchmark::Close(bench) => bench.run(),
            Benchmark::Ingest(bench) => bench.run(),
            Benchmark::Payments(bench) => bench.run(),
            Benchmark::Rating(bench) => bench.run(),
            Benchmark::Reports(bench) => bench.run(),
            Benchmark::Retries(bench) => bench.run(),
            Benchmark::TaxProvider(bench) => bench.run(),
            Benchmark::Tenants(bench) => bench.run(),
            Benchmark::Webhooks(bench) => bench.run(),
        }
    }
}

/// What a part of a bench gives.
pub(super) type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A cluster and a folder of the bench's own.
struct Fresh {
    cluster: Embedded,
    scratch: Scratch,
}

impl Fresh {
    fn path(&self) -> &Path {
        self.scratch.path()
    }

    /// A further connection.
    fn session(&self) -> Fallible<Session> {
        Ok(Session::open(self.cluster.url())?)
    }
}

/// Does the work of a bench on a fresh cluster, with its tables made, below `dir` or the system's temporary directory; both are gone when it
/// ends, however it ends.
fn on_fresh_cluster<T>(
    name: &str,
    dir: Option<&Path>,
    work: impl FnOnce(&Fresh, &mut Session) -> Fallible<T>,
) -> Fallible<T> {
    let scratch = Scratch::make(dir, name)?;
    let fresh = Fresh { cluster: Embedded::start(scratch.path())?, scratch };
    let migrated = fresh.session().and_then(|mut session| {
        migrate::run(&mut session)?;
        Ok(session)
    });
    let done = migrated.and_then(|mut session| work(&fresh, &mut session));
    fresh.cluster.stop();
    done
}

/// When everything begins.
fn start() -> Fallible<DateTime<Utc>> {
    Ok(Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).single().ok_or("no such date")?)
}

/// A directory that is gone when the bench ends.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Makes it below `parent` or the system's temporary directory.
    pub(super) fn make(parent: Option<&Path>, name: &str) -> Result<Scratch, std::io::Error> {
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_path_buf);
        let path = parent.join(format!("billwright-bench-{name}-{:08x}", random::cheap_u32()));
        std::fs::create_dir_all(&path)?;
        Ok(Scratch(path))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A directory that PostgreSQL can write to: inside its own.
pub(super) fn shared_dir(cluster: &Embedded) -> Result<PathBuf, Box<dyn Error + Send + Sync>> {
    Ok(std::path::absolute(cluster.data_dir().join("postgres"))?)
}

/// A duration as an exact number of seconds, never zero.
pub(super) fn seconds(duration: Duration) -> Decimal {
    let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX).max(1);
    Decimal::new(micros, 6)
}

/// A JSON number, exact.
pub(super) fn number(value: Decimal) -> serde_json::Value {
    value
        .normalize()
        .to_string()
        .parse::<serde_json::Number>()
        .map_or(serde_json::Value::Null, serde_json::Value::Number)
}
