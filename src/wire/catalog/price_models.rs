//! How is a price model written? `{"type": "per_unit", "unit_amount": "0.0025"}`, or with tiers: `{"type": "graduated", "tiers": […]}`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::model_fields::Fields;
use super::usage_models;
use crate::domain::catalog;
use crate::domain::fields::{Faults, below};
use crate::domain::money::Currency;
use crate::wire::amounts::DecimalText;

/// How a quantity becomes an amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PriceModel {
    /// The same amount whatever the quantity.
    #[schema(example = json!({"type": "flat", "amount": "31.00"}))]
    Flat {
        /// Major units for a whole period, at most 12 decimals.
        #[schema(example = "31.00")]
        amount: String,
    },
    /// An amount for each unit.
    #[schema(example = json!({"type": "per_unit", "unit_amount": "0.0025"}))]
    PerUnit {
        /// Major units for one unit and a whole period, at most 12 decimals: may be finer than the currency.
        #[schema(example = "12.50")]
        unit_amount: String,
    },
    /// An amount for each package of units. A package begun is charged whole: 1,250 units in packages of 100 at 5.00 are
    /// 13 × 5.00 = 65.00. Nothing costs nothing.
    #[schema(example = json!({"type": "package", "amount": "5.00", "size": "100"}))]
    Package {
        /// Major units for one package and a whole period, at most 12 decimals.
        #[schema(example = "5.00")]
        amount: String,
        /// Units in a package, above 0, at most 12 decimals.
        #[schema(example = "100")]
        size: String,
    },
    /// Each unit at the price of the tier it lies in, and the flat amount of each tier entered: 2,500 units at 0.10 up to
    /// 100, 0.08 up to 1,000 and 0.05 above are 10.00 + 72.00 + 75.00 = 157.00. Included units are a first tier at "0".
    #[schema(example = json!({"type": "graduated", "tiers": [
        {"up_to": "100", "unit_amount": "0.10", "flat_amount": "0"},
        {"up_to": "1000", "unit_amount": "0.08", "flat_amount": "0"},
        {"up_to": null, "unit_amount": "0.05", "flat_amount": "0"}
    ]}))]
    Graduated {
        /// 1 to 100.
        tiers: Vec<Tier>,
    },
    /// Every unit at the price of the tier the quantity reaches, and the flat amount of that tier: 1,001 units at 0.10 up
    /// to 100, 0.08 up to 1,000 and 0.05 above are 1,001 × 0.05 = 50.05. So one unit more may cost less: 1,000 are 80.00.
    #[schema(example = json!({"type": "volume", "tiers": [
        {"up_to": "100", "unit_amount": "0.10", "flat_amount": "0"},
        {"up_to": "1000", "unit_amount": "0.08", "flat_amount": "0"},
        {"up_to": null, "unit_amount": "0.05", "flat_amount": "0"}
    ]}))]
    Volume {
        /// 1 to 100.
        tiers: Vec<Tier>,
    },
    /// The flat amount of the tier the quantity reaches, whatever the quantity in it: up to 1,000 for 50.00 and up to
    /// 5,000 for 200.00, 1,001 units are 200.00.
    #[schema(example = json!({"type": "stairstep", "tiers": [
        {"up_to": "1000", "flat_amount": "50.00"}, {"up_to": "5000", "flat_amount": "200.00"},
        {"up_to": null, "flat_amount": "500.00"}
    ]}))]
    Stairstep {
        /// 1 to 100, each with its `flat_amount` only.
        tiers: Vec<Tier>,
    },
    /// A share of what was used, such as money moved, and a fixed amount for each event: 1,000.00 in 4 payments at 2.9 and
    /// 0.30 are 29.00 + 1.20 = 30.20. With a bound per event, each event is priced alone. Of usage prices only.
    #[schema(example = json!({"type": "percentage", "percent": "2.9", "fixed_amount": "0.30",
        "per_event_minimum": null, "per_event_maximum": "10.00"}))]
    Percentage {
        /// 0 to 1000; 2.9 is 2.9 of a hundred.
        #[schema(example = "2.9")]
        percent: String,
        /// Major units for each event.
        #[schema(example = "0.30", default = "0", required = false)]
        fixed_amount: String,
        /// An event costs at least this.
        #[schema(required = false)]
        per_event_minimum: Option<String>,
        /// An event costs at most this.
        #[schema(example = "10.00", required = false)]
        per_event_maximum: Option<String>,
    },
    /// The unit price chosen by up to three dimensions of the meter, such as model × region × tier. Of usage prices only.
    #[schema(example = json!({"type": "matrix", "dimensions": ["model", "region"], "cells": [
        {"values": {"model": "large", "region": "eu"}, "unit_amount": "0.002"},
        {"values": {"model": "small", "region": "eu"}, "unit_amount": "0.0005"}], "default_unit_amount": "0.001"}))]
    Matrix {
        /// 1 to 3 of the meter's dimensions.
        dimensions: Vec<String>,
        /// Each combination of values once.
        cells: Vec<MatrixCell>,
        /// Of combinations without a cell; null: they cost nothing.
        #[schema(required = false)]
        default_unit_amount: Option<String>,
    },
    /// What the events cost by their own word (the meter's `price_property`), and a mark-up on it. Of usage prices only.
    #[schema(example = json!({"type": "dynamic", "markup_percent": "20"}))]
    Dynamic {
        /// 0 to 1000; 20 adds a fifth.
        #[schema(example = "20", default = "0", required = false)]
        markup_percent: String,
    },
    /// What usage must come to in a period: what the prices fall short of it is charged at the period's end, on a line of its
    /// own. Its price is recurring and billed in arrears.
    #[schema(example = json!({"type": "commitment", "amount": "500.00", "prices": ["calls"]}))]
    Commitment {
        /// Major units for a whole period.
        #[schema(example = "500.00")]
        amount: String,
        /// Codes of prices of the same plan; empty: all its usage prices.
        #[schema(required = false)]
        prices: Vec<String>,
        /// Count the usage of all subscriptions that the same account pays for, those of its children, too; the codes may then be
        /// of prices of their plans. Counted are charges whose period ends in the commitment's.
        #[schema(required = false)]
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        pooled: bool,
    },
}

