//! Through whom does a tenant sell? Its legal entities: each with its country, registrations, currency, numbers of documents, and what its
//! invoices print of it.
//!
//! Acme GmbH serves customers in Germany and Austria and numbers `INV-DE-000001`; Acme Inc. serves all others and numbers `INV-000001`.
//!
//! **Owns**: Entities, by which one of them a customer is served, the patterns of document numbers and what countries say of them.
//!
//! **Not its own**: Registrations for tax ([`tax`](super::tax)); the counters of numbers, which are taken when a document is issued
//! ([`invoicing`](super::invoicing)).
//!
//! **Laws**: A tenant always has one default entity. No two entities can ever print the same number. A document stays with the entity that
//! issued it.

#![cfg_attr(not(test), warn(clippy::as_conversions))]

mod bank_accounts;
pub mod moves;
pub mod numbering_rules;
pub mod series;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

pub use bank_accounts::BankAccount;
pub use series::{Kind, Pattern};

use super::customers::address::is_country;
use super::customers::{Address, Metadata, metadata};
use super::fields::{EXTERNAL_ID_LENGTH, Faults, NAME_LENGTH, TEXT_LENGTH, below};
use super::ids::{EntityId, TenantId};
use super::money::Currency;
use super::refusal::Invalid;
use super::tax::place::Place;

/// Most entities of a tenant: all of them are looked at whenever something is issued.
pub const MOST: usize = 100;
const BANK_ACCOUNTS: usize = 20;
const MENTIONS: usize = 20;

/// A legal entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    pub id: EntityId,
    pub external_id: Option<String>,
    pub name: String,
    /// As it is registered; `None`: its name.
    pub legal_name: Option<String>,
    /// Where it is established; `None`: nothing it sells is taxed.
    pub place: Option<Place>,
    /// As its invoices print it.
    pub address: Option<Address>,
    pub functional_currency: Currency,
    /// Whose customers it serves that name no entity.
    pub countries: Vec<String>,
    pub bank_accounts: Vec<BankAccount>,
    /// What its invoices say besides: its legal form and capital, the court where it is registered.
    pub mentions: Vec<String>,
    pub metadata: Metadata,
    /// Whether it serves customers that no other does.
    pub is_default: bool,
    pub numbering: Numbering,
    /// Of what its invoices print of it.
    pub seller_version: i32,
    pub created_at: DateTime<Utc>,
}

/// How the documents of an entity are numbered from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbering {
    pub invoice: Pattern,
    pub credit_note: Pattern,
}

impl Numbering {
    /// The pattern of one kind of document.
    #[must_use]
    pub fn pattern(&self, kind: Kind) -> &Pattern {
        match kind {
            Kind::Invoice => &self.invoice,
            Kind::CreditNote => &self.credit_note,
        }
    }

    /// Each pattern with its kind.
    pub fn each(&self) -> [(Kind, &Pattern); 2] {
        [(Kind::Invoice, &self.invoice), (Kind::CreditNote, &self.credit_note)]
    }
}

/// A pattern that documents are or were numbered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSeries {
    pub pattern: Pattern,
    pub entity_id: EntityId,
    pub kind: Kind,
    pub begun_at: DateTime<Utc>,
}

/// What a caller says of a new entity.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEntity {
    pub external_id: Option<String>,
    pub name: String,
    pub legal_name: Option<String>,
    pub place: Place,
    pub address: Option<Address>,
    /// `None`: the tenant's.
    pub functional_currency: Option<Currency>,
    pub countries: Vec<String>,
    pub bank_accounts: Vec<BankAccount>,
    pub mentions: Vec<String>,
    pub metadata: Metadata,
    pub is_default: bool,
    /// Of invoices and of credit notes; `None`: as is usual in its country.
    pub patterns: [Option<Pattern>; 2],
}

/// What a caller wants changed; the outer `None` leaves a value as it is, the inner one removes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntityChange {
    pub external_id: Option<Option<String>>,
    pub name: Option<String>,
    pub legal_name: Option<Option<String>>,
    pub country: Option<String>,
    pub state: Option<Option<String>>,
    pub postal_code: Option<Option<String>>,
    pub address: Option<Option<Address>>,
    pub functional_currency: Option<Currency>,
    pub countries: Option<Vec<String>>,
    pub bank_accounts: Option<Vec<BankAccount>>,
    pub mentions: Option<Vec<String>>,
    /// Keys to set, and with `None` to remove; others stay.
    pub metadata: Vec<(String, Option<String>)>,
    pub is_default: Option<bool>,
    /// Of invoices and of credit notes.
    pub patterns: [Option<Pattern>; 2],
}

/// What a new entity is given besides the caller's words.
#[derive(Debug, Clone, Copy)]
pub struct Founding {
    pub id: EntityId,
    pub currency: Currency,
    pub seller_version: i32,
    pub at: DateTime<Utc>,
}

