//! `billwright bench api`: how many calls a second, how slow are the slowest, and how far is that from PostgreSQL itself?
//!
//! Worked number: where pgbench runs the statement of a read 30,000 times a second and the server answers 12,000 reads,
//! the ratio is 0.4.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;
use rust_decimal::Decimal;

use super::entitled;
use super::load::{Connection, Load, Timings, measure};
use super::pgbench::{Pgbench, Read};
use super::served::{Hushed, Served};
use super::{Fallible, Fresh, number, on_fresh_cluster};
use crate::cli::Outcome;
use crate::domain::calendar::Zone;
use crate::domain::money::Currency;
use crate::platform::random;
use crate::storage::bench::reads;
use crate::storage::tenants::Mode;
use crate::storage::{Session, bench};
use crate::workflows::billing::bill_run::{self, Request, Trigger};
use crate::workflows::relay_events;
use crate::workflows::tenants::create_tenant::{self, CreatedTenant, NewTenant};

/// Connections a call is measured at.
const CONNECTIONS: [usize; 3] = [8, 32, 64];
/// Where p50 and p99 of reads are aimed at.
const FEW: usize = 8;

/// Measure reads, list pages and idempotent creates over HTTP, beside pgbench with the same SELECT
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright bench api --seconds 5 --json")]
pub(super) struct Api {
    /// How long each call is measured at each number of connections
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Invoices with three lines that are read
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    invoices: u32,
    /// Due subscriptions of another tenant that are billed while reads are measured
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..))]
    subscriptions: u32,
    /// Where the fresh database is made and removed again [default: the system's temporary directory]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Print one JSON line at the end
    #[arg(long)]
    json: bool,
}

/// One line of the table.
struct Row {
    call: &'static str,
    connections: usize,
    timings: Timings,
    /// Of pgbench with the same SELECT and as many clients.
    pgbench: Option<Decimal>,
}

/// What was measured.
struct Measured {
    rows: Vec<Row>,
    /// Reads while a billing run was at work.
    busy: Timings,
    /// Seconds the run took meanwhile.
    run: Decimal,
}

/// The tenant that is read and the one that is billed meanwhile.
struct Tenants {
    read: CreatedTenant,
    billed: CreatedTenant,
    invoices: u32,
}

/// Everything that runs while calls are measured.
struct Stage<'a> {
    tenants: &'a Tenants,
    served: &'a Served,
    pgbench: Option<&'a Pgbench>,
    hushed: &'a Hushed,
}

impl Api {
    /// Runs the bench on a cluster and a server of its own.
    pub(super) fn run(self) -> Outcome {
        let measured =
            on_fresh_cluster("api", self.dir.as_deref(), |fresh, session| self.measure(fresh, session))?;
        if self.json {
            measured.print_json(self.invoices)
        } else {
            measured.print()
        }
        Ok(())
    }

    fn measure(&self, fresh: &Fresh, session: &mut Session) -> Fallible<Measured> {
        let cluster = &fresh.cluster;
        let tenants = self.seed(session)?;
        let statements = reads::statements_of_a_read(session, tenants.read.tenant_id)?;
        let read =
            Read { tenant_id: tenants.read.tenant_id, invoices: tenants.invoices, statements: &statements };
        let pgbench = match Pgbench::find(cluster) {
            Some(program) => Some(Pgbench::prepare(program, cluster, &fresh.path().join("read.sql"), &read)?),
            None => {
                eprintln!(
                    "there is no pgbench beside the programs of PostgreSQL nor on the path; its column is left out"
                );
                None
            }
        };
        let hushed = Hushed::to(&fresh.path().join("server.log"))?;
        let served = Served::start(cluster)?;
        let stage = Stage { tenants: &tenants, served: &served, pgbench: pgbench.as_ref(), hushed: &hushed };
        let measured = self.calls(&stage);
        served.stop()?;
        measured
    }

    /// Two tenants with due subscriptions; those of the first are billed.
    fn seed(&self, session: &mut Session) -> Fallible<Tenants> {
        let start = super::start()?;
        eprintln!("making {} invoices and {} due subscriptions …", self.invoices, self.subscriptions);
        let read = tenant(session, start, self.invoices)?;
        let billed = tenant(session, start, self.subscriptions)?;
        let request = Request { trigger: Trigger::Command, as_of: Some(start), finalize: Some(true) };
        bill_run::run(session, read.tenant_id, request)?;
        relay_events::run(session, None)?;
        let invoices = reads::number_invoices(session, read.tenant_id)?;
        Ok(Tenants { read, billed, invoices })
    }

