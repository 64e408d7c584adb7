//! Who no longer wants its alerts? Ends a budget; ended twice is ended once.

use crate::domain::budgets::Budget;
use crate::domain::ids::BudgetId;
use crate::storage::{Tx, budgets};
use crate::workflows::{Error, Scope};

/// Ends the budget.
///
/// # Errors
/// Not found.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: BudgetId) -> Result<Budget, Error> {
    budgets::end(tx, (scope.tenant_id, id), scope.now)?;
    Ok(budgets::find(tx, scope.tenant_id, id)?)
}
