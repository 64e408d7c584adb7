//! A billing run on the wire: what it is to bill, how far it is, what it made, whom it parked.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::ids::{BillRunId, CustomerId};
use crate::domain::money::{Currency, Total};

/// Asks for everything due to be billed.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"as_of": "2026-02-01T00:00:00Z"}))]
pub struct NewBillRun {
    /// Bill what is due by then; the default is now.
    #[serde(default)]
    pub as_of: Option<DateTime<Utc>>,
    /// `true` issues the invoices at once, `false` leaves them as drafts until you finalize them; left out, they are issued as
    /// your billing settings say.
    #[serde(default)]
    pub finalize: Option<bool>,
}

/// A billing run.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BillRun {
    #[schema(value_type = String, example = "run_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: BillRunId,
    pub as_of: DateTime<Utc>,
    /// The tenant's time at which its invoices are issued.
    pub issued_at: DateTime<Utc>,
    /// `schedule`, `api`, `command` or `clock`.
    pub trigger: &'static str,
    pub finalize: bool,
    /// When the drafts it left are finalized by themselves; null when they are not.
    pub finalizes_at: Option<DateTime<Utc>>,
    /// `running`, `completed` or `completed_with_errors`.
    pub status: &'static str,
    pub progress: Progress,
    /// Sum of invoice totals per currency, in major units.
    #[schema(example = json!({"USD": "16055091.45"}))]
    pub totals: BTreeMap<String, String>,
    pub reporting: ReportedRun,
    /// Customers it could not bill and that are still parked, at most 100.
    pub errors: Vec<ParkedCustomer>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// What the invoices of a run come to in the reporting currency: that of your entities' books, or yours where they differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"currency": "EUR", "total": "14595537.68", "no_rate": null}))]
pub struct ReportedRun {
    pub currency: &'static str,
    /// At the rates of the day the run is issued; null where one is missing.
    pub total: Option<String>,
    /// Which exchange rate is missing.
    pub no_rate: Option<String>,
}

impl ReportedRun {
    /// Of the sum, or of what is missing for it.
    #[must_use]
    pub fn of(currency: Currency, sum: Result<Total, String>) -> ReportedRun {
        let (total, no_rate) = match sum {
            Ok(sum) => (Some(sum.to_major_string()), None),
            Err(no_rate) => (None, Some(no_rate)),
        };
        ReportedRun { currency: currency.code(), total, no_rate }
    }
}

/// How far a run is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Progress {
    pub chunks: i64,
    pub chunks_done: i64,
    pub customers: i64,
    pub invoices: i64,
    pub lines: i64,
    pub parked: i64,
}

/// A customer that could not be billed, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ParkedCustomer {
    #[schema(value_type = String, example = "cus_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub customer_id: CustomerId,
    #[schema(example = "amount_out_of_range")]
    pub code: String,
    pub reason: String,
    pub attempts: u32,
    pub parked_at: DateTime<Utc>,
    pub retry_at: DateTime<Utc>,
}
