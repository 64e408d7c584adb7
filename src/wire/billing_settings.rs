//! How does a tenant bill? `{"draft_hours": 24}`: what is billed waits a day as a draft.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::refusal::Invalid;

/// Longest time a draft waits: 30 days.
const LONGEST: i32 = 720;

/// How you bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct BillingSettings {
    /// Hours for which what is billed waits as a draft before it is finalized by itself; 0: it is issued at once.
    #[schema(example = 24)]
    pub draft_hours: i32,
}

/// What to change of it. What is left out stays.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"draft_hours": 24}))]
pub struct BillingSettingsPatch {
    /// 0 to 720, for what is billed from now on.
    #[schema(minimum = 0, maximum = 720)]
    pub draft_hours: Option<i32>,
}

impl BillingSettingsPatch {
    /// The hours asked for.
    ///
    /// # Errors
    /// [`Invalid`] for hours that cannot be.
    pub fn parse(&self) -> Result<Option<i32>, Invalid> {
        if self.draft_hours.is_some_and(|hours| !(0..=LONGEST).contains(&hours)) {
            let detail =
                format_args!("a draft waits for whole hours from 0 (issued at once) to {LONGEST} (30 days)");
            return Err(Invalid::one("/draft_hours", "out_of_range", detail));
        }
        Ok(self.draft_hours)
    }
}
