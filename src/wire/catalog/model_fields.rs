//! Which fields does a price model have, and what is said of each that is missing, unknown or of the wrong type?
//!
//! A model's fields depend on its type, so they are read one by one: `{"type": "package", "amount": 5}` is refused with both
//! of its faults: `/amount` must be in quotes, and `/size` is missing.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::domain::catalog::Tier;
use crate::domain::fields::{Faults, below};
use crate::domain::money::parse_decimal;
use crate::wire::amounts::EXPECTED;

/// The fields of a JSON object, and where it is.
pub(super) struct Fields<'a> {
    values: &'a Map<String, Value>,
    at: &'a str,
}

impl<'a> Fields<'a> {
    pub(super) fn of(values: &'a Map<String, Value>, at: &'a str) -> Fields<'a> {
        Fields { values, at }
    }

    /// The field that tells which model this is.
    pub(super) fn type_name(&self, faults: &mut Faults) -> Option<&'a str> {
        match self.values.get("type") {
            Some(Value::String(text)) => Some(text),
            Some(other) => {
                self.wrong("type", (other, "the name of a price model, such as \"flat\""), faults);
                None
            }
            None => {
                self.missing("type", faults);
                None
            }
        }
    }

    /// Notes every field beside these.
    pub(super) fn only(&self, known: &[&str], faults: &mut Faults) {
        for key in self.values.keys().filter(|key| !known.contains(&key.as_str())) {
            let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            let detail = format_args!("unknown field `{key}`; here are {}", names.join(", "));
            faults.add(below(self.at, key), "unknown_field", detail);
        }
    }

    /// A decimal string that must be there.
    pub(super) fn number(&self, field: &str, faults: &mut Faults) -> Option<Decimal> {
        match self.values.get(field) {
            None => {
                self.missing(field, faults);
                None
            }
            Some(value) => self.decimal(field, value, faults),
        }
    }

    /// The tiers, or notes of everything in them that cannot be read.
    pub(super) fn tiers(&self, faults: &mut Faults) -> Option<Vec<Tier>> {
        self.only(&["type", "tiers"], faults);
        let at = below(self.at, "tiers");
        match self.values.get("tiers") {
            None => {
                self.missing("tiers", faults);
                None
            }
            Some(Value::Array(items)) => {
                let tiers: Vec<Option<Tier>> = items
                    .iter()
                    .enumerate()
                    .map(|(n, item)| read_tier(item, &below(&at, &n.to_string()), faults))
                    .collect();
                tiers.into_iter().collect()
            }
            Some(other) => {
                self.wrong("tiers", (other, "a list of tiers, the last one with up_to null"), faults);
                None
            }
        }
    }

    /// A decimal string, `None` where it is left out or null. The outer `None`: noted.
    pub(super) fn optional_number(&self, field: &str, faults: &mut Faults) -> Option<Option<Decimal>> {
        match self.values.get(field) {
            None | Some(Value::Null) => Some(None),
            Some(value) => self.decimal(field, value, faults).map(Some),
        }
    }

    /// A list, empty where it is left out.
    pub(super) fn list(&self, field: &str, faults: &mut Faults) -> Option<&'a [Value]> {
        match self.values.get(field) {
            None => Some(&[]),
            Some(Value::Array(items)) => Some(items),
            Some(other) => {
                self.wrong(field, (other, "a list"), faults);
                None
            }
        }
    }

    /// A list of texts, empty where it is left out.
    pub(super) fn texts(&self, field: &str, faults: &mut Faults) -> Option<Vec<String>> {
        let texts: Option<Vec<String>> =
            self.list(field, faults)?.iter().map(|item| item.as_str().map(str::to_owned)).collect();
        if texts.is_none() {
            let detail = format_args!("`{field}` holds something else than texts");
            faults.add(below(self.at, field), "wrong_type", detail);
        }
        texts
    }

    /// Where the object is.
    /// `true` or `false`; `false` when left out.
    pub(super) fn flag(&self, field: &str, faults: &mut Faults) -> Option<bool> {
        match self.raw(field) {
            None => Some(false),
            Some(Value::Bool(flag)) => Some(*flag),
            Some(_) => {
                faults.add(self.pointer(field), "bad_value", "this is true or false");
                None
            }
        }
    }

    pub(super) fn pointer(&self, field: &str) -> String {
        below(self.at, field)
    }

    /// A field as it is.
    pub(super) fn raw(&self, field: &str) -> Option<&'a Value> {
        self.values.get(field)
    }

    /// A decimal string, 0 where it is left out.
    pub(super) fn amount_or_zero(&self, field: &str, faults: &mut Faults) -> Option<Decimal> {
        self.values.get(field).map_or(Some(Decimal::ZERO), |value| self.decimal(field, value, faults))
    }

    fn decimal(&self, field: &str, value: &Value, faults: &mut Faults) -> Option<Decimal> {
        let Value::String(text) = value else {
            self.wrong(field, (value, EXPECTED), faults);
            return None;
        };
        faults.keep(&below(self.at, field), "bad_decimal", parse_decimal(text))
    }

    fn missing(&self, field: &str, faults: &mut Faults) {
        faults.add(below(self.at, field), "missing_field", format_args!("`{field}` is missing"));
    }

    fn wrong(&self, field: &str, (value, expected): (&Value, &str), faults: &mut Faults) {
        let detail = format_args!("`{field}` is {}; it must be {expected}", kind(value));
        faults.add(below(self.at, field), "wrong_type", detail);
    }
}

fn read_tier(item: &Value, at: &str, faults: &mut Faults) -> Option<Tier> {
    let Value::Object(values) = item else {
        let detail = format_args!(
            "a tier is {}; it must be an object such as {{\"up_to\": \"100\", \"unit_amount\": \"0.10\"}}",
            kind(item)
        );
        faults.add(at, "wrong_type", detail);
        return None;
    };
    let fields = Fields::of(values, at);
    fields.only(&["up_to", "unit_amount", "flat_amount"], faults);
    let up_to = match values.get("up_to") {
        None | Some(Value::Null) => Some(None),
        Some(value) => fields.decimal("up_to", value, faults).map(Some),
    };
    if !values.contains_key("unit_amount") && !values.contains_key("flat_amount") {
        let detail = "this tier has no price: give a unit_amount, a flat_amount or both; \"0\" is free";
        faults.add(at, "missing_field", detail);
    }
    let unit_amount = fields.amount_or_zero("unit_amount", faults);
    let flat_amount = fields.amount_or_zero("flat_amount", faults);
    Some(Tier { up_to: up_to?, unit_amount: unit_amount?, flat_amount: flat_amount? })
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
