//! What does a refused call answer? RFC 9457 `application/problem+json`, such as 422 `missing_field` at `/customer_id`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::refusal::FieldError;

/// Why a call was refused (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Where the code is explained, from this server's address on.
    #[serde(rename = "type")]
    #[schema(example = "/docs/errors#missing_field", format = "uri-reference")]
    pub type_: String,
    /// The status in words.
    #[schema(example = "Unprocessable Entity")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// Stable snake_case name of what is wrong.
    #[schema(example = "missing_field")]
    pub code: String,
    /// A sentence that helps.
    #[schema(example = "`customer_id` is missing")]
    pub detail: String,
    /// The gateway's reason, when a payment was declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "insufficient_funds")]
    pub decline_code: Option<String>,
    /// Each value at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// The call's id, as in the header `X-Request-Id` and in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "req_01h2xcejqtf2nbrexx3vqjhp41")]
    pub request_id: Option<String>,
}

/// One value at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldProblem {
    /// RFC 6901 pointer into the body; `/query/limit` for a query parameter.
    #[schema(example = "/customer_id")]
    pub pointer: String,
    /// Stable snake_case name of what is wrong with it.
    #[schema(example = "missing_field")]
    pub code: String,
    /// A sentence that helps.
    #[schema(example = "`customer_id` is missing")]
    pub detail: String,
}

impl From<&FieldError> for FieldProblem {
    fn from(error: &FieldError) -> FieldProblem {
        FieldProblem {
            pointer: error.pointer.clone(),
            code: error.code.clone(),
            detail: error.detail.clone(),
        }
    }
}
