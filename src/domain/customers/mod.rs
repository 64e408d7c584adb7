//! Who is billed, and what stands on their invoices? A customer, and the buyer's details an invoice keeps: name, address, tax ids.
//!
//! The details are versioned: version 1 at creation, 2 after the first change of name, email, address, tax ids or exemptions.
//! An invoice names the version it was issued with, so a later move changes no old invoice.
//!
//! **Owns**: Customers, the versions of the buyer's details, who pays for whom, and from which entity each buys.
//!
//! **Not its own**: What they have subscribed to, owe or have paid: later shelves name a customer by its id.
//!
//! **Laws**: An invoice keeps the details it was issued with. Nobody pays, through others, for itself. Metadata is given back as it
//! came.

pub mod address;
pub mod exemptions;
pub mod hierarchy;
pub mod metadata;
pub mod tax_id;
pub mod tax_numbers;
pub mod verification;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use address::Address;
pub use exemptions::TaxExemption;
pub use hierarchy::{Grouping, Pays};
pub use metadata::Metadata;
pub use tax_id::{Standing, TaxId};

use super::calendar::Zone;
use super::fields::{EXTERNAL_ID_LENGTH, Faults, NAME_LENGTH, below};
use super::ids::{CustomerId, EntityId, PaymentMethodId};
use super::money::Currency;
use super::refusal::Invalid;

/// Most tax ids one customer may have.
const TAX_IDS: usize = 10;
/// Longest address RFC 5321 lets a mail system carry.
const EMAIL_LENGTH: usize = 254;
/// Longest time to pay, in days.
pub const LONGEST_TERMS: i32 = 365;

/// The billing account: everything billed to one buyer.
#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    pub id: CustomerId,
    /// From whom it buys.
    pub entity_id: EntityId,
    pub external_id: Option<String>,
    pub name: String,
    pub email: Option<String>,
    /// Of subscriptions that name none.
    pub currency: Currency,
    /// `None`: the tenant's.
    pub time_zone: Option<Zone>,
    pub address: Option<Address>,
    pub tax_ids: Vec<TaxId>,
    pub tax_exemptions: Vec<TaxExemption>,
    /// Days from issue to due; `None`: the tenant's.
    pub payment_terms_days: Option<i32>,
    /// What automatic collection charges.
    pub default_payment_method_id: Option<PaymentMethodId>,
    pub metadata: Metadata,
    /// Version of the buyer's details in force, from 1.
    pub version: i32,
    pub created_at: DateTime<Utc>,
    /// Whom it belongs to.
    pub parent_id: Option<CustomerId>,
    pub pays: Pays,
    /// The nearest customer upwards that pays itself; `None`: this one.
    pub payer_id: Option<CustomerId>,
    pub invoice_grouping: Grouping,
}

/// What an invoice prints as the buyer: kept per version, never overwritten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    pub name: String,
    pub email: Option<String>,
    pub address: Option<Address>,
    pub tax_ids: Vec<TaxId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tax_exemptions: Vec<TaxExemption>,
}

/// What a caller says of a new customer.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCustomer {
    /// `None`: the one that serves its country.
    pub entity_id: Option<EntityId>,
    pub external_id: Option<String>,
    pub buyer: Buyer,
    pub currency: Option<Currency>,
    pub time_zone: Option<Zone>,
    pub payment_terms_days: Option<i32>,
    pub metadata: Metadata,
    pub parent_id: Option<CustomerId>,
    /// `None`: its parent, when it has one.
    pub pays: Option<Pays>,
    pub invoice_grouping: Grouping,
}

