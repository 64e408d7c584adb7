//! What is answered when it did not work? The one file that maps errors to statuses: 404 for what is not there, 409 for
//! a state that does not allow it, 422 for a rule, 402 for a payment, 503 for busy, 500 for what should never happen.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use actix_web::http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};

use crate::domain::refusal::{FieldError, Invalid, Refusal, RefusalKind};
use crate::storage::StorageError;
use crate::storage::idempotency::Answered;
use crate::wire;
use crate::workflows;

/// Where each code is explained, of this server.
const EXPLAINED: &str = "/docs/errors";

/// Why a call was refused. `surroundings` writes it out, because only there the call's id is known.
#[derive(Debug, Clone)]
pub struct Problem(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    status: StatusCode,
    code: Cow<'static, str>,
    detail: String,
    decline_code: Option<String>,
    errors: Vec<FieldError>,
    header: Option<(HeaderName, HeaderValue)>,
    /// For the log, never for the caller.
    cause: Option<String>,
    replayed: bool,
}

impl Problem {
    /// A problem with a code and a sentence that helps.
    pub fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, detail: impl fmt::Display) -> Problem {
        let (code, detail) = (code.into(), detail.to_string());
        Problem(Box::new(Inner {
            status,
            code,
            detail,
            decline_code: None,
            errors: vec![],
            header: None,
            cause: None,
            replayed: false,
        }))
    }

    /// 400: the request cannot be read at all.
    pub fn malformed(code: &'static str, detail: impl fmt::Display) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 401, whatever the reason, so that a guesser learns nothing.
    pub fn unauthenticated(detail: &'static str) -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail)
            .with(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"billwright\""))
    }

    /// 404 for a URL that leads nowhere.
    pub fn no_such_route() -> Problem {
        Problem::new(
            StatusCode::NOT_FOUND,
            "no_such_route",
            "nothing is served at this URL; /docs/api/ lists what is",
        )
    }

    /// 404 for a thing that is not this tenant's, or not at all.
    pub fn not_found(detail: impl fmt::Display) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// 405 with what is allowed.
    pub fn method_not_allowed(method: &Method, allowed: &str) -> Problem {
        let detail = format!("{method} is not served here; {allowed} is");
        let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail);
        match HeaderValue::from_str(allowed) {
            Ok(allowed) => problem.with(ALLOW, allowed),
            Err(_) => problem,
        }
    }

    /// 503: come back in `seconds`.
    pub fn unavailable(code: &'static str, detail: impl fmt::Display, seconds: u16) -> Problem {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).with(RETRY_AFTER, seconds.into())
    }

    /// 429: come back in `seconds`.
    pub fn too_many(code: &'static str, detail: impl fmt::Display, seconds: u64) -> Problem {
        Problem::new(StatusCode::TOO_MANY_REQUESTS, code, detail).with(RETRY_AFTER, seconds.into())
    }

    fn with(mut self, name: HeaderName, value: HeaderValue) -> Problem {
        self.0.header = Some((name, value));
        self
    }

    fn caused_by(mut self, cause: &dyn StdError) -> Problem {
        self.0.cause = Some(chain(cause));
        self
    }

    /// The status it is answered with.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The values at fault.
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// The same with its values at fault in other words; the sentence of the whole is made of theirs when it was before.
    pub(in crate::http) fn reworded(mut self, errors: Vec<FieldError>) -> Problem {
        let before = Invalid { errors: std::mem::replace(&mut self.0.errors, errors) };
        if self.0.detail == before.to_string() {
            self.0.detail = Invalid { errors: self.0.errors.clone() }.to_string();
        }
        self
    }

    /// Its stable code.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// What the log should know and the caller should not.
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// Its shape on the wire.
    pub fn to_wire(&self, request_id: Option<&str>) -> wire::problem::Problem {
        wire::problem::Problem {
            type_: format!("{EXPLAINED}#{}", self.0.code),
            title: self.0.status.canonical_reason().unwrap_or("Problem").to_owned(),
            status: self.0.status.as_u16(),
            code: self.0.code.clone().into_owned(),
            detail: self.0.detail.clone(),
            decline_code: self.0.decline_code.clone(),
            errors: self.0.errors.iter().map(wire::problem::FieldProblem::from).collect(),
            request_id: request_id.map(str::to_owned),
        }
    }

    /// As it is kept for a replay: only a payment that failed is, because trying again would charge again.
    pub fn to_keep(&self) -> Option<Answered> {
        if self.0.status != StatusCode::PAYMENT_REQUIRED {
            return None;
        }
        let body = serde_json::to_string(&self.to_wire(None)).ok()?;
        Some(Answered { status: self.0.status.as_u16(), body })
    }

    /// As it was kept.
    pub fn replay(kept: &Answered) -> Problem {
        match serde_json::from_str::<wire::problem::Problem>(&kept.body) {
            Ok(shape) => {
                let status = StatusCode::from_u16(shape.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let mut problem = Problem::new(status, shape.code, shape.detail);
                problem.0.decline_code = shape.decline_code;
                problem.0.errors = shape
                    .errors
                    .into_iter()
                    .map(|e| FieldError { pointer: e.pointer, code: e.code, detail: e.detail })
                    .collect();
                problem.0.replayed = true;
                problem
            }
            Err(error) => fault(&error),
        }
    }

    /// The whole answer, with the call's id in it.
    pub fn respond(&self, request_id: Option<&str>) -> HttpResponse {
        let mut response = HttpResponse::build(self.0.status);
        if let Some((name, value)) = &self.0.header {
            response.insert_header((name.clone(), value.clone()));
        }
        if self.0.replayed {
            response.insert_header((super::answer::REPLAYED, "true"));
        }
        let body = serde_json::to_string(&self.to_wire(request_id)).unwrap_or_default();
        response.content_type("application/problem+json").body(body)
    }
}

