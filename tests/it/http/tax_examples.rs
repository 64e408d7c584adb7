//! What do commands on tax need first? A rate of the tenant's own, a registration, the entity that is registered.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use super::examples::Made;

impl Made {
    pub(super) fn revaluation(&mut self) -> String {
        self.once("revaluation", |made| {
            let body = revaluation(made);
            made.post("/v1/ledger/revaluations", body)
        })
    }

    pub(super) fn retry_policy(&mut self) -> String {
        self.once("retry_policy", |made| {
            made.post("/v1/retry_policies", json!({ "name": "Cards", "offsets": ["P1D"] }))
        })
    }

    pub(super) fn routing_rules_body(&mut self) -> Value {
        let account = self.gateway_account();
        json!({ "rules": [{ "currencies": ["EUR"], "accounts": [{ "gateway_account_id": account, "weight": 1 }] }] })
    }

    pub(super) fn tax_rate(&mut self) -> String {
        self.once("tax_rate", |made| {
            let body = rate(made);
            made.post("/v1/tax/rates", body)
        })
    }

    pub(super) fn tax_provider(&mut self) -> String {
        self.once("tax_provider", |made| {
            let body = provider(made);
            made.post("/v1/tax/providers", body)
        })
    }

    pub(super) fn removed_tax_provider(&mut self) -> String {
        self.once("removed_tax_provider", |made| {
            let body = provider(made);
            made.post("/v1/tax/providers", body)
        })
    }

    /// A customer with a number that can be verified.
    pub(super) fn business(&mut self) -> String {
        self.once("business", |made| {
            let number = json!([{ "type": "eu_vat", "value": "DE100000008" }]);
            made.post("/v1/customers", json!({ "name": "Difference GmbH", "tax_ids": number }))
        })
    }

    pub(super) fn entity(&mut self) -> String {
        self.once("entity", |made| {
            let body = entity(made);
            made.post("/v1/entities", body)
        })
    }

    pub(super) fn tax_registration(&mut self) -> String {
        self.once("tax_registration", |made| {
            let body = registration(made);
            made.post("/v1/tax/registrations", body)
        })
    }
}

/// A day of which nothing is said yet: no two rates or registrations of a place are of the same time.
fn a_day(made: &mut Made) -> [NaiveDate; 2] {
    let first = NaiveDate::from_ymd_opt(2030, 1, 1).unwrap();
    let number = u32::from_str_radix(&made.code("")[1..9], 16).unwrap() % 60_000;
    let day = first + Days::new(number.into());
    [day, day + Days::new(1)]
}

/// A rate that overlaps no other.
pub(super) fn rate(made: &mut Made) -> Value {
    let [valid_from, valid_to] = a_day(made);
    json!({ "country": "DE", "kind": "standard", "rate": "19.5", "valid_from": valid_from, "valid_to": valid_to, "source": "our tax adviser" })
}

pub(super) fn registration(made: &mut Made) -> Value {
    let [valid_from, valid_to] = a_day(made);
    json!({ "entity_id": made.entity(), "country": "US", "state": "NY", "number": "12-3456789", "valid_from": valid_from,
            "valid_to": valid_to })
}

/// An entity whose numbers no other has.
pub(super) fn entity(made: &mut Made) -> Value {
    let code = made.code("");
    json!({ "name": "Difference Pte. Ltd.", "country": "SG",
            "numbering": { "invoice": format!("I{code}/{{seq:4}}"), "credit_note": format!("C{code}/{{seq:4}}") } })
}

pub(super) fn of_entity(made: &mut Made) -> String {
    format!("entity_id={}", made.entity())
}

pub(super) fn of_entity_in_january(made: &mut Made) -> String {
    format!("{}&{}", of_january(made), of_entity(made))
}

pub(super) fn calculation(_: &mut Made) -> Value {
    json!({
        "currency": "EUR", "date": "2026-06-01", "seller": { "country": "FR" }, "customer": { "address": { "country": "FR" } },
        "lines": [{ "amount": "100.00" }],
    })
}

pub(super) fn of_january(_: &mut Made) -> String {
    "from=2026-01-01&until=2026-02-01".to_owned()
}

pub(super) fn exchange_rate(_: &mut Made) -> Value {
    json!({ "base": "USD", "quote": "EUR", "date": "2025-12-31", "rate": "0.9195", "source": "our bank" })
}

pub(super) fn lookup(made: &mut Made) -> String {
    let body = exchange_rate(made);
    made.post("/v1/exchange_rates", body);
    "from=USD&to=EUR&date=2026-01-01&amount=10.00".to_owned()
}

/// For a country of which no provider is yet: none of the examples sells there.
pub(super) fn provider(made: &mut Made) -> Value {
    const COUNTRIES: [&str; 26] = [
        "AF", "AO", "BB", "BF", "BI", "BJ", "BT", "BW", "CF", "CG", "CI", "CM", "CV", "DJ", "ER", "FJ", "GA",
        "GH", "GM", "GN", "GY", "HT", "KI", "KM", "LR", "LS",
    ];
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let country = COUNTRIES[NEXT.fetch_add(1, Ordering::Relaxed) % COUNTRIES.len()];
    let name = made.code("provider");
    json!({ "name": name, "kind": "generic", "base_url": "https://tax.example.com", "countries": [country] })
}

/// A day that is likely not revalued yet.
pub(super) fn revaluation(made: &mut Made) -> Value {
    let chance = billwright::platform::random::cheap_u32();
    let (year, month, day) = (1980 + chance % 40, 1 + chance / 40 % 12, 1 + chance / 480 % 28);
    json!({ "entity_id": made.entity(), "as_of": format!("{year}-{month:02}-{day:02}") })
}
