//! How does a tenant bill? `{"draft_hours": 24, "backdate_days": 366}`: what is billed waits a day as a draft, and changes
//! reach back a year.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::credits::ApplyBalance;
use crate::domain::fields::Faults;
use crate::domain::refusal::Invalid;
use crate::wire::mirror::mirror;
use crate::wire::patch::present;

/// Longest time a draft waits: 30 days.
const LONGEST: i32 = 720;
/// Furthest that a change may reach back: 100 years.
const FURTHEST: i32 = 36_600;

/// How you bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct BillingSettings {
    /// Hours for which what is billed waits as a draft before it is finalized by itself; 0: it is issued at once.
    #[schema(example = 24)]
    pub draft_hours: i32,
    /// Days that a change, pause or cancellation of a subscription may reach back.
    #[schema(example = 366)]
    pub backdate_days: i32,
    /// Whether credit balances pay open invoices by themselves.
    pub apply_balance: ApplyBalanceWhen,
}

mirror! {
    /// When does a credit balance pay what is open already?
    pub enum ApplyBalanceWhen = ApplyBalance {
        /// When a call applies it.
        Manual,
        /// Always: the invoice that is due first, first; one with an attempt to collect it under way when that is over.
        OldestFirst,
    }
}

/// What to change of it. What is left out stays.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"draft_hours": 24}))]
pub struct BillingSettingsPatch {
    /// 0 to 720, for what is billed from now on.
    #[schema(nullable = false, minimum = 0, maximum = 720)]
    #[serde(default, deserialize_with = "present")]
    pub draft_hours: Option<i32>,
    /// 0 to 36600; 366 unless changed.
    #[schema(nullable = false, minimum = 0, maximum = 36600)]
    #[serde(default, deserialize_with = "present")]
    pub backdate_days: Option<i32>,
    /// `manual` unless changed. With `oldest_first`, what is on a balance now and whatever comes onto it pays open invoices.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub apply_balance: Option<ApplyBalanceWhen>,
}

impl BillingSettingsPatch {
    /// Checks the settings requested.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        if self.draft_hours.is_some_and(|hours| !(0..=LONGEST).contains(&hours)) {
            let detail =
                format_args!("a draft waits for whole hours from 0 (issued at once) to {LONGEST} (30 days)");
            faults.add("/draft_hours", "out_of_range", detail);
        }
        if self.backdate_days.is_some_and(|days| !(0..=FURTHEST).contains(&days)) {
            let detail = format_args!("changes reach back 0 (not at all) to {FURTHEST} days");
            faults.add("/backdate_days", "out_of_range", detail);
        }
        faults.into_result()
    }
}