/// The detail when the answer to COMMIT was lost.
const OUTCOME_UNKNOWN: &str = "the database broke off while this call was being committed: whether it took effect is unknown. With an \
    Idempotency-Key, send the same call with the same key again: it is carried out once. Without one, read whether it is there before \
    you send it again";

fn fault(cause: &dyn StdError) -> Problem {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "something went wrong on our side; nothing was changed; the request_id finds it in the server's log",
    )
    .caused_by(cause)
}

/// An error and all that caused it, in one line.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.0.status.as_u16(), self.0.code, self.0.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse {
        self.respond(None)
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Problem {
        let code = match invalid.errors.as_slice() {
            [only] => only.code.clone(),
            _ => "invalid".to_owned(),
        };
        let mut problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, &invalid);
        problem.0.errors = invalid.errors;
        problem
    }
}

impl From<Box<dyn Refusal>> for Problem {
    fn from(refusal: Box<dyn Refusal>) -> Problem {
        let status = match refusal.kind() {
            RefusalKind::Rule => StatusCode::UNPROCESSABLE_ENTITY,
            RefusalKind::State => StatusCode::CONFLICT,
            RefusalKind::Payment => StatusCode::PAYMENT_REQUIRED,
        };
        let mut problem = Problem::new(status, refusal.code(), &refusal).at(refusal.pointer());
        problem.0.decline_code = refusal.decline_code().map(str::to_owned);
        match refusal.retry_after() {
            Some(seconds) => problem.with(RETRY_AFTER, seconds.into()),
            None => problem,
        }
    }
}

impl Problem {
    /// Lists the value at fault, when one is.
    fn at(mut self, pointer: Option<String>) -> Problem {
        if let Some(pointer) = pointer {
            let (code, detail) = (self.0.code.clone().into_owned(), self.0.detail.clone());
            self.0.errors = vec![FieldError { pointer, code, detail }];
        }
        self
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Problem {
        match &error {
            StorageError::NotFound { .. } => Problem::not_found(&error),
            // `unknown_customer` and its like: a value of the body points nowhere. Other conflicts are with what is there.
            StorageError::Conflict { code, pointer, .. } if code.starts_with("unknown_") => {
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, *code, &error).at(pointer.map(str::to_owned))
            }
            StorageError::Conflict { code, pointer, .. } => {
                Problem::new(StatusCode::CONFLICT, *code, &error).at(pointer.map(str::to_owned))
            }
            StorageError::Busy => Problem::unavailable("busy", &error, 1),
            StorageError::TooLong => Problem::unavailable("takes_too_long", &error, 30),
            StorageError::Retry(_) => {
                Problem::unavailable("busy", "other calls stand in the way; try again in a moment", 1)
                    .caused_by(&error)
            }
            StorageError::Broken(_) => Problem::unavailable(
                "database_unreachable",
                "the database cannot be reached at the moment",
                5,
            )
            .caused_by(&error),
            StorageError::OutcomeUnknown(_) => {
                Problem::unavailable("outcome_unknown", OUTCOME_UNKNOWN, 5).caused_by(&error)
            }
            StorageError::Unreadable { .. }
            | StorageError::Migration(_)
            | StorageError::Internal(_)
            | StorageError::Fault(_) => fault(&error),
        }
    }
}

impl From<workflows::Error> for Problem {
    fn from(error: workflows::Error) -> Problem {
        match error {
            workflows::Error::Refused(refusal) => refusal.into(),
            workflows::Error::Invalid(invalid) => invalid.into(),
            workflows::Error::Storage(error) => error.into(),
            workflows::Error::Fault(_) => fault(&error),
        }
    }
}
