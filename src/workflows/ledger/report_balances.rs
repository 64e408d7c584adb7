//! What do the books come to in the reporting currency? In that of the entity's books; of several entities with several currencies in the tenant's,
//! at the rates of the day.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::fx::book::NoRate;
use crate::domain::ids::EntityId;
use crate::domain::ledger::Account;
use crate::domain::money::{Currency, Total};
use crate::storage::Tx;
use crate::storage::ledger::{functional_balances, revaluations};
use crate::workflows::ledger::reporting_currency;
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
    let day = as_of.unwrap_or_else(|| scope.zone.local_date(scope.now));
    let reporting = reporting_currency::load(tx, scope, (entity_id, day..=day))?;
    let currency = reporting.currency;
    let mut sums: BTreeMap<&'static str, (Account, Total, Total)> = BTreeMap::new();
    let mut trouble = None;
    for row in functional_balances(tx, (tenant_id, entity_id), as_of)? {
        match (reporting.convert((row.debits, day)), reporting.convert((row.credits, day))) {
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
