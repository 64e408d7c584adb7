//! What may an entity be? Founded with what its country needs, changed value by value, and checked whole.
//!
//! `{"name": "Acme GmbH", "country": "DE"}` numbers `INV-DE-000001`; with 21 bank accounts it is refused, at `/bank_accounts`.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{BankAccount, CashRounding, Entity, Kind, Numbering, Pattern, cash, logo, numbering_rules};
use crate::domain::customers::address::is_country;
use crate::domain::customers::{Address, LONGEST_TERMS, Metadata, metadata};
use crate::domain::fields::{EXTERNAL_ID_LENGTH, Faults, NAME_LENGTH, TEXT_LENGTH, below};
use crate::domain::ids::{EntityId, TenantId};
use crate::domain::money::Currency;
use crate::domain::refusal::Invalid;
use crate::domain::tax::place::Place;

const BANK_ACCOUNTS: usize = 20;
const MENTIONS: usize = 20;

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
    pub logo: Option<String>,
    pub payment_terms_days: Option<i32>,
    pub cash_rounding: CashRounding,
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
    pub logo: Option<Option<String>>,
    pub payment_terms_days: Option<Option<i32>>,
    pub cash_rounding: Option<CashRounding>,
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
                .map_err(|malformed| Invalid::one(kind.pointer(), "malformed_series", malformed)),
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
            logo: self.logo,
            payment_terms_days: self.payment_terms_days,
            cash_rounding: self.cash_rounding,
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
            logo: None,
            payment_terms_days: None,
            cash_rounding: CashRounding::new(),
            metadata: Metadata::new(),
            is_default: true,
            numbering,
            seller_version: founding.seller_version,
            created_at: founding.at,
        }
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
        set(&mut next.logo, change.logo);
        set(&mut next.payment_terms_days, change.payment_terms_days);
        set(&mut next.cash_rounding, change.cash_rounding);
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
        if let Some(logo) = &self.logo {
            logo::check(logo, &mut faults);
        }
        if self.payment_terms_days.is_some_and(|days| !(0..=LONGEST_TERMS).contains(&days)) {
            let detail = format_args!("payment terms are 0 to {LONGEST_TERMS} days");
            faults.add("/payment_terms_days", "out_of_range", detail);
        }
        cash::check(&self.cash_rounding, &mut faults);
        metadata::check(&self.metadata, &mut faults);
        for kind in numbered {
            let country = self.place.as_ref().map(|place| place.country.as_str()).unwrap_or_default();
            if let Some(said) = numbering_rules::refusal(country, self.numbering.pattern(*kind), *kind) {
                faults.add(kind.pointer(), "series_against_rule", said);
            }
        }
        faults.into_result()
    }
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
