//! What do commands on usage need first? A meter, an event that counts, a budget that watches it.

use serde_json::{Value, json};

use super::examples::Made;

impl Made {
    pub(super) fn budget(&mut self) -> String {
        self.once("budget", |made| {
            let body = json!({ "subscription_id": made.subscription(), "alerts_at": ["100"] });
            made.post("/v1/budgets", body)
        })
    }

    pub(super) fn meter(&mut self) -> String {
        self.once("meter", |made| {
            let body = made.meter_body();
            made.post("/v1/meters", body)
        })
    }

    pub(super) fn meter_body(&mut self) -> Value {
        json!({ "code": self.code("calls"), "name": "Calls", "event_type": "call", "aggregation": "count", "filters": [], "dimensions": [] })
    }

    pub(super) fn event_body(&mut self) -> Value {
        self.meter();
        json!({ "specversion": "1.0", "id": self.code("req"), "source": "app", "type": "call", "subject": self.customer(),
                "time": "2026-01-01T00:00:00Z", "data": {} })
    }

    /// The name of an event that counts.
    pub(super) fn counted_event(&mut self) -> Value {
        let event = self.event_body();
        self.client.post("/v1/usage/events", event.clone()).is(200);
        json!({ "source": event["source"], "id": event["id"] })
    }

    pub(super) fn backfill(&mut self) -> String {
        self.once("backfill", |made| made.post("/v1/usage/backfills", backfill()))
    }

    pub(super) fn usage_query(&mut self) -> String {
        let (customer, meter) = (self.customer(), self.meter());
        format!("customer_id={customer}&meter={meter}&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z")
    }
}

pub(super) fn backfill() -> Value {
    json!({ "event_type": "call", "from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z" })
}
