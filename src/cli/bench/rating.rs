//! `billwright bench rating`: what does an invoice with usage cost beside one of as many lines without?

use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::{DateTime, Months, Utc};
use clap::Args;
use rust_decimal::Decimal;

use super::{Fallible, Fresh, number, on_fresh_cluster, seconds};
use crate::cli::Outcome;
use crate::domain::calendar::Zone;
use crate::domain::ids::TenantId;
use crate::domain::money::Currency;
use crate::platform::memory;
use crate::storage::bench::rating::{self, UsageSeed};
use crate::storage::tenants::Mode;
use crate::storage::{Session, bench, tenants};
use crate::workflows::billing::bill_run::{self, Request, Trigger};
use crate::workflows::tenants::create_tenant::{self, NewTenant};

/// Bill N customers with usage under every price model, and N without, and compare
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright bench rating --customers 10000 --events 10000000 --json")]
pub(super) struct Rating {
    /// Customers with usage, and as many without
    #[arg(long, default_value_t = 10_000)]
    customers: i64,
    /// Events of all customers together
    #[arg(long, default_value_t = 10_000_000)]
    events: i64,
    /// Connections the run works on
    #[arg(long, default_value_t = 2)]
    connections: usize,
    /// Where the fresh database is made and removed again [default: the system's temporary directory]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Print one JSON line at the end
    #[arg(long)]
    json: bool,
}

/// One run over one tenant.
struct Run {
    invoices: i64,
    lines: i64,
    total: String,
    took: Duration,
}

impl Run {
    fn micros_each(&self) -> Decimal {
        (seconds(self.took) * Decimal::from(1_000_000) / Decimal::from(self.invoices.max(1))).round_dp(1)
    }
}

impl Rating {
    /// Runs the bench on a cluster of its own.
    pub(super) fn run(self) -> Outcome {
        let measured =
            on_fresh_cluster("rating", self.dir.as_deref(), |fresh, session| self.measure(fresh, session))?;
        let (flat, usage) = measured;
        self.print(&flat, &usage);
        Ok(())
    }

    fn measure(&self, fresh: &Fresh, session: &mut Session) -> Fallible<(Run, Run)> {
        let cluster = &fresh.cluster;
        let start = super::start()?;
        let flat = tenant(session, "flat", start)?;
        let metered = tenant(session, "usage", start)?;
        for tenant_id in [flat, metered] {
            let seed = bench::Seed { tenant_id, subscriptions: self.customers, start_at: start };
            bench::seed(session, seed)?;
        }
        let events = self.events / self.customers.max(1);
        eprintln!("making {} events of {} customers …", events * self.customers, self.customers);
        let seed = UsageSeed { tenant_id: metered, customers: self.customers, events, start_at: start };
        rating::seed(session, seed, |done| eprintln!("  {done} customers have their events"))?;
        let mut sessions = (0..self.connections.max(1))
            .map(|_| Session::open(cluster.url()))
            .collect::<Result<Vec<_>, _>>()?;
        let next = start.checked_add_months(Months::new(1)).ok_or("no such month")?;
        for tenant_id in [flat, metered] {
            bill(&mut sessions, tenant_id, start)?;
        }
        bench::settle(session)?;
        eprintln!("billing the month …");
        let without = bill(&mut sessions, flat, next)?;
        bench::settle(session)?;
        let with = bill(&mut sessions, metered, next)?;
        Ok((without, with))
    }

    fn print(&self, flat: &Run, usage: &Run) {
        let ratio = (usage.micros_each() / flat.micros_each()).round_dp(3);
        if self.json {
            let line = serde_json::json!({
                "bench": "rating",
                "measured": "the billing run of one month: three flat lines a customer, and two flat lines and a usage line of one of ten prices (every model) from warm roll-ups",
                "customers": self.customers,
                "events": self.events,
                "invoices": usage.invoices,
                "lines": usage.lines,
                "flat_microseconds_per_invoice": number(flat.micros_each()),
                "usage_microseconds_per_invoice": number(usage.micros_each()),
                "ratio": number(ratio),
                "total": usage.total,
                "peak_memory_mb": memory::peak_rss_mb(),
            });
            println!("{line}");
            return;
        }
        println!(
            "without usage: {} invoices of {} lines, {} µs each",
            flat.invoices,
            flat.lines,
            flat.micros_each()
        );
        println!(
            "with usage: {} invoices of {} lines, {} µs each",
            usage.invoices,
            usage.lines,
            usage.micros_each()
        );
        println!("ratio {ratio}; billed {}", usage.total);
    }
}

fn tenant(session: &mut Session, name: &str, start: DateTime<Utc>) -> Fallible<TenantId> {
    let new = NewTenant {
        name: name.to_owned(),
        zone: Zone::UTC,
        currency: Currency::parse("USD")?,
        mode: Mode::Test,
        test_clock: Some(start),
    };
    Ok(session.transaction("create_tenant", |tx| create_tenant::run(tx, &new))?.tenant_id)
}

fn bill(sessions: &mut [Session], tenant_id: TenantId, at: DateTime<Utc>) -> Fallible<Run> {
    let Some(first) = sessions.first_mut() else { return Err("no connection".into()) };
    first.transaction("set_test_clock", |tx| tenants::set_clock(tx, tenant_id, at))?;
    let request = Request { trigger: Trigger::Command, as_of: Some(at), finalize: Some(true) };
    let began = Instant::now();
    let report = bill_run::run_on(sessions, tenant_id, request)?;
    let took = began.elapsed();
    if report.progress.parked > 0 {
        return Err(format!("{} customers could not be billed", report.progress.parked).into());
    }
    let total =
        report.progress.totals.values().map(|money| money.to_major_string()).collect::<Vec<_>>().join(", ");
    Ok(Run { invoices: report.progress.invoices, lines: report.progress.lines, total, took })
}
