//! `/v1/webhook_endpoints`: where events are heard, and what was sent there.

pub mod deliveries;
pub mod endpoints;
