//! How does a program prove who it is? With a key such as `bw_test_…`, shown once when it is made.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to call a new key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// Where it is used, for whoever reads the list later: 1 to 200 characters.
    #[schema(example = "web shop")]
    pub name: String,
}

/// A key, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiKey {
    /// Its id.
    #[schema(example = "key_01h2xcejqtf2nbrexx3vqjhp41")]
    pub id: String,
    /// As given.
    #[schema(example = "web shop")]
    pub name: String,
    /// The key's beginning and end, to recognise it by.
    #[schema(example = "bw_test_…x7Qa")]
    pub hint: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was revoked; null while it is good.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A key just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MadeApiKey {
    /// The key.
    #[serde(flatten)]
    pub api_key: ApiKey,
    /// Its text: shown in this answer only and kept nowhere. Null when an `Idempotency-Key` replays the answer.
    #[schema(example = "bw_test_0123456789ABCDEFGHIJabcdefghij01")]
    pub key: Option<String>,
}
