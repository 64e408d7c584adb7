//! By how much did the tax that is owed onward rise in a period, in the reporting currency? By the ledger, whatever the currencies of the documents.

use chrono::NaiveDate;

use crate::domain::calendar::Period;
use crate::domain::fx::book::NoRate;
use crate::domain::ids::EntityId;
use crate::domain::ledger::Account;
use crate::domain::money::{Currency, Total};
use crate::storage::Tx;
use crate::storage::ledger::risen;
use crate::workflows::ledger::reporting_currency;
use crate::workflows::{Error, Scope};

/// The tax of a period in the reporting currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    pub currency: Currency,
    pub sum: Result<Total, NoRate>,
    /// How many transfers have no value yet.
    pub waiting: i64,
}

/// Adds it up, of one entity or of all; books in several currencies at the rates of the period's last day.
///
/// # Errors
/// Not found; storage.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    entity_id: Option<EntityId>,
    (period, last_day): (Period, NaiveDate),
) -> Result<Reported, Error> {
    let reporting = reporting_currency::load(tx, scope, (entity_id, last_day..=last_day))?;
    let risen = risen(tx, (scope.tenant_id, entity_id), (Account::TaxPayable, period))?;
    let sum = reporting.add_up(&risen.sums, last_day);
    Ok(Reported { currency: reporting.currency, sum, waiting: risen.waiting })
}
