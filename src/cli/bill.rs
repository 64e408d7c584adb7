//! `billwright bill`: one billing run from the command line, beside a running server or without one.

use chrono::{DateTime, Utc};
use clap::Args;

use super::Outcome;
use crate::domain::ids::TenantId;
use crate::platform::config::DatabaseSettings;
use crate::platform::postgres::Access;
use crate::storage::{Session, tenants};
use crate::workflows::billing::bill_run::{self, Report, Request, Trigger};

/// Bill everything due
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  billwright bill --as-of 2026-02-01T00:00:00Z\n  \
    billwright bill --tenant ten_01jgejp8g0e3q9k0v6z4t1x2y3 --draft --json\n\n\
    Running it again at the same instant records nothing; two at once leave the books of one.")]
pub(super) struct Bill {
    #[command(flatten)]
    database: DatabaseSettings,
    /// Bill what is due by then [default: each tenant's now]
    #[arg(long)]
    as_of: Option<DateTime<Utc>>,
    /// Only this tenant [default: all]
    #[arg(long)]
    tenant: Option<TenantId>,
    /// Leave the invoices as drafts
    #[arg(long)]
    draft: bool,
    /// Connections the run works on
    #[arg(long, default_value_t = 2)]
    connections: usize,
    /// Print one JSON line a tenant
    #[arg(long)]
    json: bool,
}

impl Bill {
    /// Runs the command.
    pub(super) fn run(self) -> Outcome {
        let database = self.database.check()?;
        let access = Access::open(&database.data_dir, database.url())?;
        let mut sessions = (0..self.connections.max(1))
            .map(|_| Session::open(access.url()))
            .collect::<Result<Vec<_>, _>>()?;
        let tenants = match self.tenant {
            Some(tenant) => vec![tenant],
            None => sessions[0].read(tenants::all)?.into_iter().map(|t| t.id).collect(),
        };
        for tenant_id in tenants {
            let request = Request {
                trigger: Trigger::Command,
                as_of: self.as_of,
                finalize: self.draft.then_some(false),
            };
            bill_run::resume_all(&mut sessions[0], tenant_id)?;
            let report = bill_run::run_on(&mut sessions, tenant_id, request)?;
            self.print(tenant_id, &report);
        }
        access.close();
        Ok(())
    }

    fn print(&self, tenant_id: TenantId, report: &Report) {
        let progress = &report.progress;
        let totals: std::collections::BTreeMap<_, _> =
            progress.totals.iter().map(|(c, t)| (c.code(), t.to_major_string())).collect();
        if self.json {
            let line = serde_json::json!({
                "tenant_id": tenant_id, "run_id": report.run.id, "status": report.run.status.into_str(), "customers": progress.customers,
                "invoices": progress.invoices, "lines": progress.lines, "parked": progress.parked, "totals": totals,
            });
            println!("{line}");
        } else {
            let totals: Vec<String> = totals.into_iter().map(|(c, t)| format!("{t} {c}")).collect();
            println!(
                "{tenant_id}: {} invoices ({}), {} customers parked",
                progress.invoices,
                if totals.is_empty() { "nothing due".to_owned() } else { totals.join(", ") },
                progress.parked
            );
        }
    }
}
