//! `billwright verify-books`: recomputes every total from first facts, names each difference, and fails when there is one.

use clap::Args;
use serde_json::json;

use super::Outcome;
use crate::domain::ids::TenantId;
use crate::platform::config::DatabaseSettings;
use crate::platform::postgres::Access;
use crate::storage::{Session, tenants};
use crate::workflows::verify_books::{self, Report};

/// Recompute the books and name each difference
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  billwright verify-books --data-dir data\n  \
    billwright verify-books --tenant ten_01jgejp8g0e3q9k0v6z4t1x2y3 --json\n\n\
    It reads one instant, so it can run beside a server at work. It ends with 1 when there is a difference.")]
pub(super) struct VerifyBooks {
    #[command(flatten)]
    database: DatabaseSettings,
    /// Only this tenant [default: all]
    #[arg(long)]
    tenant: Option<TenantId>,
    /// Print one JSON line a tenant
    #[arg(long)]
    json: bool,
}

impl VerifyBooks {
    /// Runs the command.
    pub(super) fn run(self) -> Outcome {
        let database = self.database.check()?;
        let access = Access::open(&database.data_dir, database.url())?;
        let mut session = Session::open(access.url())?;
        let tenants = match self.tenant {
            Some(tenant) => vec![existing(&mut session, tenant)?],
            None => session.transaction("list_tenants", tenants::all)?.into_iter().map(|t| t.id).collect(),
        };
        let mut differences = 0;
        for tenant_id in tenants {
            let report = verify_books::run(&mut session, tenant_id)?;
            differences += report.count;
            self.print(&report);
        }
        drop(session);
        access.close();
        match differences {
            0 => Ok(()),
            1 => Err("the books are wrong: 1 difference".into()),
            n => Err(format!("the books are wrong: {n} differences").into()),
        }
    }

    fn print(&self, report: &Report) {
        if self.json {
            let differences: Vec<_> = report
                .differences
                .iter()
                .map(|d| json!({ "check": d.check, "subject": d.subject, "detail": d.detail }))
                .collect();
            println!(
                "{}",
                json!({
                    "tenant_id": report.tenant_id, "right": report.is_right(), "checks": report.checks,
                    "count": report.count, "differences": differences,
                })
            );
            return;
        }
        for difference in &report.differences {
            println!(
                "{}: {}: {}: {}",
                report.tenant_id, difference.check, difference.subject, difference.detail
            );
        }
        let named = report.differences.len() as i64;
        match report.count {
            0 => println!("{}: {} checks, the books are right", report.tenant_id, report.checks),
            n if n > named => println!("{}: {n} differences, of which {named} are named", report.tenant_id),
            n => println!("{}: {n} differences", report.tenant_id),
        }
    }
}

/// The tenant, when there is one with this id.
fn existing(session: &mut Session, id: TenantId) -> Result<TenantId, crate::storage::StorageError> {
    session.transaction("find_tenant", |tx| Ok(tenants::find(tx, id)?.id))
}
