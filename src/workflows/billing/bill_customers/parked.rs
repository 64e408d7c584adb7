//! What becomes of a customer that cannot be billed? It is parked with its reason, tried again later, and keeps nobody else from being
//! billed.

use super::{Batch, NotBillable, Parked, run};
use crate::domain::ids::{BillRunId, CustomerId};
use crate::domain::work::{Trouble, Work};
use crate::storage::Tx;
use crate::storage::billing::{PriceBook, Range};
use crate::storage::customers::Locked;
use crate::workflows::parked_work::{self, Parking};
use crate::workflows::{Error, Scope};

/// Postpones customers, with their reasons, and emits their events.
pub fn park(
    tx: &mut Tx<'_>,
    scope: &Scope,
    run_id: Option<BillRunId>,
    parked: Vec<Parked>,
) -> Result<(), Error> {
    for Parked { customer_id, code, reason } in parked {
        let trouble = Trouble { code: code.to_owned(), reason };
        let item_id = customer_id.uuid();
        let parking = Parking { work: Work::Billing, item_id, run_id, trouble, is_again: false };
        parked_work::park(tx, scope, &parking)?;
    }
    Ok(())
}

/// Bills a parked customer again, alone.
///
/// # Errors
/// What keeps it from being billed: nothing is written then.
pub fn retry_parked(
    tx: &mut Tx<'_>,
    scope: &Scope,
    customer_id: CustomerId,
    template: &Batch,
) -> Result<(), Error> {
    let batch =
        Batch { range: Range::only(customer_id), parked_too: true, locked: Locked::Wait, ..*template };
    let billed = run(tx, scope, &batch, &mut PriceBook::default())?;
    match billed.parked.into_iter().next() {
        None => Ok(()),
        Some(parked) => Err(Error::from(NotBillable { code: parked.code, reason: parked.reason })),
    }
}
