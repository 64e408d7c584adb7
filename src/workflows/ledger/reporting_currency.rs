//! In which currency are the books of an entity, or of all, reported on a day, and at which rates? Theirs, or the tenant's where they are several.

use chrono::NaiveDate;

use crate::domain::fx::book::{Book, NoRate};
use crate::domain::ids::EntityId;
use crate::domain::ledger::reporting;
use crate::domain::money::{Currency, Total};
use crate::storage::fx::Wanted;
use crate::storage::{Tx, entities, fx};
use crate::workflows::{Error, Scope};

/// The reporting currency, and the rates into it.
#[derive(Debug, Clone)]
pub struct Reporting {
    pub currency: Currency,
    day: NaiveDate,
    rates: Book,
}

/// Of one entity, or of all.
///
/// # Errors
/// Not found; storage.
pub fn load(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (entity_id, day): (Option<EntityId>, NaiveDate),
) -> Result<Reporting, Error> {
    if entity_id.is_some() {
        scope.queried_entity(entity_id)?;
    }
    let books = entities::all(tx, scope.tenant_id)?;
    let homes = books.iter().filter(|entity| entity_id.is_none_or(|id| id == entity.id));
    let homes: Vec<Currency> = homes.map(|entity| entity.functional_currency).collect();
    let currency = reporting::currency(homes.iter().copied(), scope.currency);
    let currencies = Some([homes, vec![currency]].concat());
    let rates = fx::book(tx, scope.tenant_id, &Wanted { currencies, first: day, last: day, as_of: None })?;
    Ok(Reporting { currency, day, rates })
}

impl Reporting {
    /// A sum in it.
    ///
    /// # Errors
    /// [`NoRate`].
    pub fn convert(&self, sum: Total) -> Result<Total, NoRate> {
        reporting::converted(sum, self.currency, (&self.rates, self.day))
    }
}
