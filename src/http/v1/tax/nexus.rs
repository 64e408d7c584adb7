//! `/v1/tax/nexus`: where sales alone oblige to register.

use crate::http::{Answer, Get, Problem, Query};
use crate::storage::tax::views;
use crate::wire::tax::nexus::{TaxNexus, TaxNexusQuery};
use crate::workflows::Scope;
use crate::workflows::tax::watch_nexus::{self, Standings};

/// How near you are to the thresholds of the United States
///
/// Each state to which you sold in the periods that it looks at: what was sold, by how many invoices, and how much of the state's threshold
/// that is. Everything sold there counts, taxed or not; what was voided does not, and what credit notes took back counts less. Where you have
/// an office, people or goods you are obliged without any threshold.
#[utoipa::path(get, path = "/v1/tax/nexus", tag = "tax", params(TaxNexusQuery),
    responses((status = 200, description = "The states", content((TaxNexus = "application/json"), (String = "text/csv")))),
    operation_id = "tax_nexus")]
pub async fn read(get: Get, Query(query): Query<TaxNexusQuery>) -> Result<Answer, Problem> {
    get.run_table(query.format, move |tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        let entity_id = scope.queried_entity(query.entity_id)?;
        let day = query.day(scope.zone.local_date(scope.now))?;
        let Standings { states, no_rate } = watch_nexus::find(tx, &scope, entity_id, day)?;
        let regime = views::regime(tx, (tenant_id, entity_id))?;
        let registered = |state: &str| regime.is_registered_in_state(state, day);
        Ok(TaxNexus::of(day, (&states, &no_rate), registered))
    })
    .await
}
