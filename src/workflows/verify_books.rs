//! Are the books right? Every total is recomputed from first facts, as of one instant, and each difference is named.
//!
//! A line of 31.00 changed to 32.00 behind our back: `invoice_totals_are_their_lines` and `postings_are_their_lines` name
//! the invoice.

use super::Error;
use crate::domain::ids::TenantId;
use crate::storage::Session;
use crate::storage::books::{self, Difference};

/// What was found for one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub tenant_id: TenantId,
    /// How many checks were made.
    pub checks: usize,
    /// How many differences there are in all.
    pub count: i64,
    /// The first of each check, named.
    pub differences: Vec<Difference>,
}

impl Report {
    /// Whether the books agree with the facts.
    pub fn is_right(&self) -> bool {
        self.count == 0
    }
}

/// Checks one tenant's books.
pub fn run(session: &mut Session, tenant_id: TenantId) -> Result<Report, Error> {
    session.transaction("verify_books", |tx| {
        books::begin(tx)?;
        let mut report = Report { tenant_id, checks: 0, count: 0, differences: Vec::new() };
        for check in books::checks() {
            let findings = books::check(tx, tenant_id, check)?;
            report.checks += 1;
            report.count += findings.count;
            report.differences.extend(findings.differences);
        }
        Ok(report)
    })
}
