//! How is a legal entity written? `{"name": "Acme GmbH", "country": "DE", "countries": ["DE", "AT"], "numbering": {"invoice": "DE-{year}-{seq:5}"}}`.
//!
//! What is on this shelf, what is not, and its laws: [`domain::entities`](crate::domain::entities).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::entities as domain;
use crate::domain::fields::Faults;
use crate::domain::ids::EntityId;
use crate::domain::money::Currency;
use crate::domain::refusal::Invalid;
use crate::domain::tax::place::Place;
use crate::wire::customers::Address;
use crate::wire::patch::{given, present};

/// A new legal entity.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Acme GmbH", "legal_name": "Acme Deutschland GmbH", "country": "DE", "countries": ["DE", "AT"], "functional_currency": "EUR",
    "address": {"line1": "Unter den Linden 1", "postal_code": "10117", "city": "Berlin", "country": "DE"},
    "bank_accounts": [{"iban": "DE89370400440532013000", "bic": "COBADEFFXXX"}], "mentions": ["Amtsgericht Charlottenburg, HRB 4711"],
    "numbering": {"invoice": "DE-{year}-{seq:5}", "credit_note": "DEG-{year}-{seq:5}"}
}))]
pub struct NewEntity {
    /// Your own id of it, unique among your entities.
    pub external_id: Option<String>,
    /// Printed on its invoices: 1 to 200 characters.
    pub name: String,
    /// As it is registered, where that is not its name.
    pub legal_name: Option<String>,
    /// Where it is established: ISO 3166-1 alpha-2. What it sells is taxed as by a seller there.
    #[schema(example = "DE")]
    pub country: String,
    /// The subdivision, by its code of ISO 3166-2 without the country: needed where tax is by subdivision.
    pub state: Option<String>,
    pub postal_code: Option<String>,
    /// As its invoices print it.
    pub address: Option<Address>,
    /// ISO 4217: that of its books; your tenant's when left out.
    pub functional_currency: Option<String>,
    /// Whose customers it serves that name no entity: ISO 3166-1 alpha-2. No country is served by two.
    #[serde(default)]
    pub countries: Vec<String>,
    #[serde(default)]
    pub bank_accounts: Vec<BankAccount>,
    /// What its invoices say besides, such as its legal form, its capital, and where it is registered.
    #[serde(default)]
    pub mentions: Vec<String>,
    /// The image that its invoices print: an address that begins with `https://`, or a small image itself, `data:image/png;base64,…`.
    #[schema(example = "https://acme.example/logo.png")]
    pub logo: Option<String>,
    /// How many days customers have to pay that have no terms of their own; as your tenant's settings say when left out.
    #[schema(example = 14)]
    pub payment_terms_days: Option<i32>,
    /// What is paid in cash is rounded to the nearest multiple of this amount, by currency: `{"CHF": "0.05"}`; `"0"` rounds nothing. Of a currency that is
    /// left out, to what is customary where the entity is established.
    #[serde(default)]
    #[schema(example = json!({"EUR": "0.05"}))]
    pub cash_rounding: BTreeMap<String, String>,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// Whether it serves customers that no other does, in place of the one that has until now.
    #[serde(default)]
    pub is_default: bool,
    /// As is usual in its country when left out: `INV-DE-{seq:6}` and `CN-DE-{seq:6}`.
    #[serde(default)]
    pub numbering: NumberingPatch,
}

/// How documents are numbered: text with the place of the sequence number, `{seq:6}`, filled up to 1 to 12 digits, and perhaps of the year of
/// issue in your time zone, `{year}` or `{yy}`, with which the sequence begins again.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NumberingPatch {
    #[schema(nullable = false, example = "DE-{year}-{seq:5}")]
    #[serde(default, deserialize_with = "present")]
    pub invoice: Option<String>,
    #[schema(nullable = false, example = "DEG-{year}-{seq:5}")]
    #[serde(default, deserialize_with = "present")]
    pub credit_note: Option<String>,
}

