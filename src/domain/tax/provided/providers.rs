//! Which providers of tax does a tenant use, and for whom? For the sales of an entity, or of each that has none of its own, to buyers in some
//! countries.
//!
//! `{"kind": "avalara", "countries": ["US", "CA"], "on_outage": "wait"}`: what is sold to France is taxed by the built-in rules.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use strum::{EnumString, IntoStaticStr};

use crate::domain::customers::address::is_country;
use crate::domain::fields::{Faults, NAME_LENGTH, below};
use crate::domain::ids::{EntityId, TaxProviderId};
use crate::domain::refusal::Invalid;

/// Most providers of a tenant: all of them are read whenever something is taxed.
pub const MOST: usize = 20;
/// Shortest and longest time that an answer may take.
const TIMEOUTS: [i32; 2] = [100, 30_000];
const COMPANY_LENGTH: usize = 100;
const URL_LENGTH: usize = 300;

/// How a provider is spoken with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum ProviderKind {
    /// By Billwright's own contract.
    Generic,
    /// Avalara AvaTax, REST v2.
    Avalara,
    /// Stripe Tax.
    Stripe,
}

/// What becomes of an invoice while its provider does not answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum OnOutage {
    /// It stays a draft until there is an answer.
    #[default]
    Wait,
    /// It is issued with the tax of the built-in rules after a few tries; the difference is listed.
    Engine,
}

/// A provider as it is kept, without its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxProvider {
    pub id: TaxProviderId,
    pub name: String,
    pub kind: ProviderKind,
    pub base_url: String,
    /// As the provider calls the seller: AvaTax's company code.
    pub company: Option<String>,
    /// Whose sales it answers for; `None`: those of each entity that has no provider of its own there.
    pub entity_id: Option<EntityId>,
    /// Where its buyers are: ISO 3166-1 alpha-2.
    pub countries: BTreeSet<String>,
    pub on_outage: OnOutage,
    /// Milliseconds that one answer may take.
    pub timeout_ms: i32,
    /// Whether it has credentials.
    pub has_credentials: bool,
    pub created_at: DateTime<Utc>,
}

impl TaxProvider {
    /// The longest an answer may take.
    #[must_use]
    pub fn patience(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.timeout_ms).unwrap_or(1))
    }

    /// Checks it beside the others, but for where it is.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn check(&self, others: &[TaxProvider]) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        faults.check_text("/name", &self.name, NAME_LENGTH);
        faults.check_optional("/company", self.company.as_deref(), COMPANY_LENGTH);
        faults.check_text("/base_url", &self.base_url, URL_LENGTH);
        if !(TIMEOUTS[0]..=TIMEOUTS[1]).contains(&self.timeout_ms) {
            let detail = "an answer may take 100 to 30000 milliseconds";
            faults.add("/timeout_ms", "out_of_range", detail);
        }
        if self.countries.is_empty() {
            let detail = "say for buyers in which countries it answers, such as [\"US\"]";
            faults.add("/countries", "countries_required", detail);
        }
        for (n, country) in self.countries.iter().enumerate() {
            if !is_country(country) {
                let detail = "a country is its ISO 3166-1 code of two upper-case letters, such as US";
                faults.add(below("/countries", &n.to_string()), "unknown_country", detail);
            }
        }
        if self.kind == ProviderKind::Avalara && self.company.is_none() {
            faults.add("/company", "company_required", "AvaTax knows you by a company code: give it");
        }
        let is_beside = |other: &&TaxProvider| other.id != self.id && other.entity_id == self.entity_id;
        for other in others.iter().filter(is_beside) {
            if let Some(country) = self.countries.intersection(&other.countries).next() {
                let detail =
                    format_args!("{} answers for {country} already: one provider a place", other.name);
                faults.add("/countries", "overlapping_providers", detail);
            }
        }
        if !others.iter().any(|other| other.id == self.id) && others.len() >= MOST {
            faults.add("", "too_many", format_args!("there are {MOST} already: remove one first"));
        }
        faults.into_result()
    }

    /// What an event carries of it: nothing secret.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "tax_provider",
            "id": self.id,
            "name": self.name,
            "kind": self.kind.into_str(),
            "base_url": self.base_url,
            "company": self.company,
            "entity_id": self.entity_id,
            "countries": self.countries,
            "on_outage": self.on_outage.into_str(),
            "timeout_ms": self.timeout_ms,
        })
    }
}

/// The one that answers for an entity's sales to buyers in a country: the entity's own before that of all.
#[must_use]
pub fn responsible<'p>(
    providers: &'p [TaxProvider],
    entity_id: EntityId,
    country: &str,
) -> Option<&'p TaxProvider> {
    let there = |provider: &&TaxProvider| provider.countries.contains(country);
    let own = providers.iter().find(|provider| there(provider) && provider.entity_id == Some(entity_id));
    own.or_else(|| providers.iter().find(|provider| there(provider) && provider.entity_id.is_none()))
}
