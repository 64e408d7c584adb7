//! `billwright bench billing-run`: how many invoices a second, beside plain `COPY` of the same rows in the same run?

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, Months, TimeZone, Utc};
use clap::Args;
use rust_decimal::Decimal;

use super::{number, seconds};
use crate::cli::Outcome;
use crate::domain::calendar::Zone;
use crate::domain::ids::TenantId;
use crate::domain::money::Currency;
use crate::platform::memory;
use crate::platform::postgres::Embedded;
use crate::storage::tenants::Mode;
use crate::storage::{Session, bench, migrate, tenants};
use crate::workflows::billing::bill_run::{self, Report, Request, Trigger};
use crate::workflows::tenants::create_tenant::{self, NewTenant};

/// Bill N due subscriptions and compare with plain COPY of the same rows
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright bench billing-run --subscriptions 100000 --json")]
pub(super) struct BillingRun {
    /// Due subscriptions, each with three lines
    #[arg(long, default_value_t = 100_000)]
    subscriptions: i64,
    /// Months billed in a row; the last is the one measured, on the history of those before
    #[arg(long, default_value_t = 1)]
    months: u32,
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

/// What was measured.
struct Measured {
    report: Report,
    run: Duration,
    copy: Duration,
    rows: i64,
    peak_mb: u64,
}

impl BillingRun {
    /// Runs the bench on a cluster of its own.
    pub(super) fn run(self) -> Outcome {
        let scratch = super::Scratch::make(self.dir.as_deref(), "billing-run")?;
        let cluster = Embedded::start(scratch.path())?;
        let files = super::shared_dir(&cluster)?;
        let measured = self.measure(&cluster, &files);
        cluster.stop();
        self.print(&measured?);
        Ok(())
    }

    fn measure(
        &self,
        cluster: &Embedded,
        files: &Path,
    ) -> Result<Measured, Box<dyn std::error::Error + Send + Sync>> {
        let mut session = Session::open(cluster.url())?;
        migrate::run(&mut session)?;
        let start = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).single().ok_or("no such date")?;
        let new = NewTenant {
            name: "bench".to_owned(),
            zone: Zone::UTC,
            currency: Currency::parse("USD")?,
            mode: Mode::Test,
            test_clock: Some(start),
        };
        let tenant_id = session.transaction("create_tenant", |tx| create_tenant::run(tx, &new))?.tenant_id;
        eprintln!("making {} subscriptions …", self.subscriptions);
        bench::seed(
            &mut session,
            bench::Seed { tenant_id, subscriptions: self.subscriptions, start_at: start },
        )?;
        let mut sessions = (0..self.connections.max(1))
            .map(|_| Session::open(cluster.url()))
            .collect::<Result<Vec<_>, _>>()?;
        let mut at = start;
        for month in 1..self.months {
            eprintln!("billing month {month} of {} …", self.months);
            bill(&mut sessions, tenant_id, at)?;
            at = start.checked_add_months(Months::new(month)).ok_or("too many months")?;
            bench::settle(&mut session)?;
        }
        eprintln!("billing …");
        let began = Instant::now();
        let report = bill(&mut sessions, tenant_id, at)?;
        let run = began.elapsed();
        let peak_mb = memory::peak_rss_mb();
        eprintln!("copying the same rows …");
        let rows = bench::prepare_copy(&mut session, files, at)?;
        let began = Instant::now();
        bench::copy(&mut session, files)?;
        Ok(Measured { report, run, copy: began.elapsed(), rows, peak_mb })
    }

    fn print(&self, m: &Measured) {
        let (run, copy) = (seconds(m.run), seconds(m.copy));
        let per_second = (Decimal::from(m.report.progress.invoices) / run).round();
        let ratio = (copy / run).round_dp(3);
        if self.json {
            let line = serde_json::json!({
                "bench": "billing-run",
                "measured": "one billing run: claim, compute, number, post and write every due subscription; then COPY of the very rows it wrote into identical empty tables",
                "subscriptions": self.subscriptions,
                "month": self.months,
                "invoices": m.report.progress.invoices,
                "lines": m.report.progress.lines,
                "rows_written": m.rows,
                "connections": self.connections,
                "run_seconds": number(run),
                "copy_seconds": number(copy),
                "invoices_per_second": number(per_second),
                "microseconds_per_invoice": number((run * Decimal::from(1_000_000) / Decimal::from(m.report.progress.invoices.max(1))).round_dp(1)),
                "peak_memory_mb": m.peak_mb,
                "ratio": number(ratio),
            });
            println!("{line}");
        } else {
            println!(
                "{} invoices, {} lines in {run} s: {per_second} invoices/s",
                m.report.progress.invoices, m.report.progress.lines
            );
            println!(
                "plain COPY of the same {} rows: {copy} s, ratio {ratio}; peak memory {} MB",
                m.rows, m.peak_mb
            );
        }
    }
}

fn bill(
    sessions: &mut [Session],
    tenant_id: TenantId,
    at: DateTime<Utc>,
) -> Result<Report, Box<dyn std::error::Error + Send + Sync>> {
    let Some(first) = sessions.first_mut() else { return Err("no connection".into()) };
    first.transaction("set_test_clock", |tx| tenants::set_clock(tx, tenant_id, at))?;
    let request = Request { trigger: Trigger::Command, as_of: Some(at), finalize: Some(true) };
    Ok(bill_run::run_on(sessions, tenant_id, request)?)
}
