//! How are amounts written for providers? In major units, as the currency has them: `100.00`, `1200` for yen.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::domain::money::{Currency, Money, round_to_minor};

/// An amount in minor units as a decimal string; of a currency that is unknown, as it is.
pub(in crate::adapters::tax) fn major(minor: i64, currency: &str) -> String {
    Currency::parse(currency)
        .map_or_else(|_| minor.to_string(), |currency| Money::from_minor(minor, currency).to_major_string())
}

/// An amount as a number.
pub(in crate::adapters::tax) fn number(minor: i64, currency: &str) -> Value {
    serde_json::from_str(&major(minor, currency)).unwrap_or(Value::Null)
}

/// A decimal that is written as a string or as a number.
pub(in crate::adapters::tax) fn decimal(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    text.parse().or_else(|_| Decimal::from_scientific(&text)).ok()
}

/// An amount in minor units; more decimals than the currency has are refused.
pub(in crate::adapters::tax) fn minor(value: &Value, currency: &str) -> Option<i64> {
    let (exact, currency) = (decimal(value)?, Currency::parse(currency).ok()?);
    let rounded = round_to_minor(exact, currency).ok()?;
    (rounded.to_decimal() == exact).then(|| rounded.minor())
}

/// The name of a jurisdiction and its tax, as invoices print it.
pub(in crate::adapters::tax) fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}
