//! What do commands on tax need first? A rate of the tenant's own, a registration.

use serde_json::{Value, json};

use super::examples::Made;

impl Made {
    pub(super) fn tax_rate(&mut self) -> String {
        self.once("tax_rate", |made| {
            let body = rate(made);
            made.post("/v1/tax/rates", body)
        })
    }

    pub(super) fn tax_registration(&mut self) -> String {
        self.once("tax_registration", |made| {
            let body = registration(made);
            made.post("/v1/tax/registrations", body)
        })
    }
}

/// A rate of a kind that nothing has yet.
pub(super) fn rate(made: &mut Made) -> Value {
    json!({ "country": "DE", "kind": made.code("own"), "rate": "19.5", "valid_from": "2027-01-01", "source": "our tax adviser" })
}

pub(super) fn registration(_: &mut Made) -> Value {
    json!({ "country": "US", "state": "NY", "number": "12-3456789", "valid_from": "2026-01-01" })
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
