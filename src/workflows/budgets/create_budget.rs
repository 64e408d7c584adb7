//! What may a subscription's usage come to? Makes a budget, looked at for the first time at once.

use crate::domain::budgets::{Budget, BudgetDraft};
use crate::domain::ids::BudgetId;
use crate::domain::refusal::Invalid;
use crate::storage::{Tx, budgets, subscriptions, usage};
use crate::workflows::error::Referenced;
use crate::workflows::{Error, Scope};

/// Makes the budget.
///
/// # Errors
/// [`Invalid`] values; `unknown_subscription`, `unknown_meter`.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, draft: BudgetDraft) -> Result<Budget, Error> {
    let subscription =
        subscriptions::find(tx, scope.tenant_id, draft.subscription_id).or_unknown("/subscription_id")?;
    if let Some(id) = draft.meter_id
        && usage::meters(tx, scope.tenant_id, &[id])?.is_empty()
    {
        return Err(Invalid::one("/meter_id", "unknown_meter", "there is no meter with this id").into());
    }
    let id = BudgetId::from_uuid(scope.mint());
    let budget = draft.create((id, subscription.customer_id), scope.now)?;
    budgets::insert(tx, scope.tenant_id, &budget)?;
    Ok(budget)
}
