//! Which providers does a tenant use from now on? One is added, changed or removed. What is issued keeps the tax it has, and who is removed still
//! hears of what it answered for.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveTime, Utc};

use super::endpoints::Providers;
use crate::domain::events::EventType;
use crate::domain::ids::{EntityId, TaxProviderId};
use crate::domain::tax::provided::{OnOutage, ProviderKind, TaxProvider};
use crate::platform::secrets::Secret;
use crate::storage::tax::providers::{self as storage, Sealed};
use crate::storage::{Tx, events, tax};
use crate::workflows::{Error, Scope};

/// What an answer may take unless said otherwise.
const TIMEOUT_MS: i32 = 5_000;
/// At which hour of UTC figures are compared.
const NIGHT: u32 = 2;

/// A new provider.
#[derive(Debug, Clone)]
pub struct NewProvider {
    pub name: String,
    pub kind: ProviderKind,
    pub base_url: String,
    pub credentials: Option<Secret>,
    pub company: Option<String>,
    pub entity_id: Option<EntityId>,
    pub countries: BTreeSet<String>,
    pub on_outage: OnOutage,
    pub timeout_ms: Option<i32>,
}

/// What to change; the outer `None` stays, the inner one is taken away.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub name: Option<String>,
    pub base_url: Option<String>,
    pub credentials: Option<Option<Secret>>,
    pub company: Option<Option<String>>,
    pub countries: Option<BTreeSet<String>>,
    pub on_outage: Option<OnOutage>,
    pub timeout_ms: Option<i32>,
}

/// The next night after an instant.
pub(super) fn next_night(now: DateTime<Utc>) -> DateTime<Utc> {
    let at = NaiveTime::from_hms_opt(NIGHT, 0, 0).unwrap_or_default();
    let on = |date: chrono::NaiveDate| date.and_time(at).and_utc();
    let today = now.date_naive();
    let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
    if on(today) > now { on(today) } else { on(tomorrow) }
}

/// Adds one.
///
/// # Errors
/// `unknown_entity`; `no_secrets_key`; [`Invalid`](crate::domain::refusal::Invalid) values; `overlapping_providers`.
pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    providers: &Providers,
    new: NewProvider,
) -> Result<TaxProvider, Error> {
    let entity_id = new.entity_id.map(|id| scope.entity(Some(id), "/entity_id")).transpose()?;
    tax::lock_settings(tx, scope.tenant_id)?;
    let provider = TaxProvider {
        id: TaxProviderId::from_uuid(scope.mint()),
        name: new.name,
        kind: new.kind,
        base_url: new.base_url,
        company: new.company,
        entity_id,
        countries: new.countries,
        on_outage: new.on_outage,
        timeout_ms: new.timeout_ms.unwrap_or(TIMEOUT_MS),
        has_credentials: new.credentials.is_some(),
        created_at: scope.now,
    };
    provider.check(&storage::providers(tx, scope.tenant_id)?)?;
    providers.check_address(&provider.base_url, scope.mode)?;
    let credentials = new.credentials.as_ref();
    let credentials = credentials.map(|secret| providers.seal((scope.tenant_id, provider.id), secret));
    let sealed = Sealed { provider, credentials: credentials.transpose()? };
    storage::insert_provider(tx, scope.tenant_id, (&sealed, next_night(scope.now)))?;
    emit(tx, scope, EventType::TaxProviderCreated, &sealed.provider)?;
    Ok(sealed.provider)
}

/// Changes one.
///
/// # Errors
/// Not found; as [`create`].
pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    providers: &Providers,
    (id, change): (TaxProviderId, Change),
) -> Result<TaxProvider, Error> {
    tax::lock_settings(tx, scope.tenant_id)?;
    storage::find_provider(tx, scope.tenant_id, id)?;
    let mut sealed = storage::sealed_provider(tx, scope.tenant_id, id)?;
    let before = sealed.provider.clone();
    let provider = &mut sealed.provider;
    provider.name = change.name.unwrap_or(before.name.clone());
    provider.base_url = change.base_url.unwrap_or(before.base_url.clone());
    provider.company = change.company.unwrap_or(before.company.clone());
    provider.countries = change.countries.unwrap_or(before.countries.clone());
    provider.on_outage = change.on_outage.unwrap_or(before.on_outage);
    provider.timeout_ms = change.timeout_ms.unwrap_or(before.timeout_ms);
    let is_new_secret = change.credentials.is_some();
    if let Some(credentials) = change.credentials {
        let seal = |secret: Secret| providers.seal((scope.tenant_id, id), &secret);
        sealed.credentials = credentials.map(seal).transpose()?;
    } else if sealed.provider.base_url != before.base_url {
        // Whoever may change the address does not get to see what was given for another one.
        sealed.credentials = None;
    }
    sealed.provider.has_credentials = sealed.credentials.is_some();
    sealed.provider.check(&storage::providers(tx, scope.tenant_id)?)?;
    providers.check_address(&sealed.provider.base_url, scope.mode)?;
    if sealed.provider != before || is_new_secret {
        storage::update_provider(tx, scope.tenant_id, &sealed)?;
        emit(tx, scope, EventType::TaxProviderUpdated, &sealed.provider)?;
    }
    Ok(sealed.provider)
}

/// Removes one, and gives it as it was. Drafts that wait for it are looked at again.
///
/// # Errors
/// Not found.
pub fn remove(tx: &mut Tx<'_>, scope: &Scope, id: TaxProviderId) -> Result<TaxProvider, Error> {
    tax::lock_settings(tx, scope.tenant_id)?;
    let provider = storage::find_provider(tx, scope.tenant_id, id)?;
    storage::delete_provider(tx, (scope.tenant_id, id), scope.now)?;
    emit(tx, scope, EventType::TaxProviderDeleted, &provider)?;
    Ok(provider)
}

fn emit(tx: &mut Tx<'_>, scope: &Scope, type_: EventType, provider: &TaxProvider) -> Result<(), Error> {
    let event = scope.event(type_, provider.id.uuid(), provider.event_data());
    Ok(events::record(tx, scope.tenant_id, &[event])?)
}
