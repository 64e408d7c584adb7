//! Of which payments is the gateway asked again whether they are disputed? Of those that are, until it is decided; and of the simulator's whose token
//! says so.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};

use crate::domain::ids::{PaymentId, TenantId};
use crate::storage::customers::Held;
use crate::storage::schema::dispute_watches as table;
use crate::storage::{StorageError, Tx};

/// When what the simulator is to dispute is asked about first.
const FIRST: TimeDelta = TimeDelta::hours(1);
/// How long after it is asked about the next time.
const AGAIN: TimeDelta = TimeDelta::days(1);

/// Whether one is asked about now.
pub fn is_due(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, PaymentId),
    now: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let due = table::table.find((tenant_id, id)).filter(table::next_attempt_at.le(now));
    Ok(diesel::select(diesel::dsl::exists(due)).get_result(tx.conn)?)
}

/// Asks about it again in a day.
pub fn go_on(
    tx: &mut Tx<'_>,
    (tenant_id, id): (TenantId, PaymentId),
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let next = now.checked_add_signed(AGAIN).unwrap_or(now);
    diesel::insert_into(table::table)
        .values((table::tenant_id.eq(tenant_id), table::payment_id.eq(id), table::next_attempt_at.eq(next)))
        .on_conflict((table::tenant_id, table::payment_id))
        .do_update()
        .set(table::next_attempt_at.eq(next))
        .execute(tx.conn)?;
    Ok(())
}

/// Asks about it no more.
pub fn end(tx: &mut Tx<'_>, (tenant_id, id): (TenantId, PaymentId)) -> Result<(), StorageError> {
    diesel::delete(table::table.find((tenant_id, id))).execute(tx.conn)?;
    Ok(())
}

/// Watches those of these payments whose token at the simulator says that they are disputed.
pub fn begin_simulated(
    tx: &mut Tx<'_>,
    held: &Held,
    (ids, now): (&[PaymentId], DateTime<Utc>),
) -> Result<(), StorageError> {
    if ids.is_empty() {
        return Ok(());
    }
    diesel::sql_query(
        "INSERT INTO dispute_watches (tenant_id, payment_id, next_attempt_at) \
         SELECT p.tenant_id, p.id, $3 FROM payments p JOIN payment_methods m ON m.tenant_id = p.tenant_id AND m.id = p.payment_method_id \
         WHERE p.tenant_id = $1 AND p.id = ANY($2) AND (m.token LIKE 'tok\\_dispute\\_%' OR m.token = 'tok_fraud_warning') \
         ON CONFLICT (tenant_id, payment_id) DO NOTHING",
    )
    .bind::<SqlUuid, _>(held.tenant_id())
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Timestamptz, _>(now.checked_add_signed(FIRST).unwrap_or(now))
    .execute(tx.conn)?;
    Ok(())
}
