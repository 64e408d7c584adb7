//! `billwright bench reports`: how long does finance wait for a report over a million invoices?
//!
//! Worked number: 100,000 subscriptions billed for ten months are 1,000,000 invoices of 3,000,000 lines; each report is called three times, and the
//! slowest counts.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::{DateTime, Months, Utc};
use clap::Args;

use super::api::{get, tenant};
use super::close::bill;
use super::load::Connection;
use super::served::{Hushed, Served};
use super::{Fallible, Fresh, number, on_fresh_cluster, seconds};
use crate::cli::Outcome;
use crate::domain::ids::{CustomerId, EntityId, TenantId};
use crate::storage::{Session, bench, tenants};
use crate::workflows::parked_work::Place;
use crate::workflows::relay_events;
use crate::workflows::revenue::recognize;

/// How often each report is called.
const TIMES: usize = 3;

/// Read every report of finance over N invoices
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright bench reports --subscriptions 100000 --months 10 --json")]
pub(super) struct Reports {
    /// Subscriptions, each with three lines a month
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..))]
    subscriptions: u32,
    /// Months that are billed and recognised
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=60))]
    months: u32,
    /// Contracts, each of one invoice
    #[arg(long, default_value_t = 10_000)]
    contracts: u32,
    /// Where the fresh database is made and removed again [default: the system's temporary directory]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Print one JSON line at the end
    #[arg(long)]
    json: bool,
}

/// How long a report took at most, and how much it said.
struct Read {
    path: String,
    slowest: Duration,
    bytes: usize,
}

impl Reports {
    /// Runs the bench on a cluster and a server of its own.
    pub(super) fn run(self) -> Outcome {
        let read =
            on_fresh_cluster("reports", self.dir.as_deref(), |fresh, session| self.measure(fresh, session))?;
        self.print(&read);
        Ok(())
    }

    fn measure(&self, fresh: &Fresh, session: &mut Session) -> Fallible<Vec<Read>> {
        let start = super::start()?;
        let made = tenant(session, start, self.subscriptions)?;
        let mut at = start;
        for month in 1..=self.months {
            eprintln!("billing and recognising month {month} of {} …", self.months);
            bill(fresh, made.tenant_id, at)?;
            at = start.checked_add_months(Months::new(month)).ok_or("too many months")?;
            recognise(session, (made.tenant_id, at))?;
            bench::settle(session)?;
        }
        bench::close::make_contracts(session, made.tenant_id, self.contracts)?;
        relay_events::run(session, None)?;
        let hushed = Hushed::to(&fresh.path().join("server.log"))?;
        let served = Served::start(&fresh.cluster)?;
        let customer = bench::a_customer(session, made.tenant_id)?;
        let read = self.read(&served, made.api_key.expose(), (customer, &hushed));
        served.stop()?;
        read
    }

    fn read(
        &self,
        served: &Served,
        key: &str,
        (customer, hushed): (CustomerId, &Hushed),
    ) -> Fallible<Vec<Read>> {
        let paths = [
            "/v1/revenue/waterfall".to_owned(),
            "/v1/revenue/waterfall?as_of=2026-02-17".to_owned(),
            "/v1/revenue/waterfall?basis=posted".to_owned(),
            "/v1/revenue/roll_forward".to_owned(),
            "/v1/revenue/roll_forward?basis=posted".to_owned(),
            "/v1/revenue/remaining_obligations".to_owned(),
            "/v1/revenue/schedules?limit=1000".to_owned(),
            format!("/v1/revenue/schedules?customer_id={customer}"),
            "/v1/revenue/contract_balances".to_owned(),
            "/v1/reports/mrr".to_owned(),
        ];
        let mut connection = Connection::open(served.address())?;
        let mut read = Vec::with_capacity(paths.len());
        for path in paths {
            hushed.say(&format!("reading {path} …"));
            let mut call = Vec::new();
            get(&mut call, key, &path);
            let (mut slowest, mut bytes) = (Duration::ZERO, 0);
            for _ in 0..TIMES {
                let began = Instant::now();
                let status = connection.send(&call)?;
                slowest = slowest.max(began.elapsed());
                let answer = connection.answer();
                if status != 200 {
                    return Err(format!("GET {path} answered {status}: {answer}").into());
                }
                bytes = answer.len();
            }
            read.push(Read { path, slowest, bytes });
        }
        Ok(read)
    }

    fn print(&self, read: &[Read]) {
        let invoices = u64::from(self.subscriptions) * u64::from(self.months);
        if self.json {
            let rows: Vec<_> = read
                .iter()
                .map(|one| serde_json::json!({"path": one.path, "slowest_seconds": number(seconds(one.slowest)), "bytes": one.bytes}))
                .collect();
            let slowest = read.iter().map(|one| one.slowest).max().unwrap_or_default();
            let line = serde_json::json!({
                "bench": "reports",
                "measured": "each report over HTTP, three times in a row; the slowest of them",
                "invoices": invoices,
                "lines": invoices * 3,
                "slowest_seconds": number(seconds(slowest)),
                "reports": rows,
            });
            println!("{line}");
        } else {
            println!("over {invoices} invoices:");
            println!("| report | slowest of three, s | bytes |");
            println!("|---|---|---|");
            for one in read {
                println!("| {} | {} | {} |", one.path, seconds(one.slowest).round_dp(3), one.bytes);
            }
        }
    }
}

/// Moves the clock to where a month is over, and posts what it earned.
fn recognise(session: &mut Session, (tenant_id, at): (TenantId, DateTime<Utc>)) -> Fallible<()> {
    session.transaction("set_test_clock", |tx| tenants::set_clock(tx, tenant_id, at))?;
    recognize::run(session, Place { tenant_id, now: at }, EntityId::first_of(tenant_id))?;
    Ok(())
}
