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
pub mod books;
pub mod cash;
pub mod draft;
mod logo;
pub mod moves;
pub mod numbering_rules;
pub mod series;

use chrono::{DateTime, Utc};

pub use bank_accounts::BankAccount;
pub use cash::CashRounding;
pub use draft::{EntityChange, Founding, NewEntity};
pub use series::{Kind, Pattern};

use super::customers::{Address, Metadata};
use super::fields::{Faults, below};
use super::ids::EntityId;
use super::money::Currency;
use super::refusal::Invalid;
use super::tax::place::Place;

/// Most entities of a tenant: all of them are looked at whenever something is issued.
pub const MOST: usize = 100;
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
    /// The image that its invoices print: where it is, or the image itself.
    pub logo: Option<String>,
    /// How long customers have to pay that have no terms of their own; `None`: as the tenant says.
    pub payment_terms_days: Option<i32>,
    /// What it says of how cash is rounded; of other currencies what is customary where it is.
    pub cash_rounding: CashRounding,
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

impl Entity {
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
        put("logo", self.logo.clone().into());
        details.into()
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
                faults.add(kind.pointer(), "series_taken", taken(pattern, met, others));
            }
        }
        let [invoice, credit_note] = [&self.numbering.invoice, &self.numbering.credit_note];
        if invoice.can_meet(credit_note) {
            let detail = "invoices and credit notes could get the same number: let them begin differently";
            faults.add(Kind::CreditNote.pointer(), "series_taken", detail);
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
