//! How does a tenant take events? However late, and refusing those of customers and types that nothing is known of, unless it says otherwise.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use crate::domain::fields::Faults;
use crate::domain::refusal::Invalid;

/// What a tenant has set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// An event older than so many days is refused; `None`: none is.
    pub maximum_lateness_days: Option<u32>,
    pub unknown_usage: UnknownUsage,
    /// Events are dropped after so many days, what they add up to never; `None`: they are kept.
    pub retention_days: Option<u32>,
    /// Events before it have been dropped.
    pub dropped_before: Option<DateTime<Utc>>,
}

/// What is done with an event of an unknown customer, or of a type that no meter looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum UnknownUsage {
    /// It is rejected with its code.
    #[default]
    Refuse,
    /// It is kept, and counted by a replay once there is such a customer and meter.
    Keep,
}

impl Settings {
    /// Whether they can be kept to.
    ///
    /// # Errors
    /// [`Invalid`] naming each that cannot.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        if self.maximum_lateness_days.is_some_and(|days| days > 3_660) {
            faults.add(
                "/maximum_lateness_days",
                "out_of_range",
                "maximum_lateness_days is 0 to 3660, or null for none",
            );
        }
        if self.retention_days.is_some_and(|days| !(31..=36_600).contains(&days)) {
            faults.add(
                "/retention_days",
                "out_of_range",
                "retention_days is 31 to 36600, or null to keep events",
            );
        }
        faults.into_result()
    }
}
