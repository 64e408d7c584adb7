//! What do commands on invoices need first? One that is open, one that is still a draft, one that was written by hand.

use serde_json::json;

use super::examples::Made;

impl Made {
    /// An issued invoice to which nothing else happens.
    pub(super) fn fresh_invoice(&mut self) -> String {
        self.once("fresh_invoice", |made| made.invoice_of("2026-01-01T00:00:00Z").unwrap())
    }

    /// A line of an invoice.
    pub(super) fn line(&mut self) -> String {
        self.once("line", |made| format!("{}-1", made.fresh_invoice()))
    }

    /// An invoice of a month of the plan, not issued yet: a subscription that starts later, billed by hand as of then.
    pub(super) fn draft(&mut self) -> String {
        self.once("draft", |made| {
            let invoice = made.invoice_of("2026-01-01T03:00:01Z");
            assert!(invoice.is_none(), "a subscription that starts later was billed at once");
            made.post("/v1/bill_runs", json!({ "as_of": "2026-01-01T03:00:02Z", "finalize": false }));
            made.newest_invoice_of("?limit=1&status=draft").unwrap()
        })
    }

    /// An invoice made by hand, not issued yet.
    pub(super) fn draft_by_hand(&mut self) -> String {
        self.once("draft_by_hand", |made| {
            let lines = json!([{ "description": "Set-up", "amount": "20.00" }]);
            let body =
                json!({ "customer_id": made.customer(), "collection": "send_invoice", "lines": lines });
            made.post("/v1/invoices", body)
        })
    }

    /// The same, issued: a subscription that starts now is billed at once.
    pub(super) fn open_invoice(&mut self) -> String {
        self.once("open_invoice", |made| made.invoice_of("2026-01-01T00:00:00Z").unwrap())
    }

    /// Starts a subscription of a new customer; its invoice, if it has one already.
    pub(super) fn invoice_of(&mut self, start_at: &str) -> Option<String> {
        let customer = self.post("/v1/customers", json!({ "name": "Difference Engines Ltd" }));
        let plan = self.plan();
        let body = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice", "start_at": start_at });
        self.post("/v1/subscriptions", body);
        self.newest_invoice_of(&format!("?limit=1&customer_id={customer}"))
    }

    pub(super) fn newest_invoice_of(&mut self, query: &str) -> Option<String> {
        let found = self.client.get(&format!("/v1/invoices{query}")).is(200);
        found.json.pointer("/data/0/id").and_then(|id| id.as_str().map(str::to_owned))
    }
}
