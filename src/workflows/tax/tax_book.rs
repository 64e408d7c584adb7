//! What is the tax of these customers' invoices decided by? Read once for many; for each
//! entity that invoices one of them; nothing where none has said from where it sells.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_decimal::Decimal;

use crate::domain::billing::Line;
use crate::domain::billing::piece::Key;
use crate::domain::catalog::TaxTerms;
use crate::domain::customers;
use crate::domain::fx::book::Book;
use crate::domain::ids::{CustomerId, EntityId, ItemVersionId};
use crate::domain::money::MoneyError;
use crate::domain::tax::on_lines::{self, LineTax, Parties, TaxedCharges, Taxing};
use crate::domain::tax::parties::{Buyer, SalesAcrossBorders, Seller, UnknownNumbers};
use crate::domain::tax::place::Place;
use crate::domain::tax::provided::providers::responsible;
use crate::domain::tax::provided::{Asking, Known, Question, TaxProvider};
use crate::domain::tax::settings::Regime;
use crate::domain::tax::threshold::{self, Counting};
use crate::storage::{Tx, fx, tax};
use crate::workflows::{Error, Scope};

/// All that is read before anything is taxed.
#[derive(Debug, Default)]
pub struct TaxBook(Option<Facts>);

#[derive(Debug)]
struct Facts {
    /// When what is taxed is issued.
    date: NaiveDate,
    buyers: HashMap<CustomerId, Buyer>,
    providers: ByProviders,
    terms: HashMap<ItemVersionId, TaxTerms>,
    charged: TaxedCharges,
    /// The rates by which what is sold now counts to what was sold across borders.
    counting: Counting,
    sellers: BTreeMap<EntityId, OfEntity>,
}

/// Who says elsewhere what is sold is taxed with, and what of that is known.
#[derive(Debug, Default)]
struct ByProviders {
    providers: Vec<TaxProvider>,
    details: HashMap<CustomerId, customers::Buyer>,
    known: HashMap<Question, Known>,
}

impl ByProviders {
    fn load(
        tx: &mut Tx<'_>,
        scope: &Scope,
        details: HashMap<CustomerId, customers::Buyer>,
    ) -> Result<ByProviders, Error> {
        let providers = tax::providers::providers(tx, scope.tenant_id)?;
        if providers.is_empty() {
            return Ok(ByProviders::default());
        }
        let ids: Vec<CustomerId> = details.keys().copied().collect();
        let known = tax::providers::known_answers(tx, (scope.tenant_id, scope.now), &ids)?;
        Ok(ByProviders { providers, details, known })
    }

    /// Who is asked about what an entity that sells from here sells to a customer.
    fn asking<'a>(
        &'a self,
        (id, entity_id): (CustomerId, EntityId),
        from: Option<&'a Place>,
    ) -> Option<Asking<'a>> {
        let buyer = self.details.get(&id)?;
        let to = buyer.address.as_ref()?;
        let provider = responsible(&self.providers, entity_id, &to.country)?;
        Some(Asking { provider_id: provider.id, customer_id: id, from: from?, buyer, to, known: &self.known })
    }
}

/// What decides about the sales of one entity.
#[derive(Debug)]
struct OfEntity {
    regime: Regime,
    /// `None`: it does not say, or no longer, from where it sells, and only what was taxed before is taken back with its tax.
    seller: Option<Selling>,
    /// Net sales to consumers in other member states, in euros, by year.
    across_borders: BTreeMap<i32, Decimal>,
    /// The same of what this transaction has decided.
    decided: Cell<Decimal>,
}

#[derive(Debug)]
struct Selling {
    seller: Seller,
    /// Customers that say nothing of where they are: consumers where the seller is.
    nowhere: Buyer,
}

/// Who is invoiced, by whom, for what, and what may be taken back.
#[derive(Debug, Clone, Default)]
pub struct Invoiced {
    pub customers: Vec<CustomerId>,
    pub entities: BTreeSet<EntityId>,
    pub versions: Vec<ItemVersionId>,
    pub keys: Vec<Key>,
    /// Since when they are drafted, where they are drafts that are taxed anew.
    pub drafted: Option<DateTime<Utc>>,
}

impl Invoiced {
    /// The lines of invoices to these customers, each with the entity that invoices it.
    pub fn of<'a>(
        parties: impl IntoIterator<Item = (CustomerId, EntityId)>,
        lines: impl IntoIterator<Item = &'a Line>,
    ) -> Invoiced {
        let (mut customers, mut entities) = (BTreeSet::new(), BTreeSet::new());
        for (customer, entity) in parties {
            customers.insert(customer);
            entities.insert(entity);
        }
        let (mut versions, mut keys) = (BTreeSet::new(), BTreeSet::new());
        for line in lines {
            versions.extend(line.item_version_id);
            keys.extend(line.changed_key());
            keys.extend(line.earlier_pieces());
        }
        let (customers, versions) = (customers.into_iter().collect(), versions.into_iter().collect());
        Invoiced { customers, entities, versions, keys: keys.into_iter().collect(), drafted: None }
    }
}

impl OfEntity {
    fn load(
        tx: &mut Tx<'_>,
        scope: &Scope,
        (id, date): (EntityId, NaiveDate),
        buyers: &HashMap<CustomerId, Buyer>,
    ) -> Result<OfEntity, Error> {
        let regime = tax::regime(tx, (scope.tenant_id, id))?;
        let seller = regime.seller(Decimal::ZERO).map(|seller| {
            let nowhere = Buyer::consumer(seller.territory.clone());
            Selling { nowhere, seller }
        });
        let mut of_entity =
            OfEntity { regime, seller, across_borders: BTreeMap::new(), decided: Cell::default() };
        if of_entity.depends_on_threshold(buyers, date) {
            of_entity.across_borders = sold_across_borders(tx, scope, (id, date))?;
        }
        Ok(of_entity)
    }

