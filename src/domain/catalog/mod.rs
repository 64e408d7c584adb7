//! What is sold, and for how much? A plan's published version with its prices, such as `base` at 31.00 USD a month in advance.
//!
//! A published version never changes, so what a customer agreed to stays what it was.
//!
//! **Owns**: Products, plans in versions, prices and their models, and the features a plan gives.
//!
//! **Not its own**: What a quantity costs ([`rating`](super::rating)); who has which plan ([`subscriptions`](super::subscriptions)).
//!
//! **Laws**: A published version never changes. Every tier, cell and unit amount of a published model can be rated.

pub mod amounts;
pub mod commitments;
pub mod derived;
pub mod draft;
pub mod features;
pub mod matrix;
pub mod metering;
pub mod model;
pub mod price_draft;
pub mod tax_code;
pub mod tax_terms;
pub mod tiers;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use strum::{EnumString, IntoStaticStr};

pub use derived::{Derivation, Derived, Neatness};
pub use draft::{PlanDraft, ProductChange, ProductDraft, Publication, VersionDraft};
pub use features::Feature;
pub use matrix::Cell;
pub use metering::{Metering, Rounding};
pub use model::PriceModel;
pub use price_draft::PriceDraft;
pub use tax_code::TaxCode;
pub use tax_terms::{TaxBehavior, TaxTerms};
pub use tiers::Tier;

pub use super::customers::Metadata;

use super::calendar::Interval;
use super::ids::{PlanId, PriceId, ProductId};
use super::money::Currency;

/// Something sold; plans price it.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    pub id: ProductId,
    pub external_id: Option<String>,
    pub name: String,
    pub description: Option<String>,
    pub tax_code: TaxCode,
    pub metadata: Metadata,
    pub created_at: DateTime<Utc>,
}

/// A way to buy a product; its prices live in its versions.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub id: PlanId,
    pub external_id: Option<String>,
    pub code: String,
    pub name: String,
    pub product_id: ProductId,
    pub metadata: Metadata,
    pub latest_version: i32,
    pub created_at: DateTime<Utc>,
}

/// What a plan costs from its publication on, for those who subscribe to this version.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanVersion {
    pub plan_id: PlanId,
    /// 1, 2, 3 …
    pub version: i32,
    pub currency: Currency,
    pub interval: Interval,
    pub published_at: DateTime<Utc>,
    /// In the order they were given, which is the order of invoice lines.
    pub prices: Vec<Price>,
    /// What it gives besides what it charges for.
    pub features: Vec<Feature>,
    /// Further currencies whose prices were made of those in its own.
    pub derived: Vec<Derived>,
}

/// One charge of a plan version.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    pub id: PriceId,
    pub code: String,
    /// Printed on invoice lines.
    pub description: String,
    pub kind: PriceKind,
    pub billing: Billing,
    /// Of a usage price, and only there.
    pub metering: Option<Metering>,
    /// Taken only by who names it.
    pub add_on: bool,
    pub tax_behavior: TaxBehavior,
    /// At least one; a subscription takes the amount of its currency.
    pub amounts: BTreeMap<Currency, PriceModel>,
}

/// How often a price is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum PriceKind {
    /// Every period.
    Recurring,
    /// Once, when its item starts.
    OneTime,
    /// Every period, for what a meter measured in it.
    Usage,
}

/// When a period's charge falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Billing {
    /// At the period's start.
    InAdvance,
    /// At the period's end.
    InArrears,
}

impl Product {
    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({ "object": "product", "id": self.id, "external_id": self.external_id, "name": self.name })
    }
}

impl Plan {
    /// What an event carries of it, and of the version it is about.
    #[must_use]
    pub fn event_data(&self, version: &PlanVersion) -> serde_json::Value {
        serde_json::json!({
            "object": "plan",
            "id": self.id,
            "external_id": self.external_id,
            "code": self.code,
            "name": self.name,
            "product_id": self.product_id,
            "version": version.version,
        })
    }
}

impl PlanVersion {
    /// The currencies in which every one of these prices can be bought, or every price of the plan.
    #[must_use]
    pub fn currencies<'a>(prices: impl IntoIterator<Item = &'a Price>) -> Vec<Currency> {
        let mut prices = prices.into_iter();
        let Some(first) = prices.next() else { return Vec::new() };
        let mut common: Vec<Currency> = first.amounts.keys().copied().collect();
        for price in prices {
            common.retain(|currency| price.amounts.contains_key(currency));
        }
        common
    }
}
