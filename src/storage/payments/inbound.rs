//! What have gateways told, each once? An event is a row under its own id at its account; told again, it is there already.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::ids::{GatewayAccountId, InboundEventId, PaymentId, RefundId, TenantId};
use crate::domain::payments::inbound::InboundEvent;
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::inbound_events as table;
use crate::storage::{StorageError, Tx};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = table)]
struct EventRow {
    tenant_id: TenantId,
    id: InboundEventId,
    gateway_account_id: GatewayAccountId,
    event_id: String,
    type_: String,
    payment_id: Option<PaymentId>,
    refund_id: Option<RefundId>,
    reference: Option<String>,
    received_at: DateTime<Utc>,
    processed_at: Option<DateTime<Utc>>,
    next_attempt_at: Option<DateTime<Utc>>,
}

impl From<EventRow> for InboundEvent {
    fn from(row: EventRow) -> InboundEvent {
        InboundEvent {
            id: row.id,
            account_id: row.gateway_account_id,
            event_id: row.event_id,
            type_: row.type_,
            payment_id: row.payment_id,
            refund_id: row.refund_id,
            reference: row.reference,
            received_at: row.received_at,
            processed_at: row.processed_at,
        }
    }
}

/// Stores it, to be processed from now on; `false`: it is there already.
pub fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, event: InboundEvent) -> Result<bool, StorageError> {
    let row = EventRow {
        tenant_id,
        id: event.id,
        gateway_account_id: event.account_id,
        event_id: event.event_id,
        type_: event.type_,
        payment_id: event.payment_id,
        refund_id: event.refund_id,
        reference: event.reference,
        received_at: event.received_at,
        processed_at: None,
        next_attempt_at: Some(event.received_at),
    };
    let stored = diesel::insert_into(table::table)
        .values(row)
        .on_conflict((table::tenant_id, table::gateway_account_id, table::event_id))
        .do_nothing()
        .execute(tx.conn)?;
    Ok(stored == 1)
}

/// One that is not processed yet.
pub fn find_due(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, InboundEventId),
) -> Result<Option<InboundEvent>, StorageError> {
    let row: Option<EventRow> = table::table
        .find((tenant_id, id))
        .filter(table::next_attempt_at.is_not_null())
        .select(EventRow::as_select())
        .first(tx.conn)
        .optional()?;
    Ok(row.map(InboundEvent::from))
}

/// Notes that one is processed.
pub fn processed(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, InboundEventId),
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    diesel::update(table::table.find((tenant_id, id)))
        .set((table::processed_at.eq(now), table::next_attempt_at.eq(None::<DateTime<Utc>>)))
        .execute(tx.conn)?;
    Ok(())
}

/// A page of what one account was told.
pub fn list(
    tx: &mut Tx<'_>,
    (tenant_id, account_id): (TenantId, GatewayAccountId),
    keyset: &Keyset,
) -> Result<Slice<InboundEvent>, StorageError> {
    let query = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::gateway_account_id.eq(account_id)))
        .select(EventRow::as_select())
        .into_boxed();
    let rows: Vec<EventRow> = keyset_query!(query, table::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(InboundEvent::from))
}
