//! What does a call that went well answer? A status and JSON; lists as `{"data": […], "has_more": …, "next_cursor": …}`.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use uuid::Uuid;

use crate::storage::StorageError;
use crate::storage::idempotency::Answered;
use crate::storage::keyset::Slice;
use crate::wire::page::{Page, cursor};

/// The header of an answer that was given before.
pub const REPLAYED: &str = "Idempotent-Replayed";

/// A status and a JSON body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// A success.
    pub status: StatusCode,
    /// JSON.
    pub body: String,
    /// Whether it was kept from an earlier call with the same `Idempotency-Key`.
    pub replayed: bool,
}

impl Answer {
    /// Writes `value` as JSON.
    pub fn json(status: StatusCode, value: &impl Serialize) -> Result<Answer, StorageError> {
        let body = serde_json::to_string(value).map_err(|e| StorageError::unreadable("answer", e))?;
        Ok(Answer { status, body, replayed: false })
    }

    /// 200 with `value`.
    pub fn ok(value: &impl Serialize) -> Result<Answer, StorageError> {
        Answer::json(StatusCode::OK, value)
    }

    /// As it is kept for a replay.
    pub fn to_keep(&self) -> Answered {
        Answered { status: self.status.as_u16(), body: self.body.clone() }
    }

    /// As it was kept.
    pub fn replay(kept: Answered) -> Result<Answer, StorageError> {
        let status =
            StatusCode::from_u16(kept.status).map_err(|e| StorageError::unreadable("response status", e))?;
        Ok(Answer { status, body: kept.body, replayed: true })
    }
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if self.replayed {
            response.insert_header((REPLAYED, "true"));
        }
        response.content_type("application/json").body(self.body)
    }
}

/// Turns a slice of rows into the page a client reads.
pub fn page<V, W>(slice: Slice<V>, id: impl Fn(&V) -> Uuid, shape: impl FnMut(V) -> W) -> Page<W> {
    let edge = if slice.upwards { slice.rows.first() } else { slice.rows.last() };
    let next_cursor = edge.filter(|_| slice.has_more).map(|row| cursor(id(row)));
    Page { next_cursor, has_more: slice.has_more, data: slice.rows.into_iter().map(shape).collect() }
}
