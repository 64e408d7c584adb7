//! What do commands on discounts, credits and credit notes need first? A coupon, a grant, an invoice that is credited a cent at a time.

use serde_json::{Value, json};

use super::examples::Made;

impl Made {
    pub(super) fn coupon(&mut self) -> String {
        self.once("coupon", |made| {
            let body = made.coupon_body();
            made.post("/v1/coupons", body)
        })
    }

    pub(super) fn coupon_body(&mut self) -> Value {
        json!({ "code": self.code("launch"), "percent_off": "25", "duration": "repeating", "periods": 3 })
    }

    pub(super) fn discount(&mut self) -> String {
        self.once("discount", |made| {
            let body = made.discount_body();
            made.post("/v1/discounts", body)
        })
    }

    pub(super) fn discount_body(&mut self) -> Value {
        json!({ "coupon": self.coupon(), "customer_id": self.customer() })
    }

    pub(super) fn credit_note(&mut self) -> String {
        self.once("credit_note", |made| {
            let body = made.credit_note_body();
            made.post("/v1/credit_notes", body)
        })
    }

    pub(super) fn credit_note_body(&mut self) -> Value {
        json!({ "invoice_id": self.credited_invoice(), "lines": [{ "line_no": 1, "amount": "0.01" }], "reason": "outage" })
    }

    /// An invoice that is credited a cent at a time.
    pub(super) fn credited_invoice(&mut self) -> String {
        self.once("credited_invoice", |made| made.invoice_of("2026-01-01T00:00:00Z").unwrap())
    }

    /// A customer with something on its balance.
    pub(super) fn paid_ahead(&mut self) -> String {
        self.once("paid_ahead", |made| {
            let customer = made.post("/v1/customers", json!({ "name": "Ada" }));
            made.post(
                "/v1/payments",
                json!({ "customer_id": customer, "amount": "12.50", "currency": "USD" }),
            );
            customer
        })
    }

    pub(super) fn credit_grant(&mut self) -> String {
        self.once("credit_grant", |made| {
            let body = made.credit_grant_body();
            made.post("/v1/credit_grants", body)
        })
    }

    pub(super) fn credit_grant_body(&mut self) -> Value {
        json!({ "customer_id": self.customer(), "amount": "100.00", "currency": "USD", "source": "purchased", "price": "90.00" })
    }
}
