//! At which accounts is money charged from now on? One is added, changed or removed. Who is removed charges nothing new, and is still asked about
//! what it charged, and gives it back.

use crate::adapters::gateway::{Credentials, Gateways, Trouble};
use crate::domain::events::EventType;
use crate::domain::ids::{EntityId, GatewayAccountId, TenantId};
use crate::domain::payments::Refused;
use crate::domain::payments::accounts::{GatewayAccount, GatewayKind, MOST, check_credentials};
use crate::domain::payments::calls::Call;
use crate::domain::refusal::{Invalid, Refusal, RefusalKind};
use crate::platform::clock;
use crate::storage::payments::accounts::{self as storage, SealedAccount, UnderWay};
use crate::storage::tenants::Mode;
use crate::storage::{Session, StorageError, Tx, events};
use crate::workflows::{Error, Scope};

/// Why credentials are not kept, or not used.
impl Refusal for Trouble {
    fn code(&self) -> &'static str {
        match self {
            Trouble::NoSecretsKey => "no_secrets_key",
            Trouble::Sealed => "credentials_cannot_be_opened",
            Trouble::Address(wrong) => wrong.code(),
            Trouble::Client(_) => "gateway_cannot_be_called",
        }
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::State
    }
}

/// A new account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub gateway: GatewayKind,
    pub name: String,
    pub credentials: Credentials,
    pub base_url: Option<String>,
    pub entity_id: Option<EntityId>,
}

/// What to change; `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub name: Option<String>,
    pub base_url: Option<String>,
    pub secret_key: Option<String>,
    pub webhook_secrets: Option<Vec<String>>,
    /// The inner `None`: of every entity.
    pub entity_id: Option<Option<EntityId>>,
    /// Whether what is given anew leads to the same account at the gateway, which was asked: see [`leads_there`].
    pub leads_there: bool,
}

/// Adds one.
///
/// # Errors
/// `unknown_entity`; `no_secrets_key`; [`Invalid`] values; an address that may not be called.
pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    gateways: &Gateways,
    new: NewAccount,
) -> Result<GatewayAccount, Error> {
    let entity_id = new.entity_id.map(|id| scope.entity(Some(id), "/entity_id")).transpose()?;
    if storage::count(tx, scope.tenant_id)? >= MOST {
        let detail = format_args!("there are {MOST} already: remove one first");
        return Err(Invalid::one("", "too_many", detail).into());
    }
    let account = GatewayAccount {
        id: GatewayAccountId::from_uuid(scope.mint()),
        gateway: new.gateway,
        name: new.name,
        base_url: new.base_url.unwrap_or_else(|| new.gateway.base_url().to_owned()),
        entity_id,
        created_at: scope.now,
        deleted_at: None,
    };
    if scope.mode == Mode::Live && !account.moves_money() {
        return Err(Refused::SimulatorIsForTests.into());
    }
    check(gateways, scope, (&account, &new.credentials))?;
    let credentials = gateways.accounts.seal((scope.tenant_id, account.id), &new.credentials)?;
    storage::insert(
        tx,
        &SealedAccount { tenant_id: scope.tenant_id, account: account.clone(), credentials },
    )?;
    emit(tx, scope, EventType::GatewayAccountCreated, &account)?;
    Ok(account)
}

/// Whether another key, or another address, leads to the same account at the gateway: it knows the newest charge that was made there.
///
/// # Errors
/// Not found; storage.
pub fn leads_there(
    session: &mut Session,
    gateways: &Gateways,
    (tenant_id, id): (TenantId, GatewayAccountId),
    change: &Change,
) -> Result<bool, Error> {
    let Some(secret_key) = &change.secret_key else { return Ok(false) };
    let (sealed, under_way, mode) = session.read(|tx| {
        let sealed = storage::find_sealed(tx, tenant_id, id)?;
        let under_way = storage::under_way(tx, tenant_id, id)?;
        Ok::<_, StorageError>((sealed, under_way, Scope::load(tx, tenant_id)?.mode))
    })?;
    let Some(reference) = under_way.reference.filter(|_| under_way.payments + under_way.refunds > 0) else {
        return Ok(false);
    };
    let mut account = sealed.account;
    account.base_url = change.base_url.clone().unwrap_or(account.base_url);
    let is_test = mode == Mode::Test;
    let credentials = Credentials::new(secret_key.clone(), Vec::new());
    // What is malformed is refused when it is to be kept.
    if check_credentials(secret_key, &[]).is_err()
        || gateways.accounts.check_address(&account.base_url, is_test).is_err()
    {
        return Ok(false);
    }
    let credentials = gateways.accounts.seal((tenant_id, id), &credentials)?;
    let gateway = gateways.accounts.open((tenant_id, is_test), &account, &credentials)?;
    session.rest();
    Ok(gateway.knows(&reference, Call::begun(clock::now()).deadline) == Some(true))
}

