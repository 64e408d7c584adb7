//! `billwright bench tax-provider`: how much longer does a billing run take when a provider says what its invoices are taxed with? Until the last of
//! them is issued, beside a run of as many that the built-in rules tax.
//!
//! Worked number: 20,000 invoices in 2.0 s without, and in 3.0 s with a provider that answers in 200 ms, are a ratio of 1.5.

use std::net::TcpListener;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use rust_decimal::Decimal;

use super::api::tenant;
use super::{Fallible, Fresh, number, on_fresh_cluster, seconds};
use crate::cli::Outcome;
use crate::cli::tax_provider::serve_slowly;
use crate::domain::ids::TenantId;
use crate::domain::tax::provided::{OnOutage, ProviderKind};
use crate::http::server::block_on;
use crate::storage::{Session, bench};
use crate::workflows::Scope;
use crate::workflows::billing::bill_run::{self, Request, Trigger};
use crate::workflows::invoicing::ask_tax_providers;
use crate::workflows::keyed::Keyed;
use crate::workflows::parked_work::Place;
use crate::workflows::tax::providers::Providers;
use crate::workflows::tax::providers::change_providers::{self, NewProvider};

/// Bill N due subscriptions with a slow provider of tax, and as many without
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  billwright bench tax-provider --subscriptions 20000 --latency-ms 200 --json"
)]
pub(super) struct TaxProvider {
    /// Due subscriptions of each run, each with three lines
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    subscriptions: u32,
    /// How long the provider takes for an answer, in milliseconds
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(0..=20_000))]
    latency_ms: u64,
    /// Where the fresh database is made and removed again [default: the system's temporary directory]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Print one JSON line at the end
    #[arg(long)]
    json: bool,
}

/// A run and what it left to be asked after it.
struct Paced {
    took: Duration,
    /// Issued by the run itself.
    at_once: i64,
    /// Issued when all was asked.
    in_all: i64,
}

/// What was measured.
struct Measured {
    without: Paced,
    with: Paced,
}

impl TaxProvider {
    /// Runs the bench on a cluster and a provider of its own.
    pub(super) fn run(self) -> Outcome {
        let measured = on_fresh_cluster("tax-provider", self.dir.as_deref(), |fresh, session| {
            self.measure(fresh, session)
        })?;
        self.print(&measured);
        Ok(())
    }

    fn measure(&self, fresh: &Fresh, session: &mut Session) -> Fallible<Measured> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let latency_ms = self.latency_ms;
        thread::spawn(move || block_on(async { serve_slowly(listener, latency_ms)?.await }));
        let providers = Providers::default();
        eprintln!("making {} subscriptions of each of two tenants …", self.subscriptions);
        let without = self.sellers(session)?;
        let with = self.sellers(session)?;
        session.transaction("bench_tax_provider", |tx| {
            let scope = Scope::load(tx, with)?;
            let new = NewProvider {
                name: "Reference".to_owned(),
                kind: ProviderKind::Generic,
                base_url: base_url.clone(),
                credentials: None,
                company: None,
                entity_id: None,
                countries: ["US".to_owned()].into(),
                on_outage: OnOutage::Wait,
                timeout_ms: None,
            };
            change_providers::create(tx, &scope, &providers, new).map(drop)
        })?;
        bench::settle(session)?;
        let mut session = Session::open(fresh.cluster.url())?;
        eprintln!("billing without a provider …");
        let without = bill(&mut session, without, None)?;
        eprintln!("billing with one that answers in {latency_ms} ms …");
        let with = bill(&mut session, with, Some(&providers))?;
        if with.in_all != without.in_all {
            return Err(format!(
                "{} of {} invoices wait for the provider still",
                without.in_all - with.in_all,
                without.in_all
            )
            .into());
        }
        Ok(Measured { without, with })
    }

    fn sellers(&self, session: &mut Session) -> Fallible<TenantId> {
        let tenant_id = tenant(session, super::start()?, self.subscriptions)?.tenant_id;
        bench::sell_in_texas(session, tenant_id)?;
        Ok(tenant_id)
    }

    fn print(&self, m: &Measured) {
        let (without, with) = (seconds(m.without.took), seconds(m.with.took));
        let ratio = (with / without).round_dp(2);
        let per_second = |run: &Paced| (Decimal::from(run.in_all) / seconds(run.took)).round();
        if self.json {
            let line = serde_json::json!({
                "bench": "tax-provider",
                "measured": "one billing run until its last invoice is issued: taxed by the built-in rules, and by the reference provider behind a pause; with two connections each",
                "subscriptions": self.subscriptions,
                "latency_ms": self.latency_ms,
                "is_dev_build": cfg!(debug_assertions),
                "without_seconds": number(without),
                "without_invoices_per_second": number(per_second(&m.without)),
                "with_seconds": number(with),
                "with_invoices_per_second": number(per_second(&m.with)),
                "issued_by_the_run": m.with.at_once,
                "issued_in_all": m.with.in_all,
                "ratio": number(ratio),
            });
            println!("{line}");
        } else {
            println!(
                "without a provider: {} invoices in {without} s, {} a second",
                m.without.in_all,
                per_second(&m.without)
            );
            println!(
                "with one that answers in {} ms: {} invoices in {with} s, {} a second, {} of them issued by the run itself",
                self.latency_ms,
                m.with.in_all,
                per_second(&m.with),
                m.with.at_once
            );
            println!("ratio {ratio}");
        }
    }
}

/// Bills what is due, and asks about what waits until all is issued.
fn bill(session: &mut Session, tenant_id: TenantId, providers: Option<&Providers>) -> Fallible<Paced> {
    let at = super::start()?;
    let request = Request { trigger: Trigger::Command, as_of: Some(at), finalize: Some(true) };
    let began = Instant::now();
    bill_run::run_keyed(session, tenant_id, (request, &Keyed::default()), providers)?;
    let at_once = bench::issued(session, tenant_id)?;
    if let Some(providers) = providers {
        ask_tax_providers::run(session, providers, Place { tenant_id, now: at })?;
    }
    let took = began.elapsed();
    Ok(Paced { took, at_once, in_all: bench::issued(session, tenant_id)? })
}
