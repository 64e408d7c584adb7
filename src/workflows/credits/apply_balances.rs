//! Which balances pay open invoices by themselves? Those of a tenant that has set it, wherever there is a balance and something due in its
//! currency, whatever put them there. A customer a transaction; with one customer's trouble the others are done, and it is told.
//!
//! 365.00 due and 335.00 come onto the balance by a cancellation: when the job looks next, 30.00 are due.

use chrono::{DateTime, Utc};

use super::apply_balance;
use crate::domain::ids::{CustomerId, TenantId};
use crate::storage::payments::payment_methods;
use crate::storage::{Session, StorageError, Tx, credits};
use crate::workflows::{Error, Scope};

/// Customers looked for at once.
const BATCH: i64 = 1_000;

/// Lets every balance pay what it can.
///
/// # Errors
/// The first trouble with a customer, after the others are done.
pub fn run(session: &mut Session, tenant_id: TenantId, now: DateTime<Utc>) -> Result<(), Error> {
    let (mut after, mut trouble) = (None, None);
    loop {
        let due =
            session.read(|tx| credits::balances::with_something_to_pay(tx, tenant_id, (after, BATCH)))?;
        let Some(last) = due.last() else { break };
        after = Some(*last);
        for customer in due {
            match session.transaction("apply_balance", |tx| pay(tx, (tenant_id, now), customer)) {
                Ok(()) => {}
                Err(error) if error.is_outage() => return Err(error),
                Err(error) => {
                    tracing::error!(tenant = %tenant_id, %customer, %error, "a balance could not pay what is open");
                    trouble = trouble.or(Some(error));
                }
            }
        }
    }
    trouble.map_or(Ok(()), Err)
}

/// Whoever was faster left nothing to do.
fn pay(
    tx: &mut Tx<'_>,
    (tenant_id, now): (TenantId, DateTime<Utc>),
    customer: CustomerId,
) -> Result<(), Error> {
    let scope = Scope { now, ..Scope::load(tx, tenant_id)? };
    payment_methods::lock_customer(tx, tenant_id, customer)?;
    apply_balance::by_itself(tx, &scope, customer)
}

/// When balances are to pay next: now, if there is anything.
///
/// # Errors
/// Storage.
pub fn next_due(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Option<DateTime<Utc>>, StorageError> {
    let any = credits::balances::with_something_to_pay(tx, tenant_id, (None, 1))?;
    if any.is_empty() {
        return Ok(None);
    }
    Ok(Some(Scope::load(tx, tenant_id)?.now))
}
