//! How is a customer written? `{"name": "Analytical Engines Ltd", "currency": "GBP", "address": {"country": "GB"}}`.
//!
//! What is on this shelf, what is not, and its laws: [`domain::customers`](crate::domain::customers).

pub mod customer_list;
pub mod exemptions;
pub mod tax_ids;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::calendar::Zone;
use crate::domain::customers::{self as domain, Buyer};
use crate::domain::fields::Faults;
use crate::domain::ids::{CustomerId, EntityId, PaymentMethodId};
use crate::domain::money::Currency;
use crate::domain::refusal::Invalid;
use crate::wire::mirror::mirror;
use crate::wire::patch::{given, present};
pub use exemptions::{TaxExemption, check_exemptions};

/// A new customer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "external_id": "crm-1042", "name": "Analytical Engines Ltd", "email": "billing@example.com", "currency": "GBP",
    "time_zone": "Europe/London", "payment_terms_days": 14,
    "address": {"line1": "12 St James's Square", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB"},
    "tax_ids": [{"type": "gb_vat", "value": "GB980780684"}], "metadata": {"segment": "enterprise"}
}))]
pub struct NewCustomer {
    /// Your own id of the customer, unique among your customers.
    pub external_id: Option<String>,
    /// Printed on invoices: 1 to 200 characters.
    pub name: String,
    pub email: Option<String>,
    /// ISO 4217, of subscriptions that name none; your tenant's when left out.
    pub currency: Option<String>,
    /// IANA time zone in which its billing days begin; your tenant's when left out.
    pub time_zone: Option<String>,
    pub address: Option<Address>,
    #[serde(default)]
    pub tax_ids: Vec<TaxId>,
    /// Where it need not pay tax.
    #[serde(default)]
    pub tax_exemptions: Vec<TaxExemption>,
    /// Days from issue to due, 0 to 365; your tenant's when left out.
    pub payment_terms_days: Option<i32>,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// The customer it belongs to, at most five levels deep.
    #[schema(value_type = Option<String>)]
    pub parent_id: Option<CustomerId>,
    /// Who pays: `parent` when left out and there is one.
    pub pays: Option<Pays>,
    /// The legal entity it buys from: when left out, whoever pays for it buys from, or the one that serves its country, or your default.
    #[schema(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
    /// `consolidated` when left out.
    #[serde(default)]
    pub invoice_grouping: Grouping,
}

/// What to change of a customer. What is left out stays; null removes what may be absent.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Analytical Engines plc", "metadata": {"segment": null, "tier": "gold"}}))]
pub struct CustomerPatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub external_id: Option<Option<String>>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub email: Option<Option<String>>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub currency: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub time_zone: Option<Option<String>>,
    /// The whole address: it takes the place of the one before.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Address>)]
    pub address: Option<Option<Address>>,
    /// All tax ids: they take the place of those before.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub tax_ids: Option<Vec<TaxId>>,
    /// All certificates: they take the place of those before.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub tax_exemptions: Option<Vec<TaxExemption>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>)]
    pub payment_terms_days: Option<Option<i32>>,
    /// One of the customer's own payment methods, which automatic collection charges.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub default_payment_method_id: Option<Option<PaymentMethodId>>,
    /// Keys to set, and with null to remove; other keys stay.
    #[serde(default)]
    pub metadata: BTreeMap<String, Option<String>>,
    /// Another customer it belongs to from now on; null: none. What was billed stays where it was.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub parent_id: Option<Option<CustomerId>>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub pays: Option<Pays>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub invoice_grouping: Option<Grouping>,
    /// Another legal entity to buy from: only while nothing is open with the one until now.
    #[schema(nullable = false, value_type = Option<String>)]
    #[serde(default, deserialize_with = "present")]
    pub entity_id: Option<EntityId>,
}

mirror! {
    /// Who pays what a customer is charged.
    pub enum Pays = domain::Pays {
        /// The customer.
        #[serde(rename = "self")]
        Itself,
        /// Its parent, or whoever pays for that one.
        #[serde(rename = "parent")]
        ByParent,
    }
}

