//! What may those who have a plan use? Its features: `sso`, 5 projects for each seat, 10,000 calls a month.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use strum::{EnumDiscriminants, EnumString, IntoStaticStr};

use super::price_draft::PriceDraft;
use crate::domain::fields::{Faults, NAME_LENGTH, below};
use crate::domain::ids::MeterId;

/// Most features of one plan version.
const FEATURES: usize = 200;

/// One thing a plan gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    pub code: String,
    pub name: String,
    pub grant: Grant,
}

impl Feature {
    /// What a plan is to give; called by its code when it has no name.
    #[must_use]
    pub fn new(code: String, name: Option<String>, grant: Grant) -> Feature {
        Feature { name: name.unwrap_or_else(|| code.clone()), code, grant }
    }
}

/// How much of it.
#[derive(Debug, Clone, PartialEq, Eq, EnumDiscriminants)]
#[strum_discriminants(
    name(GrantKind),
    doc = "How much of it, by the kind alone: as stored and as written on the wire."
)]
#[strum_discriminants(derive(EnumString, IntoStaticStr), strum(serialize_all = "snake_case", const_into_str))]
pub enum Grant {
    /// All of it.
    Boolean,
    /// So many at a time; who uses them counts them.
    Limit(Allowance),
    /// So much of what a meter measures in each period.
    Metered {
        meter_id: MeterId,
        allowance: Allowance,
        /// Once it is used up, no more may be used until the next period.
        hard_cap: bool,
    },
}

/// A number, or no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// `None`: without limit.
    pub amount: Option<Decimal>,
    /// Code of a price of the plan: the allowance is for each unit bought of it.
    pub per: Option<String>,
}

impl Allowance {
    /// The limit of who bought so many of the price it is per.
    #[must_use]
    pub fn limit(&self, quantity: Decimal) -> Option<Decimal> {
        match self.per {
            None => self.amount,
            // 15 digits times 15 may be more than 28, which is more than anybody uses.
            Some(_) => self.amount.map(|amount| amount.saturating_mul(quantity)),
        }
    }
}

impl Grant {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> GrantKind {
        self.into()
    }

    /// The number, where there is one.
    #[must_use]
    pub fn allowance(&self) -> Option<&Allowance> {
        match self {
            Grant::Boolean => None,
            Grant::Limit(allowance) | Grant::Metered { allowance, .. } => Some(allowance),
        }
    }
}

/// Notes everything that is wrong with the features of a version that has these prices.
pub(super) fn check(features: &[Feature], prices: &[PriceDraft], faults: &mut Faults) {
    if features.len() > FEATURES {
        faults.add("/features", "too_many", format_args!("a plan version has at most {FEATURES} features"));
    }
    let mut codes = BTreeSet::new();
    for (n, feature) in features.iter().enumerate() {
        let at = below("/features", &n.to_string());
        faults.check_code(&below(&at, "code"), &feature.code);
        faults.check_text(&below(&at, "name"), &feature.name, NAME_LENGTH);
        if !codes.insert(feature.code.as_str()) {
            let detail = format_args!("two features of this plan have the code \"{}\"", feature.code);
            faults.add(below(&at, "code"), "code_repeated", detail);
        }
        let Some(Allowance { amount, per }) = feature.grant.allowance() else { continue };
        if amount.is_some_and(|amount| amount < Decimal::ZERO) {
            faults.add(below(&at, "limit"), "negative_limit", "a limit is 0 or more; null is without limit");
        }
        let counted =
            |code: &String| prices.iter().any(|price| price.code == *code && price.metering.is_none());
        if per.as_ref().is_some_and(|code| !counted(code)) {
            let detail = "this plan sells no quantity of a price with this code";
            faults.add(below(&at, "per"), "unknown_price", detail);
        }
    }
}