/// The unit price of one combination of dimension values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"values": {"model": "large", "region": "eu"}, "unit_amount": "0.002"}))]
pub struct MatrixCell {
    /// One for each dimension.
    pub values: BTreeMap<String, String>,
    /// Major units for one unit, at most 12 decimals.
    pub unit_amount: String,
}

/// One tier of a price: the quantities above the tier before it, up to and with `up_to`. The first tier holds 0, so its
/// `flat_amount` is charged for a quantity of 0, too; where that shall be free, begin with `{"up_to": "0", "flat_amount": "0"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"up_to": "100", "unit_amount": "0.10", "flat_amount": "0"}))]
pub struct Tier {
    /// The largest quantity in the tier, above that of the tier before, at most 12 decimals. Null in the last tier and only
    /// there: it has no end.
    #[schema(example = "100")]
    pub up_to: Option<String>,
    /// Major units for each unit, at most 12 decimals. A stairstep price has none.
    #[schema(example = "0.10", default = "0", required = false)]
    pub unit_amount: String,
    /// Major units for the tier, whatever the quantity in it, at most 12 decimals.
    #[schema(example = "0", default = "0", required = false)]
    pub flat_amount: String,
}

impl From<&catalog::PriceModel> for PriceModel {
    fn from(model: &catalog::PriceModel) -> PriceModel {
        let written = |tiers: &[catalog::Tier]| tiers.iter().map(Tier::from).collect();
        match model {
            catalog::PriceModel::Flat { amount } => PriceModel::Flat { amount: amount.to_string() },
            catalog::PriceModel::PerUnit { unit_amount } => {
                PriceModel::PerUnit { unit_amount: unit_amount.to_string() }
            }
            catalog::PriceModel::Package { amount, size } => {
                PriceModel::Package { amount: amount.to_string(), size: size.to_string() }
            }
            catalog::PriceModel::Graduated { tiers } => PriceModel::Graduated { tiers: written(tiers) },
            catalog::PriceModel::Volume { tiers } => PriceModel::Volume { tiers: written(tiers) },
            catalog::PriceModel::Stairstep { tiers } => PriceModel::Stairstep { tiers: written(tiers) },
            catalog::PriceModel::Percentage {
                percent,
                fixed_amount,
                per_event_minimum,
                per_event_maximum,
            } => PriceModel::Percentage {
                percent: percent.to_string(),
                fixed_amount: fixed_amount.to_string(),
                per_event_minimum: per_event_minimum.map(|bound| bound.to_string()),
                per_event_maximum: per_event_maximum.map(|bound| bound.to_string()),
            },
            catalog::PriceModel::Matrix { dimensions, cells, default_unit_amount } => PriceModel::Matrix {
                dimensions: dimensions.clone(),
                cells: cells.iter().map(|cell| MatrixCell::of(dimensions, cell)).collect(),
                default_unit_amount: default_unit_amount.map(|amount| amount.to_string()),
            },
            catalog::PriceModel::Dynamic { markup_percent } => {
                PriceModel::Dynamic { markup_percent: markup_percent.to_string() }
            }
            catalog::PriceModel::Commitment { amount, prices, pooled } => {
                PriceModel::Commitment { amount: amount.to_string(), prices: prices.clone(), pooled: *pooled }
            }
        }
    }
}