mirror! {
    /// Which charges share an invoice.
    #[derive(Default)]
    pub enum Grouping = domain::Grouping {
        /// Those of all customers that one account pays for.
        #[default]
        Consolidated,
        /// Of one that is paid for: its own, apart from the others'. Of one that pays: each customer's own.
        Separate,
    }
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    pub line1: Option<String>,
    pub line2: Option<String>,
    pub city: Option<String>,
    pub postal_code: Option<String>,
    /// State, province or region.
    pub state: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "GB")]
    pub country: String,
}

/// A number a tax authority knows the buyer by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxId {
    #[serde(rename = "type")]
    #[schema(example = "gb_vat")]
    pub type_: String,
    #[schema(example = "GB980780684")]
    pub value: String,
    /// When left out, or `unknown`: what is known of the same number, and of a new one nothing; tax is then charged as your tax settings say
    /// of unknown ones, and a register is asked. What you say stands until you have it verified.
    pub status: Option<TaxIdStatus>,
    /// When a register was asked last. Written back, it changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<DateTime<Utc>>,
    /// The register's evidence of `status`. Written back, it changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consultation_number: Option<String>,
}

mirror! {
    /// What is known of a buyer's number?
    pub enum TaxIdStatus = domain::Standing {
        /// The authority knows it.
        Valid,
        /// The authority does not know it.
        Invalid,
        /// Nobody has asked, or the authority did not answer.
        Unknown,
    }
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3", "external_id": "crm-1042", "name": "Analytical Engines Ltd",
    "email": "billing@example.com", "currency": "GBP", "time_zone": "Europe/London",
    "address": {"line1": "12 St James's Square", "line2": null, "city": "London", "postal_code": "SW1Y 4JH", "state": null, "country": "GB"},
    "tax_ids": [{"type": "gb_vat", "value": "GB980780684"}], "tax_exemptions": [], "payment_terms_days": 14, "default_payment_method_id": null,
    "metadata": {"segment": "enterprise"}, "version": 1, "created_at": "2026-01-01T00:00:00Z",
    "parent_id": null, "pays": "self", "payer_id": "cus_01jgejp8g0e3q9k0v6z4t1x2y3", "invoice_grouping": "consolidated",
    "entity_id": "ent_01jgejp8g0e3q9k0v6z4t1x2y3"
}))]
pub struct Customer {
    #[schema(value_type = String)]
    pub id: CustomerId,
    pub external_id: Option<String>,
    pub name: String,
    pub email: Option<String>,
    pub currency: String,
    /// Null: your tenant's.
    pub time_zone: Option<String>,
    pub address: Option<Address>,
    pub tax_ids: Vec<TaxId>,
    pub tax_exemptions: Vec<TaxExemption>,
    /// Null: your tenant's.
    pub payment_terms_days: Option<i32>,
    #[schema(value_type = Option<String>)]
    pub default_payment_method_id: Option<PaymentMethodId>,
    pub metadata: BTreeMap<String, String>,
    /// Version of what invoices print of the customer: one more with every change of name, email, address, tax ids or exemptions.
    pub version: i32,
    pub created_at: DateTime<Utc>,
    /// The customer it belongs to.
    #[schema(value_type = Option<String>)]
    pub parent_id: Option<CustomerId>,
    /// `self` or `parent`.
    pub pays: &'static str,
    /// The account that pays: the nearest customer upwards that pays itself, mostly this one. It gets the invoices.
    #[schema(value_type = String)]
    pub payer_id: CustomerId,
    /// `consolidated` or `separate`.
    pub invoice_grouping: &'static str,
    /// The legal entity it buys from.
    #[schema(value_type = String)]
    pub entity_id: EntityId,
}

impl NewCustomer {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] for a currency or zone that does not exist.
    pub fn parse(&self) -> Result<domain::NewCustomer, Invalid> {
        let mut faults = Faults::none();
        let currency = self.currency.as_deref().and_then(|code| currency(code, &mut faults));
        let time_zone = self.time_zone.as_deref().and_then(|name| zone(name, &mut faults));
        check_exemptions(&self.tax_exemptions, "/tax_exemptions", &mut faults);
        faults.into_result()?;
        Ok(domain::NewCustomer {
            external_id: self.external_id.clone(),
            buyer: Buyer {
                name: self.name.clone(),
                email: self.email.clone(),
                address: self.address.clone().map(Into::into),
                tax_ids: self.tax_ids.iter().cloned().map(Into::into).collect(),
                tax_exemptions: self.tax_exemptions.iter().cloned().map(Into::into).collect(),
            },
            currency,
            time_zone,
            payment_terms_days: self.payment_terms_days,
            metadata: self.metadata.clone(),
            parent_id: self.parent_id,
            pays: self.pays.map(Into::into),
            invoice_grouping: self.invoice_grouping.into(),
            entity_id: self.entity_id,
        })
    }
}