/// What is under way is looked for with the key that it was begun with, unless another leads to the same account.
fn check_under_way(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, leads_there): (GatewayAccountId, bool),
) -> Result<(), Error> {
    let UnderWay { payments, refunds, .. } = storage::under_way(tx, scope.tenant_id, id)?;
    if leads_there || payments + refunds == 0 { Ok(()) } else { Err(Unsettled { payments, refunds }.into()) }
}

/// Why an account keeps its key and its address for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{payments} payments and {refunds} refunds at this account are not settled, and the key does not lead to the account at the gateway that \
     knows them: give a key of that same account; or wait until they are settled; another account at the gateway is another gateway account here"
)]
pub struct Unsettled {
    payments: i64,
    refunds: i64,
}

impl Refusal for Unsettled {
    fn code(&self) -> &'static str {
        "gateway_account_in_use"
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::State
    }
}

/// Changes one.
///
/// # Errors
/// `gateway_account_in_use` while something is under way there. Not found; as [`create`]; `credentials_required` with another address, so that who may change it does not get to see what was given for
/// the first.
pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    gateways: &Gateways,
    (id, change): (GatewayAccountId, Change),
) -> Result<GatewayAccount, Error> {
    let mut sealed = storage::find_locked(tx, scope.tenant_id, id)?;
    let before = sealed.account.clone();
    let account = &mut sealed.account;
    account.name = change.name.unwrap_or(before.name.clone());
    account.base_url = change.base_url.unwrap_or(before.base_url.clone());
    account.entity_id = match change.entity_id {
        Some(Some(id)) => Some(scope.entity(Some(id), "/entity_id")?),
        Some(None) => None,
        None => before.entity_id,
    };
    if account.base_url != before.base_url && change.secret_key.is_none() {
        let detail =
            "with another address give the secret key again: it is not sent where it was not given for";
        return Err(Invalid::one("/credentials", "credentials_required", detail).into());
    }
    if account.base_url != before.base_url || change.secret_key.is_some() {
        check_under_way(tx, scope, (id, change.leads_there))?;
    }
    let is_new_secret = change.secret_key.is_some() || change.webhook_secrets.is_some();
    if is_new_secret {
        let old = match (&change.secret_key, &change.webhook_secrets) {
            (Some(key), Some(secrets)) => Credentials::new(key.clone(), secrets.clone()),
            _ => gateways.accounts.unseal((scope.tenant_id, id), &sealed.credentials)?,
        };
        let credentials = old.with(change.secret_key, change.webhook_secrets);
        check(gateways, scope, (&sealed.account, &credentials))?;
        sealed.credentials = gateways.accounts.seal((scope.tenant_id, id), &credentials)?;
    } else {
        sealed.account.check()?;
    }
    if sealed.account != before || is_new_secret {
        storage::update(tx, &sealed)?;
        emit(tx, scope, EventType::GatewayAccountUpdated, &sealed.account)?;
    }
    Ok(sealed.account)
}

/// Removes one, and gives it as it was.
///
/// # Errors
/// Not found.
pub fn remove(tx: &mut Tx<'_>, scope: &Scope, id: GatewayAccountId) -> Result<GatewayAccount, Error> {
    let mut sealed = storage::find_locked(tx, scope.tenant_id, id)?;
    let account = sealed.account.clone();
    sealed.account.deleted_at = Some(scope.now);
    storage::update(tx, &sealed)?;
    emit(tx, scope, EventType::GatewayAccountDeleted, &account)?;
    Ok(account)
}

fn check(
    gateways: &Gateways,
    scope: &Scope,
    (account, credentials): (&GatewayAccount, &Credentials),
) -> Result<(), Error> {
    account.check()?;
    check_credentials(credentials.secret_key(), credentials.webhook_secrets())?;
    let checked = gateways.accounts.check_address(&account.base_url, scope.mode == Mode::Test);
    checked.map_err(|wrong| Invalid::one("/base_url", wrong.code(), wrong))?;
    Ok(())
}

fn emit(tx: &mut Tx<'_>, scope: &Scope, type_: EventType, account: &GatewayAccount) -> Result<(), Error> {
    let event = scope.event(type_, account.id.uuid(), account.event_data());
    Ok(events::record(tx, scope.tenant_id, &[event])?)
}
