//! How is an amount, a quantity or a price model written? As decimal strings: `"19.99"`, `{"type": "per_unit", "unit_amount": "0.0025"}`.
//!
//! A JSON number is refused: many programs read it as binary floating point, in which 0.1 + 0.2 is not 0.3.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::domain::catalog;
use crate::domain::fields::{Faults, below};
use crate::domain::money::{Currency, parse_decimal};

/// A decimal as text, not yet read: what is wrong with it is told with the other faults of its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecimalText(pub String);

const EXPECTED: &str =
    "a decimal string such as \"19.99\", in quotes: a JSON number may lose digits on its way";

impl<'de> Deserialize<'de> for DecimalText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<DecimalText, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = DecimalText;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }
            fn visit_str<E>(self, text: &str) -> Result<DecimalText, E> {
                Ok(DecimalText(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

impl DecimalText {
    /// The number, or a note of why it is none.
    pub fn read(&self, pointer: &str, faults: &mut Faults) -> Option<Decimal> {
        faults.keep(pointer, "bad_decimal", parse_decimal(&self.0))
    }
}

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
}

impl From<&catalog::PriceModel> for PriceModel {
    fn from(model: &catalog::PriceModel) -> PriceModel {
        match model {
            catalog::PriceModel::Flat { amount } => PriceModel::Flat { amount: amount.to_string() },
            catalog::PriceModel::PerUnit { unit_amount } => {
                PriceModel::PerUnit { unit_amount: unit_amount.to_string() }
            }
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
        match self.text("type", at, faults)? {
            "flat" => {
                let amount = self.only_amount("amount", at, faults)?;
                Some(catalog::PriceModel::Flat { amount })
            }
            "per_unit" => {
                let unit_amount = self.only_amount("unit_amount", at, faults)?;
                Some(catalog::PriceModel::PerUnit { unit_amount })
            }
            other => {
                let known = catalog::PriceModel::TYPES.join(" and ");
                let shown: String = other.chars().take(40).collect();
                let detail = format_args!("there is no price model \"{shown}\" yet; there are {known}");
                faults.add(below(at, "type"), "model_not_supported", detail);
                None
            }
        }
    }

    fn text(&self, field: &str, at: &str, faults: &mut Faults) -> Option<&str> {
        match self.0.get(field) {
            Some(Value::String(text)) => Some(text),
            None => {
                faults.add(below(at, field), "missing_field", format_args!("`{field}` is missing"));
                None
            }
            Some(other) => {
                let expected =
                    if field == "type" { "the name of a price model, such as \"flat\"" } else { EXPECTED };
                let kind = kind(other);
                faults.add(
                    below(at, field),
                    "wrong_type",
                    format_args!("`{field}` is {kind}; it must be {expected}"),
                );
                None
            }
        }
    }

    /// The one amount a model has, and a note of every field beside it.
    fn only_amount(&self, field: &str, at: &str, faults: &mut Faults) -> Option<Decimal> {
        for key in self.0.keys().filter(|key| *key != "type" && *key != field) {
            let detail = format_args!("unknown field `{key}`; this model has `type` and `{field}`");
            faults.add(below(at, key), "unknown_field", detail);
        }
        let amount = self.text(field, at, faults)?;
        faults.keep(&below(at, field), "bad_decimal", parse_decimal(amount))
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The prices of one price in further currencies, as sent: `{"EUR": {"model": {…}}}`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CurrencyBody {
    pub model: ModelBody,
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
mod tests {
    use super::*;

    fn read(json: &str) -> Result<catalog::PriceModel, Vec<(String, String)>> {
        let body: ModelBody = serde_json::from_str(json).unwrap();
        let mut faults = Faults::none();
        let model = body.read("/model", &mut faults);
        match faults.into_result() {
            Ok(()) => Ok(model.unwrap()),
            Err(invalid) => Err(invalid.errors.into_iter().map(|e| (e.pointer, e.code)).collect()),
        }
    }

    fn fault(json: &str) -> (String, String) {
        read(json).unwrap_err().remove(0)
    }

    fn at(pointer: &str, code: &str) -> (String, String) {
        (pointer.to_owned(), code.to_owned())
    }

    #[test]
    fn a_model_is_read_with_all_its_digits_and_written_back_alike() {
        let model = read(r#"{"type":"per_unit","unit_amount":"0.002500"}"#).unwrap();
        assert_eq!(
            serde_json::to_string(&PriceModel::from(&model)).unwrap(),
            r#"{"type":"per_unit","unit_amount":"0.002500"}"#
        );
    }

    #[test]
    fn an_amount_as_a_number_is_refused_with_a_sentence() {
        assert_eq!(fault(r#"{"type":"flat","amount":31.00}"#), at("/model/amount", "wrong_type"));
        let refused = serde_json::from_str::<DecimalText>("7").unwrap_err().to_string();
        assert!(
            refused.starts_with("invalid type: integer `7`, expected a decimal string such as \"19.99\""),
            "{refused}"
        );
    }

    #[test]
    fn a_blank_signed_or_overlong_amount_is_refused() {
        for bad in ["", " ", "+1", "1e3", "1,5", "0.0000000000001", "1234567890123456"] {
            let json = format!(r#"{{"type":"flat","amount":"{bad}"}}"#);
            assert_eq!(fault(&json), at("/model/amount", "bad_decimal"), "{bad}");
        }
    }

    #[test]
    fn a_model_that_is_not_there_yet_names_those_that_are() {
        let json = r#"{"type":"graduated","tiers":[]}"#;
        assert_eq!(fault(json), at("/model/type", "model_not_supported"));
        let body: ModelBody = serde_json::from_str(json).unwrap();
        let mut faults = Faults::none();
        body.read("/model", &mut faults);
        let told = faults.into_result().unwrap_err().to_string();
        assert_eq!(told, "there is no price model \"graduated\" yet; there are flat and per_unit");
    }

    #[test]
    fn unknown_and_missing_fields_are_named() {
        let found = read(r#"{"type":"flat","unit_amount":"1"}"#).unwrap_err();
        assert_eq!(found, [at("/model/unit_amount", "unknown_field"), at("/model/amount", "missing_field")]);
        assert_eq!(fault("{}"), at("/model/type", "missing_field"));
        assert_eq!(fault(r#"{"type":7}"#), at("/model/type", "wrong_type"));
    }
}
