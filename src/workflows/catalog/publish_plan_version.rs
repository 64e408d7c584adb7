//! What does a plan cost for those who subscribe from now on? Publishes its next version; earlier ones stay what they are.

use super::{check_plan_meters, derive_prices};
use crate::domain::catalog::{PlanVersion, Publication, VersionDraft};
use crate::domain::events::EventType;
use crate::domain::ids::{PlanId, PriceId};
use crate::storage::{Tx, catalog, events};
use crate::workflows::{Error, Scope};

/// Publishes the version. The plan's row is locked first, so two publishers get two numbers.
///
/// # Errors
/// Not found; [`Invalid`](crate::domain::refusal::Invalid) values.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    plan_id: PlanId,
    draft: VersionDraft,
) -> Result<PlanVersion, Error> {
    let plan = catalog::lock_plan(tx, scope.tenant_id, plan_id)?;
    let publication = Publication { plan_id, version: plan.latest_version + 1, at: scope.now };
    check_plan_meters::run(tx, scope, &draft)?;
    let wishes = draft.derive.clone();
    let draft = derive_prices::run(tx, scope, draft)?;
    let published = draft.publish(publication, || PriceId::from_uuid(scope.mint()));
    let version = published.map_err(|invalid| derive_prices::pointing_at_wishes(invalid, &wishes))?;
    catalog::publish(tx, scope.tenant_id, &version)?;
    let event = scope.event(EventType::PlanVersionPublished, plan_id.uuid(), plan.event_data(&version));
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(version)
}