/// Which pattern of a request is at fault.
fn pointer(kind: Kind) -> &'static str {
    match kind {
        Kind::Invoice => "/numbering/invoice",
        Kind::CreditNote => "/numbering/credit_note",
    }
}

impl NewEntity {
    /// The entity this makes.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn found(self, founding: Founding) -> Result<Entity, Invalid> {
        // The country first: the usual patterns have it in them.
        let mut faults = Faults::none();
        self.place.check_country("", &mut faults);
        faults.into_result()?;
        let [invoice, credit_note] = self.patterns;
        let country = self.place.country.clone();
        let named = |given: Option<Pattern>, kind| match given {
            Some(pattern) => Ok(pattern),
            None => numbering_rules::usual(&country, kind)
                .map_err(|malformed| Invalid::one(pointer(kind), "malformed_series", malformed)),
        };
        let (invoice, credit_note) = (named(invoice, Kind::Invoice)?, named(credit_note, Kind::CreditNote)?);
        let entity = Entity {
            id: founding.id,
            external_id: self.external_id,
            name: self.name,
            legal_name: self.legal_name,
            place: Some(self.place),
            address: self.address,
            functional_currency: self.functional_currency.unwrap_or(founding.currency),
            countries: self.countries,
            bank_accounts: self.bank_accounts,
            mentions: self.mentions,
            metadata: self.metadata,
            is_default: self.is_default,
            numbering: Numbering { invoice, credit_note },
            seller_version: founding.seller_version,
            created_at: founding.at,
        };
        entity.check(&Kind::BOTH)?;
        Ok(entity)
    }
}

impl Entity {
    /// The one that a tenant begins with: it has the tenant's id and name, says nothing of where it is, and numbers `INV-000001`.
    #[must_use]
    pub fn first(tenant_id: TenantId, name: &str, numbering: Numbering, founding: Founding) -> Entity {
        Entity {
            id: EntityId::first_of(tenant_id),
            external_id: None,
            name: name.to_owned(),
            legal_name: None,
            place: None,
            address: None,
            functional_currency: founding.currency,
            countries: Vec::new(),
            bank_accounts: Vec::new(),
            mentions: Vec::new(),
            metadata: Metadata::new(),
            is_default: true,
            numbering,
            seller_version: founding.seller_version,
            created_at: founding.at,
        }
    }

    /// What its invoices print of it, as it is kept with its version.
    #[must_use]
    pub fn printed(&self) -> serde_json::Value {
        let mut details = serde_json::Map::new();
        let mut put = |key: &str, value: serde_json::Value| {
            let is_empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            if !is_empty {
                details.insert(key.to_owned(), value);
            }
        };
        put("name", self.name.clone().into());
        put("legal_name", self.legal_name.clone().into());
        put("address", serde_json::json!(self.address));
        put("bank_accounts", serde_json::json!(self.bank_accounts));
        put("mentions", serde_json::json!(self.mentions));
        details.into()
    }

    /// The entity after a change.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault; `default_needed`, when it is to be the default no longer.
    pub fn changed(&self, change: EntityChange) -> Result<Entity, Invalid> {
        let mut next = self.clone();
        set(&mut next.external_id, change.external_id);
        set(&mut next.name, change.name);
        set(&mut next.legal_name, change.legal_name);
        set(&mut next.address, change.address);
        set(&mut next.functional_currency, change.functional_currency);
        set(&mut next.countries, change.countries);
        set(&mut next.bank_accounts, change.bank_accounts);
        set(&mut next.mentions, change.mentions);
        set(&mut next.is_default, change.is_default);
        let known = next.place.take();
        let country = change.country.or_else(|| known.as_ref().map(|place| place.country.clone()));
        let state = change.state.unwrap_or_else(|| known.as_ref().and_then(|place| place.state.clone()));
        let postal_code = change.postal_code.unwrap_or_else(|| known.and_then(|place| place.postal_code));
        next.place = country.map(|country| Place { country, state, postal_code });
        for (key, value) in change.metadata {
            match value {
                Some(value) => next.metadata.insert(key, value),
                None => next.metadata.remove(&key),
            };
        }
        let [invoice, credit_note] = change.patterns;
        set(&mut next.numbering.invoice, invoice);
        set(&mut next.numbering.credit_note, credit_note);
        if self.is_default && !next.is_default {
            let detail = "name another entity as the default: then this one is it no longer";
            return Err(Invalid::one("/is_default", "default_needed", detail));
        }
        let country = |entity: &Entity| entity.place.as_ref().map(|place| place.country.clone());
        let moves = country(self) != country(&next);
        let renumbered =
            |kind: &Kind| moves || self.numbering.pattern(*kind) != next.numbering.pattern(*kind);
        let renumbered: Vec<Kind> = Kind::BOTH.into_iter().filter(renumbered).collect();
        next.check(&renumbered).map(|()| next)
    }

