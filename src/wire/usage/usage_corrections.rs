//! How is usage corrected? An event is voided by its source and id, a range replayed, or replaced by a backfill.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::ids::{BackfillId, CustomerId, MeterId};
use crate::domain::usage::backfill as domain;

/// The event that is not to count.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"source": "api.example.com", "id": "req-4711"}))]
pub struct VoidUsageEvent {
    pub source: String,
    pub id: String,
}

/// An event that does not count. Its id stays used.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct VoidedUsageEvent {
    #[schema(example = "api.example.com")]
    pub source: String,
    #[schema(example = "req-4711")]
    pub id: String,
    #[serde(rename = "type")]
    #[schema(rename = "type", example = "llm.request")]
    pub type_: String,
    #[schema(value_type = String, example = "cus_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub customer_id: CustomerId,
    pub time: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
    pub voided_at: DateTime<Utc>,
}

/// A range of time to be counted again.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z", "dry_run": true}))]
pub struct NewReplay {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// Tell what it would do, and do nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// What a replay did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Replay {
    pub dry_run: bool,
    /// Kept events that count now.
    #[schema(example = 12)]
    pub counted: u64,
    /// Kept events of which the customer or meter is still not there.
    #[schema(example = 0)]
    pub still_kept: u64,
    /// Kept events that a meter cannot read.
    #[schema(example = 0)]
    pub unreadable: u64,
    /// Hours of a meter and customer that were added up again.
    #[schema(example = 744)]
    pub hours: u64,
}

/// A range of events to be replaced: give the type of event, or a meter that looks at it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"event_type": "llm.request", "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}))]
pub struct NewBackfill {
    pub event_type: Option<String>,
    #[schema(value_type = Option<String>)]
    pub meter_id: Option<MeterId>,
    /// Events of this customer only; of every customer, when left out.
    #[schema(value_type = Option<String>)]
    pub customer_id: Option<CustomerId>,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

/// A range of events that is, or will be, replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Backfill {
    #[schema(value_type = String, example = "backfill_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: BackfillId,
    #[schema(example = "llm.request")]
    pub event_type: String,
    #[schema(value_type = Option<String>)]
    pub customer_id: Option<CustomerId>,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// `open`, `closed` or `reverted`.
    #[schema(example = "open")]
    pub status: String,
    pub created_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub reverted_at: Option<DateTime<Utc>>,
}

/// Whether it is only tried.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"dry_run": true}))]
pub struct SettleBackfill {
    /// Tell what it would do, and do nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// What closing or reverting did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettledBackfill {
    pub dry_run: bool,
    /// As it is afterwards, or would be.
    pub backfill: Backfill,
    /// Events that no longer count.
    #[schema(example = 1200)]
    pub events_removed: i64,
    /// Events that count now.
    #[schema(example = 1180)]
    pub events_added: i64,
    /// The first 1,000 quantities of the backfill's period that change.
    pub changes: Vec<QuantityChange>,
}

/// A quantity that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuantityChange {
    #[schema(value_type = String, example = "cus_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub customer_id: CustomerId,
    #[schema(example = "tokens")]
    pub meter_code: String,
    #[schema(example = "48000")]
    pub before: String,
    #[schema(example = "47100")]
    pub after: String,
}

impl From<domain::Backfill> for Backfill {
    fn from(backfill: domain::Backfill) -> Backfill {
        Backfill {
            id: backfill.id,
            event_type: backfill.event_type,
            customer_id: backfill.customer_id,
            from: backfill.period.start,
            to: backfill.period.end,
            status: backfill.status.into_str().to_owned(),
            created_at: backfill.created_at,
            closed_at: backfill.closed_at,
            reverted_at: backfill.reverted_at,
        }
    }
}
