//! How are payments that failed tried again? `{"name": "Cards", "offsets": ["P1D", "P3D"], "local_hour": 9, "final_action": "uncollectible"}`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::fields::Faults;
use crate::domain::ids::RetryPolicyId;
use crate::domain::payments::retries::policy::{self as domain, PolicyChange, TermsChange};
use crate::domain::payments::retries::span::Span;
use crate::domain::refusal::Invalid;
use crate::wire::mirror::mirror;
use crate::wire::patch::{given, present};

mirror! {
    /// What becomes of an invoice after the last try, and of the subscriptions that it bills?
    pub enum FinalAction = domain::FinalAction {
        /// It stays open.
        LeaveOpen,
        /// It is written off.
        Uncollectible,
        /// Its subscriptions are paused; it stays open.
        Pause,
        /// They are canceled, and nothing is given back; it stays open.
        CancelNow,
        /// They are canceled at the end of the period; it stays open.
        CancelAtPeriodEnd,
    }
}

mirror! {
    /// A day of the week.
    pub enum RetryWeekday = domain::Weekday {
        /// Monday.
        Mon,
        /// Tuesday.
        Tue,
        /// Wednesday.
        Wed,
        /// Thursday.
        Thu,
        /// Friday.
        Fri,
        /// Saturday.
        Sat,
        /// Sunday.
        Sun,
    }
}

/// A new policy.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Cards", "offsets": ["P1D", "P3D", "P5D", "P7D"], "local_hour": 9, "final_action": "cancel_at_period_end", "default": true}))]
pub struct NewRetryPolicy {
    pub name: String,
    /// From each failure to the next try, as ISO 8601 writes it: `P3D`, `PT12H`. At most 30, each from an hour to 90 days.
    pub offsets: Vec<String>,
    /// Tries are made at this hour of your time, 0 to 23; at the hour of the failure when left out.
    pub local_hour: Option<u32>,
    /// Only on these days of the week; on each when left out.
    pub weekdays: Option<Vec<RetryWeekday>>,
    /// Only on these days of the month, 31 its last; on each when left out.
    pub paydays: Option<Vec<u32>>,
    /// Tries are spread over so long: `PT30M`. Not at all when left out.
    pub jitter: Option<String>,
    /// From a failure while gateway or issuer is not there to the next try; these use up none of `offsets`. `PT5M`, `PT30M` and `PT2H` when left
    /// out.
    pub outage_offsets: Option<Vec<String>>,
    /// `leave_open` when left out.
    pub final_action: Option<FinalAction>,
    /// Whether a step is taken on an earlier day where your own retries say that this day is better. Not when left out.
    #[serde(default)]
    pub adaptive: bool,
    /// Whether invoices whose first attempt fails from now on follow it.
    #[serde(default)]
    pub default: bool,
}

/// What to change of a policy; what is left out stays. Other terms are a new version: invoices go on by the version they began with.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"local_hour": 6}))]
pub struct RetryPolicyPatch {
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub name: Option<String>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub offsets: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    pub local_hour: Option<Option<u32>>,
    /// `[]`: each.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub weekdays: Option<Vec<RetryWeekday>>,
    /// `[]`: each.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub paydays: Option<Vec<u32>>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub jitter: Option<String>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub outage_offsets: Option<Vec<String>>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub final_action: Option<FinalAction>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub adaptive: Option<bool>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub default: Option<bool>,
}

fn spans(faults: &mut Faults, pointer: &str, texts: &[String]) -> Vec<Span> {
    let span =
        |(n, text): (usize, &String)| faults.keep(&format!("{pointer}/{n}"), "bad_duration", text.parse());
    texts.iter().enumerate().filter_map(span).collect()
}

fn days(given: &[RetryWeekday]) -> Vec<domain::Weekday> {
    given.iter().map(|day| (*day).into()).collect()
}

impl NewRetryPolicy {
    /// What it says.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn terms(&self) -> Result<TermsChange, Invalid> {
        let patch = RetryPolicyPatch {
            name: None,
            offsets: Some(self.offsets.clone()),
            local_hour: Some(self.local_hour),
            weekdays: self.weekdays.clone(),
            paydays: self.paydays.clone(),
            jitter: self.jitter.clone(),
            outage_offsets: self.outage_offsets.clone(),
            final_action: self.final_action,
            adaptive: Some(self.adaptive),
            default: None,
        };
        Ok(patch.change()?.terms)
    }
}

impl RetryPolicyPatch {
    /// What it changes.
    ///
    /// # Errors
    /// [`Invalid`] with every value that cannot be read.
    pub fn change(&self) -> Result<PolicyChange, Invalid> {
        let mut faults = Faults::none();
        let terms = TermsChange {
            offsets: self.offsets.as_ref().map(|texts| spans(&mut faults, "/offsets", texts)),
            local_hour: self.local_hour,
            weekdays: self.weekdays.as_deref().map(days),
            paydays: self.paydays.clone(),
            jitter: self
                .jitter
                .as_ref()
                .and_then(|text| faults.keep("/jitter", "bad_duration", text.parse())),
            outage_offsets: self
                .outage_offsets
                .as_ref()
                .map(|texts| spans(&mut faults, "/outage_offsets", texts)),
            final_action: self.final_action.map(Into::into),
            adaptive: self.adaptive,
        };
        faults.into_result()?;
        Ok(PolicyChange { name: self.name.clone(), is_default: self.default, terms })
    }
}

/// How payments that failed are tried again.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RetryPolicy {
    #[schema(value_type = String, example = "rp_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: RetryPolicyId,
    pub name: String,
    /// Whether invoices whose first attempt fails from now on follow it.
    pub default: bool,
    /// The newest; invoices that began with another one go on by that.
    #[schema(example = 1)]
    pub version: i32,
    /// From each failure to the next try.
    #[schema(example = json!(["P1D", "P3D"]))]
    pub offsets: Vec<String>,
    pub local_hour: Option<u32>,
    pub weekdays: Vec<RetryWeekday>,
    pub paydays: Vec<u32>,
    #[schema(example = "PT0M")]
    pub jitter: String,
    #[schema(example = json!(["PT5M", "PT30M", "PT2H"]))]
    pub outage_offsets: Vec<String>,
    pub final_action: FinalAction,
    /// Whether steps are taken on an earlier day where your own retries say that this day is better.
    pub adaptive: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl From<domain::RetryPolicy> for RetryPolicy {
    fn from(policy: domain::RetryPolicy) -> RetryPolicy {
        let texts = |spans: Vec<Span>| spans.into_iter().map(String::from).collect();
        let terms = policy.terms;
        RetryPolicy {
            id: policy.id,
            name: policy.name,
            default: policy.is_default,
            version: policy.version,
            offsets: texts(terms.offsets),
            local_hour: terms.local_hour,
            weekdays: terms.weekdays.into_iter().map(Into::into).collect(),
            paydays: terms.paydays,
            jitter: terms.jitter.into(),
            outage_offsets: texts(terms.outage_offsets),
            final_action: terms.final_action.into(),
            adaptive: terms.adaptive,
            created_at: policy.created_at,
            updated_at: policy.updated_at,
        }
    }
}
