//! May this plan be published? A draft is checked whole: codes unique, at least one price, nothing negative, no one-time price in arrears.
//!
//! A draft with prices `base`, `base` and one of -1.00 is refused with two errors: `/prices/1/code` and `/prices/2/model/amount`.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::price_draft::PriceDraft;
use super::{Derivation, Derived, Feature, Metadata, Plan, PlanVersion, Product, TaxCode};
use super::{commitments, derived, features};
use crate::domain::calendar::Interval;
use crate::domain::customers::metadata;
use crate::domain::fields::{EXTERNAL_ID_LENGTH, Faults, NAME_LENGTH, TEXT_LENGTH, below};
use crate::domain::ids::{PlanId, PriceId, ProductId};
use crate::domain::money::Currency;
use crate::domain::refusal::Invalid;

/// Most prices of one plan version: each is a line on every invoice.
const PRICES: usize = 100;

/// What a caller says of a new product.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductDraft {
    pub external_id: Option<String>,
    pub name: String,
    pub description: Option<String>,
    pub tax_code: TaxCode,
    pub metadata: Metadata,
}

/// What a caller wants changed of a product; the outer `None` leaves a value as it is, the inner one removes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProductChange {
    pub external_id: Option<Option<String>>,
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub tax_code: Option<TaxCode>,
    /// Keys to set, and with `None` to remove; others stay.
    pub metadata: Vec<(String, Option<String>)>,
}

/// What a caller says of a new plan, with its first version.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanDraft {
    pub external_id: Option<String>,
    pub code: String,
    pub name: String,
    pub product_id: ProductId,
    pub metadata: Metadata,
    pub first: VersionDraft,
}

/// What a caller says of a plan's next version.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionDraft {
    pub currency: Currency,
    pub interval: Interval,
    pub prices: Vec<PriceDraft>,
    pub features: Vec<Feature>,
    /// Further currencies in which each price is to have one made of its own.
    pub derive: Vec<Derivation>,
    /// How those were made.
    pub derived: Vec<Derived>,
}

/// What a version is given besides the caller's words.
#[derive(Debug, Clone, Copy)]
pub struct Publication {
    pub plan_id: PlanId,
    pub version: i32,
    pub at: DateTime<Utc>,
}

impl ProductDraft {
    /// The product this makes.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn create(self, id: ProductId, at: DateTime<Utc>) -> Result<Product, Invalid> {
        let ProductDraft { external_id, name, description, tax_code, metadata } = self;
        let product = Product { id, external_id, name, description, tax_code, metadata, created_at: at };
        product.check().map(|()| product)
    }
}

impl Product {
    /// The product after a change. What is taxed from now on is taxed by its new code.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn changed(&self, change: ProductChange) -> Result<Product, Invalid> {
        let mut next = self.clone();
        next.external_id = change.external_id.unwrap_or(next.external_id);
        next.name = change.name.unwrap_or(next.name);
        next.description = change.description.unwrap_or(next.description);
        next.tax_code = change.tax_code.unwrap_or(next.tax_code);
        for (key, value) in change.metadata {
            match value {
                Some(value) => next.metadata.insert(key, value),
                None => next.metadata.remove(&key),
            };
        }
        next.check().map(|()| next)
    }

    fn check(&self) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        faults.check_optional("/external_id", self.external_id.as_deref(), EXTERNAL_ID_LENGTH);
        faults.check_text("/name", &self.name, NAME_LENGTH);
        faults.check_optional("/description", self.description.as_deref(), TEXT_LENGTH);
        metadata::check(&self.metadata, &mut faults);
        faults.into_result()
    }
}

impl PlanDraft {
    /// The plan and its version 1, with an id for each price from `price_id`.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn create(
        self,
        (id, at): (PlanId, DateTime<Utc>),
        price_id: impl FnMut() -> PriceId,
    ) -> Result<(Plan, PlanVersion), Invalid> {
        let mut faults = Faults::none();
        faults.check_code("/code", &self.code);
        faults.check_optional("/external_id", self.external_id.as_deref(), EXTERNAL_ID_LENGTH);
        faults.check_text("/name", &self.name, NAME_LENGTH);
        metadata::check(&self.metadata, &mut faults);
        self.first.check(&mut faults);
        faults.into_result()?;
        let version = self.first.assemble(Publication { plan_id: id, version: 1, at }, price_id);
        let PlanDraft { external_id, code, name, product_id, metadata, .. } = self;
        Ok((
            Plan { id, external_id, code, name, product_id, metadata, latest_version: 1, created_at: at },
            version,
        ))
    }
}

impl VersionDraft {
    /// Checks which further currencies are wanted.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn check_derivations(&self) -> Result<(), Invalid> {
        let mut faults = Faults::none();
        derived::check(&self.derive, self.currency, &mut faults);
        faults.into_result()
    }

    /// With prices in further currencies, at these rates: where a price has none of its own in them.
    ///
    /// # Errors
    /// [`Invalid`]: an amount is more than its currency can count.
    pub fn with_derived(mut self, derived: Vec<Derived>) -> Result<VersionDraft, Invalid> {
        let mut faults = Faults::none();
        for (n, price) in self.prices.iter_mut().enumerate() {
            let at = below(&below("/prices", &n.to_string()), "model");
            for one in &derived {
                faults.keep(&at, "amount_out_of_range", one.complete(price, self.currency));
            }
        }
        faults.into_result()?;
        self.derived = derived;
        Ok(self)
    }

    /// The version this makes, with an id for each price from `price_id`.
    ///
    /// # Errors
    /// [`Invalid`] with every value at fault.
    pub fn publish(
        self,
        publication: Publication,
        price_id: impl FnMut() -> PriceId,
    ) -> Result<PlanVersion, Invalid> {
        let mut faults = Faults::none();
        self.check(&mut faults);
        faults.into_result()?;
        Ok(self.assemble(publication, price_id))
    }

    fn check(&self, faults: &mut Faults) {
        if self.prices.is_empty() {
            faults.add(
                "/prices",
                "no_prices",
                "a plan has at least one price; use an amount of 0 for a free plan",
            );
        }
        if !self.prices.is_empty() && self.prices.iter().all(|price| price.add_on) {
            let detail = "every price is an add-on, so the plan by itself has none: let one of them not be";
            faults.add("/prices", "only_add_ons", detail);
        }
        if self.prices.len() > PRICES {
            faults.add("/prices", "too_many", format_args!("a plan version has at most {PRICES} prices"));
        }
        features::check(&self.features, &self.prices, faults);
        let mut codes = BTreeSet::new();
        for (n, price) in self.prices.iter().enumerate() {
            let at = below("/prices", &n.to_string());
            if !codes.insert(price.code.as_str()) {
                let detail = format_args!(
                    "two prices of this plan have the code \"{}\": each needs its own",
                    price.code
                );
                faults.add(below(&at, "code"), "code_repeated", detail);
            }
            price.check(&at, self.currency, faults);
            commitments::check(price, &self.prices, &at, faults);
        }
    }

    fn assemble(self, publication: Publication, mut price_id: impl FnMut() -> PriceId) -> PlanVersion {
        let drafts = commitments::with_minimums(self.prices, self.currency);
        let prices = drafts.into_iter().map(|draft| draft.with_id(price_id(), self.currency)).collect();
        PlanVersion {
            plan_id: publication.plan_id,
            version: publication.version,
            currency: self.currency,
            interval: self.interval,
            published_at: publication.at,
            prices,
            features: self.features,
            derived: self.derived,
        }
    }
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
