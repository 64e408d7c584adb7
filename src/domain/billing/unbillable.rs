//! Why can a subscription not be billed? Its customer is parked with the reason.

use chrono::{DateTime, Utc};

use crate::domain::calendar::CalendarError;
use crate::domain::money::MoneyError;
use crate::domain::refusal::Refusal;

/// Why a subscription cannot be billed: its customer is parked with this reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unbillable {
    /// A sum or product does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A period lies outside the calendar.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A usage price of which no meter says how much was used.
    #[error("what was used in a period of a usage price is not known: its meter is missing")]
    NotMeasured,
}

/// Why a change is not made: billing would have to look at too many lines again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "more than {most} lines are invoiced from then on, and no more can be looked at again at once: choose an effective_at after {after}, \
     and give back what was invoiced before by credit notes"
)]
pub struct TooManyPeriods {
    /// How many lines may be looked at again.
    pub most: i64,
    /// From after this on there are no more than that.
    pub after: DateTime<Utc>,
}

impl Refusal for TooManyPeriods {
    fn code(&self) -> &'static str {
        "too_many_periods"
    }

    fn pointer(&self) -> Option<String> {
        Some("/effective_at".to_owned())
    }
}

impl Refusal for Unbillable {
    fn code(&self) -> &'static str {
        match self {
            Unbillable::Money(_) => "amount_out_of_range",
            Unbillable::Calendar(_) => "date_out_of_range",
            Unbillable::NotMeasured => "not_measured",
        }
    }
}