/// What to change of an entity. What is left out stays; null removes what may be absent.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"legal_name": "Acme Deutschland GmbH", "numbering": {"invoice": "DE-{year}-{seq:5}"}}))]
pub struct EntityPatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub external_id: Option<Option<String>>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub legal_name: Option<Option<String>>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub country: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub state: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub postal_code: Option<Option<String>>,
    /// The whole address: it takes the place of the one before.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Address>)]
    pub address: Option<Option<Address>>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub functional_currency: Option<String>,
    /// All countries: they take the place of those before. Customers there are stay where they are.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub countries: Option<Vec<String>>,
    /// All accounts: they take the place of those before.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub bank_accounts: Option<Vec<BankAccount>>,
    /// All mentions: they take the place of those before.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub mentions: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub logo: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>)]
    pub payment_terms_days: Option<Option<i32>>,
    /// All currencies: they take the place of those before.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub cash_rounding: Option<BTreeMap<String, String>>,
    /// Keys to set, and with null to remove; other keys stay.
    #[serde(default)]
    pub metadata: BTreeMap<String, Option<String>>,
    /// `true` makes it the default, in place of the one that is.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub is_default: Option<bool>,
    /// Another pattern begins a series of its own, at 1; one that it had before goes on where it ended.
    #[serde(default)]
    pub numbering: NumberingPatch,
}

/// An account at a bank, as invoices print it: with an `iban` or an `account_number`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankAccount {
    pub holder: Option<String>,
    pub bank: Option<String>,
    /// ISO 4217: what is to be paid there; any when left out.
    pub currency: Option<String>,
    #[schema(example = "DE89370400440532013000")]
    pub iban: Option<String>,
    #[schema(example = "COBADEFFXXX")]
    pub bic: Option<String>,
    /// Where there is no IBAN.
    pub account_number: Option<String>,
    /// Of the bank or branch, where there is no BIC: a sort code, a routing number.
    pub routing_number: Option<String>,
}

/// How documents are numbered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Numbering {
    #[schema(example = "INV-{seq:6}")]
    pub invoice: String,
    #[schema(example = "CN-{seq:6}")]
    pub credit_note: String,
}

/// A legal entity through which you sell.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "ent_01jgejp8g0e3q9k0v6z4t1x2y3", "external_id": null, "name": "Acme GmbH", "legal_name": "Acme Deutschland GmbH", "country": "DE",
    "state": null, "postal_code": null, "functional_currency": "EUR", "countries": ["DE", "AT"],
    "address": {"line1": "Unter den Linden 1", "line2": null, "city": "Berlin", "postal_code": "10117", "state": null, "country": "DE"},
    "bank_accounts": [], "mentions": ["Amtsgericht Charlottenburg, HRB 4711"], "logo": null, "payment_terms_days": null, "cash_rounding": {}, "metadata": {}, "is_default": false,
    "numbering": {"invoice": "DE-{year}-{seq:5}", "credit_note": "DEG-{year}-{seq:5}"}, "created_at": "2026-01-01T00:00:00Z"
}))]
pub struct Entity {
    #[schema(value_type = String)]
    pub id: EntityId,
    pub external_id: Option<String>,
    pub name: String,
    pub legal_name: Option<String>,
    /// Where it is established. Null: nothing it sells is taxed.
    pub country: Option<String>,
    pub state: Option<String>,
    pub postal_code: Option<String>,
    pub address: Option<Address>,
    pub functional_currency: &'static str,
    pub countries: Vec<String>,
    pub bank_accounts: Vec<BankAccount>,
    pub mentions: Vec<String>,
    pub logo: Option<String>,
    /// Null: as your tenant's settings say.
    pub payment_terms_days: Option<i32>,
    pub cash_rounding: BTreeMap<String, String>,
    pub metadata: BTreeMap<String, String>,
    /// Whether it serves customers that no other does.
    pub is_default: bool,
    pub numbering: Numbering,
    pub created_at: DateTime<Utc>,
}

/// Which entities.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EntitiesQuery {
    /// The one with this id of yours.
    pub external_id: Option<String>,
}

