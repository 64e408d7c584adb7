//! How much was used? A meter turns events into a quantity: `sum` of `tokens` over the events of type `llm.request`.
//!
//! 4,808 and 3,180 tokens in January → 7,988. What a quantity costs is [`rating`](super::rating)'s question.
//!
//! **Owns**: Events, meters, and what meters measured in a period, with every way of correcting it.
//!
//! **Not its own**: What a quantity costs ([`rating`](super::rating)); which usage is billed when ([`billing`](super::billing)).
//!
//! **Laws**: An event counts once for ever. A roll-up is the sum of its events. Every aggregation of a period is that of its parts,
//! merged.

pub mod backfill;
pub mod buckets;
pub mod data;
pub mod draft;
pub mod event;
pub mod exact;
pub mod import;
pub mod measured;
pub mod reading;
pub mod refused;
pub mod settings;
pub mod slices;
pub mod tallied;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

pub use data::Data;
pub use draft::MeterDraft;
pub use event::Event;
pub use exact::Exact;
pub use measured::{Group, Usage};
pub use refused::Refused;
pub use settings::{Settings, UnknownUsage};

use super::ids::MeterId;

/// What is counted, of which events, and apart by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    pub id: MeterId,
    pub code: String,
    pub name: String,
    /// The CloudEvents `type` of the events it looks at.
    pub event_type: String,
    pub aggregation: Aggregation,
    /// The member of the event's `data` that holds the value; `None` only for [`Aggregation::Count`].
    pub value_property: Option<String>,
    /// The member of the event's `data` that holds what the event costs, for prices of type `dynamic`.
    pub price_property: Option<String>,
    /// An event counts when it passes every one.
    pub filters: Vec<Filter>,
    /// Members of the event's `data` by which quantities are kept apart, such as `model` and `region`.
    pub dimensions: Vec<String>,
    pub created_at: DateTime<Utc>,
}

/// An event passes when this member of its `data` is one of these values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    pub property: String,
    pub values: Vec<String>,
}

/// How the events of a period become one quantity.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Aggregation {
    /// The values added up.
    Sum,
    /// How many events.
    Count,
    /// The largest value.
    Max,
    /// The value of the latest event.
    Latest,
    /// How many different values.
    UniqueCount,
    /// Each value times the hours it was held, until the next event's value or the period's end: 10 GB for 744 hours are 7,440.
    /// What was held when a period begins is held on.
    WeightedSum,
    /// The values added up, divided by how many there are.
    Average,
}

impl Meter {
    /// What an event of the feed carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "meter",
            "id": self.id,
            "code": self.code,
            "name": self.name,
            "event_type": self.event_type,
            "aggregation": self.aggregation,
        })
    }
}
