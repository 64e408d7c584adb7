//! What becomes of a customer that cannot be billed? It is set aside with its reason, tried again later, and keeps nobody else
//! from being billed.

use chrono::{DateTime, Utc};

use super::{Batch, Billed, Parked, run};
use crate::domain::events::{Event, EventType};
use crate::domain::ids::{BillRunId, CustomerId, EventId, TenantId};
use crate::storage::billing::{Locked, PriceBook, Range, parking};
use crate::storage::{Tx, events};
use crate::workflows::{Error, Scope};

/// Sets customers aside with their reasons, and tells of it.
pub fn park(
    tx: &mut Tx<'_>,
    scope: &Scope,
    run_id: Option<BillRunId>,
    parked: &[Parked],
) -> Result<(), Error> {
    for one in parked {
        parking::park(
            tx,
            scope.tenant_id,
            parking::Parking {
                customer_id: one.customer_id,
                run_id,
                code: &one.code,
                reason: &one.reason,
                now: scope.now,
            },
        )?;
        let data =
            serde_json::json!({ "customer_id": one.customer_id, "code": one.code, "reason": one.reason });
        events::record(
            tx,
            scope.tenant_id,
            &[Event {
                id: EventId::from_uuid(scope.mint()),
                type_: EventType::CustomerParked,
                object_id: one.customer_id.uuid(),
                data,
                occurred_at: scope.now,
            }],
        )?;
    }
    Ok(())
}

/// Bills a parked customer again, alone: unparked when it succeeds, parked for longer when it does not.
pub fn retry_parked(
    tx: &mut Tx<'_>,
    scope: &Scope,
    customer_id: CustomerId,
    template: &Batch,
) -> Result<Billed, Error> {
    let batch =
        Batch { range: Range::only(customer_id), parked_too: true, locked: Locked::Wait, ..*template };
    let billed = run(tx, scope, &batch, &mut PriceBook::default())?;
    if billed.parked.is_empty() {
        parking::unpark(tx, scope.tenant_id, customer_id)?;
    }
    Ok(billed)
}

/// The tenant's customers whose retry is due.
pub fn parked_due(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    now: DateTime<Utc>,
) -> Result<Vec<CustomerId>, Error> {
    Ok(parking::due(tx, tenant_id, now)?)
}
