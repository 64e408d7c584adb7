//! What is the tax of these customers' invoices decided by? Read once for many; nothing where the tenant has not said from where it sells.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use crate::domain::billing::Line;
use crate::domain::billing::piece::Key;
use crate::domain::catalog::TaxTerms;
use crate::domain::fx::book::Book;
use crate::domain::ids::{CustomerId, ItemVersionId};
use crate::domain::money::MoneyError;
use crate::domain::tax::on_lines::{self, LineTax, Parties, TaxedCharges, Taxing};
use crate::domain::tax::parties::{Buyer, SalesAcrossBorders, Seller, UnknownNumbers};
use crate::domain::tax::settings::Regime;
use crate::domain::tax::threshold::{self, Counting};
use crate::storage::{Tx, fx, tax};
use crate::workflows::{Error, Scope};

/// All that is read before anything is taxed.
#[derive(Debug, Default)]
pub struct TaxBook(Option<Facts>);

#[derive(Debug)]
struct Facts {
    regime: Regime,
    /// When what is taxed is issued.
    date: NaiveDate,
    /// `None`: the tenant says no longer from where it sells, and only what was taxed before is taken back with its tax.
    seller: Option<Selling>,
    buyers: HashMap<CustomerId, Buyer>,
    terms: HashMap<ItemVersionId, TaxTerms>,
    charged: TaxedCharges,
    /// Net sales to consumers in other member states, in euros, by year.
    across_borders: BTreeMap<i32, Decimal>,
    /// The rates by which what is sold now counts to them.
    counting: Counting,
    /// The same of what this transaction has decided.
    decided: Cell<Decimal>,
}

#[derive(Debug)]
struct Selling {
    seller: Seller,
    /// Customers that say nothing of where they are: consumers where the seller is.
    nowhere: Buyer,
}

/// Who is invoiced, for what, and what may be taken back.
#[derive(Debug, Clone, Default)]
pub struct Invoiced {
    pub customers: Vec<CustomerId>,
    pub versions: Vec<ItemVersionId>,
    pub keys: Vec<Key>,
}

impl Invoiced {
    /// The lines of invoices to these customers.
    pub fn of<'a>(
        customers: impl IntoIterator<Item = CustomerId>,
        lines: impl IntoIterator<Item = &'a Line>,
    ) -> Invoiced {
        let customers: BTreeSet<CustomerId> = customers.into_iter().collect();
        let (mut versions, mut keys) = (BTreeSet::new(), BTreeSet::new());
        for line in lines {
            versions.extend(line.item_version_id);
            keys.extend(line.changed_key());
            keys.extend(line.earlier_pieces());
        }
        let (customers, versions) = (customers.into_iter().collect(), versions.into_iter().collect());
        Invoiced { customers, versions, keys: keys.into_iter().collect() }
    }
}

impl TaxBook {
    /// Reads it.
    ///
    /// # Errors
    /// Storage.
    pub fn load(
        tx: &mut Tx<'_>,
        scope: &Scope,
        invoiced: impl FnOnce() -> Invoiced,
    ) -> Result<TaxBook, Error> {
        if !tax::has_taxed(tx, scope.tenant_id)? {
            return Ok(TaxBook(None));
        }
        let regime = tax::regime(tx, scope.tenant_id)?;
        let seller = regime.seller(Decimal::ZERO);
        let Invoiced { customers, versions, keys } = invoiced();
        let details = tax::buyers(tx, scope.tenant_id, &customers)?;
        let buyers: HashMap<CustomerId, Buyer> =
            details.iter().filter_map(|(id, buyer)| Some((*id, Buyer::of(buyer)?))).collect();
        let terms = tax::tax_terms(tx, scope.tenant_id, &versions)?;
        let charged = tax::charged(tx, scope.tenant_id, &keys)?;
        let nowhere = |seller: &Seller| Buyer::consumer(seller.territory.clone());
        let seller = seller.map(|seller| Selling { nowhere: nowhere(&seller), seller });
        let date = scope.zone.local_date(scope.now);
        let decided = Cell::default();
        let depends = |selling: &Selling| depends_on_threshold((&selling.seller, date), buyers.values());
        let (across_borders, counting) = match seller.as_ref().is_some_and(depends) {
            true => (sold_across_borders(tx, scope, date)?, counting(tx, scope, date)?),
            false => Default::default(),
        };
        Ok(TaxBook(Some(Facts {
            regime,
            date,
            seller,
            buyers,
            terms,
            charged,
            across_borders,
            counting,
            decided,
        })))
    }