impl MatrixCell {
    fn of(dimensions: &[String], cell: &catalog::Cell) -> MatrixCell {
        MatrixCell {
            values: dimensions.iter().cloned().zip(cell.values.iter().cloned()).collect(),
            unit_amount: cell.unit_amount.to_string(),
        }
    }
}

impl From<&catalog::Tier> for Tier {
    fn from(tier: &catalog::Tier) -> Tier {
        Tier {
            up_to: tier.up_to.map(|bound| bound.to_string()),
            unit_amount: tier.unit_amount.to_string(),
            flat_amount: tier.flat_amount.to_string(),
        }
    }
}

/// A price model as sent, not yet read: its fields depend on its type, and each fault gets its own pointer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct ModelBody(Map<String, Value>);

impl ModelBody {
    /// The model, or notes of all that is wrong with it.
    pub fn read(&self, at: &str, faults: &mut Faults) -> Option<catalog::PriceModel> {
        let fields = Fields::of(&self.0, at);
        match fields.type_name(faults)? {
            "flat" => {
                fields.only(&["type", "amount"], faults);
                Some(catalog::PriceModel::Flat { amount: fields.number("amount", faults)? })
            }
            "per_unit" => {
                fields.only(&["type", "unit_amount"], faults);
                Some(catalog::PriceModel::PerUnit { unit_amount: fields.number("unit_amount", faults)? })
            }
            "package" => {
                fields.only(&["type", "amount", "size"], faults);
                let (amount, size) = (fields.number("amount", faults), fields.number("size", faults));
                Some(catalog::PriceModel::Package { amount: amount?, size: size? })
            }
            "graduated" => Some(catalog::PriceModel::Graduated { tiers: fields.tiers(faults)? }),
            "volume" => Some(catalog::PriceModel::Volume { tiers: fields.tiers(faults)? }),
            "stairstep" => Some(catalog::PriceModel::Stairstep { tiers: fields.tiers(faults)? }),
            "percentage" => usage_models::percentage(&fields, faults),
            "matrix" => usage_models::matrix(&fields, faults),
            "dynamic" => usage_models::dynamic(&fields, faults),
            "commitment" => usage_models::commitment(&fields, faults),
            other => {
                let known = catalog::PriceModel::TYPES.join(", ");
                let shown: String = other.chars().take(40).collect();
                let detail = format_args!("there is no price model \"{shown}\"; there are {known}");
                faults.add(below(at, "type"), "model_not_supported", detail);
                None
            }
        }
    }
}

/// The prices of one price in further currencies, as sent: `{"EUR": {"model": {…}}}`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CurrencyBody {
    pub model: ModelBody,
    pub minimum_amount: Option<DecimalText>,
    pub maximum_amount: Option<DecimalText>,
}

/// A price in a further currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CurrencyPrice {
    pub model: PriceModel,
}

/// Reads `{"EUR": {"model": …}}`, noting unknown currencies and bad models.
pub fn read_currencies(
    bodies: &BTreeMap<String, CurrencyBody>,
    at: &str,
    faults: &mut Faults,
) -> BTreeMap<Currency, catalog::PriceModel> {
    let mut models = BTreeMap::new();
    for (code, body) in bodies {
        let at = below(at, code);
        let currency = faults.keep(&at, "unknown_currency", Currency::parse(code));
        let model = body.model.read(&below(&at, "model"), faults);
        models.extend(currency.zip(model));
    }
    models
}

#[cfg(test)]
#[path = "price_models_tests.rs"]
mod tests;
