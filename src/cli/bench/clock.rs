//! `billwright bench clock`: how fast does a test tenant's clock move? Every charge on the way is billed and collected as it would have
//! been in real time.
//!
//! Worked number: 1,000 monthly subscriptions through a year are 12,000 invoices, each charged at the simulated gateway; beside a billing run of
//! 26,000 invoices a second, 2,600 a second are a ratio of 0.1.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Months;
use clap::Args;
use rust_decimal::Decimal;

use super::api::tenant;
use super::{Fallible, Fresh, number, on_fresh_cluster, seconds};
use crate::cli::Outcome;
use crate::jobs::TestClocks;
use crate::storage::{Db, Session, bench};
use crate::workflows::advance_clock;
use crate::workflows::billing::bill_run::{self, Request, Trigger};
use crate::workflows::payments::gateways;

/// Move the clock of monthly subscriptions, beside a billing run in the same run
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright bench clock --subscriptions 1000 --months 12 --json")]
pub(super) struct Clock {
    /// Monthly subscriptions, each with three lines and a card that is charged
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    subscriptions: u32,
    /// How far the clock is moved, in one call
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=240))]
    months: u32,
    /// Due subscriptions of the billing run beside it
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    run: u32,
    /// Where the fresh database is made and removed again [default: the system's temporary directory]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Print one JSON line at the end
    #[arg(long)]
    json: bool,
}

/// Invoices, and how long they took.
#[derive(Clone, Copy)]
struct Pace {
    invoices: i64,
    took: Duration,
}

impl Pace {
    fn per_second(self) -> Decimal {
        Decimal::from(self.invoices) / seconds(self.took)
    }
}

/// What was measured.
struct Measured {
    run: Pace,
    clock: Pace,
    paid: i64,
}

impl Clock {
    /// Runs the bench on a cluster of its own.
    pub(super) fn run(self) -> Outcome {
        let measured =
            on_fresh_cluster("clock", self.dir.as_deref(), |fresh, session| self.measure(fresh, session))?;
        self.print(&measured);
        Ok(())
    }

    fn measure(&self, fresh: &Fresh, session: &mut Session) -> Fallible<Measured> {
        let cluster = &fresh.cluster;
        let start = super::start()?;
        eprintln!("billing {} subscriptions in one run …", self.run);
        let tenant_id = tenant(session, start, self.run)?.tenant_id;
        let mut sessions = [Session::open(cluster.url())?, Session::open(cluster.url())?];
        let request = Request { trigger: Trigger::Command, as_of: Some(start), finalize: Some(true) };
        let began = Instant::now();
        let report = bill_run::run_on(&mut sessions, tenant_id, request)?;
        let run = Pace { invoices: report.progress.invoices, took: began.elapsed() };
        let tenant_id = tenant(session, start, self.subscriptions)?.tenant_id;
        bench::give_cards(session, tenant_id)?;
        eprintln!("moving the clock of {} subscriptions by {} months …", self.subscriptions, self.months);
        let db = Db::start(cluster.url(), 2)?;
        let timetable = TestClocks::new(&BTreeMap::new(), &Arc::new(gateways::all(&db)))?;
        // The first charge falls on the start: the last before the end makes as many as there are months.
        let to = start.checked_add_months(Months::new(self.months)).ok_or("too many months")?;
        let to = to - chrono::TimeDelta::days(1);
        let began = Instant::now();
        advance_clock::run(session, &timetable, tenant_id, to)?;
        let took = began.elapsed();
        let (invoices, paid) = bench::invoices_and_paid(session, tenant_id)?;
        Ok(Measured { run, clock: Pace { invoices, took }, paid })
    }

    fn print(&self, m: &Measured) {
        let ratio = (m.clock.per_second() / m.run.per_second()).round_dp(3);
        let (clock, run) = (m.clock.per_second().round(), m.run.per_second().round());
        if self.json {
            let line = serde_json::json!({
                "bench": "clock",
                "measured": "one advance of a test clock: every tick on the way bills and charges what is due; beside one billing run of another tenant",
                "subscriptions": self.subscriptions,
                "months": self.months,
                "invoices": m.clock.invoices,
                "paid": m.paid,
                "seconds": number(seconds(m.clock.took)),
                "invoices_per_second": number(clock),
                "run_invoices_per_second": number(run),
                "ratio": number(ratio),
            });
            println!("{line}");
        } else {
            println!(
                "{} invoices, {} of them paid, in {} s: {clock} invoices/s; a billing run: {run} invoices/s, ratio {ratio}",
                m.clock.invoices,
                m.paid,
                seconds(m.clock.took)
            );
        }
    }
}