    /// Whether a customer is not to be invoiced before somebody knows whether its number is valid.
    #[must_use]
    pub fn waits_for_number(&self, id: CustomerId) -> bool {
        let Some(Facts { seller: Some(selling), buyers, .. }) = &self.0 else { return false };
        buyers.get(&id).is_some_and(|buyer| selling.seller.waits_for_number(buyer))
    }

    /// Counts what was decided for one customer, for those that are decided after it in the same transaction.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn count<'t>(&self, taxes: impl IntoIterator<Item = &'t [LineTax]>) -> Result<(), MoneyError> {
        let Some(facts) = &self.0 else { return Ok(()) };
        for taxes in taxes {
            let sold = on_lines::across_borders(taxes, &facts.counting)?;
            facts.decided.set(facts.decided.get().saturating_add(sold));
        }
        Ok(())
    }

    /// The same for what is issued on another day.
    #[must_use]
    pub fn issued_on(mut self, date: NaiveDate) -> TaxBook {
        if let Some(facts) = &mut self.0 {
            facts.date = date;
        }
        self
    }

    /// What the tax of a customer's invoices is decided by; `None`: nothing is taxed.
    #[must_use]
    pub fn of_customer(&self, id: CustomerId) -> Option<Taxing<'_>> {
        let facts = self.0.as_ref()?;
        let mut across_borders = sales_of(&facts.across_borders, facts.date);
        across_borders.this_year = across_borders.this_year.saturating_add(facts.decided.get());
        Some(Taxing {
            parties: facts.seller.as_ref().map(|Selling { seller, nowhere }| Parties {
                seller,
                buyer: facts.buyers.get(&id).unwrap_or(nowhere),
            }),
            rates: &facts.regime.rates,
            rounding: facts.regime.settings.rounding,
            date: facts.date,
            terms: &facts.terms,
            charged: &facts.charged,
            across_borders,
            counting: &facts.counting,
        })
    }
}

/// Whether the tax of one of these buyers depends on what was sold across borders.
pub(super) fn depends_on_threshold<'b>(
    (seller, date): (&Seller, NaiveDate),
    mut buyers: impl Iterator<Item = &'b Buyer>,
) -> bool {
    buyers.any(|buyer| seller.depends_on_threshold(buyer, date))
}

/// What was sold to consumers in other member states since the beginning of last year, in euros, by year.
pub(super) fn sold_across_borders(
    tx: &mut Tx<'_>,
    scope: &Scope,
    date: NaiveDate,
) -> Result<BTreeMap<i32, Decimal>, Error> {
    let sold = tax::sold_across_borders(tx, (scope.tenant_id, scope.zone), date.year() - 1)?;
    let currencies = threshold::foreign(&sold);
    let days = || sold.iter().map(|sold| sold.day);
    let rates = match days().min().zip(days().max()) {
        Some((first, last)) if !currencies.is_empty() => fx::book(
            tx,
            scope.tenant_id,
            &fx::Wanted { currencies: Some(currencies), first, last, as_of: None },
        )?,
        _ => Book::default(),
    };
    Ok(threshold::by_year(&sold, &rates))
}

/// The rates by which what is sold on a day counts.
pub(super) fn counting(tx: &mut Tx<'_>, scope: &Scope, day: NaiveDate) -> Result<Counting, Error> {
    let wanted = fx::Wanted { currencies: None, first: day, last: day, as_of: None };
    Ok(Counting { rates: fx::book(tx, scope.tenant_id, &wanted)?, day })
}

/// Those of the year of a day, and of the year before.
pub(super) fn sales_of(by_year: &BTreeMap<i32, Decimal>, date: NaiveDate) -> SalesAcrossBorders {
    let of_year = |year: i32| by_year.get(&year).copied().unwrap_or_default();
    SalesAcrossBorders { last_year: of_year(date.year() - 1), this_year: of_year(date.year()) }
}

/// Which of these customers are not to be invoiced before somebody knows whether their numbers are valid.
///
/// # Errors
/// Storage.
pub fn waiting_for_numbers(
    tx: &mut Tx<'_>,
    scope: &Scope,
    customers: &[CustomerId],
) -> Result<BTreeSet<CustomerId>, Error> {
    let settings = tax::views::settings(tx, scope.tenant_id)?;
    if settings.unknown_numbers != UnknownNumbers::Wait {
        return Ok(BTreeSet::new());
    }
    let Some(seller) = (Regime { settings, ..Regime::default() }).seller(Decimal::ZERO) else {
        return Ok(BTreeSet::new());
    };
    let details = tax::buyers(tx, scope.tenant_id, customers)?;
    let waits = |details| Buyer::of(details).is_some_and(|buyer| seller.waits_for_number(&buyer));
    Ok(details.iter().filter(|(_, details)| waits(details)).map(|(id, _)| *id).collect())
}
