//! What did the jobs do? Counted as an advance of a test clock tells it.

use std::ops::AddAssign;

/// Counts of what was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    pub bill_runs: u64,
    pub invoices: u64,
    /// Items that could not be done and were postponed.
    pub parked: u64,
    pub drafts_finalized: u64,
    pub payments_attempted: u64,
    pub payments_succeeded: u64,
    pub payments_failed: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Tally) {
        self.bill_runs += more.bill_runs;
        self.invoices += more.invoices;
        self.parked += more.parked;
        self.drafts_finalized += more.drafts_finalized;
        self.payments_attempted += more.payments_attempted;
        self.payments_succeeded += more.payments_succeeded;
        self.payments_failed += more.payments_failed;
    }
}
