//! In which currency are the books of an entity, or of all, reported, and at which rates of these days? Theirs, or the tenant's where they are several.

use std::ops::RangeInclusive;

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
    rates: Book,
}

/// Of one entity, or of all.
///
/// # Errors
/// Not found; storage.
pub fn load(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (entity_id, days): (Option<EntityId>, RangeInclusive<NaiveDate>),
) -> Result<Reporting, Error> {
    if entity_id.is_some() {
        scope.queried_entity(entity_id)?;
    }
    let books = entities::all(tx, scope.tenant_id)?;
    let homes = books.iter().filter(|entity| entity_id.is_none_or(|id| id == entity.id));
    let homes: Vec<Currency> = homes.map(|entity| entity.functional_currency).collect();
    let currency = reporting::currency(homes.iter().copied(), scope.currency);
    let (first, last) = days.into_inner();
    let rates = fx::book(tx, scope.tenant_id, &Wanted { currencies: None, first, last, as_of: None })?;
    Ok(Reporting { currency, rates })
}

impl Reporting {
    /// A sum of one of the days in it.
    ///
    /// # Errors
    /// [`NoRate`].
    pub fn convert(&self, (sum, day): (Total, NaiveDate)) -> Result<Total, NoRate> {
        reporting::converted(sum, self.currency, (&self.rates, day))
    }

    /// Sums of one of the days, added up in it: 100.00 EUR and 110.00 USD at 1.10 are 200.00 EUR.
    ///
    /// # Errors
    /// [`NoRate`].
    pub fn add_up(&self, sums: &[Total], day: NaiveDate) -> Result<Total, NoRate> {
        sums.iter().try_fold(Total::zero(self.currency), |all, sum| Ok(all.and(self.convert((*sum, day))?)))
    }
}
