//! What is due at webhook endpoints.

use billwright::domain::work::Work;
use uuid::Uuid;

use super::Planted;

impl Planted {
    /// An endpoint of which nobody knows what it wants, with an event to hear. That good ones are served beside bad ones is told by their own stories.
    pub(super) fn endpoints_to_serve(&mut self) {
        let (tenant, id, now) = (self.world.tenant.id.uuid(), Uuid::from_u128(4), self.now.to_rfc3339());
        self.sql(&format!(
            "INSERT INTO webhook_endpoints (tenant_id, id, url, event_types, payload, signature, secret, seen_sequence, created_at) \
                 VALUES ('{tenant}', '{id}', 'https://shop.test', '5', 'full', 'hmac', 'x', 0, '{now}'); \
             INSERT INTO webhook_deliveries (tenant_id, endpoint_id, event_id, sequence, event_type, status, attempts, next_attempt_at, fence, \
                     attempt_log, created_at) \
                 VALUES ('{tenant}', '{id}', '{id}', 0, 'invoice.paid', 'pending', 0, '{now}', 0, '[]', '{now}')"
        ));
        self.bad.insert(Work::WebhookDeliveries.into_str(), Work::WebhookDeliveries.item(id));
    }
}
