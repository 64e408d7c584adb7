//! Why did a workflow not do it? Refused by a rule, invalid values, or something storage said.

use crate::domain::refusal::{Invalid, Refusal};
use crate::domain::work::Trouble;
use crate::storage::StorageError;
use crate::storage::tx::AsStorageError;

/// What a workflow gives instead of its result. `http/problem.rs` is the one place that maps it to a status.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule of a subject said no.
    #[error("{0}")]
    Refused(Box<dyn Refusal>),
    /// Values of the request are at fault, each named.
    #[error("{0}")]
    Invalid(#[from] Invalid),
    /// Not found, conflict, busy or broken.
    #[error("{0}")]
    Storage(#[from] StorageError),
    /// Something that should never happen, such as a panic.
    #[error("{0}")]
    Fault(String),
}

impl<R: Refusal> From<R> for Error {
    fn from(refusal: R) -> Error {
        Error::Refused(Box::new(refusal))
    }
}

impl Error {
    /// Whether the trouble is with the database itself rather than with what it was to do.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        self.as_storage_error().is_some_and(|e| e.is_broken() || e.is_retryable())
    }
}

impl Error {
    /// Whether the connection to the database is gone.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.as_storage_error().is_some_and(StorageError::is_broken)
    }

    /// Why due work could not be done.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        let code = match self {
            Error::Refused(refusal) => refusal.code(),
            Error::Invalid(invalid) => invalid.errors.first().map_or("invalid", |first| first.code.as_str()),
            Error::Storage(StorageError::NotFound { .. }) => "not_found",
            Error::Storage(StorageError::Conflict { code, .. }) => code,
            Error::Storage(StorageError::Busy) => "busy",
            Error::Storage(StorageError::TooLong) => "takes_too_long",
            Error::Storage(_) | Error::Fault(_) => "internal",
        };
        Trouble { code: code.to_owned(), reason: self.to_string() }
    }
}

impl AsStorageError for Error {
    fn as_storage_error(&self) -> Option<&StorageError> {
        match self {
            Error::Storage(error) => Some(error),
            _ => None,
        }
    }
}

/// For things named in a request's body: one that is not there is the body's fault (422), not the URL's (404).
pub trait Referenced<T> {
    /// Turns "not found" into `unknown_…` at `pointer`: a missing plan becomes `unknown_plan` at `/plan_id`.
    fn or_unknown(self, pointer: &str) -> Result<T, Error>;
}

impl<T> Referenced<T> for Result<T, StorageError> {
    fn or_unknown(self, pointer: &str) -> Result<T, Error> {
        self.map_err(|error| match &error {
            StorageError::NotFound { thing, .. } => {
                let code = format!("unknown_{}", thing.into_str());
                Error::Invalid(Invalid::one(pointer, &code, &error))
            }
            _ => Error::Storage(error),
        })
    }
}
