//! What do commands on subscriptions need first? One that runs, is paused or canceled: made anew for each example.

use serde_json::{Value, json};

use super::examples::Made;

impl Made {
    pub(super) fn plan_migration(&mut self) -> String {
        self.once("plan_migration", |made| {
            let plan = made.plan();
            made.client.post(&format!("/v1/plans/{plan}/migrations"), json!({})).is(200).id()
        })
    }

    /// A new subscription each time: what ends or pauses one can be done to it once.
    pub(super) fn running(&mut self) -> String {
        let body = self.subscription_body();
        self.post("/v1/subscriptions", body)
    }

    pub(super) fn paused(&mut self) -> String {
        let id = self.running();
        let body = json!({ "mode": "credit" });
        self.client.post(&format!("/v1/subscriptions/{id}/pause"), body).is(200);
        id
    }

    pub(super) fn canceled(&mut self) -> String {
        let id = self.running();
        let body = json!({ "effective_at": "period_end" });
        self.client.post(&format!("/v1/subscriptions/{id}/cancel"), body).is(200);
        id
    }

    pub(super) fn termed(&mut self) -> String {
        let mut body = self.subscription_body();
        body["terms"] = json!({ "term": { "interval": "year" } });
        self.post("/v1/subscriptions", body)
    }

    pub(super) fn another_anchor(&mut self) -> Value {
        json!({ "anchor": { "day_of_month": 15 } })
    }

    pub(super) fn training(&mut self) -> Value {
        json!({ "description": "Training", "amount": "900.00" })
    }
}
