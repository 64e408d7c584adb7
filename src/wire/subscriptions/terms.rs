//! How are contract terms written? `{"term": {"interval": "year"}, "notice_days": 30}`: a year, renewed by years, 30 days' notice.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::calendar::{CalendarError, Interval};
use crate::domain::fields::{Faults, below};
use crate::domain::subscriptions::Subscription;
use crate::domain::subscriptions::renewal::RenewalRequest;
use crate::domain::subscriptions::terms::{self as domain, TermsRequest};
use crate::wire::amounts::DecimalText;
use crate::wire::catalog::plans::IntervalUnit;

/// For how long a subscription is agreed. Counted from its start, or from the end of its trial.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"term": {"interval": "year"}, "notice_days": 30,
    "early_termination_fee": {"type": "remaining", "percent": "50"}}))]
pub struct NewTerms {
    /// A fixed term; evergreen when left out.
    pub term: Option<Length>,
    /// The length of every later term; as the first when left out.
    pub renewal_term: Option<Length>,
    /// Whether a term follows the first; true when left out. If not, the subscription ends with its term.
    pub auto_renew: Option<bool>,
    /// It does not end sooner.
    pub minimum_term: Option<Length>,
    /// What ending it sooner than agreed costs; refused when left out.
    pub early_termination_fee: Option<EarlyTerminationFee>,
    /// Notice of an end must be given so many days ahead: 0 to 366; 0 when left out.
    #[schema(minimum = 0, maximum = 366)]
    pub notice_days: Option<u32>,
    /// `subscription.term_will_end` is emitted so many days before a term ends: 0 (never) to 366; 30 when left out. Not of terms
    /// that are not longer than that.
    #[schema(minimum = 0, maximum = 366)]
    pub reminder_days: Option<u32>,
}

/// How long: 12 months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Length {
    pub interval: IntervalUnit,
    /// 1 to 1000; 1 when left out.
    #[serde(default = "one")]
    #[schema(default = 1, minimum = 1, maximum = 1000)]
    pub interval_count: u32,
}

fn one() -> u32 {
    1
}

/// The price of leaving early.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum EarlyTerminationFee {
    /// So much, in the subscription's currency.
    Fixed {
        #[schema(value_type = String, example = "500.00")]
        amount: DecimalText,
    },
    /// So many percent of what its recurring prices would have charged to the end agreed, before discounts.
    Remaining {
        #[schema(value_type = String, example = "50")]
        percent: DecimalText,
    },
}

/// Whether its terms renew.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"auto_renew": false}))]
pub struct SetRenewal {
    /// False: it ends with the term it is in, or with the next when it is too late for the notice agreed.
    pub auto_renew: bool,
}

/// What was agreed, and where that stands now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Terms {
    /// Null: evergreen.
    pub term: Option<Length>,
    pub renewal_term: Option<Length>,
    pub auto_renew: bool,
    pub minimum_term: Option<Length>,
    pub early_termination_fee: Option<ShownFee>,
    pub notice_days: u32,
    pub reminder_days: u32,
    /// Null: evergreen.
    pub current_term: Option<Term>,
    /// The first instant at which it can end without a fee, if canceled now.
    pub earliest_end: DateTime<Utc>,
}

/// A term; the first is number 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Term {
    pub number: i64,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

/// The price of leaving early, as agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ShownFee {
    /// So much, in the subscription's currency.
    Fixed { amount: String },
    /// So many percent of what remains.
    Remaining { percent: String },
}

impl Length {
    pub(in crate::wire) fn read(self, at: &str, faults: &mut Faults) -> Option<Interval> {
        let read = Interval::requested(self.interval.into(), self.interval_count);
        faults.keep(&below(at, "interval_count"), "out_of_range", read)
    }
}

impl From<Interval> for Length {
    fn from(interval: Interval) -> Length {
        Length { interval: interval.unit.into(), interval_count: u32::from(interval.count) }
    }
}

impl NewTerms {
    pub(in crate::wire) fn read(&self, faults: &mut Faults) -> TermsRequest {
        let mut length = |named: Option<Length>, at: &str| {
            named.and_then(|length| length.read(&below("/terms", at), faults))
        };
        let term = length(self.term, "term");
        let renewal_term = length(self.renewal_term, "renewal_term");
        let minimum = length(self.minimum_term, "minimum_term");
        let at = "/terms/early_termination_fee";
        let fee = self.early_termination_fee.as_ref().and_then(|fee| match fee {
            EarlyTerminationFee::Fixed { amount } => {
                amount.read(&below(at, "amount"), faults).map(|amount| domain::Fee::Fixed { amount })
            }
            EarlyTerminationFee::Remaining { percent } => {
                percent.read(&below(at, "percent"), faults).map(|percent| domain::Fee::Remaining { percent })
            }
        });
        TermsRequest {
            term,
            renewal_term,
            auto_renew: self.auto_renew,
            minimum,
            fee,
            notice_days: self.notice_days,
            reminder_days: self.reminder_days,
        }
    }
}

impl SetRenewal {
    /// The domain's reading of it.
    #[must_use]
    pub fn parse(self) -> RenewalRequest {
        RenewalRequest { renews: self.auto_renew }
    }
}

impl Terms {
    /// The terms of a subscription as they stand at an instant; `None` when it has none.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] outside the calendar's years.
    pub fn at(subscription: &Subscription, now: DateTime<Utc>) -> Result<Option<Terms>, CalendarError> {
        let Some(terms) = subscription.terms else { return Ok(None) };
        let at = now.max(subscription.begins_at());
        let term = subscription.term_at(at)?;
        let current_term = term.map(|domain::Term { number, start, end }| Term { number, start, end });
        Ok(Some(Terms {
            term: terms.fixed.map(|fixed| fixed.first.into()),
            renewal_term: terms.fixed.filter(|fixed| fixed.renews).map(|fixed| fixed.renewal.into()),
            auto_renew: terms.fixed.is_none_or(|fixed| fixed.renews),
            minimum_term: terms.minimum.map(Length::from),
            early_termination_fee: terms.fee.map(|fee| match fee {
                domain::Fee::Fixed { amount } => ShownFee::Fixed { amount: amount.to_string() },
                domain::Fee::Remaining { percent } => {
                    ShownFee::Remaining { percent: percent.normalize().to_string() }
                }
            }),
            notice_days: terms.notice_days,
            reminder_days: terms.reminder_days,
            current_term,
            earliest_end: terms.free_to_end(subscription.since(), (now.max(subscription.start_at), now))?,
        }))
    }
}
