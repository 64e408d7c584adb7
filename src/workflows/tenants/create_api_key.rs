//! How does a program get a key? `bw_test_` or `bw_live_` and 32 random characters, shown once and kept as a hash.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::domain::events::{Event, EventType};
use crate::domain::ids::{ApiKeyId, EventId};
use crate::domain::refusal::Invalid;
use crate::platform::secrets::{self, Secret};
use crate::storage::tenants::api_keys::ApiKey;
use crate::storage::tenants::{Mode, api_keys};
use crate::storage::{Tx, events, tenants};
use crate::workflows::{Error, Scope};

/// The longest name.
const NAME_LENGTH: usize = 200;

/// Makes a key for the tenant: the key, and its text.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, name: &str) -> Result<(ApiKey, Secret), Error> {
    let name = named(name)?;
    let mode = tenants::find(tx, scope.tenant_id)?.mode;
    let (key, secret, hash) = make(ApiKeyId::from_uuid(scope.mint()), name, mode, scope.now);
    api_keys::insert(tx, scope.tenant_id, &key, &hash)?;
    events::record(tx, scope.tenant_id, &[event_of(scope, &key, EventType::ApiKeyCreated)])?;
    Ok((key, secret))
}

/// A name of 1 to 200 characters, without blanks around it.
pub(in crate::workflows) fn named(name: &str) -> Result<&str, Invalid> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(Invalid::one("/name", "name_empty", "give a name")),
        n if n > NAME_LENGTH => Err(Invalid::one(
            "/name",
            "name_too_long",
            format!("a name has at most {NAME_LENGTH} characters; this has {n}"),
        )),
        _ => Ok(name),
    }
}

/// A new key: what is stored of it, its text, and the hash it is found by.
pub(in crate::workflows) fn make(
    id: ApiKeyId,
    name: &str,
    mode: Mode,
    at: DateTime<Utc>,
) -> (ApiKey, Secret, [u8; 32]) {
    let prefix = format!("bw_{}_", mode.into_str());
    let secret = secrets::new_key(&prefix);
    let text = secret.expose();
    let end = text.get(text.len().saturating_sub(4)..).unwrap_or_default();
    let key = ApiKey {
        id,
        name: name.to_owned(),
        hint: format!("{prefix}…{end}"),
        created_at: at,
        revoked_at: None,
    };
    let hash = secrets::hash(text);
    (key, secret, hash)
}

/// The event of a key, without anything secret.
pub(in crate::workflows) fn event_of(scope: &Scope, key: &ApiKey, type_: EventType) -> Event {
    Event {
        id: EventId::from_uuid(scope.mint()),
        type_,
        object_id: key.id.uuid(),
        data: json!({
            "id": key.id, "name": key.name, "hint": key.hint, "created_at": key.created_at, "revoked_at": key.revoked_at,
        }),
        occurred_at: scope.now,
    }
}
