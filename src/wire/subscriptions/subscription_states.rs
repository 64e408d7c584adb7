//! In which words is it told how a subscription stands? `"status": "paused"`, `"collection": "automatic"`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::pause_modes::PauseMode;
use crate::domain::subscriptions as domain;

/// How invoices are paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    /// The customer's default payment method is charged.
    Automatic,
    /// The customer pays the invoice.
    SendInvoice,
}

/// What happens at a trial's end without a payment method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WithoutMethod {
    /// It is billed all the same.
    #[default]
    Bill,
    /// It is canceled.
    Cancel,
    /// It is paused until it is resumed.
    Pause,
}

impl From<WithoutMethod> for domain::trial::WithoutMethod {
    fn from(policy: WithoutMethod) -> domain::trial::WithoutMethod {
        match policy {
            WithoutMethod::Bill => domain::trial::WithoutMethod::Bill,
            WithoutMethod::Cancel => domain::trial::WithoutMethod::Cancel,
            WithoutMethod::Pause => domain::trial::WithoutMethod::Pause,
        }
    }
}

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
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

impl From<Status> for domain::Status {
    fn from(status: Status) -> domain::Status {
        match status {
            Status::Pending => domain::Status::Pending,
            Status::Trialing => domain::Status::Trialing,
            Status::Active => domain::Status::Active,
            Status::Paused => domain::Status::Paused,
            Status::Ended => domain::Status::Ended,
            Status::Canceled => domain::Status::Canceled,
        }
    }
}

impl From<domain::Status> for Status {
    fn from(status: domain::Status) -> Status {
        match status {
            domain::Status::Pending => Status::Pending,
            domain::Status::Trialing => Status::Trialing,
            domain::Status::Active => Status::Active,
            domain::Status::Paused => Status::Paused,
            domain::Status::Ended => Status::Ended,
            domain::Status::Canceled => Status::Canceled,
        }
    }
}

impl From<Collection> for domain::Collection {
    fn from(collection: Collection) -> domain::Collection {
        match collection {
            Collection::Automatic => domain::Collection::Automatic,
            Collection::SendInvoice => domain::Collection::SendInvoice,
        }
    }
}

impl From<domain::Collection> for Collection {
    fn from(collection: domain::Collection) -> Collection {
        match collection {
            domain::Collection::Automatic => Collection::Automatic,
            domain::Collection::SendInvoice => Collection::SendInvoice,
        }
    }
}
