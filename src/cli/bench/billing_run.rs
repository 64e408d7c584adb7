//! `billwright bench billing-run`: how many invoices a second, beside plain `COPY` of the same rows in the same run?

use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::{DateTime, Months, Utc};
use clap::Args;
use rust_decimal::Decimal;

use super::api::tenant;
use super::{Fallible, Fresh, number, on_fresh_cluster, seconds};
use crate::cli::Outcome;
use crate::domain::ids::TenantId;
use crate::platform::memory;
use crate::storage::{Session, bench, tenants};
use crate::workflows::billing::bill_run::{self, Report, Request, Trigger};

/// Bill N due subscriptions and compare with plain COPY of the same rows
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright bench billing-run --subscriptions 100000 --json")]
pub(super) struct BillingRun {
    /// Due subscriptions, each with three lines
    #[arg(long, default_value_t = 100_000)]
    subscriptions: u32,
    /// Months billed in a row; the last is the one measured, on the history of those before
    #[arg(long, default_value_t = 1)]
    months: u32,
    /// Connections the run works on
    #[arg(long, default_value_t = 2)]
    connections: usize,
    /// Tax every line: at home, under the one-stop shop, with the buyer's own tax, and outside its scope; with books in another currency
    #[arg(long)]
    tax: bool,
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
        let measured = on_fresh_cluster("billing-run", self.dir.as_deref(), |fresh, session| {
            self.measure(fresh, session)
        })?;
        self.print(&measured);
        Ok(())
    }

    fn measure(&self, fresh: &Fresh, session: &mut Session) -> Fallible<Measured> {
        let cluster = &fresh.cluster;
        let files = super::shared_dir(cluster)?;
        let start = super::start()?;
        eprintln!("making {} subscriptions …", self.subscriptions);
        let tenant_id = tenant(session, start, self.subscriptions)?.tenant_id;
        if self.tax {
            bench::tax_sales(session, tenant_id)?;
        }
        let mut sessions = (0..self.connections.max(1))
            .map(|_| Session::open(cluster.url()))
            .collect::<Result<Vec<_>, _>>()?;
        let mut at = start;
        for month in 1..self.months {
            eprintln!("billing month {month} of {} …", self.months);
            bill(&mut sessions, tenant_id, at)?;
            at = start.checked_add_months(Months::new(month)).ok_or("too many months")?;
            bench::settle(session)?;
        }
        eprintln!("billing …");
        let began = Instant::now();
        let report = bill(&mut sessions, tenant_id, at)?;
        let run = began.elapsed();
        let peak_mb = memory::peak_rss_mb();
        eprintln!("copying the same rows …");
        let rows = bench::prepare_copy(session, &files, at)?;
        let began = Instant::now();
        bench::copy(session, &files)?;
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
                "tax": self.tax,
                "books_in_two_currencies": self.tax,
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

fn bill(sessions: &mut [Session], tenant_id: TenantId, at: DateTime<Utc>) -> Fallible<Report> {
    let Some(first) = sessions.first_mut() else { return Err("no connection".into()) };
    first.transaction("set_test_clock", |tx| tenants::set_clock(tx, tenant_id, at))?;
    let request = Request { trigger: Trigger::Command, as_of: Some(at), finalize: Some(true) };
    Ok(bill_run::run_on(sessions, tenant_id, request)?)
}
