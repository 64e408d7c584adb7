//! What does a month of what is subscribed come to, and what moved it? Monthly recurring revenue by subscriptions' timelines: recurring prices in force, a
//! year's in twelfths, usage, one-off charges, trials, breaks and coupons left out.
//!
//! 5 seats at 12.00 a month are 60.00. On the 10th they become 8: 36.00 of expansion. A customer whose last subscription ends churns with all of it.

mod movements;
mod parts;
pub mod report;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use strum::{EnumString, IntoStaticStr, VariantArray};

pub use movements::movements;

use crate::domain::ids::{CustomerId, SubscriptionId};
use crate::domain::money::Money;

/// What moved it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Kind {
    /// A customer who never had any has some.
    New,
    /// More, or dearer things, of a customer who has some.
    Expansion,
    /// The same things at another price: a new version of their plan, or a price of their own.
    Price,
    /// Less, or cheaper things, of a customer who keeps some.
    Contraction,
    /// A customer has none any more: the last subscription ended, or rests.
    Churn,
    /// A customer who had none any more has some again.
    Reactivation,
}

/// That it moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    pub customer_id: CustomerId,
    pub subscription_id: SubscriptionId,
    pub at: DateTime<Utc>,
    pub kind: Kind,
    /// By how much; below zero where it is less.
    pub amount: Money,
}
