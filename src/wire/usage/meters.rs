//! How is a meter written? `{"code": "tokens", "event_type": "llm.request", "aggregation": "sum", "value_property": "tokens"}`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::ids::MeterId;
use crate::domain::usage as domain;
use crate::wire::mirror::mirror;

/// A new meter.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "tokens", "name": "Tokens", "event_type": "llm.request", "aggregation": "sum", "value_property": "tokens",
    "filters": [{"property": "status", "values": ["ok"]}], "dimensions": ["model", "region"]
}))]
pub struct NewMeter {
    /// 1 to 64 characters of a-z, A-Z, 0-9, _ and -, unique among your meters.
    pub code: String,
    /// 1 to 200 characters.
    pub name: String,
    /// The `type` of the events it looks at.
    pub event_type: String,
    pub aggregation: Aggregation,
    /// The member of an event's `data` that holds the value; left out for `count`.
    pub value_property: Option<String>,
    /// The member of an event's `data` that holds what the event costs, for prices of type `dynamic`.
    pub price_property: Option<String>,
    /// An event counts when it passes every one.
    #[serde(default)]
    pub filters: Vec<MeterFilter>,
    /// At most three members of an event's `data` by which quantities are kept apart.
    #[serde(default)]
    pub dimensions: Vec<String>,
}

mirror! {
    /// How the events of a period become one quantity.
    pub enum Aggregation = domain::Aggregation {
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
        /// Each value times the hours it was held: 10 GB for 744 hours are 7,440. What is held when a period begins is held on.
        WeightedSum,
        /// The values added up, divided by how many there are.
        Average,
    }
}

/// An event passes when this member of its `data` is one of these values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeterFilter {
    #[schema(example = "status")]
    pub property: String,
    #[schema(example = json!(["ok"]))]
    pub values: Vec<String>,
}

/// What is measured. A meter never changes: what was billed by it stays what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Meter {
    #[schema(value_type = String, example = "meter_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: MeterId,
    #[schema(example = "tokens")]
    pub code: String,
    #[schema(example = "Tokens")]
    pub name: String,
    #[schema(example = "llm.request")]
    pub event_type: String,
    pub aggregation: Aggregation,
    #[schema(example = "tokens")]
    pub value_property: Option<String>,
    pub price_property: Option<String>,
    pub filters: Vec<MeterFilter>,
    #[schema(example = json!(["model", "region"]))]
    pub dimensions: Vec<String>,
    pub created_at: DateTime<Utc>,
}

/// Which meters.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MetersQuery {
    /// The one with this code.
    pub code: Option<String>,
    /// Those that look at events of this type.
    pub event_type: Option<String>,
}

impl NewMeter {
    /// The domain's reading of it.
    #[must_use]
    pub fn parse(&self) -> domain::MeterDraft {
        let NewMeter {
            code,
            name,
            event_type,
            aggregation,
            value_property,
            price_property,
            filters,
            dimensions,
        } = self.clone();
        let filters =
            filters.into_iter().map(|f| domain::Filter { property: f.property, values: f.values }).collect();
        domain::MeterDraft {
            code,
            name,
            event_type,
            aggregation: aggregation.into(),
            value_property,
            price_property,
            filters,
            dimensions,
        }
    }
}

impl From<domain::Meter> for Meter {
    fn from(meter: domain::Meter) -> Meter {
        let filters = meter
            .filters
            .into_iter()
            .map(|f| MeterFilter { property: f.property, values: f.values })
            .collect();
        Meter {
            id: meter.id,
            code: meter.code,
            name: meter.name,
            event_type: meter.event_type,
            aggregation: meter.aggregation.into(),
            value_property: meter.value_property,
            price_property: meter.price_property,
            filters,
            dimensions: meter.dimensions,
            created_at: meter.created_at,
        }
    }
}
