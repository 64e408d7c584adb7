//! How are the price models of usage read? `{"type": "matrix", "dimensions": ["model"], "cells": [{"values": {"model": "large"}, …}]}`.

use rust_decimal::Decimal;
use serde_json::Value;

use super::model_fields::Fields;
use crate::domain::catalog::{Cell, PriceModel};
use crate::domain::fields::{Faults, below};

pub(super) fn percentage(fields: &Fields<'_>, faults: &mut Faults) -> Option<PriceModel> {
    fields.only(&["type", "percent", "fixed_amount", "per_event_minimum", "per_event_maximum"], faults);
    let percent = fields.number("percent", faults);
    let fixed_amount = fields.amount_or_zero("fixed_amount", faults);
    let per_event_minimum = fields.optional_number("per_event_minimum", faults);
    let per_event_maximum = fields.optional_number("per_event_maximum", faults);
    Some(PriceModel::Percentage {
        percent: percent?,
        fixed_amount: fixed_amount?,
        per_event_minimum: per_event_minimum?,
        per_event_maximum: per_event_maximum?,
    })
}

pub(super) fn dynamic(fields: &Fields<'_>, faults: &mut Faults) -> Option<PriceModel> {
    fields.only(&["type", "markup_percent"], faults);
    Some(PriceModel::Dynamic { markup_percent: fields.amount_or_zero("markup_percent", faults)? })
}

pub(super) fn commitment(fields: &Fields<'_>, faults: &mut Faults) -> Option<PriceModel> {
    fields.only(&["type", "amount", "prices", "pooled"], faults);
    let (amount, prices) = (fields.number("amount", faults), fields.texts("prices", faults));
    let pooled = fields.flag("pooled", faults);
    Some(PriceModel::Commitment { amount: amount?, prices: prices?, pooled: pooled? })
}

pub(super) fn matrix(fields: &Fields<'_>, faults: &mut Faults) -> Option<PriceModel> {
    fields.only(&["type", "dimensions", "cells", "default_unit_amount"], faults);
    let dimensions = fields.texts("dimensions", faults);
    let default = fields.optional_number("default_unit_amount", faults);
    let items = fields.list("cells", faults);
    let (dimensions, items) = (dimensions?, items?);
    let read = |(n, item)| cell(item, &dimensions, &below(&fields.pointer("cells"), &format!("{n}")), faults);
    let cells: Vec<Option<Cell>> = items.iter().enumerate().map(read).collect();
    let cells = cells.into_iter().collect::<Option<Vec<Cell>>>()?;
    Some(PriceModel::Matrix { dimensions, cells, default_unit_amount: default? })
}

/// A cell names a value for each dimension, and nothing else.
fn cell(item: &Value, dimensions: &[String], at: &str, faults: &mut Faults) -> Option<Cell> {
    let Value::Object(members) = item else {
        faults.add(at, "wrong_type", "a cell is an object with values and a unit_amount");
        return None;
    };
    let fields = Fields::of(members, at);
    fields.only(&["values", "unit_amount"], faults);
    let unit_amount: Option<Decimal> = fields.number("unit_amount", faults);
    let pointer = fields.pointer("values");
    let Some(Value::Object(named)) = fields.raw("values") else {
        let detail = "a cell says for which values it is: {\"model\": \"large\"}";
        faults.add(pointer, "missing_field", detail);
        return None;
    };
    for name in named.keys().filter(|name| !dimensions.contains(name)) {
        let detail = format_args!("\"{name}\" is not among the dimensions of this matrix");
        faults.add(below(&pointer, name), "unknown_dimension", detail);
    }
    let mut values = Vec::with_capacity(dimensions.len());
    for name in dimensions {
        match named.get(name) {
            Some(Value::String(value)) => values.push(value.clone()),
            _ => {
                let detail =
                    format_args!("this cell has no value for \"{name}\": give each dimension a text");
                faults.add(below(&pointer, name), "missing_field", detail);
                return None;
            }
        }
    }
    Some(Cell { values, unit_amount: unit_amount? })
}
