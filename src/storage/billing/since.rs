//! From when on are the facts of a subscription loaded?

use chrono::{DateTime, Utc};

use crate::domain::ids::SubscriptionId;

/// A subscription, and the first start of a charge that is looked at.
pub type Since = (SubscriptionId, DateTime<Utc>);
