//! At which gateways is your money charged? `{"gateway": "stripe", "name": "Stripe, euro", "credentials": {"secret_key": "sk_…",
//! "webhook_secrets": ["whsec_…"]}}`; credentials are given, and never shown. And what a gateway has told.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::ids::{EntityId, GatewayAccountId, InboundEventId, PaymentId, RefundId};
use crate::domain::payments::accounts as domain;
use crate::domain::payments::inbound;
use crate::wire::mirror::mirror;
use crate::wire::patch::{given, present};

mirror! {
    /// A gateway that is reached by an account of yours.
    pub enum GatewayName = domain::GatewayKind {
        /// Stripe.
        Stripe,
        /// GoCardless: debits of bank accounts.
        Gocardless,
        /// The simulator that runs as a server of its own. For test tenants only.
        Simulator,
    }
}

/// What opens an account. Taken and sealed, and never shown.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GatewayCredentials {
    /// What calls are made with: Stripe's secret key, or a restricted key that may write PaymentIntents and refunds; GoCardless's access token.
    pub secret_key: String,
    /// What the gateway signs events with; two while the one takes the place of the other. Without any no event is taken.
    #[serde(default)]
    pub webhook_secrets: Vec<String>,
}

/// What of it is given anew; what is left out stays.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GatewayCredentialsPatch {
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub secret_key: Option<String>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub webhook_secrets: Option<Vec<String>>,
}

impl fmt::Debug for GatewayCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GatewayCredentials(…)")
    }
}

impl fmt::Debug for GatewayCredentialsPatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GatewayCredentialsPatch(…)")
    }
}

/// A new account at a gateway.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"gateway": "stripe", "name": "Stripe, euro",
    "credentials": {"secret_key": "sk_test_…", "webhook_secrets": ["whsec_…"]}}))]
pub struct NewGatewayAccount {
    pub gateway: GatewayName,
    pub name: String,
    pub credentials: GatewayCredentials,
    /// Where the gateway is, when it is elsewhere than usual. Begins with https://; for test tenants also with http://127.0.0.1 or
    /// http://localhost.
    pub base_url: Option<String>,
    /// Whose invoices are charged there; left out: those of every entity.
    #[schema(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
}

/// What to change of an account. What is left out stays; null takes a value away. With another `base_url` the secret key is given again.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"credentials": {"webhook_secrets": ["whsec_new", "whsec_old"]}}))]
pub struct GatewayAccountPatch {
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub name: Option<String>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub credentials: Option<GatewayCredentialsPatch>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub base_url: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub entity_id: Option<Option<EntityId>>,
}

/// An account at a gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GatewayAccount {
    #[schema(value_type = String, example = "ga_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: GatewayAccountId,
    pub gateway: GatewayName,
    pub name: String,
    #[schema(example = "https://api.stripe.com")]
    pub base_url: String,
    /// Whose invoices are charged there; null: those of every entity.
    #[schema(value_type = Option<String>)]
    pub entity_id: Option<EntityId>,
    /// Where the gateway is to send its events, below this server's address.
    #[schema(example = "/v1/inbound/stripe/ga_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub webhook_path: String,
    pub created_at: DateTime<Utc>,
}

impl From<domain::GatewayAccount> for GatewayAccount {
    fn from(account: domain::GatewayAccount) -> GatewayAccount {
        let gateway: &'static str = account.gateway.into();
        GatewayAccount {
            id: account.id,
            gateway: account.gateway.into(),
            name: account.name,
            base_url: account.base_url,
            entity_id: account.entity_id,
            webhook_path: format!("/v1/inbound/{gateway}/{}", account.id),
            created_at: account.created_at,
        }
    }
}

/// What a gateway has told of an account. How things stand is not taken from it: that is read at the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InboundEvent {
    #[schema(value_type = String, example = "inbound_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: InboundEventId,
    /// As the gateway calls it: it is stored once.
    #[schema(example = "evt_1NG8Du2eZvKYlo2CUI79vXWy")]
    pub event_id: String,
    #[serde(rename = "type")]
    #[schema(example = "payment_intent.succeeded")]
    pub type_: String,
    /// The payment it is about, when it says so.
    #[schema(value_type = Option<String>)]
    pub payment_id: Option<PaymentId>,
    /// The refund it is about, when it says so.
    #[schema(value_type = Option<String>)]
    pub refund_id: Option<RefundId>,
    /// The gateway's name for the charge it is about.
    #[schema(example = "pi_3MtwBwLkdIwHu7ix28a3tqPa")]
    pub reference: Option<String>,
    pub received_at: DateTime<Utc>,
    /// Null: it waits; see `parked_work` when that takes long.
    pub processed_at: Option<DateTime<Utc>>,
}

impl From<inbound::InboundEvent> for InboundEvent {
    fn from(event: inbound::InboundEvent) -> InboundEvent {
        InboundEvent {
            id: event.id,
            event_id: event.event_id,
            type_: event.type_,
            payment_id: event.payment_id,
            refund_id: event.refund_id,
            reference: event.reference,
            received_at: event.received_at,
            processed_at: event.processed_at,
        }
    }
}

/// That an event was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Received {
    #[schema(example = true)]
    pub received: bool,
}
