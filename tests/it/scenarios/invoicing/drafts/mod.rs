//! What may still happen to an invoice before it is issued? It waits, is read, changed by hand, and takes what is told late.

mod editing;
mod holding;
mod late_usage;

use serde_json::{Value, json};

use crate::harness::Reply;
use crate::scenarios::billing::{Seller, base};

impl Seller {
    /// From now on, what is billed waits this long as a draft.
    pub fn hold_for(&self, hours: i32) {
        self.world.patch("/v1/billing_settings", json!({ "draft_hours": hours })).is(200);
    }

    /// A customer with one draft of 31.00 for January, and the draft's id.
    fn with_draft(&self) -> (String, String) {
        self.hold_for(48);
        let plan = self.plan("month", json!([base("31.00")]));
        let ada = self.customer();
        self.subscribe(&ada, &plan, json!({ "end_at": "2026-02-01T00:00:00Z" }));
        let draft = self.world.get(&format!("/v1/invoices?customer_id={ada}")).is(200);
        let id = draft.text_at("/data/0/id");
        (ada, id)
    }

    fn add_line(&self, invoice: &str, line: Value) -> Reply {
        self.world.post(&format!("/v1/invoices/{invoice}/lines"), line)
    }
}