/// What a caller wants changed; the outer `None` leaves a value as it is, the inner one removes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CustomerChange {
    pub external_id: Option<Option<String>>,
    pub name: Option<String>,
    pub email: Option<Option<String>>,
    pub currency: Option<Currency>,
    pub time_zone: Option<Option<Zone>>,
    pub address: Option<Option<Address>>,
    pub tax_ids: Option<Vec<TaxId>>,
    pub tax_exemptions: Option<Vec<TaxExemption>>,
    pub payment_terms_days: Option<Option<i32>>,
    pub default_payment_method_id: Option<Option<PaymentMethodId>>,
    /// Keys to set, and with `None` to remove; others stay.
    pub metadata: Vec<(String, Option<String>)>,
    pub parent_id: Option<Option<CustomerId>>,
    pub pays: Option<Pays>,
    pub invoice_grouping: Option<Grouping>,
    pub entity_id: Option<EntityId>,
}

/// What a new customer is given besides the caller's words.
#[derive(Debug, Clone, Copy)]
pub struct Registration {
    pub id: CustomerId,
    /// Of customers that name none.
    pub currency: Currency,
    pub at: DateTime<Utc>,
    /// Where the tenant is.
    pub today: NaiveDate,
    pub entity_id: EntityId,
    /// Who pays for its parent, when it has one.
    pub parents_payer: Option<CustomerId>,
}

impl NewCustomer {
    /// Who pays for it: its parent, when it has one and does not say.
    #[must_use]
    pub fn pays(&self) -> Pays {
        self.pays.unwrap_or(match self.parent_id {
            Some(_) => Pays::ByParent,
            None => Pays::Itself,
        })
    }

    /// The country it is in, as far as it says.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        self.buyer.address.as_ref().map(|address| address.country.as_str())
    }

    /// The customer this makes.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn register(self, registration: Registration) -> Result<Customer, Invalid> {
        let pays = self.pays();
        let customer = Customer {
            parent_id: self.parent_id,
            pays,
            payer_id: registration.parents_payer.filter(|_| pays == Pays::ByParent),
            invoice_grouping: self.invoice_grouping,
            id: registration.id,
            entity_id: registration.entity_id,
            external_id: self.external_id,
            name: self.buyer.name,
            email: self.buyer.email,
            currency: self.currency.unwrap_or(registration.currency),
            time_zone: self.time_zone,
            address: self.buyer.address,
            tax_ids: self.buyer.tax_ids,
            tax_exemptions: self.buyer.tax_exemptions,
            payment_terms_days: self.payment_terms_days,
            default_payment_method_id: None,
            metadata: self.metadata,
            version: 1,
            created_at: registration.at,
        };
        tax_id::check_unrepeated(&customer.tax_ids)?;
        customer.check((&[], registration.today)).map(|()| customer)
    }
}

impl Customer {
    /// The account that pays for it.
    #[must_use]
    pub fn payer(&self) -> CustomerId {
        self.payer_id.unwrap_or(self.id)
    }

    /// The details printed on invoices issued now.
    #[must_use]
    pub fn buyer(&self) -> Buyer {
        Buyer {
            name: self.name.clone(),
            email: self.email.clone(),
            address: self.address.clone(),
            tax_ids: self.tax_ids.clone(),
            tax_exemptions: self.tax_exemptions.clone(),
        }
    }

