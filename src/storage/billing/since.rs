//! From when on is what is known of a subscription asked for?

use chrono::{DateTime, Utc};

use crate::domain::ids::SubscriptionId;

/// A subscription, and the first start of a charge that is looked at.
pub type Since = (SubscriptionId, DateTime<Utc>);
