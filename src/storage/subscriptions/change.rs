//! What changed a subscription? A command: its kind, who gave it, when, and whether it is void.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::domain::ids::{ApiKeyId, ChangeId, SubscriptionId};

/// A command that changed a subscription.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub id: ChangeId,
    pub subscription_id: SubscriptionId,
    /// Such as `change` or `cancel`.
    pub kind: String,
    pub effective_at: DateTime<Utc>,
    pub requested_at: DateTime<Utc>,
    /// The key of the call; `None`: the system itself.
    pub api_key_id: Option<ApiKeyId>,
    /// As it was requested.
    pub request: Value,
    /// Since when it is void, and by which change.
    pub taken_back: Option<(DateTime<Utc>, ChangeId)>,
}
