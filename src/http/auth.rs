//! Who is calling? `Authorization: Bearer bw_test_…` → SHA-256 → the key's row → the tenant.
//!
//! A good key is remembered for 5 seconds, so that 1,000 calls a second ask the database once in 5 seconds, not 5,000
//! times; a key revoked in this process is forgotten at once, one revoked in another within those 5 seconds.

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};

use super::{App, Problem};
use crate::platform::secrets;
use crate::storage::StorageError;
use crate::storage::tenants::api_keys::{self, Owner};

/// What every key begins with; anything else is not worth a look into the database.
const KEY_START: &str = "bw_";

/// Who is calling, for the log as well.
pub async fn caller(req: &HttpRequest, app: &Data<App>) -> Result<Owner, Problem> {
    let owner = find_caller(req, app).await?;
    let (limits, within_rates) = app.rates.count(owner);
    let mut known = req.extensions_mut();
    known.insert(owner);
    if !limits.is_empty() {
        known.insert(limits);
    }
    within_rates?;
    let call = app.shares.call(owner)?;
    // Given back when the request is dropped: once it is answered, or broken off.
    known.insert(call);
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
    let from = app.guesses.address(req);
    // One that was good lately is looked up whatever else comes from its address.
    if !app.keys.was_good(&hash) && !app.guesses.is_worth_a_look(&hash, from)? {
        return Err(unknown());
    }
    let revocations = app.keys.read().revocations;
    let owner: Option<Owner> =
        app.db.read::<_, StorageError>(None, move |tx| api_keys::owner(tx, &hash)).await?;
    let owner = owner.ok_or_else(|| {
        app.keys.forget(&hash);
        app.guesses.note(hash, from);
        unknown()
    })?;
    app.keys.remember(hash, owner, revocations);
    Ok(owner)
}

fn unknown() -> Problem {
    Problem::unauthenticated("this API key is unknown or was revoked")
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
    use crate::http::keys_seen::KeysSeen;
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
