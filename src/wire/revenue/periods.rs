//! A month of an entity's books: `{"start": "2026-01-01", "end": "2026-02-01", "status": "closed"}`.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::ids::{AccountingPeriodId, EntityId};
use crate::domain::refusal::Invalid;
use crate::domain::revenue::periods::{Check, Period};
use crate::domain::revenue::sign_offs::SignOff;

/// A period of an entity's books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountingPeriod {
    #[schema(value_type = String, example = "ap_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: AccountingPeriodId,
    #[schema(value_type = String, example = "ent_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub entity_id: EntityId,
    /// Its first day, in the tenant's zone.
    pub start: NaiveDate,
    /// The day after its last.
    pub end: NaiveDate,
    /// `open`, `closing`, `closed` or `reopened`.
    #[schema(example = "open")]
    pub status: &'static str,
    pub created_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    /// When it was opened again last.
    pub reopened_at: Option<DateTime<Utc>>,
    /// Why.
    pub reopened_because: Option<String>,
    /// What its checklist had found and whoever closed it accepted.
    #[schema(example = json!([]))]
    pub accepted: Vec<&'static str>,
}

impl From<Period> for AccountingPeriod {
    fn from(period: Period) -> AccountingPeriod {
        AccountingPeriod {
            id: period.id,
            entity_id: period.entity_id,
            start: period.days.from,
            end: period.days.to,
            status: period.status.into_str(),
            created_at: period.created_at,
            closed_at: period.closed_at,
            reopened_at: period.reopened.as_ref().map(|reopened| reopened.at),
            accepted: period.accepted.iter().map(|check| check.into_str()).collect(),
            reopened_because: period.reopened.map(|reopened| reopened.because),
        }
    }
}

/// The periods of your books, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountingPeriods {
    pub data: Vec<AccountingPeriod>,
}

/// Whose periods.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeriodsQuery {
    /// Of this legal entity; all of them when left out.
    #[param(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
}

/// Asks for the books to be kept from a month on.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"month": "2025-11"}))]
pub struct NewAccountingPeriod {
    /// The legal entity; needed where you sell through several.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
    /// A month that has begun.
    pub month: String,
}

impl NewAccountingPeriod {
    /// The first day of the month.
    ///
    /// # Errors
    /// It is none.
    pub fn first_day(&self) -> Result<NaiveDate, Invalid> {
        let first = format!("{}-01", self.month).parse().ok().filter(|_| self.month.len() == "2026-01".len());
        first.ok_or_else(|| Invalid::one("/month", "bad_value", "a month is written as 2026-01"))
    }
}

/// Asks for a period to be closed.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"accept": ["lines_at_once_have_a_rule"]}))]
pub struct CloseAccountingPeriod {
    /// What of its checklist may be left as it is, though it keeps a period open otherwise: `lines_at_once_have_a_rule`.
    #[serde(default)]
    pub accept: Vec<String>,
}

impl CloseAccountingPeriod {
    /// The checks.
    ///
    /// # Errors
    /// There is no such check, or it keeps nothing open.
    pub fn checks(&self) -> Result<Vec<Check>, Invalid> {
        let check = |(n, name): (usize, &String)| {
            let detail = format_args!("{name} is no check that keeps a period open: leave it out");
            name.parse().map_err(|_| Invalid::one(format!("/accept/{n}"), "unknown_check", detail))
        };
        self.accept.iter().enumerate().map(check).collect()
    }
}

/// Asks for a closed period to be opened again.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "an invoice was missing"}))]
pub struct ReopenAccountingPeriod {
    /// Why.
    pub reason: String,
}

/// What is left to do before a period is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PeriodChecklist {
    #[schema(value_type = String, example = "ap_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub period_id: AccountingPeriodId,
    /// Whether nothing is left.
    pub clean: bool,
    /// Whether what is left is signed off.
    pub ready: bool,
    pub checks: Vec<PeriodCheck>,
}

/// A check of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"name": "drafts_are_issued", "clean": false, "count": 1, "first": ["inv_01jgejp8g0e3q9k0v6z4t1x2y3"], "signed_off": null}))]
pub struct PeriodCheck {
    /// What should be so, such as `drafts_are_issued`.
    pub name: String,
    pub clean: bool,
    /// How many are not.
    pub count: i64,
    /// The first ten of them.
    pub first: Vec<String>,
    /// Who answers for it, while as much is found as then.
    pub signed_off: Option<PeriodSignOff>,
}

/// Asks for what a check found to be left as it is.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"check": "drafts_are_issued", "by": "Ada Lovelace", "note": "The customer confirms them in March."}))]
pub struct NewPeriodSignOff {
    /// The check's name.
    pub check: String,
    /// Who answers for it.
    pub by: String,
    /// Why it is right as it is.
    pub note: String,
}

/// That somebody answers for what a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"check": "drafts_are_issued", "by": "Ada Lovelace", "note": "The customer confirms them in March.", "count": 2, "at": "2026-02-03T09:00:00Z"}))]
pub struct PeriodSignOff {
    pub check: String,
    pub by: String,
    pub note: String,
    /// How many things it had found.
    pub count: i64,
    pub at: DateTime<Utc>,
}

impl From<SignOff> for PeriodSignOff {
    fn from(sign_off: SignOff) -> PeriodSignOff {
        PeriodSignOff {
            check: sign_off.name,
            by: sign_off.by,
            note: sign_off.note,
            count: sign_off.count,
            at: sign_off.at,
        }
    }
}
