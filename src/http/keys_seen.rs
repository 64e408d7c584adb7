//! Which keys were good a moment ago? They are believed without a look at their rows.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use crate::platform::clock::Stopwatch;
use crate::storage::tenants::api_keys::Owner;

/// How long a key is believed without asking.
const BELIEVED: Duration = Duration::from_secs(5);

/// How many keys are remembered: at most so many tenants call in 5 seconds.
const REMEMBERED: usize = 10_000;

/// Keys that were good a moment ago.
#[derive(Default)]
pub struct KeysSeen(RwLock<Seen>);

#[derive(Default)]
pub(super) struct Seen {
    by_hash: HashMap<[u8; 32], (Owner, Stopwatch)>,
    /// Counts revocations: what was read before one is not remembered after it.
    pub(super) revocations: u64,
}

impl KeysSeen {
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Seen> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Seen> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn find(&self, hash: &[u8; 32]) -> Option<Owner> {
        self.read().by_hash.get(hash).filter(|(_, seen)| seen.elapsed() < BELIEVED).map(|(owner, _)| *owner)
    }

    /// Whether it was good lately, though it may not be any more.
    pub(super) fn was_good(&self, hash: &[u8; 32]) -> bool {
        self.read().by_hash.contains_key(hash)
    }

    pub(super) fn remember(&self, hash: [u8; 32], owner: Owner, revocations: u64) {
        let mut seen = self.write();
        if seen.revocations != revocations {
            return;
        }
        if seen.by_hash.len() >= REMEMBERED {
            seen.by_hash.clear();
        }
        seen.by_hash.insert(hash, (owner, Stopwatch::start()));
    }

    /// Forgets a key that turned out to be good no more.
    pub(super) fn forget(&self, hash: &[u8; 32]) {
        self.write().by_hash.remove(hash);
    }

    /// Forgets everything: a key was revoked.
    pub fn forget_all(&self) {
        let mut seen = self.write();
        seen.by_hash.clear();
        seen.revocations += 1;
    }
}
