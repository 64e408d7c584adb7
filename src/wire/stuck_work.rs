//! What does not come to its end? `{"unfinished": [{"kind": "plan_migrations", "count": 1, …}], "parked": [], "jobs": […], …}`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::parked_work::KindOfWork;

/// Work of the tenant that has not come to its end, and when the server's jobs last did all that was due. Where nothing is stuck, `parked` is
/// empty, the counts are zero, or of what just runs, and `oldest_event_at` is null.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WorkHealth {
    /// Long work that was begun and is not through, by kind.
    pub unfinished: Vec<UnfinishedWork>,
    /// Work that could not be done and is put off, by kind: see `GET /v1/parked_work`.
    pub parked: Vec<ParkedCount>,
    /// When the oldest event came up that has no place in the feed; a second ago at most, where the relay runs.
    pub oldest_event_at: Option<DateTime<Utc>>,
    /// The jobs that this server has run since it was started.
    pub jobs: Vec<JobHealth>,
}

/// Long work of a kind.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UnfinishedWork {
    /// `bill_runs`, `plan_migrations`, `usage_backfills`, `clock_advances`, or `functional_waits`: customers of whom something posted waits for
    /// an exchange rate.
    #[schema(example = "plan_migrations")]
    pub kind: String,
    #[schema(example = 1)]
    pub count: i64,
    /// When the first of it was begun, in the tenant's time.
    pub oldest_at: Option<DateTime<Utc>>,
}

/// Work of a kind that is put off.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ParkedCount {
    pub work: KindOfWork,
    #[schema(example = 2)]
    pub count: i64,
    /// When the one that waits longest was tried last, in the tenant's time.
    pub oldest_at: Option<DateTime<Utc>>,
}

/// A job of the server.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JobHealth {
    #[schema(example = "billing")]
    pub job: String,
    /// When it last did all that was due.
    pub ended_well_at: DateTime<Utc>,
}
