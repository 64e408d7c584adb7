//! What becomes of what is disputed? Nothing by itself, or what a tenant has said: `{"invoice": "reopen", "subscription": "cancel_now"}` has the
//! invoice of a lost dispute owed again, and ends the subscription as soon as a payment of it is disputed.

use strum::{EnumString, IntoStaticStr};

/// What becomes of the invoice of what is lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Invoice {
    /// It stays paid: the loss is an expense.
    #[default]
    LeavePaid,
    /// It is owed again, and not charged by itself.
    Reopen,
}

/// What becomes of the subscriptions that a disputed invoice bills.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Subscription {
    /// Nothing.
    #[default]
    None,
    /// They are paused.
    Pause,
    /// They end with their period.
    CancelAtPeriodEnd,
    /// They end now.
    CancelNow,
}

/// What becomes of a payment that its issuer takes for fraud.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum OnWarning {
    /// Nothing.
    Ignore,
    /// Somebody is told.
    #[default]
    Task,
    /// It is refunded, before anybody disputes it.
    Refund,
}

/// What a tenant has said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Policy {
    pub invoice: Invoice,
    pub subscription: Subscription,
    pub fraud_warning: OnWarning,
}

/// What of it is to change; `None` stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PolicyChange {
    pub invoice: Option<Invoice>,
    pub subscription: Option<Subscription>,
    pub fraud_warning: Option<OnWarning>,
}

impl Policy {
    /// The same with what is to change.
    #[must_use]
    pub fn with(self, change: PolicyChange) -> Policy {
        Policy {
            invoice: change.invoice.unwrap_or(self.invoice),
            subscription: change.subscription.unwrap_or(self.subscription),
            fraud_warning: change.fraud_warning.unwrap_or(self.fraud_warning),
        }
    }

    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "dispute_settings",
            "invoice": self.invoice.into_str(),
            "subscription": self.subscription.into_str(),
            "fraud_warning": self.fraud_warning.into_str(),
        })
    }
}
