//! What was an endpoint sent, and what did it answer? A line for each event, with its attempts: `{"event_id": "evt_…", "status": "pending",
//! "attempts": 2, "next_attempt_at": …, "log": [{"at": …, "status": 503, "milliseconds": 12}]}`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::ids::EventId;
use crate::domain::webhooks as domain;
use crate::wire::mirror::mirror;

mirror! {
    /// How a delivery stands.
    pub enum DeliveryStatus = domain::DeliveryStatus {
        /// It is tried, now or at `next_attempt_at`.
        Pending,
        /// The endpoint took it: it answered 2xx.
        Delivered,
        /// It was tried for three days, or the endpoint is gone.
        Failed,
    }
}

/// Which deliveries.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    pub status: Option<DeliveryStatus>,
    #[param(example = "invoice.paid")]
    pub event_type: Option<String>,
    #[param(value_type = Option<String>)]
    pub event_id: Option<EventId>,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliveryAttempt {
    /// By the tenant's clock.
    pub at: DateTime<Utc>,
    /// What the endpoint answered; null: nothing.
    #[schema(example = 503)]
    pub status: Option<u16>,
    /// How long it took.
    pub milliseconds: u64,
    /// What went wrong, in words.
    pub trouble: Option<String>,
    /// The beginning of the answer.
    pub answer: Option<String>,
}

/// An event that an endpoint was sent, or is to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Delivery {
    /// The header `webhook-id` of each attempt.
    #[schema(value_type = String, example = "evt_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub event_id: EventId,
    /// The event's place in the feed.
    pub sequence: i64,
    #[schema(example = "invoice.paid")]
    pub event_type: String,
    pub status: DeliveryStatus,
    /// Since it was begun, or sent again.
    pub attempts: i32,
    /// Null when it is at its end.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// The last twenty attempts, the oldest first.
    pub log: Vec<DeliveryAttempt>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// What a delivery is made of.
#[derive(Debug, Clone)]
pub struct DeliveryParts {
    pub event: (EventId, i64, String),
    pub status: domain::DeliveryStatus,
    pub attempts: i32,
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub log: Vec<domain::Attempt>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl From<DeliveryParts> for Delivery {
    fn from(parts: DeliveryParts) -> Delivery {
        let (event_id, sequence, event_type) = parts.event;
        let attempt = |made: domain::Attempt| DeliveryAttempt {
            at: made.at,
            status: made.status,
            milliseconds: made.milliseconds,
            trouble: made.trouble,
            answer: made.answer,
        };
        Delivery {
            event_id,
            sequence,
            event_type,
            status: parts.status.into(),
            attempts: parts.attempts,
            next_attempt_at: parts.next_attempt_at,
            log: parts.log.into_iter().map(attempt).collect(),
            created_at: parts.created_at,
            finished_at: parts.finished_at,
        }
    }
}

/// What to send again.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"failed_only": true}))]
pub struct WebhookReplay {
    /// Events that happened then or later.
    pub from: Option<DateTime<Utc>>,
    /// Events that happened before.
    pub to: Option<DateTime<Utc>>,
    /// These events, whether the endpoint wants their types or not: at most 1,000.
    #[schema(value_type = Option<Vec<String>>)]
    pub event_ids: Option<Vec<EventId>>,
    /// Of these only what was given up; alone: all of that.
    #[serde(default)]
    pub failed_only: bool,
}

/// That events are sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WebhookReplayed {
    /// How many.
    #[schema(example = 3)]
    pub replayed: usize,
}

/// That a test is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EndpointTest {
    /// An event `webhook_endpoint.tested`: see what became of it in `deliveries?event_id=`.
    #[schema(value_type = String, example = "evt_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub event_id: EventId,
}
