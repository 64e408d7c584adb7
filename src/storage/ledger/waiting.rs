//! Which transfers wait to be valued in the currency of their entity's books, and for what? A row a customer says when they are looked at again:
//! once a day, and at once when a rate is recorded.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::rates::Stage;
use super::rows::TransferRow;
use super::valuing::{Wait, homes, value_all};
use crate::domain::ids::{CustomerId, EntityId, InvoiceId, TenantId};
use crate::domain::ledger::Transfer;
use crate::storage::customers::Held;
use crate::storage::schema::functional_waits as table;
use crate::storage::{StorageError, Tx};

/// How many transfers of a customer are valued at once.
const AT_ONCE: i64 = 5_000;

/// After how long what waits is looked at again though nobody recorded a rate.
const AGAIN: TimeDelta = TimeDelta::days(1);

/// Notes for what customers' transfers wait. Who waits already does so still.
pub(super) fn put(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    waits: &BTreeMap<CustomerId, Wait>,
) -> Result<(), StorageError> {
    if waits.is_empty() {
        return Ok(());
    }
    diesel::sql_query(
        "INSERT INTO functional_waits (tenant_id, customer_id, since, next_attempt_at, reason) \
         SELECT $1, w.customer_id, w.since, w.again, w.reason \
         FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[]) AS w (customer_id, since, again, reason) \
         ON CONFLICT (tenant_id, customer_id) DO NOTHING",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(waits.keys().copied().collect::<Vec<CustomerId>>())
    .bind::<Array<Timestamptz>, _>(waits.values().map(|wait| wait.since).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(waits.values().map(|wait| wait.since + AGAIN).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(waits.values().map(|wait| wait.reason.clone()).collect::<Vec<String>>())
    .execute(tx.conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = BigInt)]
    place: i64,
}

/// Gives what waits its places, in the order in which it is posted: whoever posts holds the customer, so that later places are of what is posted
/// later.
pub(super) fn line_up<'r>(
    tx: &mut Tx<'_>,
    rows: impl Iterator<Item = &'r mut TransferRow>,
) -> Result<(), StorageError> {
    let rows: Vec<&mut TransferRow> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let places: Vec<Place> = diesel::sql_query(
        "SELECT nextval('ledger_transfers_wait_as') AS place FROM generate_series(1, $1) ORDER BY 1",
    )
    .bind::<BigInt, _>(count)
    .load(tx.conn)?;
    for (row, Place { place }) in rows.into_iter().zip(places) {
        row.waits_as = Some(place);
    }
    Ok(())
}

/// A rate is known now: has what waits looked at at once, of one tenant or of all. Who is being looked at is left to that.
pub fn wake(tx: &mut Tx<'_>, tenant_id: Option<TenantId>) -> Result<(), StorageError> {
    diesel::sql_query(
        "UPDATE functional_waits w SET next_attempt_at = 'epoch' FROM (SELECT tenant_id, customer_id FROM functional_waits \
             WHERE ($1::uuid IS NULL OR tenant_id = $1) AND next_attempt_at > 'epoch' FOR UPDATE SKIP LOCKED) f \
         WHERE w.tenant_id = f.tenant_id AND w.customer_id = f.customer_id",
    )
    .bind::<Nullable<SqlUuid>, _>(tenant_id)
    .execute(tx.conn)?;
    Ok(())
}

/// How many of a tenant's transfers wait, perhaps of one entity and up to a day; and what is said of one of them.
#[derive(Debug, Clone, QueryableByName)]
pub struct Waiting {
    #[diesel(sql_type = BigInt)]
    pub transfers: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
}

/// A customer's transfers that wait are valued as far as can be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// So many were.
    pub valued: usize,
    /// Whether more are to be looked at, at once.
    pub more: bool,
}

/// Values what waits of a customer that is held, and notes for what the rest waits.
pub fn settle(
    tx: &mut Tx<'_>,
    held: &Held,
    (customer_id, now): (CustomerId, DateTime<Utc>),
) -> Result<Settled, StorageError> {
    let tenant_id = held.tenant_id();
    let mut transfers = waiting(tx, tenant_id, customer_id)?;
    let more = i64::try_from(transfers.len()).is_ok_and(|read| read == AT_ONCE);
    if more {
        leave_a_part(&mut transfers);
    }
    let homes = homes(tx, tenant_id, &transfers)?;
    let valued = value_all(tx, (tenant_id, &homes), (transfers, Stage::Waiting))?;
    let done: Vec<Transfer> = valued.transfers.into_iter().filter(|one| one.functional.is_some()).collect();
    save(tx, tenant_id, &done)?;
    let settled = Settled { valued: done.len(), more: more && !done.is_empty() };
    let row = table::table.find((tenant_id, customer_id));
    match valued.waits.get(&customer_id) {
        Some(wait) => {
            diesel::update(row)
                .set((
                    table::next_attempt_at.eq(now + AGAIN),
                    table::since.eq(wait.since),
                    table::reason.eq(&wait.reason),
                ))
                .execute(tx.conn)?;
        }
        None if !settled.more => {
            diesel::delete(row).execute(tx.conn)?;
        }
        None => {}
    }
    Ok(settled)
}