    /// Checks it against the others: a country's customers are served by one entity, and no number is printed by two.
    ///
    /// # Errors
    /// [`Invalid`]: `country_taken`, `series_taken`.
    pub fn check_beside(&self, others: &[Entity], kept: &[KeptSeries]) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        for (n, country) in self.countries.iter().enumerate() {
            let serves = |other: &&Entity| other.id != self.id && other.countries.contains(country);
            if let Some(other) = others.iter().find(serves) {
                let detail =
                    format!("{} serves customers in {country}: take the country off it first", other.name);
                faults.add(below("/countries", &n.to_string()), "country_taken", detail);
            }
        }
        for (kind, pattern) in self.numbering.each() {
            let is_own = |kept: &KeptSeries| kept.entity_id == self.id && kept.kind == kind;
            let meets = |kept: &&KeptSeries| {
                kept.pattern != *pattern && kept.pattern.can_meet(pattern)
                    || kept.pattern == *pattern && !is_own(kept)
            };
            if let Some(met) = kept.iter().find(meets) {
                faults.add(pointer(kind), "series_taken", taken(pattern, met, others));
            }
        }
        let [invoice, credit_note] = [&self.numbering.invoice, &self.numbering.credit_note];
        if invoice.can_meet(credit_note) {
            let detail = "invoices and credit notes could get the same number: let them begin differently";
            faults.add(pointer(Kind::CreditNote), "series_taken", detail);
        }
        faults.into_result()
    }

    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "entity",
            "id": self.id,
            "external_id": self.external_id,
            "name": self.name,
            "country": self.place.as_ref().map(|place| &place.country),
            "functional_currency": self.functional_currency.code(),
            "countries": self.countries,
            "is_default": self.is_default,
            "numbering": { "invoice": self.numbering.invoice.text(), "credit_note": self.numbering.credit_note.text() },
        })
    }

    /// Checks it by itself; patterns only of these kinds, because those that were there before the country was known stay.
    fn check(&self, numbered: &[Kind]) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        faults.check_optional("/external_id", self.external_id.as_deref(), EXTERNAL_ID_LENGTH);
        faults.check_text("/name", &self.name, NAME_LENGTH);
        faults.check_optional("/legal_name", self.legal_name.as_deref(), NAME_LENGTH);
        if let Some(place) = &self.place {
            place.check_seller("", &mut faults);
        }
        if let Some(address) = &self.address {
            address.check("/address", &mut faults);
        }
        check_countries(&self.countries, &mut faults);
        if self.bank_accounts.len() > BANK_ACCOUNTS {
            let detail = format_args!("an entity has at most {BANK_ACCOUNTS} bank accounts");
            faults.add("/bank_accounts", "too_many", detail);
        }
        for (n, account) in self.bank_accounts.iter().take(BANK_ACCOUNTS).enumerate() {
            account.check(&below("/bank_accounts", &n.to_string()), &mut faults);
        }
        if self.mentions.len() > MENTIONS {
            faults.add("/mentions", "too_many", format_args!("an entity has at most {MENTIONS} mentions"));
        }
        for (n, mention) in self.mentions.iter().take(MENTIONS).enumerate() {
            faults.check_text(&below("/mentions", &n.to_string()), mention, TEXT_LENGTH);
        }
        metadata::check(&self.metadata, &mut faults);
        for kind in numbered {
            let country = self.place.as_ref().map(|place| place.country.as_str()).unwrap_or_default();
            if let Some(said) = numbering_rules::refusal(country, self.numbering.pattern(*kind), *kind) {
                faults.add(pointer(*kind), "series_against_rule", said);
            }
        }
        faults.into_result()
    }
}

impl Kind {
    /// Every kind.
    pub const BOTH: [Kind; 2] = [Kind::Invoice, Kind::CreditNote];
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn check_countries(countries: &[String], faults: &mut Faults) {
    let mut known = BTreeSet::new();
    for (n, country) in countries.iter().enumerate() {
        let at = below("/countries", &n.to_string());
        if !is_country(country) {
            let detail = "a country is its ISO 3166-1 code of two upper-case letters, such as DE";
            faults.add(at, "unknown_country", detail);
        } else if !known.insert(country) {
            faults.add(at, "country_taken", format_args!("{country} is named twice"));
        }
    }
}

fn taken(pattern: &Pattern, met: &KeptSeries, others: &[Entity]) -> String {
    let whose =
        others.iter().find(|other| other.id == met.entity_id).map_or("another entity", |other| &other.name);
    let documents = match met.kind {
        Kind::Invoice => "invoices",
        Kind::CreditNote => "credit notes",
    };
    format!(
        "{pattern} could print a number that {documents} of {whose} have by {}: choose another beginning",
        met.pattern
    )
}

/// Which entity serves a customer in a country that names none: the one that says so, or the default.
#[must_use]
pub fn serving<'e>(entities: &'e [Entity], country: Option<&str>) -> Option<&'e Entity> {
    let serves =
        |entity: &&Entity| country.is_some_and(|country| entity.countries.iter().any(|c| c == country));
    entities.iter().find(serves).or_else(|| entities.iter().find(|entity| entity.is_default))
}

#[cfg(test)]
mod tests;