    fn calls(&self, stage: &Stage<'_>) -> Fallible<Measured> {
        let Stage { tenants, served, pgbench, hushed } = *stage;
        let key = tenants.read.api_key.expose();
        let find = |call: &mut Vec<u8>| {
            let id = reads::numbered(1 + random::cheap_u32() % tenants.invoices);
            get(call, key, &format!("/v1/invoices/{id}"));
        };
        let list = |call: &mut Vec<u8>| get(call, key, "/v1/invoices?limit=20");
        let create = |call: &mut Vec<u8>| {
            let body = format!(r#"{{"name":"Customer {}"}}"#, random::cheap_u32());
            post(call, key, ("/v1/customers", &body));
        };
        let entitled = entitled::make(served, key)?;
        let entitlements = |call: &mut Vec<u8>| {
            let n = usize::try_from(random::cheap_u32()).unwrap_or(0) % entitled.len();
            get(call, key, &format!("/v1/customers/{}/entitlements", entitled[n]));
        };
        let mut rows = Vec::new();
        let pause = || thread::sleep(Duration::from_secs(self.seconds));
        for connections in CONNECTIONS {
            hushed.say(&format!("measuring at {connections} connections …"));
            let load = Load { address: served.address(), connections, call: &find, status: 200 };
            let (timings, ()) = measure(&load, pause)?;
            let pgbench = pgbench.map(|bench| bench.run(connections, self.seconds)).transpose()?;
            rows.push(Row { call: "invoice by id", connections, timings, pgbench });
            let (timings, ()) = measure(&Load { call: &list, ..load }, pause)?;
            rows.push(Row { call: "page of 20 invoices", connections, timings, pgbench: None });
            let (timings, ()) = measure(&Load { call: &entitlements, ..load }, pause)?;
            rows.push(Row { call: "a customer's entitlements", connections, timings, pgbench: None });
            let load = Load { address: served.address(), connections, call: &create, status: 201 };
            let (timings, ()) = measure(&load, pause)?;
            rows.push(Row { call: "create a customer", connections, timings, pgbench: None });
        }
        hushed.say("measuring reads while a billing run is at work …");
        let load = Load { address: served.address(), connections: FEW, call: &find, status: 200 };
        let (busy, run) = measure(&load, || bill_all(served, tenants.billed.api_key.expose()))?;
        Ok(Measured { rows, busy, run: run? })
    }
}

/// A tenant with due subscriptions.
pub(super) fn tenant(
    session: &mut Session,
    start: DateTime<Utc>,
    subscriptions: u32,
) -> Fallible<CreatedTenant> {
    let new = NewTenant {
        name: "bench".to_owned(),
        zone: Zone::UTC,
        currency: Currency::parse("USD")?,
        mode: Mode::Test,
        test_clock: Some(start),
    };
    let created = session.transaction("create_tenant", |tx| create_tenant::run(tx, &new))?;
    let seed = bench::Seed {
        tenant_id: created.tenant_id,
        subscriptions: i64::from(subscriptions),
        start_at: start,
    };
    bench::seed(session, seed)?;
    Ok(created)
}

/// Has the server bill everything due to this key's tenant; gives the seconds it took.
fn bill_all(served: &Served, key: &str) -> Fallible<Decimal> {
    let began = std::time::Instant::now();
    let mut connection = Connection::open(served.address())?;
    let mut call = Vec::new();
    post(&mut call, key, ("/v1/bill_runs", "{}"));
    match connection.send(&call)? {
        201 => Ok(super::seconds(began.elapsed()).round_dp(1)),
        status => Err(format!("the billing run answered {status}: {}", connection.answer()).into()),
    }
}

pub(super) fn get(call: &mut Vec<u8>, key: &str, path: &str) {
    let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\r\n");
    call.extend_from_slice(head.as_bytes());
}

/// With an `Idempotency-Key` that was never used.
pub(super) fn post(call: &mut Vec<u8>, key: &str, (path, body): (&str, &str)) {
    let (counter, chance) = random::next_uuid_bits();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\nidempotency-key: bench-{counter:x}-{chance:x}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    call.extend_from_slice(head.as_bytes());
}

impl Measured {
    fn few(&self) -> Option<&Row> {
        self.rows.iter().find(|row| row.call == "invoice by id" && row.connections == FEW)
    }

    fn print(&self) {
        println!("| call | connections | calls/s | p50 ms | p99 ms | pgbench, same SELECT | ratio |");
        println!("|---|---|---|---|---|---|---|");
        for row in &self.rows {
            let (p50, p99) = (ms(row.timings.p50_us), ms(row.timings.p99_us));
            let beside = row.pgbench.map(|tps| tps.to_string()).unwrap_or_default();
            let ratio = row.ratio().map(|ratio| ratio.to_string()).unwrap_or_default();
            let (call, connections, per_second) = (row.call, row.connections, row.timings.per_second);
            println!("| {call} | {connections} | {per_second} | {p50} | {p99} | {beside} | {ratio} |");
        }
        let (p50, p99) = (ms(self.busy.p50_us), ms(self.busy.p99_us));
        println!(
            "| invoice by id, during a billing run | {FEW} | {} | {p50} | {p99} | | |",
            self.busy.per_second
        );
    }

    fn print_json(&self, invoices: u32) {
        let few = self.few();
        let idle = few.map(|row| ms(row.timings.p99_us)).unwrap_or_default();
        let busy = ms(self.busy.p99_us);
        let line = serde_json::json!({
            "bench": "api",
            "measured": "calls over HTTP on kept-open connections to the server with its log and jobs, and pgbench -M prepared with the statement the server sends for an invoice with its lines, on the same rows",
            "invoices": invoices,
            "read_ratio": few.and_then(Row::ratio).map(number),
            "reads_per_second_8": few.map(|row| number(row.timings.per_second)),
            "pgbench_per_second_8": few.and_then(|row| row.pgbench).map(number),
            "read_p99_ms_8": number(idle),
            "read_p99_ms_8_during_billing_run": number(busy),
            "read_p99_ratio_during_billing_run": (!idle.is_zero()).then(|| number((busy / idle).round_dp(2))),
            "billing_run_seconds": number(self.run),
            "table": self.rows.iter().map(Row::json).collect::<Vec<_>>(),
        });
        println!("{line}");
    }
}

impl Row {
    fn ratio(&self) -> Option<Decimal> {
        let pgbench = self.pgbench.filter(|tps| !tps.is_zero())?;
        Some((self.timings.per_second / pgbench).round_dp(3))
    }

    fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "call": self.call,
            "connections": self.connections,
            "per_second": number(self.timings.per_second),
            "p50_us": self.timings.p50_us,
            "p99_us": self.timings.p99_us,
            "pgbench_per_second": self.pgbench.map(number),
        })
    }
}

/// Microseconds as milliseconds.
fn ms(micros: u32) -> Decimal {
    Decimal::new(i64::from(micros), 3)
}
