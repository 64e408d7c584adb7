//! What can go wrong between us and the rows? Not there, against a rule, too busy, or broken.

use std::any::Any;
use std::fmt;

use diesel::OptionalExtension;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use strum::IntoStaticStr;

use super::rules;
use super::wording::{self, Cause};
use crate::platform::threads;

/// What the database says of a transfer that counts in a closed period: whoever posts it again sees that it is closed.
const CLOSED: &str = "closed_periods_stay_closed";

/// What can be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Thing {
    AccountingPeriod,
    ApiKey,
    Backfill,
    BillRun,
    Budget,
    Change,
    Coupon,
    CreditGrant,
    CreditNote,
    Customer,
    Discount,
    Dispute,
    Entity,
    Fulfilment,
    GatewayAccount,
    Invoice,
    InvoiceLine,
    ItemVersion,
    JournalExport,
    Meter,
    ParkedWork,
    Payment,
    PaymentMethod,
    Payout,
    Plan,
    PlanMigration,
    PlanVersion,
    Product,
    Refund,
    RetryPolicy,
    Revaluation,
    RevenueContract,
    Subscription,
    TaxProvider,
    TaxRate,
    TaxRegistration,
    Tenant,
    UpcomingInvoice,
    UsageEvent,
    WebhookEndpoint,
}

/// As sentences name it.
impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Thing::ApiKey => f.write_str("API key"),
            named => f.write_str(&named.into_str().replace('_', " ")),
        }
    }
}

/// The outcome of a storage call that did not give rows.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// No such row for this tenant.
    #[error("there is no {thing} {id}")]
    NotFound {
        thing: Thing,
        /// The id as the caller wrote it.
        id: String,
    },
    /// A named constraint said no.
    #[error("{detail}")]
    Conflict {
        /// Stable snake_case code of the rule.
        code: &'static str,
        /// A sentence that helps.
        detail: &'static str,
        /// Pointer to the value at fault, when one is.
        pointer: Option<&'static str>,
    },
    /// The queue to the database is full, or the server is stopping.
    #[error("the server is busy; try again in a moment")]
    Busy,
    /// Two transactions stood in each other's way; the transaction is run again.
    #[error("the transaction must be run again: {0}")]
    Retry(String),
    /// The connection is gone.
    #[error("the database connection is broken: {0}")]
    Broken(String),
    /// The connection broke between COMMIT and its answer.
    #[error("whether it was committed is unknown: {0}")]
    OutcomeUnknown(String),
    /// A row holds something this program never writes.
    #[error("a stored {kind} cannot be read: {detail}")]
    Unreadable {
        /// What was read.
        kind: &'static str,
        /// Why it cannot be.
        detail: String,
    },
    /// One statement took longer than any may.
    #[error(
        "this would take longer than one call may; nothing was done: ask for less at once, or send it again later"
    )]
    TooLong,
    /// A migration could not be run.
    #[error("the database cannot be migrated: {0}")]
    Migration(String),
    /// Something that should never happen, such as a panic.
    #[error("{0}")]
    Internal(String),
    /// Anything else the database says.
    #[error("the database refused: {0}")]
    Fault(DieselError),
}

impl StorageError {
    /// Reads a stored value that must be well-formed.
    pub fn unreadable(kind: &'static str, detail: impl std::fmt::Display) -> StorageError {
        StorageError::Unreadable { kind, detail: detail.to_string() }
    }

    /// Says that work panicked, and with which words.
    #[must_use]
    pub fn panicked(panic: &(dyn Any + Send)) -> StorageError {
        StorageError::Internal(format!("it panicked: {}", threads::text_of(panic)))
    }

    /// Says that a row was not found.
    pub fn not_found(thing: Thing, id: impl std::fmt::Display) -> StorageError {
        StorageError::NotFound { thing, id: id.to_string() }
    }

    /// Says that a kept sum, such as a balance, would not fit its column.
    pub fn too_large() -> StorageError {
        StorageError::Conflict {
            code: "amount_out_of_range",
            detail: "a balance would become larger than can be kept: use smaller amounts, or another customer",
            pointer: None,
        }
    }