    /// The customer after a change: a version further when the buyer's details differ.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn changed(&self, change: CustomerChange, today: NaiveDate) -> Result<Customer, Invalid> {
        let mut next = self.clone();
        (next.parent_id, next.pays) = change.place(self);
        set(&mut next.external_id, change.external_id);
        set(&mut next.name, change.name);
        set(&mut next.email, change.email);
        set(&mut next.currency, change.currency);
        set(&mut next.time_zone, change.time_zone);
        set(&mut next.address, change.address);
        if let Some(mut tax_ids) = change.tax_ids {
            tax_id::check_unrepeated(&tax_ids)?;
            tax_id::keep_known(&mut tax_ids, &self.tax_ids);
            next.tax_ids = tax_ids;
        }
        set(&mut next.tax_exemptions, change.tax_exemptions);
        set(&mut next.payment_terms_days, change.payment_terms_days);
        set(&mut next.default_payment_method_id, change.default_payment_method_id);
        set(&mut next.invoice_grouping, change.invoice_grouping);
        for (key, value) in change.metadata {
            match value {
                Some(value) => next.metadata.insert(key, value),
                None => next.metadata.remove(&key),
            };
        }
        next.version += i32::from(next.buyer() != self.buyer());
        next.check((&self.tax_exemptions, today)).map(|()| next)
    }

    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "customer",
            "id": self.id,
            "external_id": self.external_id,
            "name": self.name,
            "email": self.email,
            "currency": self.currency.code(),
            "parent_id": self.parent_id,
            "payer_id": self.payer(),
            "entity_id": self.entity_id,
        })
    }

    /// `exempt` are the certificates it had before, and the day.
    fn check(&self, exempt: (&[TaxExemption], NaiveDate)) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        faults.check_optional("/external_id", self.external_id.as_deref(), EXTERNAL_ID_LENGTH);
        faults.check_text("/name", &self.name, NAME_LENGTH);
        if self.email.as_deref().is_some_and(|email| !is_mailable(email)) {
            faults.add("/email", "malformed_email", "an email address looks like billing@example.com");
        }
        if let Some(address) = &self.address {
            address.check("/address", &mut faults);
        }
        check_tax_ids(&self.tax_ids, &mut faults);
        exemptions::check(&self.tax_exemptions, exempt, &mut faults);
        if self.payment_terms_days.is_some_and(|days| !(0..=LONGEST_TERMS).contains(&days)) {
            let detail = format_args!("payment terms are whole days from 0 (due at once) to {LONGEST_TERMS}");
            faults.add("/payment_terms_days", "out_of_range", detail);
        }
        metadata::check(&self.metadata, &mut faults);
        if self.pays == Pays::ByParent && self.parent_id.is_none() {
            faults.add("/pays", "no_parent", "a customer without a parent pays itself; name its parent_id");
        }
        faults.into_result()
    }
}

impl CustomerChange {
    /// Whether it is about whom the customer belongs to or who pays.
    #[must_use]
    pub fn moves(&self) -> bool {
        self.parent_id.is_some() || self.pays.is_some()
    }

    /// Whom it belongs to and who pays afterwards: who gets a parent is paid for by it, who loses it pays itself.
    #[must_use]
    pub fn place(&self, before: &Customer) -> (Option<CustomerId>, Pays) {
        let parent_id = self.parent_id.unwrap_or(before.parent_id);
        let kept = match (before.parent_id, parent_id) {
            (_, None) => Pays::Itself,
            (None, Some(_)) => Pays::ByParent,
            (Some(_), Some(_)) => before.pays,
        };
        (parent_id, self.pays.unwrap_or(kept))
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn check_tax_ids(tax_ids: &[TaxId], faults: &mut Faults) {
    if tax_ids.len() > TAX_IDS {
        faults.add("/tax_ids", "too_many", format_args!("a customer has at most {TAX_IDS} tax ids"));
    }
    for (n, tax_id) in tax_ids.iter().enumerate() {
        let at = below("/tax_ids", &n.to_string());
        let plain = tax_id.type_.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !plain || !(1..=32).contains(&tax_id.type_.len()) {
            let detail = "a tax id's type is 1 to 32 characters of a-z, 0-9 and _, such as eu_vat";
            faults.add(below(&at, "type"), "malformed_tax_id_type", detail);
        }
        let value = below(&at, "value");
        faults.check_text(&value, &tax_id.value, 64);
        let _number =
            faults.keep(&value, "malformed_tax_id", tax_numbers::parse(&tax_id.type_, &tax_id.value));
    }
}

/// Whether a text can be an email address: something, one `@`, a domain, no blanks. Only a mail can tell whether it exists.
fn is_mailable(email: &str) -> bool {
    let plain = email.len() <= EMAIL_LENGTH && !email.chars().any(|c| c.is_whitespace() || c.is_control());
    let mut parts = email.split('@');
    let (local, domain) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    plain && parts.next().is_none() && !local.is_empty() && !domain.is_empty()
}

#[cfg(test)]
mod tests;
