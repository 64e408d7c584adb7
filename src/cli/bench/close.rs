//! `billwright bench close`: how long does closing a month take, beside one statement that writes the same rows?
//!
//! Worked number: 1,000,000 lines of 333,334 invoices earn something in January: the close posts 333,334 transfers; where the statement takes 5 s and
//! the close 10 s, the ratio is 0.5.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clap::Args;

use super::api::tenant;
use super::{Fallible, Fresh, number, on_fresh_cluster, seconds};
use crate::cli::Outcome;
use crate::domain::ids::TenantId;
use crate::platform::memory;
use crate::storage::{Session, bench, tenants};
use crate::workflows::Scope;
use crate::workflows::billing::bill_run::{self, Request, Trigger};
use crate::workflows::keyed::Keyed;
use crate::workflows::revenue::close_period::{self, Order};
use crate::workflows::revenue::open_period;

/// Close a month of N active lines, beside plain SQL that writes the same rows
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright bench close --lines 1000000 --json")]
pub(super) struct Close {
    /// Lines that earn something in the month, three an invoice
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(3..))]
    lines: u32,
    /// Where the fresh database is made and removed again [default: the system's temporary directory]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Print one JSON line at the end
    #[arg(long)]
    json: bool,
}

/// What was measured.
struct Measured {
    close: Duration,
    plain: Duration,
    rows: i64,
    /// Of both, those that do not agree.
    others: i64,
    peak_mb: u64,
}

impl Close {
    /// Runs the bench on a cluster of its own.
    pub(super) fn run(self) -> Outcome {
        let measured =
            on_fresh_cluster("close", self.dir.as_deref(), |fresh, session| self.measure(fresh, session))?;
        self.print(&measured);
        match measured.others {
            0 => Ok(()),
            others => Err(format!("{others} rows of the close and of the statement do not agree").into()),
        }
    }

    fn measure(&self, fresh: &Fresh, session: &mut Session) -> Fallible<Measured> {
        // Half of the month is earned, and half of it left.
        let start = super::start()? + TimeDelta::days(15);
        eprintln!("billing {} lines …", self.lines);
        let tenant_id = tenant(session, start, self.lines.div_ceil(3))?.tenant_id;
        bill(fresh, tenant_id, start)?;
        let over = super::start()? + TimeDelta::days(31);
        let first = super::start()?.date_naive();
        let order = begin(session, (tenant_id, over), first)?;
        bench::settle(session)?;
        eprintln!("closing …");
        let began = Instant::now();
        close_period::run(session, tenant_id, (&order, &Keyed::default()))?;
        let close = began.elapsed();
        let peak_mb = memory::peak_rss_mb();
        eprintln!("writing the same rows …");
        bench::close::prepare(session)?;
        let began = Instant::now();
        bench::close::write(session, tenant_id, over.date_naive() - TimeDelta::days(1))?;
        let plain = began.elapsed();
        let (rows, others) = bench::close::compare(session)?;
        Ok(Measured { close, plain, rows, others, peak_mb })
    }

    fn print(&self, m: &Measured) {
        let (close, plain) = (seconds(m.close), seconds(m.plain));
        let ratio = (plain / close).round_dp(3);
        if self.json {
            let line = serde_json::json!({
                "bench": "close",
                "measured": "one close of a month: reckon what every line has earned, post it, close; then one INSERT … SELECT that writes the same rows into an identical empty table",
                "lines": self.lines,
                "rows_written": m.rows,
                "rows_that_differ": m.others,
                "close_seconds": number(close),
                "plain_seconds": number(plain),
                "peak_memory_mb": m.peak_mb,
                "ratio": number(ratio),
            });
            println!("{line}");
        } else {
            println!("{} lines closed in {close} s: {} transfers", self.lines, m.rows);
            println!("plain SQL of the same rows: {plain} s, ratio {ratio}; peak memory {} MB", m.peak_mb);
        }
    }
}

/// Bills what is due, on two connections.
pub(super) fn bill(fresh: &Fresh, tenant_id: TenantId, at: DateTime<Utc>) -> Fallible<()> {
    let mut sessions = [fresh.session()?, fresh.session()?];
    let request = Request { trigger: Trigger::Command, as_of: Some(at), finalize: Some(true) };
    bill_run::run_on(&mut sessions, tenant_id, request)?;
    Ok(())
}

/// Moves the clock to where a month is over, and gives the order to close it.
fn begin(
    session: &mut Session,
    (tenant_id, at): (TenantId, DateTime<Utc>),
    month: NaiveDate,
) -> Fallible<Order> {
    session.transaction("set_test_clock", |tx| tenants::set_clock(tx, tenant_id, at))?;
    let period = session.transaction("open_period", |tx| {
        let scope = Scope::load(tx, tenant_id)?;
        open_period::run(tx, &scope, (None, month))
    })?;
    Ok(Order { id: period.id, accepted: Vec::new() })
}
