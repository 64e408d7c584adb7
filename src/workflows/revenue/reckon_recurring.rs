//! What moved recurring revenue? Every customer's timelines are looked at, in each currency, up to now.

use std::collections::BTreeMap;

use crate::domain::money::Currency;
use crate::domain::revenue::recurring::{Movement, movements};
use crate::domain::subscriptions::Timeline;
use crate::storage::Tx;
use crate::storage::revenue::views::recurring;
use crate::workflows::{Error, Scope};

/// Hands on what ever moved each customer's, in each currency, in order; what is planned is left out.
///
/// # Errors
/// Storage; what the taker says.
pub fn each(
    tx: &mut Tx<'_>,
    scope: &Scope,
    mut take: impl FnMut(Currency, Vec<Movement>) -> Result<(), Error>,
) -> Result<(), Error> {
    let plans = recurring::plans_of_prices(tx, scope.tenant_id)?;
    let plan_of = |price| plans.get(&price).copied();
    recurring::each_customer(tx, scope.tenant_id, |customer, timelines| {
        let mut by_currency: BTreeMap<&'static str, (Currency, Vec<&Timeline>)> = BTreeMap::new();
        for timeline in timelines {
            let currency = timeline.currency;
            by_currency.entry(currency.code()).or_insert((currency, Vec::new())).1.push(timeline);
        }
        for (currency, had) in by_currency.into_values() {
            // What began at this very instant counts.
            let before = scope.now + chrono::TimeDelta::microseconds(1);
            let moved = movements(customer, (&had, currency), (before, &plan_of));
            take(currency, moved.map_err(|error| Error::Fault(error.to_string()))?)?;
        }
        Ok(())
    })
}
