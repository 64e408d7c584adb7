//! How is time written? A period as `{"start": …, "end": …}`, its end not in it; and only years that a calendar can hold.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// From `start` up to, not including, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Period {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

/// Years in which anything can have happened: far outside the database knows no dates.
pub(in crate::wire) const YEARS: std::ops::RangeInclusive<i32> = 1900..=2400;
