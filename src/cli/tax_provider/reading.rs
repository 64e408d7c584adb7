//! How is what came in read? Texts that say something, and decimals that are written as strings.

use rust_decimal::Decimal;
use serde_json::Value;

/// A text that says something.
pub(super) fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}

/// A decimal that is written as a string.
pub(super) fn decimal(value: &Value) -> Option<Decimal> {
    value.as_str()?.parse().ok()
}