    /// Whether it is a value that no column can hold, and not the database that is in trouble: sent again, it would be refused again.
    pub fn is_unstorable(&self) -> bool {
        match self {
            StorageError::Fault(DieselError::DatabaseError(_, info)) => {
                wording::recognize(info.message()) == Some(Cause::Unstorable)
            }
            _ => false,
        }
    }

    /// Whether the connection is gone.
    pub fn is_broken(&self) -> bool {
        matches!(self, StorageError::Broken(_) | StorageError::OutcomeUnknown(_))
    }

    /// The connection is gone, as this error says.
    pub(in crate::storage) fn broken(cause: Option<&StorageError>) -> StorageError {
        match cause {
            Some(StorageError::Broken(text)) => StorageError::Broken(text.clone()),
            Some(error) => StorageError::Broken(error.to_string()),
            None => StorageError::Broken("it broke off".to_owned()),
        }
    }

    /// The same, when it was COMMIT that was not answered.
    pub(in crate::storage) fn of_commit(self) -> StorageError {
        match self {
            StorageError::Broken(text) => StorageError::OutcomeUnknown(text),
            other => StorageError::OutcomeUnknown(other.to_string()),
        }
    }

    /// Whether it is none of the answers that are expected of a database.
    pub(in crate::storage) fn is_fault(&self) -> bool {
        matches!(
            self,
            StorageError::Fault(_)
                | StorageError::Unreadable { .. }
                | StorageError::Migration(_)
                | StorageError::Internal(_)
        )
    }

    /// Whether running the whole transaction again may succeed.
    pub fn is_retryable(&self) -> bool {
        matches!(self, StorageError::Retry(_))
    }
}

/// A number in the type it is kept or asked for in.
///
/// # Errors
/// It does not fit.
pub fn fit<N: Copy + fmt::Display, M: TryFrom<N>>(kind: &'static str, n: N) -> Result<M, StorageError> {
    M::try_from(n).map_err(|_| StorageError::Internal(format!("{n} is no number of {kind}")))
}

/// What one row was asked for.
pub(in crate::storage) trait Found<T> {
    /// The row; it is not there: the thing was not found.
    fn found(self, thing: Thing, id: impl fmt::Display) -> Result<T, StorageError>;
}

impl<T> Found<T> for Result<T, DieselError> {
    fn found(self, thing: Thing, id: impl fmt::Display) -> Result<T, StorageError> {
        self.optional()?.ok_or_else(|| StorageError::not_found(thing, id))
    }
}

impl From<DieselError> for StorageError {
    fn from(error: DieselError) -> StorageError {
        match error {
            DieselError::DatabaseError(kind, info) => match kind {
                DatabaseErrorKind::SerializationFailure => StorageError::Retry(info.message().to_owned()),
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                    StorageError::Broken(info.message().to_owned())
                }
                // After a failover the connection may be to what is a standby now: another is to be opened, to the new primary.
                DatabaseErrorKind::ReadOnlyTransaction => StorageError::Broken(info.message().to_owned()),
                _ if info.constraint_name() == Some(CLOSED) => {
                    StorageError::Retry("a period was closed meanwhile".to_owned())
                }
                _ => match (
                    info.constraint_name().and_then(rules::conflict),
                    wording::recognize(info.message()),
                ) {
                    (Some(conflict), _) => conflict,
                    (None, Some(Cause::LockTimeout)) => StorageError::Busy,
                    (None, Some(Cause::StatementTimeout)) => StorageError::TooLong,
                    (None, Some(Cause::Deadlock)) => StorageError::Retry(info.message().to_owned()),
                    // Nothing is written, and the caller can do something about it.
                    (None, Some(Cause::SumTooLarge)) => StorageError::too_large(),
                    (None, Some(Cause::Unstorable) | None) => {
                        StorageError::Fault(DieselError::DatabaseError(kind, info))
                    }
                },
            },
            DieselError::BrokenTransactionManager => {
                StorageError::Broken("the transaction was lost".to_owned())
            }
            DieselError::DeserializationError(error) => StorageError::unreadable("value", error),
            other => StorageError::Fault(other),
        }
    }
}
