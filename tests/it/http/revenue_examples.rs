//! What do commands on the books need first? An entity of its own, whose months nobody else closes.

use serde_json::{Value, json};

use super::examples::Made;
use super::tax_examples;

impl Made {
    /// A month that is over, of an entity that has no other before it.
    pub(super) fn accounting_period(&mut self) -> String {
        self.once("accounting_period", Made::new_period)
    }

    pub(super) fn closed_period(&mut self) -> String {
        self.once("closed_period", |made| {
            let id = made.new_period();
            made.client.post(&format!("/v1/accounting_periods/{id}/close"), json!({})).is(200);
            id
        })
    }

    pub(super) fn new_product(&mut self) -> String {
        self.post("/v1/products", json!({ "name": "Support" }))
    }

    /// A line of 500.00 that is earned as it is fulfilled.
    fn set_up(&mut self) -> String {
        self.once("set_up", |made| {
            let (code, product) = (made.code("s"), made.new_product());
            let price = json!({ "code": code, "kind": "one_time", "model": { "type": "flat", "amount": "500.00" } });
            let base = json!({ "code": "base", "kind": "recurring", "billing": "in_advance", "model": { "type": "flat", "amount": "31.00" } });
            let plan = json!({ "code": made.code("p"), "name": "Set-up", "product_id": product, "currency": "USD", "interval": "month",
                "prices": [base, price] });
            let plan = made.post("/v1/plans", plan);
            let rule = json!({ "price_code": code, "rule": "point_in_time", "on": "fulfilment" });
            made.post("/v1/revenue/rules", rule);
            let customer = made.post("/v1/customers", json!({ "name": "Ada" }));
            let start = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice" });
            made.post("/v1/subscriptions", start);
            let listed = made.client.get(&format!("/v1/invoices?customer_id={customer}")).is(200);
            let invoice = format!("/v1/invoices/{}", listed.data()[0]["id"].as_str().unwrap());
            let lines = made.client.get(&invoice).is(200).json["lines"].as_array().unwrap().clone();
            let line = lines.iter().find(|line| line["amount"] == "500.00").unwrap();
            line["id"].as_str().unwrap().to_owned()
        })
    }

    /// Of an invoice that is in no other.
    pub(super) fn contract_body(&mut self) -> Value {
        let product = self.new_product();
        let price = json!({ "code": "base", "kind": "recurring", "billing": "in_advance", "model": { "type": "flat", "amount": "31.00" } });
        let plan = json!({ "code": self.code("p"), "name": "Basic", "product_id": product, "currency": "USD", "interval": "month", "prices": [price] });
        let plan = self.post("/v1/plans", plan);
        let alone = json!({ "product_id": product, "currency": "USD", "amount": "40.00" });
        self.post("/v1/revenue/standalone_prices", alone);
        let customer = self.post("/v1/customers", json!({ "name": "Ada" }));
        let start = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice" });
        self.post("/v1/subscriptions", start);
        let listed = self.client.get(&format!("/v1/invoices?customer_id={customer}")).is(200);
        json!({ "customer_id": customer, "invoice_ids": [listed.data()[0]["id"]] })
    }

    pub(super) fn contract(&mut self) -> String {
        self.once("contract", |made| {
            let body = made.contract_body();
            made.post("/v1/revenue/contracts", body)
        })
    }

    pub(super) fn fulfilment_body(&mut self) -> Value {
        json!({ "invoice_line_id": self.set_up(), "percent": "1" })
    }

    pub(super) fn fulfilment(&mut self) -> String {
        self.once("fulfilment", Made::new_fulfilment)
    }

    pub(super) fn new_fulfilment(&mut self) -> String {
        let body = self.fulfilment_body();
        self.post("/v1/fulfilments", body)
    }

    fn new_period(&mut self) -> String {
        let body = tax_examples::entity(self);
        let entity = self.post("/v1/entities", body);
        self.post("/v1/accounting_periods", json!({ "entity_id": entity, "month": "2025-11" }))
    }

    /// A month before which another is open.
    pub(super) fn period_after_another(&mut self) -> String {
        let body = tax_examples::entity(self);
        let entity = self.post("/v1/entities", body);
        self.post("/v1/accounting_periods", json!({ "entity_id": entity, "month": "2025-10" }));
        self.post("/v1/accounting_periods", json!({ "entity_id": entity, "month": "2025-11" }))
    }

    /// The days of a closed month, of the entity whose month it is.
    pub(super) fn closed_books(&mut self) -> String {
        let id = self.closed_period();
        let period = self.client.get(&format!("/v1/accounting_periods/{id}")).is(200);
        format!("entity_id={}&from=2025-11-01&to=2025-11-30&siren=732829320", period.text_at("/entity_id"))
    }

    /// A month in which something is posted that no export has yet.
    pub(super) fn period_with_sales(&mut self) -> String {
        let mut body = tax_examples::entity(self);
        body["functional_currency"] = json!("USD");
        let entity = self.post("/v1/entities", body);
        let customer = self.post("/v1/customers", json!({ "name": "Ada", "entity_id": entity }));
        let lines = json!([{ "description": "Set-up", "amount": "120.00" }]);
        let body = json!({ "customer_id": customer, "currency": "USD", "collection": "send_invoice", "lines": lines });
        let invoice = self.post("/v1/invoices", body);
        let issued = self
            .client
            .post(&format!("/v1/invoices/{invoice}/finalize"), json!({}))
            .is(200)
            .text_at("/issued_at");
        let accounts = ["accounts_receivable", "deferred_revenue", "revenue", "tax_payable"];
        let named = |(n, account): (usize, &&str)| json!({ "account": account, "code": format!("40{n}000") });
        let mapped = json!({ "accounts": accounts.iter().enumerate().map(named).collect::<Vec<_>>() });
        self.client.post("/v1/account_mappings", mapped).is(200);
        self.post("/v1/accounting_periods", json!({ "entity_id": entity, "month": issued[..7] }))
    }

    pub(super) fn journal_export(&mut self) -> String {
        self.once("journal_export", |made| {
            let period = made.period_with_sales();
            made.post("/v1/exports/journals", json!({ "accounting_period_id": period, "level": "detail" }))
        })
    }
}