impl NewEntity {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] for a currency that does not exist, and patterns that are none.
    pub fn parse(&self) -> Result<domain::NewEntity, Invalid> {
        let mut faults = Faults::none();
        let functional_currency = self.functional_currency.as_deref().and_then(|c| currency(c, &mut faults));
        let patterns = self.numbering.read(&mut faults);
        faults.into_result()?;
        Ok(domain::NewEntity {
            external_id: self.external_id.clone(),
            name: self.name.clone(),
            legal_name: self.legal_name.clone(),
            place: Place {
                country: self.country.clone(),
                state: self.state.clone(),
                postal_code: self.postal_code.clone(),
            },
            address: self.address.clone().map(Into::into),
            functional_currency,
            countries: self.countries.clone(),
            bank_accounts: self.bank_accounts.iter().cloned().map(Into::into).collect(),
            mentions: self.mentions.clone(),
            logo: self.logo.clone(),
            payment_terms_days: self.payment_terms_days,
            cash_rounding: self.cash_rounding.clone(),
            metadata: self.metadata.clone(),
            is_default: self.is_default,
            patterns,
        })
    }
}

impl EntityPatch {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] for a currency that does not exist, and patterns that are none.
    pub fn parse(&self) -> Result<domain::EntityChange, Invalid> {
        let mut faults = Faults::none();
        let functional_currency = self.functional_currency.as_deref().and_then(|c| currency(c, &mut faults));
        let patterns = self.numbering.read(&mut faults);
        faults.into_result()?;
        let accounts = self.bank_accounts.clone();
        Ok(domain::EntityChange {
            external_id: self.external_id.clone(),
            name: self.name.clone(),
            legal_name: self.legal_name.clone(),
            country: self.country.clone(),
            state: self.state.clone(),
            postal_code: self.postal_code.clone(),
            address: self.address.clone().map(|address| address.map(Into::into)),
            functional_currency,
            countries: self.countries.clone(),
            bank_accounts: accounts.map(|all| all.into_iter().map(Into::into).collect()),
            mentions: self.mentions.clone(),
            logo: self.logo.clone(),
            payment_terms_days: self.payment_terms_days,
            cash_rounding: self.cash_rounding.clone(),
            metadata: self.metadata.clone().into_iter().collect(),
            is_default: self.is_default,
            patterns,
        })
    }
}

impl NumberingPatch {
    fn read(&self, faults: &mut Faults) -> [Option<domain::Pattern>; 2] {
        let mut read = |pointer: &str, text: &Option<String>| {
            faults.keep(pointer, "malformed_series", text.as_deref()?.parse::<domain::Pattern>())
        };
        [read("/numbering/invoice", &self.invoice), read("/numbering/credit_note", &self.credit_note)]
    }
}

fn currency(code: &str, faults: &mut Faults) -> Option<Currency> {
    faults.keep("/functional_currency", "unknown_currency", Currency::parse(code))
}

impl From<BankAccount> for domain::BankAccount {
    fn from(account: BankAccount) -> domain::BankAccount {
        let BankAccount { holder, bank, currency, iban, bic, account_number, routing_number } = account;
        domain::BankAccount { holder, bank, currency, iban, bic, account_number, routing_number }
    }
}

impl From<domain::BankAccount> for BankAccount {
    fn from(account: domain::BankAccount) -> BankAccount {
        let domain::BankAccount { holder, bank, currency, iban, bic, account_number, routing_number } =
            account;
        BankAccount { holder, bank, currency, iban, bic, account_number, routing_number }
    }
}

impl From<domain::Entity> for Entity {
    fn from(entity: domain::Entity) -> Entity {
        let place = entity.place;
        Entity {
            id: entity.id,
            external_id: entity.external_id,
            name: entity.name,
            legal_name: entity.legal_name,
            country: place.as_ref().map(|place| place.country.clone()),
            state: place.as_ref().and_then(|place| place.state.clone()),
            postal_code: place.and_then(|place| place.postal_code),
            address: entity.address.map(Into::into),
            functional_currency: entity.functional_currency.code(),
            countries: entity.countries,
            bank_accounts: entity.bank_accounts.into_iter().map(Into::into).collect(),
            mentions: entity.mentions,
            logo: entity.logo,
            payment_terms_days: entity.payment_terms_days,
            cash_rounding: entity.cash_rounding,
            metadata: entity.metadata,
            is_default: entity.is_default,
            numbering: Numbering {
                invoice: entity.numbering.invoice.text().to_owned(),
                credit_note: entity.numbering.credit_note.text().to_owned(),
            },
            created_at: entity.created_at,
        }
    }
}