impl CustomerPatch {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`] for a currency or zone that does not exist.
    pub fn parse(&self) -> Result<domain::CustomerChange, Invalid> {
        let mut faults = Faults::none();
        let currency = self.currency.as_deref().and_then(|code| currency(code, &mut faults));
        let time_zone =
            self.time_zone.as_ref().map(|name| name.as_deref().and_then(|name| zone(name, &mut faults)));
        check_exemptions(self.tax_exemptions.as_deref().unwrap_or_default(), "/tax_exemptions", &mut faults);
        let exemptions = self.tax_exemptions.clone();
        faults.into_result()?;
        Ok(domain::CustomerChange {
            external_id: self.external_id.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            currency,
            time_zone,
            address: self.address.clone().map(|address| address.map(Into::into)),
            tax_ids: self.tax_ids.clone().map(|ids| ids.into_iter().map(Into::into).collect()),
            tax_exemptions: exemptions.map(|all| all.into_iter().map(Into::into).collect()),
            payment_terms_days: self.payment_terms_days,
            default_payment_method_id: self.default_payment_method_id,
            metadata: self.metadata.clone().into_iter().collect(),
            parent_id: self.parent_id,
            pays: self.pays.map(Into::into),
            invoice_grouping: self.invoice_grouping.map(Into::into),
            entity_id: self.entity_id,
        })
    }
}

fn currency(code: &str, faults: &mut Faults) -> Option<Currency> {
    faults.keep("/currency", "unknown_currency", Currency::parse(code))
}

fn zone(name: &str, faults: &mut Faults) -> Option<Zone> {
    faults.keep("/time_zone", "unknown_time_zone", Zone::parse(name))
}

impl From<Address> for domain::Address {
    fn from(address: Address) -> domain::Address {
        let Address { line1, line2, city, postal_code, state, country } = address;
        domain::Address { line1, line2, city, postal_code, state, country }
    }
}

impl From<domain::Address> for Address {
    fn from(address: domain::Address) -> Address {
        let domain::Address { line1, line2, city, postal_code, state, country } = address;
        Address { line1, line2, city, postal_code, state, country }
    }
}

impl From<TaxId> for domain::TaxId {
    fn from(tax_id: TaxId) -> domain::TaxId {
        let status = tax_id.status.map(Into::into).unwrap_or_default();
        domain::TaxId { type_: tax_id.type_, value: tax_id.value, status }
    }
}

impl From<domain::TaxId> for TaxId {
    fn from(tax_id: domain::TaxId) -> TaxId {
        let status = Some(tax_id.status.into());
        let (type_, value) = (tax_id.type_, tax_id.value);
        TaxId { type_, value, status, checked_at: None, consultation_number: None }
    }
}

impl From<domain::Customer> for Customer {
    fn from(customer: domain::Customer) -> Customer {
        Customer {
            payer_id: customer.payer(),
            parent_id: customer.parent_id,
            pays: customer.pays.into_str(),
            invoice_grouping: customer.invoice_grouping.into_str(),
            entity_id: customer.entity_id,
            id: customer.id,
            external_id: customer.external_id,
            name: customer.name,
            email: customer.email,
            currency: customer.currency.code().to_owned(),
            time_zone: customer.time_zone.map(|zone| zone.name().to_owned()),
            address: customer.address.map(Into::into),
            tax_ids: customer.tax_ids.into_iter().map(Into::into).collect(),
            tax_exemptions: customer.tax_exemptions.into_iter().map(Into::into).collect(),
            payment_terms_days: customer.payment_terms_days,
            default_payment_method_id: customer.default_payment_method_id,
            metadata: customer.metadata,
            version: customer.version,
            created_at: customer.created_at,
        }
    }
}
