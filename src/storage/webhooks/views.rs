//! What does a tenant read of its endpoints? Each, in pages, and the log of what each was sent.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::endpoints::{EndpointRow, Sealed};
use crate::domain::ids::{EventId, TenantId, WebhookEndpointId};
use crate::domain::webhooks::{Attempt, DeliveryStatus, Endpoint};
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::{webhook_deliveries, webhook_endpoints};
use crate::storage::sql_types::Json;
use crate::storage::{StorageError, Tx};

pub use super::endpoints::find_endpoint;

/// A page of endpoints.
pub fn list_endpoints(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    keyset: &Keyset,
) -> Result<Slice<Endpoint>, StorageError> {
    let query = webhook_endpoints::table
        .filter(webhook_endpoints::tenant_id.eq(tenant_id))
        .select(EndpointRow::as_select())
        .into_boxed();
    let rows: Vec<EndpointRow> = keyset_query!(query, webhook_endpoints::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(|row| Sealed::from(row).endpoint))
}

/// A delivery, with its log.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub event_id: EventId,
    pub sequence: i64,
    pub event_type: String,
    pub status: DeliveryStatus,
    pub attempts: i32,
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub attempt_log: Vec<Attempt>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhook_deliveries)]
struct DeliveryRow {
    event_id: EventId,
    sequence: i64,
    event_type: String,
    status: DeliveryStatus,
    attempts: i32,
    next_attempt_at: Option<DateTime<Utc>>,
    attempt_log: Json<Vec<Attempt>>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

impl From<DeliveryRow> for Delivery {
    fn from(row: DeliveryRow) -> Delivery {
        Delivery {
            event_id: row.event_id,
            sequence: row.sequence,
            event_type: row.event_type,
            status: row.status,
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at,
            attempt_log: row.attempt_log.0,
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}

/// Which deliveries to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    pub status: Option<DeliveryStatus>,
    pub event_type: Option<String>,
    pub event_id: Option<EventId>,
}

/// A page of what an endpoint was sent or is to be sent.
pub fn list_deliveries(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, WebhookEndpointId),
    keyset: &Keyset,
    wanted: &Wanted,
) -> Result<Slice<Delivery>, StorageError> {
    let of_it = webhook_deliveries::tenant_id.eq(tenant_id).and(webhook_deliveries::endpoint_id.eq(id));
    let mut query = webhook_deliveries::table.filter(of_it).select(DeliveryRow::as_select()).into_boxed();
    if let Some(status) = wanted.status {
        query = query.filter(webhook_deliveries::status.eq(status));
    }
    if let Some(event_type) = &wanted.event_type {
        query = query.filter(webhook_deliveries::event_type.eq(event_type.clone()));
    }
    if let Some(event_id) = wanted.event_id {
        query = query.filter(webhook_deliveries::event_id.eq(event_id));
    }
    let rows: Vec<DeliveryRow> = keyset_query!(query, webhook_deliveries::event_id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(Delivery::from))
}
