//! What follows event number n in a tenant's feed? Rows of `events` in the order of their sequence.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::domain::events::EventType;
use crate::domain::ids::{EventId, TenantId};
use crate::storage::schema::events;
use crate::storage::{StorageError, Tx};

/// An event with its place in the feed.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = events)]
pub struct FedEvent {
    /// 1, 2, 3 … without a gap.
    pub sequence: i64,
    /// Of the event.
    pub id: EventId,
    /// Such as `invoice.finalized`.
    #[diesel(column_name = type_)]
    pub type_: String,
    /// The thing it happened to.
    pub object_id: Uuid,
    /// What it looked like then.
    pub data: serde_json::Value,
    /// By the tenant's clock.
    pub occurred_at: DateTime<Utc>,
}

/// Which events to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Only those after this one.
    pub after_sequence: i64,
    /// At most so many.
    pub limit: u16,
    /// Only of this type.
    pub type_: Option<EventType>,
}

/// The events after a sequence, oldest first, and whether more follow.
pub fn after(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: &Wanted,
) -> Result<(Vec<FedEvent>, bool), StorageError> {
    let mut query = events::table
        .filter(events::tenant_id.eq(tenant_id).and(events::sequence.gt(wanted.after_sequence)))
        .order(events::sequence.asc())
        .limit(i64::from(wanted.limit) + 1)
        .select(FedEvent::as_select())
        .into_boxed();
    if let Some(type_) = wanted.type_ {
        query = query.filter(events::type_.eq(type_));
    }
    let mut rows: Vec<FedEvent> = query.load(tx.conn)?;
    let limit = usize::from(wanted.limit);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    Ok((rows, has_more))
}
