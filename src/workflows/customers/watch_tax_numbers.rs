//! Which numbers of a customer is a register to be asked about? Those of which nobody knows anything; what a caller says is known stays so.

use crate::adapters::tax_numbers::simulator;
use crate::domain::customers::Customer;
use crate::domain::customers::verification;
use crate::domain::ids::TaxNumberId;
use crate::storage::Tx;
use crate::storage::customers::tax_numbers;
use crate::storage::tenants::Mode;
use crate::workflows::{Error, Holding, Scope};

/// Brings what is watched in line with the numbers of a customer that is held.
///
/// # Errors
/// Storage.
pub fn run(tx: &mut Tx<'_>, scope: &Holding<'_>, customer: &Customer) -> Result<(), Error> {
    let watched = tax_numbers::of_customers(tx, scope.tenant_id, &[customer.id])?;
    let wanted = customer.numbers_in_vies();
    if wanted.is_empty() && watched.is_empty() {
        return Ok(());
    }
    let mint = || TaxNumberId::from_uuid(scope.mint());
    let is_asked = |number: &str| is_asked_about(scope, number);
    let changed = verification::rewatch(&watched, (customer.id, &wanted), scope.now, is_asked, mint);
    Ok(tax_numbers::save(tx, &scope.held, &changed)?)
}

/// Whether a register is asked about a number by itself: of a test tenant, of those that the simulator knows, so that all others stay as
/// they are.
#[must_use]
pub fn is_asked_about(scope: &Scope, number: &str) -> bool {
    scope.mode == Mode::Live || simulator::knows(number)
}
