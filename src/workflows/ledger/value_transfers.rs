//! Are the rates known by now for which a customer's transfers wait? Values those of which they are, in their order; the others wait on.
//!
//! An invoice of Monday has no rate, its payment of Friday has one: both wait, because what was paid is carried at what Monday's rate will be.

use crate::domain::ids::CustomerId;
use crate::domain::ledger::NOBODY;
use crate::storage::customers::locks;
use crate::storage::ledger::waiting;
use crate::storage::{Session, Tx};
use crate::workflows::Error;
use crate::workflows::parked_work::Place;

/// Values what can be, some thousands in a transaction.
///
/// # Errors
/// Storage.
pub fn run(session: &mut Session, place: Place, id: CustomerId) -> Result<(), Error> {
    let mut step = |tx: &mut Tx<'_>| {
        let scope = place.scope(tx)?;
        let scope = match id {
            NOBODY => scope.holding(locks::nobody(tx, scope.tenant_id)?),
            id => scope.lock(tx, id)?,
        };
        Ok::<_, Error>(waiting::settle(tx, &scope.held, (id, scope.now))?)
    };
    while session.transaction("value_transfers", &mut step)?.more {}
    Ok(())
}
