//! Where are events heard, what was sent there, and what does it look like? Endpoints, their deliveries, and the body of a call.

mod deliveries;
mod endpoints;
mod payload;

pub use deliveries::{
    Delivery, DeliveryAttempt, DeliveryParts, DeliveryQuery, DeliveryStatus, EndpointTest, WebhookReplay,
    WebhookReplayed,
};
pub use endpoints::{
    DisabledReason, NewWebhookEndpoint, SecretRotation, ShownEndpoint, SigningSecret, WebhookEndpoint,
    WebhookEndpointPatch, WebhookPayload, WebhookSignature,
};
pub use payload::body;
