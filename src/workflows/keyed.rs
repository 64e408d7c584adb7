//! What has a command with an `Idempotency-Key` begun? A payment, a run, a migration: noted under the key in the very transaction that
//! begins it, so that the same key finds it again, whatever has died since, and never begins another.
//!
//! A payment is killed while its gateway is called: the same call again is answered 409 until the gateway has said what became of it, then
//! as the first call would have been.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use uuid::Uuid;

use super::Error;
use crate::domain::refusal::{Refusal, RefusalKind};
use crate::platform::clock;
use crate::storage::Tx;
use crate::storage::idempotency::{self, Key, Known};

/// The key of a command, if it came with one, and what an earlier call with it began.
#[derive(Debug, Clone, Default)]
pub struct Keyed {
    key: Option<Key>,
    begun: Option<Uuid>,
    /// Whether the answer is not the last word.
    open: Arc<AtomicBool>,
}

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefused {
    /// Another call with it has not finished.
    #[error(
        "a call with this Idempotency-Key is still under way; wait for its answer, or send it again in a moment"
    )]
    InUse,
    /// It came with another request before.
    #[error("this Idempotency-Key was used for another request; use a new key for a new request")]
    Reused,
}

impl Refusal for KeyRefused {
    fn code(&self) -> &'static str {
        match self {
            KeyRefused::InUse => "idempotency_key_in_use",
            KeyRefused::Reused => "idempotency_key_reused",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            KeyRefused::InUse => RefusalKind::State,
            KeyRefused::Reused => RefusalKind::Rule,
        }
    }

    fn retry_after(&self) -> Option<u16> {
        matches!(self, KeyRefused::InUse).then_some(2)
    }
}

impl Keyed {
    /// Without a key nothing is found again.
    #[must_use]
    pub fn by(key: Option<Key>, begun: Option<Uuid>) -> Keyed {
        Keyed { key, begun, open: Arc::default() }
    }

    /// Notes that nobody knows yet what became of what was begun: this answer is not kept, and the same call again finds out.
    pub fn leave_open(&self) {
        self.open.store(true, Ordering::Relaxed);
    }

    /// Whether it was left open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed)
    }

    /// What an earlier call with the key began and did not answer.
    #[must_use]
    pub fn begun(&self) -> Option<Uuid> {
        self.begun
    }

    /// Looks whether another call with the key has begun something since: then what would be refused now is what that call did. Asked when
    /// whatever both would change is locked.
    ///
    /// # Errors
    /// It has.
    pub fn check(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let Some(key) = &self.key else { return Ok(()) };
        match idempotency::look_up(tx, key)? {
            Known::Nothing => Ok(()),
            Known::Begun(_) | Known::Answered(_) | Known::OtherRequest => Err(KeyRefused::InUse.into()),
        }
    }

    /// Notes, in the transaction that begins it, what the command begins.
    ///
    /// # Errors
    /// Another call with the key has begun something meanwhile.
    pub fn begin(&self, tx: &mut Tx<'_>, id: Uuid) -> Result<(), Error> {
        match &self.key {
            Some(key) if !idempotency::begin(tx, key, Some(id), clock::now())? => {
                Err(KeyRefused::InUse.into())
            }
            Some(_) | None => Ok(()),
        }
    }
}
