//! What time is it for this tenant? `{"now": "2026-01-31T00:00:00Z"}`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A test tenant's own clock. It stands still until it is advanced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestClock {
    /// The tenant's now.
    #[schema(example = "2026-01-31T00:00:00Z")]
    pub now: DateTime<Utc>,
}
