//! Which balances pay open invoices by themselves? Those of a tenant that has set it, wherever there is a balance and something due in its
//! currency, whatever put them there. A customer a transaction.
//!
//! 365.00 due and 335.00 come onto the balance by a cancellation: when the job looks next, 30.00 are due.

use super::apply_balance;
use crate::domain::ids::CustomerId;
use crate::storage::Session;
use crate::workflows::Error;
use crate::workflows::parked_work::Place;

/// Lets a customer's balances pay what they can. Whoever was faster left nothing to do.
///
/// # Errors
/// Storage; sums that do not fit.
pub fn run(session: &mut Session, place: Place, customer: CustomerId) -> Result<(), Error> {
    session.transaction("apply_balance", |tx| {
        let scope = place.scope(tx)?;
        let scope = scope.lock(tx, customer)?;
        apply_balance::by_itself(tx, &scope, customer)
    })
}
