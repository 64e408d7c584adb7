//! `billwright bench tenants`: what do jobs cost where nothing is due? Each looks at every tick for tenants with work, and finds none.
//!
//! Worked number: a job that looks every 10 seconds and takes 5 ms for it costs 0.05 % of a core.

use std::path::PathBuf;
use std::time::Instant;

use chrono::Utc;
use clap::Args;
use cron::Schedule;
use rust_decimal::Decimal;

use super::{Fallible, Fresh, number, on_fresh_cluster, seconds};
use crate::cli::Outcome;
use crate::jobs::{self, Does};
use crate::platform::clock;
use crate::storage::due::{self, Due};
use crate::storage::{Session, bench};

/// Ticks of which the middle one counts.
const TICKS: usize = 9;

/// Measure what jobs cost for tenants without work
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright bench tenants --tenants 10000 --json")]
pub(super) struct Tenants {
    /// Live tenants, each with a customer and nothing due
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(i64).range(1..))]
    tenants: i64,
    /// Where the fresh database is made and removed again [default: the system's temporary directory]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Print one JSON line at the end
    #[arg(long)]
    json: bool,
}

/// What a job costs.
struct Cost {
    job: &'static str,
    /// Of one tick.
    seconds: Decimal,
    ticks_an_hour: usize,
}

impl Cost {
    /// Percent of a core.
    fn share(&self) -> Decimal {
        self.seconds * Decimal::from(self.ticks_an_hour) / Decimal::from(36)
    }
}

impl Tenants {
    /// Runs the bench on a cluster of its own.
    pub(super) fn run(self) -> Outcome {
        let measured =
            on_fresh_cluster("tenants", self.dir.as_deref(), |fresh, session| self.measure(fresh, session))?;
        self.print(&measured);
        Ok(())
    }

    fn measure(&self, fresh: &Fresh, session: &mut Session) -> Fallible<Vec<Cost>> {
        let _cluster = &fresh.cluster;
        bench::seed_tenants(session, self.tenants)?;
        let mut costs = Vec::new();
        for job in jobs::JOBS {
            let Does::WorkOfTenants { kinds, with_clocks, .. } = job.does else { continue };
            let wanted: Vec<Due> = kinds.iter().map(|kind| kind.due).collect();
            let mut took = Vec::with_capacity(TICKS);
            for _ in 0..TICKS {
                let began = Instant::now();
                let found = session.read(|tx| due::tenants(tx, &wanted, (clock::now(), with_clocks)))?;
                took.push(began.elapsed());
                if !found.is_empty() {
                    return Err(format!("{} found work of {} tenants", job.name, found.len()).into());
                }
            }
            took.sort_unstable();
            let schedule: Schedule = job.cron.parse()?;
            costs.push(Cost {
                job: job.name,
                seconds: seconds(took[TICKS / 2]),
                ticks_an_hour: ticks_an_hour(&schedule),
            });
        }
        Ok(costs)
    }

    fn print(&self, costs: &[Cost]) {
        let whole: Decimal = costs.iter().map(Cost::share).sum();
        if self.json {
            let jobs: Vec<_> = costs
                .iter()
                .map(|cost| {
                    serde_json::json!({
                        "job": cost.job,
                        "milliseconds_a_tick": number((cost.seconds * Decimal::from(1_000)).round_dp(2)),
                        "ticks_an_hour": cost.ticks_an_hour,
                        "percent_of_a_core": number(cost.share().round_dp(3)),
                    })
                })
                .collect();
            let line = serde_json::json!({
                "bench": "tenants",
                "measured": "a tick of each job: the statement that finds tenants with work, where none has any",
                "tenants": self.tenants,
                "jobs": jobs,
                "percent_of_a_core": number(whole.round_dp(3)),
            });
            println!("{line}");
            return;
        }
        for cost in costs {
            let ms = (cost.seconds * Decimal::from(1_000)).round_dp(2);
            println!(
                "{:<20} {ms:>8} ms a tick, {:>4} ticks an hour: {} % of a core",
                cost.job,
                cost.ticks_an_hour,
                cost.share().round_dp(3)
            );
        }
        println!("{} idle tenants: {} % of a core in all", self.tenants, whole.round_dp(2));
    }
}

fn ticks_an_hour(schedule: &Schedule) -> usize {
    let from = chrono::DateTime::<Utc>::UNIX_EPOCH;
    let end = from + chrono::TimeDelta::hours(1);
    schedule.after(&from).take_while(|tick| *tick <= end).count()
}
