//! What do commands on webhook endpoints need first? One, which nobody answers at.

use serde_json::json;

use super::examples::Made;

impl Made {
    pub(super) fn webhook_endpoint(&mut self) -> String {
        self.once("webhook_endpoint", |made| {
            made.post("/v1/webhook_endpoints", json!({ "url": "https://shop.test/hooks" }))
        })
    }

    pub(super) fn deleted_webhook_endpoint(&mut self) -> String {
        let body = json!({ "url": "https://shop.test/old" });
        self.once("deleted_webhook_endpoint", |made| made.post("/v1/webhook_endpoints", body))
    }
}
