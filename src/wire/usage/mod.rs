//! How is usage read? `GET /v1/usage?customer_id=cus_…&meter=tokens&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z&by=day`.
//!
//! What is on this shelf, what is not, and its laws: [`domain::usage`](crate::domain::usage).

pub mod meters;
pub mod usage_corrections;
pub mod usage_events;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::patch::{given, present};
use crate::domain::ids::{CustomerId, MeterId};
use crate::domain::usage as domain;
use crate::wire::mirror::mirror;

/// Whose usage, by which meter, when.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UsageQuery {
    #[param(value_type = String)]
    pub customer_id: CustomerId,
    /// The meter's id or code.
    pub meter: String,
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
    /// One quantity for each hour, for each day in the customer's time zone, or for the whole period.
    #[serde(default)]
    #[param(inline)]
    pub by: By,
    /// Dimensions of the meter, comma-separated, by whose values quantities are kept apart.
    pub group: Option<String>,
}

/// How finely.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Hour,
    Day,
    #[default]
    Period,
}

/// What was used.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UsageAnswer {
    #[schema(value_type = String, example = "cus_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub customer_id: CustomerId,
    #[schema(value_type = String, example = "meter_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub meter_id: MeterId,
    #[schema(example = "tokens")]
    pub meter_code: String,
    /// In order of time; what has no usage is listed with 0.
    pub data: Vec<UsageWindow>,
}

/// What was used in a stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UsageWindow {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// As the meter aggregates; over all groups of dimensions, added as an invoice adds them.
    #[schema(example = "7988")]
    pub quantity: String,
    /// Events behind it.
    #[schema(example = 2)]
    pub events: i64,
    /// One for each combination of the dimensions asked for, when any was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<UsageGroup>,
}

/// What was used of one combination of dimension values.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UsageGroup {
    #[schema(example = json!({"model": "large"}))]
    pub dimensions: BTreeMap<String, String>,
    #[schema(example = "7000")]
    pub quantity: String,
    #[schema(example = 1)]
    pub events: i64,
}

/// How events are taken.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UsageSettings {
    /// An event older than so many days is refused as `too_late`; null: none is.
    pub maximum_lateness_days: Option<u32>,
    pub unknown_usage: UnknownUsage,
    /// Events are dropped after so many days, once they are billed; what they add up to is kept. Null: they are kept.
    pub retention_days: Option<u32>,
}

mirror! {
    /// What is done with an event of an unknown customer, or of a type that no meter looks at.
    pub enum UnknownUsage = domain::UnknownUsage {
        /// It is rejected with its code.
        Refuse,
        /// It is kept, and counted by a replay once there is such a customer and meter.
        Keep,
    }
}

/// What is to be set; what is left out stays as it is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"maximum_lateness_days": 30, "unknown_usage": "keep"}))]
pub struct UsageSettingsPatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    pub maximum_lateness_days: Option<Option<u32>>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub unknown_usage: Option<UnknownUsage>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    pub retention_days: Option<Option<u32>>,
}

impl From<domain::Settings> for UsageSettings {
    fn from(settings: domain::Settings) -> UsageSettings {
        UsageSettings {
            maximum_lateness_days: settings.maximum_lateness_days,
            unknown_usage: settings.unknown_usage.into(),
            retention_days: settings.retention_days,
        }
    }
}
