//! Which numbers of a customer is a register to be asked about? Those of which nobody knows anything; what a caller says is known stays so, and what
//! is known of the same number of another customer is known of this one from its first invoice on.

use super::hear_register::{self, Caller, Heard};
use crate::adapters::tax_numbers::simulator;
use crate::domain::customers::Customer;
use crate::domain::customers::verification::{self, WatchedNumber};
use crate::domain::ids::TaxNumberId;
use crate::storage::Tx;
use crate::storage::customers::tax_numbers::{self, Check};
use crate::storage::tenants::Mode;
use crate::workflows::{Error, Holding, Scope};

/// Brings what is watched in line with the numbers of a customer that is held. A number of which something is known, because another customer of
/// the same entity has it, begins with that; gives the customer as it is known then.
///
/// # Errors
/// Storage.
pub fn run(tx: &mut Tx<'_>, scope: &Holding<'_>, customer: Customer) -> Result<Customer, Error> {
    let watched = tax_numbers::of_customers(tx, scope.tenant_id, &[customer.id])?;
    let wanted = customer.numbers_in_vies();
    if wanted.is_empty() && watched.is_empty() {
        return Ok(customer);
    }
    let mint = || TaxNumberId::from_uuid(scope.mint());
    let is_asked = |number: &str| is_asked_about(scope, number);
    let changed = verification::rewatch(&watched, (customer.id, &wanted), scope.now, is_asked, mint);
    tax_numbers::save(tx, &scope.held, &changed)?;
    let mut begun = changed.iter().filter(|number| number.next_check_at.is_some());
    begun.try_fold(customer, |customer, number| begin_as_known(tx, scope, (customer, number)))
}

/// What is known of the same number of another customer is known of this one, since when it was answered.
fn begin_as_known(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (customer, number): (Customer, &WatchedNumber),
) -> Result<Customer, Error> {
    let mut others = tax_numbers::others(tx, scope.tenant_id, (number, customer.entity_id))?.into_iter();
    let Some(other) = others.find(|other| other.is_known(scope.now)) else { return Ok(customer) };
    let answered = tax_numbers::last_answer(tx, (scope.tenant_id, other.id))?;
    let Some(Check { register, answer, checked_at: at, .. }) = answered else { return Ok(customer) };
    let heard = Heard { number, register: &register, answer: &answer, at, caller: Caller::HasSaid };
    Ok(hear_register::record(tx, scope, &customer, heard)?.customer)
}

/// Whether a register is asked about a number by itself: of a test tenant, of those that the simulator knows, so that all others stay as
/// they are.
#[must_use]
pub fn is_asked_about(scope: &Scope, number: &str) -> bool {
    scope.mode == Mode::Live || simulator::knows(number)
}
