//! Who is calling? `Authorization: Bearer bw_test_…` → SHA-256 → the key's row → the tenant.
//!
//! A good key is remembered for 5 seconds, so that 1,000 calls a second ask the database once in 5 seconds, not 5,000
//! times; a key revoked in this process is forgotten at once, one revoked in another within those 5 seconds.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};

use super::{App, Problem};
use crate::platform::clock::Stopwatch;
use crate::platform::secrets;
use crate::storage::StorageError;
use crate::storage::api_keys::{self, Owner};

/// How long a key is believed without asking.
const BELIEVED: Duration = Duration::from_secs(5);
/// How many keys are remembered: at most so many tenants call in 5 seconds.
const REMEMBERED: usize = 10_000;
/// What every key begins with; anything else is not worth a look into the database.
const KEY_START: &str = "bw_";

/// Keys that were good a moment ago.
#[derive(Default)]
pub struct KeysSeen(RwLock<Seen>);

#[derive(Default)]
struct Seen {
    by_hash: HashMap<[u8; 32], (Owner, Stopwatch)>,
    /// Counts revocations: what was read before one is not remembered after it.
    revocations: u64,
}

impl KeysSeen {
    fn read(&self) -> RwLockReadGuard<'_, Seen> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Seen> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, hash: &[u8; 32]) -> Option<Owner> {
        self.read().by_hash.get(hash).filter(|(_, seen)| seen.elapsed() < BELIEVED).map(|(owner, _)| *owner)
    }

    fn remember(&self, hash: [u8; 32], owner: Owner, revocations: u64) {
        let mut seen = self.write();
        if seen.revocations != revocations {
            return;
        }
        if seen.by_hash.len() >= REMEMBERED {
            seen.by_hash.clear();
        }
        seen.by_hash.insert(hash, (owner, Stopwatch::start()));
    }

    /// Forgets everything: a key was revoked.
    pub fn forget_all(&self) {
        let mut seen = self.write();
        seen.by_hash.clear();
        seen.revocations += 1;
    }
}

/// Who is calling, for the log as well.
pub async fn caller(req: &HttpRequest, app: &Data<App>) -> Result<Owner, Problem> {
    let owner = find_caller(req, app).await?;
    req.extensions_mut().insert(owner);
    Ok(owner)
}

async fn find_caller(req: &HttpRequest, app: &Data<App>) -> Result<Owner, Problem> {
    let header = req.headers().get(AUTHORIZATION).ok_or_else(|| {
        Problem::unauthenticated(
            "send an API key with the header `Authorization: Bearer bw_test_…` or `bw_live_…`",
        )
    })?;
    let key = header.to_str().ok().and_then(bearer).ok_or_else(|| {
        Problem::unauthenticated(
            "the Authorization header must be `Bearer`, a space and an API key such as bw_test_…",
        )
    })?;
    let hash = secrets::hash(key);
    if let Some(owner) = app.keys.find(&hash) {
        return Ok(owner);
    }
    let revocations = app.keys.read().revocations;
    let owner: Option<Owner> = app.db.read::<_, StorageError>(move |tx| api_keys::owner(tx, &hash)).await?;
    let owner = owner.ok_or_else(|| Problem::unauthenticated("this API key is unknown or was revoked"))?;
    app.keys.remember(hash, owner, revocations);
    Ok(owner)
}

/// The key in `Bearer <key>`; the scheme is read in any case (RFC 9110 §11.1).
fn bearer(header: &str) -> Option<&str> {
    let (scheme, key) = header.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && key.starts_with(KEY_START) && key.len() <= 100).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{ApiKeyId, TenantId};
    use uuid::Uuid;

    #[test]
    fn a_key_is_read_after_the_word_bearer_in_any_case() {
        assert_eq!(bearer("Bearer bw_test_a"), Some("bw_test_a"));
        assert_eq!(bearer("bearer  bw_live_a "), Some("bw_live_a"));
        for bad in ["bw_test_a", "Basic bw_test_a", "Bearer sk_test_a", "Bearer", "Bearer "] {
            assert_eq!(bearer(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_was_read_before_a_revocation_is_not_remembered_after_it() {
        let owner =
            Owner { tenant_id: TenantId::from_uuid(Uuid::nil()), key_id: ApiKeyId::from_uuid(Uuid::nil()) };
        let keys = KeysSeen::default();
        keys.remember([1; 32], owner, 0);
        assert_eq!(keys.find(&[1; 32]), Some(owner));
        keys.forget_all();
        assert_eq!(keys.find(&[1; 32]), None);
        keys.remember([1; 32], owner, 0);
        assert_eq!(keys.find(&[1; 32]), None);
    }
}
