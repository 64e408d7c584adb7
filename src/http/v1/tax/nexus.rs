//! `/v1/tax/nexus`: where sales alone oblige to register.

use std::collections::BTreeSet;

use crate::domain::money::Currency;
use crate::domain::tax::nexus::{DOLLAR, by_state, first_day, in_dollars};
use crate::http::{Answer, Get, Problem, Query};
use crate::storage::fx::views as fx_views;
use crate::storage::tax::views;
use crate::wire::tax::nexus::{TaxNexus, TaxNexusQuery};
use crate::workflows::Scope;

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
        let since = first_day(day);
        let sales = views::sold_in_states(tx, (tenant_id, scope.zone), entity_id, (since, day))?;
        let mut currencies: BTreeSet<Currency> = sales.iter().map(|sale| sale.net.currency()).collect();
        currencies.extend(Currency::parse(DOLLAR));
        let first = sales.iter().map(|sale| sale.rate_day).min().unwrap_or(since);
        let wanted = fx_views::Wanted {
            currencies: Some(currencies.into_iter().collect()),
            first,
            last: day,
            as_of: None,
        };
        let rates = fx_views::book(tx, tenant_id, &wanted)?;
        let (sold, without) = in_dollars(&sales, &rates);
        let regime = views::regime(tx, (tenant_id, entity_id))?;
        let registered = |state: &str| regime.is_registered_in_state(state, day);
        Ok(TaxNexus::of(day, (&by_state(&sold, day), &without), registered))
    })
    .await
}
