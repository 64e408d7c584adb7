//! What is due about revenue: entities with a month that is over.

use billwright::domain::ids::{EntityId, InvoiceId};
use billwright::domain::work::Work;
use serde_json::json;

use super::{Planted, UNREADABLE};

impl Planted {
    /// Of two entities of their own, one with an invoice that cannot be read.
    pub(super) fn revenue_to_recognize(&mut self) {
        let [good, bad] = ["good", "bad"].map(|name| {
            let numbering = json!({ "invoice": format!("{name}-{{seq:6}}"), "credit_note": format!("{name}-c-{{seq:6}}") });
            let entity = json!({ "name": name, "country": "SG", "numbering": numbering });
            let entity = self.world.post("/v1/entities", entity).is(201).id();
            let customer = json!({ "name": name, "entity_id": entity });
            let customer = self.world.post("/v1/customers", customer).is(201).id();
            let end = (self.now + chrono::TimeDelta::days(40)).to_rfc3339();
            let line = json!({ "description": "Service", "amount": "31.00", "period": { "start": self.now.to_rfc3339(), "end": end } });
            let body = json!({ "customer_id": customer, "collection": "send_invoice", "lines": [line] });
            let invoice: InvoiceId = self.world.post("/v1/invoices", body).is(201).id().parse().unwrap();
            self.world.post(&format!("/v1/invoices/{invoice}/finalize"), json!({})).is(200);
            let entity: EntityId = entity.parse().unwrap();
            // As if it had begun two months ago.
            self.sql(&format!(
                "UPDATE entities SET next_recognition_at = '{}' WHERE id = '{}'; \
                 UPDATE revenue_schedules SET starts_on = starts_on - 60, booked_on = booked_on - 60 WHERE invoice_id = '{}'; \
                 UPDATE revenue_sums SET starts_on = starts_on - 60, booked_on = booked_on - 60, amount = 0, evenly = 3100 WHERE entity_id = '{1}'; \
                 UPDATE ledger_sums SET effective_on = effective_on - 60 WHERE entity_id = '{1}'; \
                 UPDATE ledger_transfers SET effective_on = effective_on - 60 WHERE source_id = '{2}'",
                self.now.to_rfc3339(),
                entity.uuid(),
                invoice.uuid()
            ));
            (entity, invoice)
        });
        self.is_done(format!("/v1/accounting_periods?entity_id={}", good.0), "/data/0/status", "open");
        self.sql(&format!("UPDATE invoices SET currency = '{UNREADABLE}' WHERE id = '{}'", bad.1.uuid()));
        self.bad.insert(Work::Recognition.into_str(), Work::Recognition.item(bad.0.uuid()));
    }
}
