//! What does a call that went well answer? A status and JSON; lists as `{"data": […], "has_more": …, "next_cursor": …}`; and CSV, where a table
//! is wanted.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{Accept, CONTENT_DISPOSITION, Header};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use uuid::Uuid;

use crate::storage::StorageError;
use crate::storage::idempotency::Answered;
use crate::storage::keyset::Slice;
use crate::wire::page::{Page, cursor};
use crate::wire::revenue::journals::files::File;
use crate::wire::table::{self, Table};

/// The header of an answer that was given before.
pub const REPLAYED: &str = "Idempotent-Replayed";

/// The header of a page of a table with the cursor of the next one.
const NEXT_CURSOR: &str = "Next-Cursor";

/// A status and a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// A success.
    pub status: StatusCode,
    /// JSON, CSV, or a file.
    pub body: String,
    /// Whether it was kept from an earlier call with the same `Idempotency-Key`.
    pub replayed: bool,
    shape: Shape,
}

/// What a body is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Json,
    /// CSV, and of a page the cursor of the next one.
    Table(Option<String>),
    /// To be kept under a name.
    File {
        name: String,
        content_type: &'static str,
    },
}

impl Answer {
    /// Writes `value` as JSON.
    pub fn json(status: StatusCode, value: &impl Serialize) -> Result<Answer, StorageError> {
        let body = serde_json::to_string(value).map_err(|e| StorageError::unreadable("answer", e))?;
        Ok(Answer { status, body, replayed: false, shape: Shape::Json })
    }

    /// 200 with `table` as CSV.
    pub fn csv<T: Table>(table: &T) -> Result<Answer, StorageError> {
        let body = table::csv(table).map_err(|e| StorageError::unreadable("answer", e))?;
        let next = table.next_cursor().map(str::to_owned);
        Ok(Answer { status: StatusCode::OK, body, replayed: false, shape: Shape::Table(next) })
    }

    /// 200 with a file.
    pub fn file(file: File) -> Answer {
        let File { name, content_type, text } = file;
        Answer {
            status: StatusCode::OK,
            body: text,
            replayed: false,
            shape: Shape::File { name, content_type },
        }
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
        Ok(Answer { status, body: kept.body, replayed: true, shape: Shape::Json })
    }
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if self.replayed {
            response.insert_header((REPLAYED, "true"));
        }
        match self.shape {
            Shape::Json => response.content_type("application/json"),
            Shape::File { name, content_type } => {
                response.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
                response.content_type(content_type)
            }
            Shape::Table(next) => {
                if let Some(next) = next {
                    response.insert_header((NEXT_CURSOR, next));
                }
                response.content_type("text/csv; charset=utf-8; header=present")
            }
        };
        response.body(self.body)
    }
}

/// Turns a slice of rows into the page a client reads.
pub fn page<V, W>(slice: Slice<V>, id: impl Fn(&V) -> Uuid, shape: impl FnMut(V) -> W) -> Page<W> {
    let edge = if slice.upwards { slice.rows.first() } else { slice.rows.last() };
    let next_cursor = edge.filter(|_| slice.has_more).map(|row| cursor(id(row)));
    Page { next_cursor, has_more: slice.has_more, data: slice.rows.into_iter().map(shape).collect() }
}

/// The form that a caller prefers among those that are known, by the type of the media in small letters, as `Accept` says with its weights:
/// `text/csv;q=0.1, application/json` is JSON. `None` where it names none of them.
pub(super) fn preferred<F>(req: &HttpRequest, known: impl Fn(&str) -> Option<F>) -> Option<F> {
    let accept = Accept::parse(req).ok()?;
    accept.ranked().iter().find_map(|media| known(media.essence_str()))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn wanted(accept: &str) -> Option<&'static str> {
        let request = TestRequest::default().insert_header(("accept", accept)).to_http_request();
        preferred(&request, |media| match media {
            "text/csv" => Some("csv"),
            "application/json" | "*/*" => Some("json"),
            _ => None,
        })
    }

    #[test]
    fn the_heaviest_is_preferred_and_letters_may_be_capitals() {
        assert_eq!(wanted("TEXT/CSV"), Some("csv"));
        assert_eq!(wanted("text/csv;q=0.1, application/json"), Some("json"));
        assert_eq!(wanted("application/json;q=0.5, text/csv; header=present"), Some("csv"));
        assert_eq!(wanted("text/html, */*;q=0.8"), Some("json"));
        assert_eq!(wanted("text/html"), None);
        assert_eq!(wanted("rubbish"), None);
    }
}
