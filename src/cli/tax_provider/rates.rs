//! What is a sale taxed with here? By country, state and city, at the rates of a table.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::reading::{decimal, text};
use crate::domain::money::{Currency, round_to_minor};

/// A rate of the table: it holds where all that it names fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rate {
    pub country: String,
    pub state: Option<String>,
    pub city: Option<String>,
    pub name: String,
    /// In percent.
    pub rate: Decimal,
}

/// The table.
#[derive(Debug)]
pub(super) struct Rates(pub(super) Vec<Rate>);

impl Default for Rates {
    fn default() -> Rates {
        Rates(usual())
    }
}

/// The table that it begins with.
fn usual() -> Vec<Rate> {
    let rate = |state: &str, city: Option<&str>, name: &str, thousandths: i64| Rate {
        country: "US".to_owned(),
        state: Some(state.to_owned()),
        city: city.map(str::to_owned),
        name: name.to_owned(),
        rate: Decimal::new(thousandths, 3).normalize(),
    };
    vec![
        rate("TX", None, "Texas", 6_250),
        rate("TX", Some("Austin"), "Austin", 1_000),
        rate("TX", Some("Austin"), "Austin Transit", 1_000),
        rate("CO", None, "Colorado", 2_900),
        rate("CO", Some("Denver"), "Denver County", 1_000),
        rate("CO", Some("Denver"), "Denver", 4_150),
        rate("WA", None, "Washington", 6_500),
        rate("WA", Some("Seattle"), "Seattle", 3_850),
    ]
}

impl Rates {
    /// The answer to a document; what cannot be read is an error of it alone.
    pub(super) fn calculate(&self, document: &Value) -> Value {
        let lines = document.get("lines").and_then(Value::as_array);
        let currency = text(document, "/currency").and_then(|code| Currency::parse(code).ok());
        let (Some(lines), Some(currency)) = (lines, currency) else {
            return json!({ "error": "a document has a currency and lines" });
        };
        let lines: Option<Vec<Value>> =
            lines.iter().map(|line| self.line(document, line, currency)).collect();
        match lines {
            Some(lines) if text(document, "/to/country").is_some() => json!({ "lines": lines }),
            _ => {
                json!({ "error": "a line has a no and an amount, and a document an address with a country" })
            }
        }
    }

    fn line(&self, document: &Value, line: &Value, currency: Currency) -> Option<Value> {
        let amount = decimal(line.get("amount")?)?;
        let inclusive = line.get("inclusive").and_then(Value::as_bool).unwrap_or(false);
        let exempt = document.get("exemptions").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
        let fits = |wanted: &Option<String>, place: &str| {
            let there = text(document, place);
            wanted.as_deref().is_none_or(|wanted| there.is_some_and(|it| it.eq_ignore_ascii_case(wanted)))
        };
        let holds = |rate: &&Rate| {
            text(document, "/to/country") == Some(rate.country.as_str())
                && fits(&rate.state, "/to/state")
                && fits(&rate.city, "/to/city")
        };
        let rates: Vec<&Rate> = self.0.iter().filter(holds).collect();
        let together: Decimal = rates.iter().map(|rate| rate.rate).sum();
        let divisor =
            if inclusive { Decimal::ONE_HUNDRED.checked_add(together)? } else { Decimal::ONE_HUNDRED };
        let mut taxes = Vec::new();
        for rate in rates {
            let exact = amount.checked_mul(rate.rate)?.checked_div(divisor)?;
            let tax = if exempt { Decimal::ZERO } else { exact };
            let tax = round_to_minor(tax, currency).ok()?.to_major_string();
            let percent = if exempt { Decimal::ZERO } else { rate.rate };
            taxes.push(json!({ "country": rate.country, "state": rate.state, "name": rate.name,
                "rate": percent.to_string(), "taxable": line.get("amount")?, "amount": tax,
                "reason": exempt.then_some("exempt") }));
        }
        Some(json!({ "no": line.get("no")?, "taxes": taxes }))
    }
}
