//! What would a policy have brought? `{"invoices": 120, "recorded": {"paid": 62}, "at_worst": {"paid": 58}, "at_best": {"paid": 71}}`.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::ids::RetryPolicyId;
use crate::domain::payments::rehearsal::{OfClass, Tally};

/// Of which invoices?
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"from": "2026-01-01T00:00:00Z"}))]
pub struct SimulateRetries {
    /// Of those whose first attempt failed since then; a year before `to` when left out.
    pub from: Option<DateTime<Utc>>,
    /// And before then; until now when left out.
    pub to: Option<DateTime<Utc>>,
}

/// What a policy would have made of the invoices whose first attempt failed, of the newest 5,000. Of an attempt that was not made nobody knows what
/// would have become of it: so there is a worst and a best.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RetrySimulation {
    #[schema(value_type = String, example = "rp_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub policy_id: RetryPolicyId,
    #[schema(example = 1)]
    pub policy_version: i32,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    #[schema(example = 120)]
    pub invoices: u64,
    /// What became of them.
    pub recorded: Recovery,
    /// Had nobody paid at a time at which it is not known.
    pub at_worst: Recovery,
    /// Had everybody.
    pub at_best: Recovery,
}

/// What was paid of invoices whose first attempt failed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Recovery {
    #[schema(example = 62)]
    pub paid: u64,
    /// The share of them.
    #[schema(value_type = String, example = "0.5167")]
    pub recovery: Decimal,
    /// Attempts after the first.
    pub retries: u64,
    #[schema(value_type = String, example = "2.70")]
    pub retries_per_paid: Decimal,
    /// From the first attempt to the money, on average.
    #[schema(value_type = String, example = "4.31")]
    pub days_to_pay: Decimal,
    pub classes: Vec<RecoveryOfClass>,
    pub paid_by_retry: Vec<PaidByRetry>,
    /// Cards that were tried more often than their network allows.
    pub limits_broken: u64,
}

/// What was paid of invoices whose first decline was of one class.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RecoveryOfClass {
    #[schema(example = "insufficient")]
    pub class: &'static str,
    pub invoices: u64,
    pub paid: u64,
    pub retries: u64,
}

/// How many were paid by the so-manieth retry.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PaidByRetry {
    #[schema(example = 1)]
    pub retry: u64,
    pub paid: u64,
}

impl From<&Tally> for Recovery {
    fn from(tally: &Tally) -> Recovery {
        let classes = tally.classes.iter().map(|(class, of_class)| {
            let OfClass { invoices, paid, retries } = *of_class;
            RecoveryOfClass { class: class.into_str(), invoices, paid, retries }
        });
        let by_retry = tally.paid_by_retry.iter().map(|(retry, paid)| PaidByRetry {
            retry: u64::try_from(*retry).unwrap_or(u64::MAX),
            paid: *paid,
        });
        Recovery {
            paid: tally.paid,
            recovery: tally.recovery(),
            retries: tally.retries,
            retries_per_paid: tally.retries_per_paid(),
            days_to_pay: tally.days_to_pay(),
            classes: classes.collect(),
            paid_by_retry: by_retry.collect(),
            limits_broken: tally.over_15 + tally.over_20 + tally.over_35,
        }
    }
}
