//! In which words is a subscription's state written? `"status": "paused"`, `"collection": "automatic"`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::pause_modes::PauseMode;
use crate::domain::subscriptions as domain;
use crate::wire::mirror::mirror;

mirror! {
    /// How invoices are paid.
    pub enum Collection = domain::Collection {
        /// The customer's default payment method is charged.
        Automatic,
        /// The customer pays the invoice.
        SendInvoice,
    }
}

mirror! {
    /// What happens at a trial's end without a payment method.
    #[derive(Default)]
    pub enum WithoutMethod = domain::trial::WithoutMethod {
        /// It is billed all the same.
        #[default]
        Bill,
        /// It is canceled.
        Cancel,
        /// It is paused until it is resumed.
        Pause,
    }
}

mirror! {
    /// Where a subscription stands.
    pub enum Status = domain::Status {
        /// Starts later.
        Pending,
        /// Is had, and nothing is charged yet.
        Trialing,
        /// Is billed.
        Active,
        /// Has a break.
        Paused,
        /// Has ended as agreed.
        Ended,
        /// Has been ended.
        Canceled,
    }
}

/// A break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Pause {
    pub from: DateTime<Utc>,
    /// Null: until it is resumed.
    pub until: Option<DateTime<Utc>>,
    pub mode: PauseMode,
}

impl From<domain::breaks::pause::Pause> for Pause {
    fn from(pause: domain::breaks::pause::Pause) -> Pause {
        Pause { from: pause.from, until: pause.until, mode: pause.mode.into() }
    }
}
