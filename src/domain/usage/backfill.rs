//! How is a range of usage corrected as a whole? A backfill gathers the events that are to take the place of those that count.

use chrono::{DateTime, Utc};
use serde::Serialize;
use strum::{EnumString, IntoStaticStr};

use crate::domain::calendar::Period;
use crate::domain::ids::{BackfillId, CustomerId};
use crate::domain::refusal::{Refusal, RefusalKind};

/// Events of one type, and perhaps of one customer, in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backfill {
    pub id: BackfillId,
    pub event_type: String,
    /// `None`: of every customer.
    pub customer_id: Option<CustomerId>,
    pub period: Period,
    pub status: Status,
    pub created_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub reverted_at: Option<DateTime<Utc>>,
}

/// How far a backfill is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Status {
    /// It gathers events, which do not count yet.
    Open,
    /// Its events count in place of those before.
    Closed,
    /// It does not count; what it had replaced does.
    Reverted,
}

/// Why a backfill does not do what it is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the backfill is {}; make another for further corrections", self.0.into_str())]
pub struct BackfillRefused(pub Status);

impl Refusal for BackfillRefused {
    fn code(&self) -> &'static str {
        match self.0 {
            Status::Open => "backfill_open",
            Status::Closed => "backfill_closed",
            Status::Reverted => "backfill_reverted",
        }
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::State
    }
}

impl Backfill {
    /// What an event of the feed carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "usage_backfill",
            "id": self.id,
            "event_type": self.event_type,
            "customer_id": self.customer_id,
            "from": self.period.start,
            "to": self.period.end,
            "status": self.status,
        })
    }
}
