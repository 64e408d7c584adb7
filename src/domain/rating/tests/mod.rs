//! What each model charges: first by hand, such as 2,500 graduated units for 157.00, then by law.

mod by_hand;
mod laws;
mod usage;

use rust_decimal::Decimal;

use crate::domain::catalog::{PriceModel, Tier};

pub fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// `"100: 0.10 + 5"` is a tier up to 100 at 0.10 a unit with a flat amount of 5; `"*: 0.05"` is the open one.
pub fn tiers(written: &[&str]) -> Vec<Tier> {
    let tier = |text: &&str| {
        let (bound, prices) = text.split_once(": ").unwrap();
        let (unit, flat) = prices.split_once(" + ").unwrap_or((prices, "0"));
        Tier { up_to: (bound != "*").then(|| d(bound)), unit_amount: d(unit), flat_amount: d(flat) }
    };
    written.iter().map(tier).collect()
}

pub fn graduated(written: &[&str]) -> PriceModel {
    PriceModel::Graduated { tiers: tiers(written) }
}

pub fn volume(written: &[&str]) -> PriceModel {
    PriceModel::Volume { tiers: tiers(written) }
}

pub fn stairstep(written: &[&str]) -> PriceModel {
    PriceModel::Stairstep { tiers: tiers(written) }
}

pub fn package(amount: &str, size: &str) -> PriceModel {
    PriceModel::Package { amount: d(amount), size: d(size) }
}

/// The amount of a quantity.
#[track_caller]
pub fn cost(model: &PriceModel, quantity: &str) -> Decimal {
    super::rate(model, d(quantity)).unwrap().amount
}
