//! What becomes of the paid rest of a period in a break? `"credit"` or `"extend"`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::subscriptions::breaks::pause;

/// What becomes of the rest of the period that is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PauseMode {
    /// It is credited; after the break, the rest of the period it falls in is charged.
    Credit,
    /// It is had after the break: the paid period, and an agreed end, move by the days of the break.
    Extend,
}

impl From<pause::PauseMode> for PauseMode {
    fn from(mode: pause::PauseMode) -> PauseMode {
        match mode {
            pause::PauseMode::Credit => PauseMode::Credit,
            pause::PauseMode::Extend => PauseMode::Extend,
        }
    }
}
