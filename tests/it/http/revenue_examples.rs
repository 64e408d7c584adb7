//! What do commands on the books need first? An entity of its own, whose months nobody else closes.

use serde_json::json;

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

    fn new_period(&mut self) -> String {
        let body = tax_examples::entity(self);
        let entity = self.post("/v1/entities", body);
        self.post("/v1/accounting_periods", json!({ "entity_id": entity, "month": "2025-11" }))
    }
}
