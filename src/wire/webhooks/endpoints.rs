//! Where are events heard? `{"url": "https://shop.example/hooks", "event_types": ["invoice.*"]}`; its secret is shown once.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::ids::WebhookEndpointId;
use crate::domain::webhooks as domain;
use crate::wire::mirror::mirror;
use crate::wire::patch::{given, present};

mirror! {
    /// How much of an event is sent.
    pub enum WebhookPayload = domain::PayloadForm {
        /// The object as it was then.
        Full,
        /// Its id alone: read it.
        Thin,
    }
}

mirror! {
    /// How what is sent is signed, by Standard Webhooks.
    pub enum WebhookSignature = domain::Signature {
        /// `v1`: HMAC-SHA256 by the secret.
        Hmac,
        /// `v1a`: Ed25519, verified by `public_key`.
        Ed25519,
    }
}

mirror! {
    /// Why nothing is sent.
    pub enum DisabledReason = domain::Why {
        /// You disabled it.
        Request,
        /// It answered 410.
        Gone,
        /// It took nothing for five days.
        Failing,
    }
}

/// A text that is taken and never logged.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct SigningSecret(pub String);

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

/// A new endpoint.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://shop.example/hooks", "event_types": ["invoice.*", "payment.failed"]}))]
pub struct NewWebhookEndpoint {
    /// Begins with https://; for test tenants also with http://127.0.0.1 or http://localhost.
    pub url: String,
    /// For whoever reads the list later.
    pub description: Option<String>,
    /// Types of events, or beginnings such as `invoice.*`; every type when left out.
    pub event_types: Option<BTreeSet<String>>,
    /// `full` when left out.
    pub payload: Option<WebhookPayload>,
    /// `hmac` when left out.
    pub signature: Option<WebhookSignature>,
    /// Your own: `whsec_` and 24 to 64 bytes in base64. One is made when left out.
    #[schema(value_type = Option<String>)]
    pub secret: Option<SigningSecret>,
}

/// What to change of an endpoint. What is left out stays; null takes a value away.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"enabled": true}))]
pub struct WebhookEndpointPatch {
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub url: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
    /// Null: every type.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<BTreeSet<String>>)]
    pub event_types: Option<Option<BTreeSet<String>>>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub payload: Option<WebhookPayload>,
    /// Whether anything is sent. Enabled again, it is sent all that it has not been sent meanwhile.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub enabled: Option<bool>,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WebhookEndpoint {
    #[schema(value_type = String, example = "we_01jgejp8g0e3q9k0v6z4t1x2y3")]
    pub id: WebhookEndpointId,
    pub url: String,
    pub description: Option<String>,
    /// Null: every type.
    pub event_types: Option<BTreeSet<String>>,
    pub payload: WebhookPayload,
    pub signature: WebhookSignature,
    /// What Ed25519 signatures are verified with; null of others.
    #[schema(example = json!(null))]
    pub public_key: Option<String>,
    pub enabled: bool,
    pub disabled_at: Option<DateTime<Utc>>,
    pub disabled_reason: Option<DisabledReason>,
    /// Since when it has taken nothing; null: the last was taken.
    pub failing_since: Option<DateTime<Utc>>,
    /// Until when the secret before signs, too.
    pub old_secret_until: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl From<domain::Endpoint> for WebhookEndpoint {
    fn from(endpoint: domain::Endpoint) -> WebhookEndpoint {
        WebhookEndpoint {
            id: endpoint.id,
            url: endpoint.url,
            description: endpoint.description,
            event_types: endpoint.event_types,
            payload: endpoint.payload.into(),
            signature: endpoint.signature.into(),
            public_key: endpoint.public_key,
            enabled: endpoint.disabled.is_none(),
            disabled_at: endpoint.disabled.map(|disabled| disabled.since),
            disabled_reason: endpoint.disabled.map(|disabled| disabled.why.into()),
            failing_since: endpoint.failing_since,
            old_secret_until: endpoint.old_secret_until,
            created_at: endpoint.created_at,
        }
    }
}

/// An endpoint whose secret was just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownEndpoint {
    #[serde(flatten)]
    pub endpoint: WebhookEndpoint,
    /// What signatures are verified with: shown in this answer only. Null for Ed25519, and when an `Idempotency-Key` replays the answer.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub secret: Option<String>,
}

/// What to sign with from now on.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"overlap_seconds": 86400}))]
pub struct SecretRotation {
    /// For how many seconds the secret before signs, too: 0 to 604800, 86400 when left out.
    pub overlap_seconds: Option<i64>,
    /// Your own; one is made when left out.
    #[schema(value_type = Option<String>)]
    pub secret: Option<SigningSecret>,
}