/// The last source may have more transfers than were read: it is left to the next time, unless it is the only one.
fn leave_a_part(transfers: &mut Vec<Transfer>) {
    let source = |transfer: &Transfer| (transfer.source_kind, transfer.source_id);
    let Some(last) = transfers.last().map(source) else { return };
    let whole = transfers.iter().rposition(|transfer| source(transfer) != last);
    if let Some(place) = whole {
        transfers.truncate(place.saturating_add(1));
    }
}

#[derive(QueryableByName)]
struct WaitingRow {
    #[diesel(embed)]
    transfer: TransferRow,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    about: Option<InvoiceId>,
    #[diesel(sql_type = SqlUuid)]
    of_entity: EntityId,
}

/// What waits of a customer, in the order in which it came up. What was posted before transfers said so is of the entity and about the invoice that
/// its source says.
fn waiting(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    customer_id: CustomerId,
) -> Result<Vec<Transfer>, StorageError> {
    let rows: Vec<WaitingRow> = diesel::sql_query(
        "SELECT t.*, coalesce(t.invoice_id, p.invoice_id, n.invoice_id) AS about, \
             coalesce(t.entity_id, CASE WHEN i.id IS NULL THEN c.entity_id ELSE i.entity_id END, $1) AS of_entity \
         FROM ledger_transfers t \
         LEFT JOIN customers c ON c.tenant_id = $1 AND c.id = t.customer_id \
         LEFT JOIN payments p ON p.tenant_id = $1 AND p.id = t.source_id \
         LEFT JOIN credit_notes n ON n.tenant_id = $1 AND n.id = t.source_id \
         LEFT JOIN invoices i ON i.tenant_id = $1 AND i.id = coalesce(t.invoice_id, p.invoice_id, n.invoice_id, t.source_id) \
         WHERE t.tenant_id = $1 AND t.customer_id = $2 AND t.functional_currency IS NULL \
         ORDER BY t.waits_as NULLS FIRST, t.recorded_at LIMIT $3",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(customer_id)
    .bind::<BigInt, _>(AT_ONCE)
    .load(tx.conn)?;
    let transfer = |row: WaitingRow| {
        let place = row.transfer.waits_as;
        let transfer = Transfer::from(row.transfer);
        (place, Transfer { invoice_id: row.about, entity_id: Some(row.of_entity), ..transfer })
    };
    let mut transfers: Vec<(Option<i64>, Transfer)> = rows.into_iter().map(transfer).collect();
    transfers.sort_by_key(|(place, t)| (*place, t.recorded_at, t.rank(), t.source_id, t.leg));
    Ok(transfers.into_iter().map(|(_, transfer)| transfer).collect())
}

/// Writes values of transfers that had none: what has one keeps it.
fn save(tx: &mut Tx<'_>, tenant_id: TenantId, valued: &[Transfer]) -> Result<(), StorageError> {
    let rows: Vec<TransferRow> = valued.iter().map(|transfer| TransferRow::of(tenant_id, transfer)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    diesel::sql_query(
        "UPDATE ledger_transfers t SET entity_id = v.entity_id, invoice_id = v.invoice_id, functional_currency = v.currency, \
             functional_amount = v.amount, realised_gain = v.gain \
         FROM unnest($2::uuid[], $3::text[], $4::smallint[], $5::uuid[], $6::uuid[], $7::text[], $8::bigint[], $9::bigint[]) \
             AS v (source_id, source_kind, leg, entity_id, invoice_id, currency, amount, gain) \
         WHERE t.tenant_id = $1 AND t.source_id = v.source_id AND t.source_kind = v.source_kind AND t.leg = v.leg \
         AND t.functional_currency IS NULL",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.source_id).collect::<Vec<Uuid>>())
    .bind::<Array<Text>, _>(rows.iter().map(|row| row.source_kind).collect::<Vec<_>>())
    .bind::<Array<SmallInt>, _>(rows.iter().map(|row| row.leg).collect::<Vec<i16>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(rows.iter().map(|row| row.entity_id).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlUuid>>, _>(rows.iter().map(|row| row.invoice_id).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|row| row.functional_currency).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(rows.iter().map(|row| row.functional_amount).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(rows.iter().map(|row| row.realised_gain).collect::<Vec<_>>())
    .execute(tx.conn)?;
    Ok(())
}
