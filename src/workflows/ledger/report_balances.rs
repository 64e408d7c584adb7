//! What do the books come to in the reporting currency? In that of the entity's books; of several entities with several currencies in the tenant's,
//! at the rates of the day.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::fx::book::NoRate;
use crate::domain::ids::EntityId;
use crate::domain::ledger::{Account, reporting};
use crate::domain::money::{Currency, Total};
use crate::storage::fx::Wanted;
use crate::storage::ledger::{functional_balances, revaluations};
use crate::storage::{Tx, entities, fx};
use crate::workflows::{Error, Scope};

/// The books in the reporting currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    pub currency: Currency,
    /// Debits and credits of each account that has moved, in the order of their names.
    pub sums: Result<Vec<(Account, Total, Total)>, NoRate>,
    /// How many transfers have no value yet.
    pub waiting: i64,
}

/// Adds them up, of one entity or of all.
///
/// # Errors
/// Not found; storage.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (entity_id, as_of): (Option<EntityId>, Option<NaiveDate>),
) -> Result<Reported, Error> {
    let tenant_id = scope.tenant_id;
    if entity_id.is_some() {
        scope.queried_entity(entity_id)?;
    }
    let books = entities::all(tx, tenant_id)?;
    let homes = books.iter().filter(|entity| entity_id.is_none_or(|id| id == entity.id));
    let homes: Vec<Currency> = homes.map(|entity| entity.functional_currency).collect();
    let currency = reporting::currency(homes.iter().copied(), scope.currency);
    let day = as_of.unwrap_or_else(|| scope.zone.local_date(scope.now));
    let wanted =
        Wanted { currencies: Some([homes, vec![currency]].concat()), first: day, last: day, as_of: None };
    let rates = fx::book(tx, tenant_id, &wanted)?;
    let mut sums: BTreeMap<&'static str, (Account, Total, Total)> = BTreeMap::new();
    let mut trouble = None;
    for row in functional_balances(tx, (tenant_id, entity_id), as_of)? {
        let convert = |sum| reporting::converted(sum, currency, (&rates, day));
        match (convert(row.debits), convert(row.credits)) {
            (Ok(debits), Ok(credits)) => {
                let nothing = Total::zero(currency);
                let sum = sums.entry(row.account.into_str()).or_insert((row.account, nothing, nothing));
                (sum.1, sum.2) = (sum.1.and(debits), sum.2.and(credits));
            }
            (Err(no_rate), _) | (_, Err(no_rate)) => trouble = Some(no_rate),
        }
    }
    let waiting = revaluations::waiting(tx, (tenant_id, entity_id), as_of)?.transfers;
    let sums = trouble.map_or_else(|| Ok(sums.into_values().collect()), Err);
    Ok(Reported { currency, sums, waiting })
}