    /// Whether the tax of one of these buyers depends on what was sold across borders.
    fn depends_on_threshold(&self, buyers: &HashMap<CustomerId, Buyer>, date: NaiveDate) -> bool {
        let depends =
            |selling: &Selling| buyers.values().any(|buyer| selling.seller.depends_on_threshold(buyer, date));
        self.seller.as_ref().is_some_and(depends)
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
        let Invoiced { customers, entities, versions, keys, drafted } = invoiced();
        let details = tax::buyers(tx, scope.tenant_id, &customers)?;
        let buyers: HashMap<CustomerId, Buyer> =
            details.iter().filter_map(|(id, buyer)| Some((*id, Buyer::of(buyer)?))).collect();
        let providers = ByProviders::load(tx, scope, details)?;
        let terms = tax::tax_terms(tx, scope.tenant_id, &versions)?;
        let charged = tax::charged(tx, (scope.tenant_id, drafted), &keys)?;
        let date = scope.zone.local_date(scope.now);
        let mut sellers = BTreeMap::new();
        for id in entities {
            sellers.insert(id, OfEntity::load(tx, scope, (id, date), &buyers)?);
        }
        let counting = match sellers.values().any(|one| one.depends_on_threshold(&buyers, date)) {
            true => counting(tx, scope, date)?,
            false => Counting::default(),
        };
        Ok(TaxBook(Some(Facts { date, buyers, providers, terms, charged, counting, sellers })))
    }

    /// Whether a customer is not to be invoiced by an entity before somebody knows whether its number is valid.
    #[must_use]
    pub fn waits_for_number(&self, id: CustomerId, entity_id: EntityId) -> bool {
        let Some(Facts { buyers, sellers, .. }) = &self.0 else { return false };
        let seller = sellers.get(&entity_id).and_then(|of_entity| of_entity.seller.as_ref());
        let waits =
            |selling: &Selling| buyers.get(&id).is_some_and(|buyer| selling.seller.waits_for_number(buyer));
        seller.is_some_and(waits)
    }

    /// Counts what was decided of an entity's sales to one customer, for those that are decided after it in the same transaction.
    ///
    /// # Errors
    /// Sums that do not fit.
    pub fn count<'t>(
        &self,
        entity_id: EntityId,
        taxes: impl IntoIterator<Item = &'t [LineTax]>,
    ) -> Result<(), MoneyError> {
        let Some(facts) = &self.0 else { return Ok(()) };
        let Some(of_entity) = facts.sellers.get(&entity_id) else { return Ok(()) };
        for taxes in taxes {
            let sold = on_lines::across_borders(taxes, &facts.counting)?;
            of_entity.decided.set(of_entity.decided.get().saturating_add(sold));
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

    /// What the tax of a customer's invoices by an entity is decided by; `None`: nothing is taxed.
    #[must_use]
    pub fn between(&self, id: CustomerId, entity_id: EntityId) -> Option<Taxing<'_>> {
        let facts = self.0.as_ref()?;
        let OfEntity { regime, seller, across_borders, decided } = facts.sellers.get(&entity_id)?;
        let mut across_borders = sales_of(across_borders, facts.date);
        across_borders.this_year = across_borders.this_year.saturating_add(decided.get());
        Some(Taxing {
            parties: seller.as_ref().map(|Selling { seller, nowhere }| Parties {
                seller,
                buyer: facts.buyers.get(&id).unwrap_or(nowhere),
            }),
            rates: &regime.rates,
            rounding: regime.settings.rounding,
            date: facts.date,
            terms: &facts.terms,
            charged: &facts.charged,
            across_borders,
            counting: &facts.counting,
            asking: facts.providers.asking((id, entity_id), regime.settings.place.as_ref()),
        })
    }
}

/// What an entity sold to consumers in other member states since the beginning of last year, in euros, by year.
pub(super) fn sold_across_borders(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (entity_id, date): (EntityId, NaiveDate),
) -> Result<BTreeMap<i32, Decimal>, Error> {
    let sold = tax::sold_across_borders(tx, (scope.tenant_id, scope.zone), (entity_id, date.year() - 1))?;
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
    parties: &BTreeSet<(EntityId, CustomerId)>,
) -> Result<BTreeSet<(EntityId, CustomerId)>, Error> {
    if tax::views::settings(tx, scope.tenant_id)?.unknown_numbers != UnknownNumbers::Wait {
        return Ok(BTreeSet::new());
    }
    let customers: Vec<CustomerId> = parties.iter().map(|(_, customer)| *customer).collect();
    let details = tax::buyers(tx, scope.tenant_id, &customers)?;
    let mut sellers: BTreeMap<EntityId, Option<Seller>> = BTreeMap::new();
    for (entity_id, _) in parties {
        if !sellers.contains_key(entity_id) {
            let regime = tax::regime(tx, (scope.tenant_id, *entity_id))?;
            sellers.insert(*entity_id, regime.seller(Decimal::ZERO));
        }
    }
    let waits = |(entity_id, customer): &&(EntityId, CustomerId)| {
        let seller = sellers.get(entity_id).and_then(Option::as_ref);
        let buyer = details.get(customer).and_then(Buyer::of);
        seller.zip(buyer).is_some_and(|(seller, buyer)| seller.waits_for_number(&buyer))
    };
    Ok(parties.iter().filter(waits).copied().collect())
}
