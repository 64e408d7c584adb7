//! Why can a subscription not be billed? Its customer is parked with the reason.

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

impl Refusal for Unbillable {
    fn code(&self) -> &'static str {
        match self {
            Unbillable::Money(_) => "amount_out_of_range",
            Unbillable::Calendar(_) => "date_out_of_range",
            Unbillable::NotMeasured => "not_measured",
        }
    }
}
