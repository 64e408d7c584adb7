//! How can a product be bought from now on? Adds a plan and publishes its version 1.

use super::{check_plan_meters, derive_prices};
use crate::domain::catalog::{Plan, PlanDraft, PlanVersion};
use crate::domain::events::EventType;
use crate::domain::ids::{PlanId, PriceId};
use crate::storage::{Tx, catalog, events};
use crate::workflows::error::Referenced;
use crate::workflows::{Error, Scope};

/// Adds the plan.
///
/// # Errors
/// [`Invalid`](crate::domain::refusal::Invalid) values; `unknown_product`; `code_taken`; `external_id_taken`.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, mut draft: PlanDraft) -> Result<(Plan, PlanVersion), Error> {
    let product_id = draft.product_id;
    let id = PlanId::from_uuid(scope.mint());
    check_plan_meters::run(tx, scope, &draft.first)?;
    let wishes = draft.first.derive.clone();
    draft.first = derive_prices::run(tx, scope, draft.first)?;
    let created = draft.create((id, scope.now), || PriceId::from_uuid(scope.mint()));
    let (plan, version) = created.map_err(|invalid| derive_prices::pointing_at_wishes(invalid, &wishes))?;
    catalog::find_product(tx, scope.tenant_id, product_id).or_unknown("/product_id")?;
    catalog::insert_plan(tx, scope.tenant_id, &plan)?;
    catalog::publish(tx, scope.tenant_id, &version)?;
    let event = scope.event(EventType::PlanCreated, plan.id.uuid(), plan.event_data(&version));
    events::record(tx, scope.tenant_id, &[event])?;
    Ok((plan, version))
}
