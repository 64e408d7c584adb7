//! `billwright bench payments`: how many payments a second, when the gateway takes a second for each? Most of that time is waiting, and
//! whoever waits keeps nobody from anything: reads of another tenant go on beside it.
//!
//! Worked number: 128 callers, each waiting 1.05 s for its payment, are 122 payments a second.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;

use super::api::{get, post, tenant};
use super::load::{Load, Timings, measure};
use super::served::{Hushed, Served};
use super::{Fallible, Fresh, number, on_fresh_cluster};
use crate::adapters::gateway::{ChargeRequest, Gateway, Gateways, RefundRequest, Sought};
use crate::cli::Outcome;
use crate::domain::payments;
use crate::storage::bench::reads::{number_invoices, numbered};
use crate::storage::{Db, Session, bench};
use crate::workflows::billing::bill_run::{self, Request, Trigger};
use crate::workflows::payments::gateways;

/// Connections that read beside the payments.
const READERS: usize = 4;

/// Measure payments at a slow gateway, and the reads of another tenant beside them
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright bench payments --gateway-ms 1000 --callers 128 --json")]
pub(super) struct Payments {
    /// How long the gateway takes for a charge, in milliseconds
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(0..=20_000))]
    gateway_ms: u64,
    /// Callers at once, half of them of one tenant and half of another
    #[arg(long, default_value_t = 128, value_parser = clap::value_parser!(u16).range(2..=1_000))]
    callers: u16,
    /// How long it is measured
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Where the fresh database is made and removed again [default: the system's temporary directory]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Print one JSON line at the end
    #[arg(long)]
    json: bool,
}

/// The simulator, as far away as a real gateway.
struct Slow {
    inner: Arc<dyn Gateway>,
    takes: Duration,
}

impl Gateway for Slow {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn check_token(&self, token: &str) -> Result<(), String> {
        self.inner.check_token(token)
    }

    fn charge_all(&self, requests: &[ChargeRequest], deadline: DateTime<Utc>) -> Vec<payments::Outcome> {
        thread::sleep(self.takes);
        self.inner.charge_all(requests, deadline)
    }

    fn lookup_all(
        &self,
        sought: &[Sought],
        at: DateTime<Utc>,
        deadline: DateTime<Utc>,
    ) -> Vec<payments::Outcome> {
        self.inner.lookup_all(sought, at, deadline)
    }

    fn refund(&self, request: &RefundRequest, deadline: DateTime<Utc>) -> payments::Outcome {
        self.inner.refund(request, deadline)
    }
}

/// What was measured.
struct Measured {
    paid: Timings,
    read: Timings,
}

impl Payments {
    /// Runs the bench on a cluster and a server of its own.
    pub(super) fn run(self) -> Outcome {
        let measured =
            on_fresh_cluster("payments", self.dir.as_deref(), |fresh, session| self.measure(fresh, session))?;
        self.print(&measured);
        Ok(())
    }

    fn measure(&self, fresh: &Fresh, session: &mut Session) -> Fallible<Measured> {
        let cluster = &fresh.cluster;
        let start = super::start()?;
        // As many invoices as can be paid if nothing else takes time, and those of the warm-up.
        let calls = u64::from(self.callers) * (self.seconds + 4) * 1_000 / self.gateway_ms.clamp(50, 20_000);
        let invoices = u32::try_from(calls)?;
        eprintln!("making {invoices} invoices of each of two tenants …");
        let mut keys = Vec::new();
        for _ in 0..2 {
            let created = tenant(session, start, invoices)?;
            bench::give_cards(session, created.tenant_id)?;
            let request = Request { trigger: Trigger::Command, as_of: Some(start), finalize: Some(true) };
            bill_run::run_on(&mut [Session::open(cluster.url())?], created.tenant_id, request)?;
            number_invoices(session, created.tenant_id)?;
            keys.push(created.api_key.expose().to_owned());
        }
        let takes = Duration::from_millis(self.gateway_ms);
        let served = Served::start_with(cluster, |db| slow(db, takes))?;
        let hushed = Hushed::to(&fresh.path().join("server.log"))?;
        eprintln!("paying at a gateway that takes {} ms …", self.gateway_ms);
        let next = AtomicU32::new(0);
        let pay = |call: &mut Vec<u8>| {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let path = format!("/v1/invoices/{}/pay", numbered(n / 2 + 1));
            let key = keys.get(usize::from(n % 2 == 1)).map_or("", String::as_str);
            post(call, key, (&path, "{}"));
        };
        // The last invoices are read, which nobody pays.
        let read = |call: &mut Vec<u8>| {
            let path = format!("/v1/invoices/{}", numbered(invoices));
            get(call, keys.first().map_or("", String::as_str), &path);
        };
        let address = served.address();
        let paying = Load { address, connections: usize::from(self.callers), call: &pay, status: 200 };
        let reading = Load { address, connections: READERS, call: &read, status: 200 };
        let span = Duration::from_secs(self.seconds);
        let measured = measure(&paying, || measure(&reading, || thread::sleep(span)));
        drop(hushed);
        let (paid, read) = measured?;
        served.stop()?;
        Ok(Measured { paid, read: read?.0 })
    }

    fn print(&self, m: &Measured) {
        let Measured { paid, read } = m;
        if self.json {
            let line = serde_json::json!({
                "bench": "payments",
                "measured": "POST /v1/invoices/{id}/pay of ever new invoices of two tenants, at the simulated gateway behind a pause; and reads of an invoice beside them",
                "gateway_ms": self.gateway_ms,
                "callers": self.callers,
                "payments_per_second": number(paid.per_second),
                "p50_us": paid.p50_us,
                "p99_us": paid.p99_us,
                "reads_per_second": number(read.per_second),
                "read_p50_us": read.p50_us,
                "read_p99_us": read.p99_us,
            });
            println!("{line}");
        } else {
            println!(
                "{} payments/s by {} callers at a gateway of {} ms (p99 {} µs); beside them {} reads/s (p50 {} µs, p99 {} µs)",
                paid.per_second,
                self.callers,
                self.gateway_ms,
                paid.p99_us,
                read.per_second,
                read.p50_us,
                read.p99_us
            );
        }
    }
}

fn slow(db: &Db, takes: Duration) -> Gateways {
    let all: BTreeMap<_, _> = {
        let gateways = gateways::all(db);
        gateways.names().filter_map(|name| Some((name, Arc::clone(gateways.get(name)?)))).collect()
    };
    Gateways::new(all.into_values().map(|inner| Arc::new(Slow { inner, takes }) as Arc<dyn Gateway>))
}
