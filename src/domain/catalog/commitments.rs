//! What must usage come to? A commitment: a price that charges, at the period's end, what other prices fall short of it.
//!
//! `minimum_amount` 100.00 on the price `calls` publishes a second price, `calls_minimum`: 62.00 of calls → 38.00 of it.

use std::collections::BTreeMap;

use super::price_draft::PriceDraft;
use super::{Billing, Price, PriceKind, PriceModel};
use crate::domain::fields::{CODE_LENGTH, Faults, below};
use crate::domain::money::Currency;

/// What is added to a price's code for its minimum.
const SUFFIX: &str = "_minimum";

/// Notes what is wrong with a commitment, and with a price's own minimum.
pub(super) fn check(price: &PriceDraft, all: &[PriceDraft], at: &str, faults: &mut Faults) {
    if !price.minimum.is_empty() {
        check_minimum(price, all, at, faults);
    }
    let PriceModel::Commitment { prices, pooled, .. } = &price.model else { return };
    if price.kind != PriceKind::Recurring || price.billing != Billing::InArrears {
        let detail =
            "a commitment is compared at the period's end: its kind is recurring, its billing in_arrears";
        faults.add(below(at, "billing"), "commitment_in_arrears", detail);
    }
    let counted_otherwise =
        |other: &&PriceDraft| other.kind == PriceKind::Usage && other.tax_behavior != price.tax_behavior;
    if let Some(other) = all.iter().find(counted_otherwise).filter(|_| prices.is_empty()) {
        let detail = format_args!(
            "all usage counts towards it, and \"{}\" contains its tax otherwise: name the prices that count",
            other.code
        );
        faults.add(below(at, "tax_behavior"), "tax_behaviors_differ", detail);
    }
    for (n, code) in prices.iter().enumerate() {
        let pointer = below(&below(&below(at, "model"), "prices"), &n.to_string());
        match all.iter().find(|other| other.code == *code) {
            Some(other) if counts(other) && other.tax_behavior == price.tax_behavior => {}
            Some(other) if counts(other) => {
                let detail = "a commitment and what counts towards it contain their tax alike";
                faults.add(pointer, "tax_behaviors_differ", detail);
            }
            // It counts prices of other plans, too.
            None if *pooled => {}
            Some(_) => faults.add(pointer, "price_does_not_count", "only prices billed in arrears count"),
            None => {
                let detail = format_args!("this plan has no price \"{code}\"");
                faults.add(pointer, "unknown_price", detail);
            }
        }
    }
}

impl PriceModel {
    /// Whether it is a commitment towards which counts what a price of this kind and code charges: all usage, or the prices it names.
    #[must_use]
    pub fn counts(&self, kind: PriceKind, code: &str) -> bool {
        let PriceModel::Commitment { prices, .. } = self else { return false };
        match prices.is_empty() {
            true => kind == PriceKind::Usage,
            false => prices.iter().any(|named| named == code),
        }
    }
}

/// Whether a price is the minimum that another was published with: it is bought with it, always.
#[must_use]
pub fn is_minimum_of(price: &Price, committed: &Price) -> bool {
    let counts_it = |model: &PriceModel| matches!(model, PriceModel::Commitment { prices, .. } if prices.len() == 1 && prices[0] == committed.code);
    price.code.strip_suffix(SUFFIX) == Some(committed.code.as_str()) && price.amounts.values().all(counts_it)
}

/// Whether a price can count towards a commitment: it is charged at the period's end, as the commitment is.
fn counts(price: &PriceDraft) -> bool {
    price.billing == Billing::InArrears && !matches!(price.model, PriceModel::Commitment { .. })
}

fn check_minimum(price: &PriceDraft, all: &[PriceDraft], at: &str, faults: &mut Faults) {
    let pointer = below(at, "minimum_amount");
    let companion = format!("{}{SUFFIX}", price.code);
    if price.kind != PriceKind::Usage {
        let detail =
            "only a price of kind usage has a minimum: what falls short of it is charged at the period's end";
        faults.add(&pointer, "minimum_needs_usage", detail);
    }
    if companion.chars().count() > CODE_LENGTH || all.iter().any(|other| other.code == companion) {
        let detail = format_args!(
            "the minimum becomes a price \"{companion}\": that code must be free and at most {CODE_LENGTH} characters"
        );
        faults.add(&pointer, "code_repeated", detail);
    }
    if price.currencies.keys().any(|currency| !price.minimum.contains_key(currency)) {
        let detail = "a price with a minimum has one in each of its currencies";
        faults.add(&pointer, "minimum_not_priced", detail);
    }
}

/// The prices, each minimum made into a price after its own.
pub(super) fn with_minimums(prices: Vec<PriceDraft>, currency: Currency) -> Vec<PriceDraft> {
    let mut all = Vec::with_capacity(prices.len());
    for mut price in prices {
        let minimum = std::mem::take(&mut price.minimum);
        let companion = companion(&price, minimum, currency);
        all.push(price);
        all.extend(companion);
    }
    all
}

fn companion(
    price: &PriceDraft,
    mut minimum: BTreeMap<Currency, rust_decimal::Decimal>,
    currency: Currency,
) -> Option<PriceDraft> {
    let model = |amount| PriceModel::Commitment { amount, prices: vec![price.code.clone()], pooled: false };
    let own = minimum.remove(&currency)?;
    let description = price.description.as_ref().unwrap_or(&price.code);
    Some(PriceDraft {
        code: format!("{}{SUFFIX}", price.code),
        description: Some(format!("{description}, up to the minimum")),
        kind: PriceKind::Recurring,
        billing: Billing::InArrears,
        metering: None,
        add_on: price.add_on,
        tax_behavior: price.tax_behavior,
        minimum: BTreeMap::new(),
        model: model(own),
        currencies: minimum.into_iter().map(|(currency, amount)| (currency, model(amount))).collect(),
    })
}
