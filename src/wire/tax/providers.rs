//! Who says elsewhere what your sales are taxed with? `{"kind": "avalara", "name": "AvaTax", "base_url": "https://rest.avatax.com",
//! "company": "ACME", "countries": ["US", "CA"], "on_outage": "wait"}`; credentials are given, and never shown.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::ids::{CreditNoteId, EntityId, InvoiceId, TaxProviderId};
use crate::domain::money::{Currency, Money};
use crate::domain::tax::provided as domain;
use crate::wire::mirror::mirror;
use crate::wire::patch::{given, present};

mirror! {
    /// How is it spoken with?
    pub enum TaxProviderKind = domain::ProviderKind {
        /// By the contract of the guide on providers of tax.
        Generic,
        /// Avalara AvaTax.
        Avalara,
        /// Stripe Tax.
        Stripe,
    }
}

mirror! {
    /// What becomes of invoices while it does not answer?
    pub enum TaxOutagePolicy = domain::OnOutage {
        /// They stay drafts with `waits_for` until it answers.
        Wait,
        /// After three tries they are issued with the tax of the built-in rules, and the difference is listed.
        Engine,
    }
}

/// A text that is taken and never shown.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Credentials(pub String);

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// A new provider.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Rehearsal", "kind": "generic", "base_url": "http://127.0.0.1:8090", "countries": ["US"], "on_outage": "wait"}))]
pub struct NewTaxProvider {
    pub name: String,
    pub kind: TaxProviderKind,
    /// Begins with https://; for test tenants also with http://127.0.0.1 or http://localhost.
    pub base_url: String,
    /// Sent with each call, and never shown: a token; of AvaTax `account:license key`; of Stripe its secret key.
    #[schema(value_type = Option<String>)]
    pub credentials: Option<Credentials>,
    /// As it calls you: AvaTax's company code.
    pub company: Option<String>,
    /// Whose sales it answers for; left out: those of every entity that has no provider of its own there.
    #[schema(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
    /// Where its buyers are: ISO 3166-1 alpha-2.
    pub countries: BTreeSet<String>,
    /// `wait` when left out.
    pub on_outage: Option<TaxOutagePolicy>,
    /// Milliseconds that an answer may take: 100 to 30000, 5000 when left out.
    pub timeout_ms: Option<i32>,
}

/// What to change of a provider. What is left out stays; null takes a value away. Another `base_url` takes the credentials away, unless they are
/// given with it.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"on_outage": "engine"}))]
pub struct TaxProviderPatch {
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub name: Option<String>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub base_url: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub credentials: Option<Option<Credentials>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub company: Option<Option<String>>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub countries: Option<BTreeSet<String>>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub on_outage: Option<TaxOutagePolicy>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub timeout_ms: Option<i32>,
}

/// A provider of tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaxProvider {
    #[schema(value_type = String, example = "taxprov_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: TaxProviderId,
    pub name: String,
    pub kind: TaxProviderKind,
    pub base_url: String,
    /// Whether it has some; they are never shown.
    pub has_credentials: bool,
    pub company: Option<String>,
    /// Whose sales it answers for; null: those of every entity that has no provider of its own there.
    #[schema(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
    pub countries: BTreeSet<String>,
    pub on_outage: TaxOutagePolicy,
    /// Milliseconds that an answer may take.
    pub timeout_ms: i32,
    pub created_at: DateTime<Utc>,
}

impl From<domain::TaxProvider> for TaxProvider {
    fn from(provider: domain::TaxProvider) -> TaxProvider {
        TaxProvider {
            id: provider.id,
            name: provider.name,
            kind: provider.kind.into(),
            base_url: provider.base_url,
            has_credentials: provider.has_credentials,
            company: provider.company,
            entity_id: provider.entity_id,
            countries: provider.countries,
            on_outage: provider.on_outage.into(),
            timeout_ms: provider.timeout_ms,
            created_at: provider.created_at,
        }
    }
}

/// Something of which a provider has something else than you.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaxDifference {
    /// The invoice or credit note.
    #[schema(example = "inv_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub document_id: String,
    /// `invoice` or `credit_note`.
    pub kind: String,
    /// `unanswered`: a draft waits, and what it asked failed. `built_in_rules`: issued while the provider did not answer. `not_recorded`: issued,
    /// voided or credited, and the provider has not confirmed it yet. `missing`: it does not have it. `other_tax`: it has another tax.
    #[schema(example = "other_tax")]
    pub difference: String,
    #[schema(value_type = String, example = "USD")]
    pub currency: String,
    /// Null where none is known yet.
    #[schema(example = "8.25")]
    pub our_tax: Option<String>,
    #[schema(example = "8.00")]
    pub their_tax: Option<String>,
    /// What went wrong last, in words.
    pub trouble: Option<String>,
}

/// What a difference is made of.
#[derive(Debug, Clone)]
pub struct DifferenceParts {
    pub id: uuid::Uuid,
    pub kind: String,
    pub difference: String,
    pub currency: Currency,
    /// Ours and theirs.
    pub taxes: [Option<i64>; 2],
    pub trouble: Option<String>,
}

impl From<DifferenceParts> for TaxDifference {
    fn from(parts: DifferenceParts) -> TaxDifference {
        let document_id = match parts.kind.as_str() {
            "credit_note" => CreditNoteId::from_uuid(parts.id).to_string(),
            _ => InvoiceId::from_uuid(parts.id).to_string(),
        };
        let shown = |minor: i64| Money::from_minor(minor, parts.currency).to_major_string();
        let [our_tax, their_tax] = parts.taxes.map(|tax| tax.map(shown));
        TaxDifference {
            document_id,
            kind: parts.kind,
            difference: parts.difference,
            currency: parts.currency.code().to_owned(),
            our_tax,
            their_tax,
            trouble: parts.trouble,
        }
    }
}

/// The differences with a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaxDifferences {
    pub data: Vec<TaxDifference>,
    /// Whether there are more than are listed.
    pub has_more: bool,
}
