//! Which values does a field take? What the domain refuses for its form is said in the schema: an id of a customer begins with `cus_`, an amount is digits with
//! at most one point, a code has 64 characters. By the name of the field, since a name means one thing everywhere.

use serde_json::{Value, json};

use crate::domain::fields::{CODE_LENGTH, EXTERNAL_ID_LENGTH, NAME_LENGTH};
use crate::domain::ids::{
    AccountingPeriodId, CustomerId, EntityId, GatewayAccountId, InvoiceId, MeterId, PaymentMethodId, PlanId,
    PriceId, ProductId, RetryPolicyId, SubscriptionId,
};

/// What names a thing, and what the id of such a thing begins with.
const IDS: &[(&str, &str)] = &[
    ("accounting_period_id", AccountingPeriodId::PREFIX),
    ("customer_id", CustomerId::PREFIX),
    ("default_payment_method_id", PaymentMethodId::PREFIX),
    ("entity_id", EntityId::PREFIX),
    ("gateway_account_id", GatewayAccountId::PREFIX),
    ("invoice_id", InvoiceId::PREFIX),
    ("meter_id", MeterId::PREFIX),
    ("parent_id", CustomerId::PREFIX),
    ("payment_method_id", PaymentMethodId::PREFIX),
    ("plan_id", PlanId::PREFIX),
    ("price_id", PriceId::PREFIX),
    ("product_id", ProductId::PREFIX),
    ("retry_policy_id", RetryPolicyId::PREFIX),
    ("subscription_id", SubscriptionId::PREFIX),
];

/// Amounts, quantities, rates and shares.
const DECIMALS: &[&str] = &[
    "amount",
    "amount_below",
    "amount_from",
    "amount_off",
    "divide_by",
    "fixed_amount",
    "flat_amount",
    "included_units",
    "markup_percent",
    "maximum_amount",
    "minimum_amount",
    "per_event_maximum",
    "per_event_minimum",
    "percent",
    "percent_off",
    "quantity",
    "rate",
    "size",
    "threshold",
    "unit_amount",
    "up_to",
];

const CURRENCIES: &[&str] = &["base", "currency", "functional_currency", "quote"];

/// Digits, a point and digits; the domain's own bounds are wider than what a schema needs to say.
const DECIMAL: &str = r"^-?[0-9]+(\.[0-9]+)?$";

/// Says of each field of each schema, and of each parameter, what it takes.
pub(super) fn describe(document: &mut Value) {
    for (name, schema) in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
        let is_body = name.starts_with("New") || name.ends_with("Patch");
        for (field, property) in members(schema.get_mut("properties")) {
            bound(field, property, is_body);
        }
    }
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
            for parameter in parameters.into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap_or_default().to_owned();
                if let Some(schema) = parameter.get_mut("schema") {
                    bound(&name, schema, false);
                }
            }
        }
    }
}

/// The members of an object, when it is there.
pub(super) fn members(object: Option<&mut Value>) -> impl Iterator<Item = (&String, &mut Value)> {
    object.and_then(Value::as_object_mut).into_iter().flatten()
}

fn bound(field: &str, property: &mut Value, is_body: bool) {
    let is_text = property["type"] == "string" || property["type"] == json!(["string", "null"]);
    let is_said = ["format", "enum", "pattern"].iter().any(|key| property.get(key).is_some());
    if !is_text || is_said {
        return;
    }
    if let Some((_, prefix)) = IDS.iter().find(|(name, _)| *name == field) {
        property["pattern"] = format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$").into();
    } else if DECIMALS.contains(&field) {
        property["pattern"] = DECIMAL.into();
    } else if CURRENCIES.contains(&field) {
        property["pattern"] = "^[A-Z]{3}$".into();
    } else if field == "month" {
        property["pattern"] = "^[0-9]{4}-(0[1-9]|1[0-2])$".into();
    } else if is_body {
        bound_text(field, property);
    }
}

/// Texts that a caller gives: in answers they are as they were given.
fn bound_text(field: &str, property: &mut Value) {
    let longest = match field {
        "code" => CODE_LENGTH,
        "name" => NAME_LENGTH,
        "external_id" => EXTERNAL_ID_LENGTH,
        _ => return,
    };
    property["minLength"] = 1.into();
    property["maxLength"] = longest.into();
    if field == "code" {
        property["pattern"] = "^[a-zA-Z0-9_-]+$".into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounded(field: &str, is_body: bool) -> Value {
        let mut property = json!({ "type": ["string", "null"] });
        bound(field, &mut property, is_body);
        property
    }

    #[test]
    fn a_field_takes_what_its_name_means() {
        assert_eq!(bounded("customer_id", false)["pattern"], "^cus_[0-7][0-9a-hjkmnp-tv-z]{25}$");
        assert_eq!(bounded("unit_amount", true)["pattern"], DECIMAL);
        assert_eq!(bounded("code", true)["maxLength"], 64);
        assert!(bounded("name", false).get("maxLength").is_none());
    }

    #[test]
    fn what_is_said_already_stays() {
        let mut property = json!({ "type": "string", "enum": ["a"] });
        bound("currency", &mut property, true);
        assert_eq!(property, json!({ "type": "string", "enum": ["a"] }));
    }
}
