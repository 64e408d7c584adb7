//! What is charged for something, and by which policy what failed is tried again? What an invoice says, before its subscriptions, before its
//! customer: `{"payment_method_id": "pm_…", "retry_policy_id": "rp_…"}` of a subscription.

use strum::{EnumString, IntoStaticStr};
use uuid::Uuid;

use crate::domain::ids::{CustomerId, InvoiceId, PaymentMethodId, RetryPolicyId, SubscriptionId};

/// What can say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Owner {
    /// For all that it pays; its payment method is its default.
    Customer,
    /// For the invoices that bill it.
    Subscription,
    /// For itself.
    Invoice,
}

/// Which one says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OwnerId {
    /// A customer.
    Customer(CustomerId),
    /// A subscription.
    Subscription(SubscriptionId),
    /// An invoice.
    Invoice(InvoiceId),
}

impl OwnerId {
    /// What kind of thing it is.
    #[must_use]
    pub const fn owner(self) -> Owner {
        match self {
            OwnerId::Customer(_) => Owner::Customer,
            OwnerId::Subscription(_) => Owner::Subscription,
            OwnerId::Invoice(_) => Owner::Invoice,
        }
    }

    /// Its id.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        match self {
            OwnerId::Customer(id) => id.uuid(),
            OwnerId::Subscription(id) => id.uuid(),
            OwnerId::Invoice(id) => id.uuid(),
        }
    }
}

/// What it says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Preferences {
    pub payment_method_id: Option<PaymentMethodId>,
    pub retry_policy_id: Option<RetryPolicyId>,
}

/// What is said anew; the inner `None` takes a value away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    pub payment_method_id: Option<Option<PaymentMethodId>>,
    pub retry_policy_id: Option<Option<RetryPolicyId>>,
}

impl Preferences {
    /// The same with what is said anew.
    #[must_use]
    pub fn with(self, change: Change) -> Preferences {
        Preferences {
            payment_method_id: change.payment_method_id.unwrap_or(self.payment_method_id),
            retry_policy_id: change.retry_policy_id.unwrap_or(self.retry_policy_id),
        }
    }

    /// Whether it says anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Preferences::default()
    }

    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self, owner: Owner) -> serde_json::Value {
        serde_json::json!({
            "object": "payment_preferences",
            "owner": owner.into_str(),
            "payment_method_id": self.payment_method_id,
            "retry_policy_id": self.retry_policy_id,
        })
    }
}
