//! Which accounts at gateways does a tenant have? A row each; one that is removed stays for what was charged there.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::ids::{EntityId, GatewayAccountId, TenantId};
use crate::domain::payments::accounts::{GatewayAccount, GatewayKind};
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::{gateway_accounts as table, tenants};
use crate::storage::{Found, StorageError, Thing, Tx};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true)]
struct AccountRow {
    tenant_id: TenantId,
    id: GatewayAccountId,
    gateway: GatewayKind,
    name: String,
    base_url: String,
    credentials: String,
    entity_id: Option<EntityId>,
    deleted_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

/// An account with its credentials as they are kept: sealed.
#[derive(Debug, Clone)]
pub struct SealedAccount {
    pub tenant_id: TenantId,
    pub account: GatewayAccount,
    pub credentials: String,
}

impl From<AccountRow> for SealedAccount {
    fn from(row: AccountRow) -> SealedAccount {
        let account = GatewayAccount {
            id: row.id,
            gateway: row.gateway,
            name: row.name,
            base_url: row.base_url,
            entity_id: row.entity_id,
            created_at: row.created_at,
            deleted_at: row.deleted_at,
        };
        SealedAccount { tenant_id: row.tenant_id, account, credentials: row.credentials }
    }
}

fn row(sealed: &SealedAccount) -> AccountRow {
    let SealedAccount { tenant_id, account, credentials } = sealed.clone();
    AccountRow {
        tenant_id,
        id: account.id,
        gateway: account.gateway,
        name: account.name,
        base_url: account.base_url,
        credentials,
        entity_id: account.entity_id,
        deleted_at: account.deleted_at,
        created_at: account.created_at,
    }
}

/// How many a tenant has that are not removed. Its row is locked, so that the count stands until the end of the transaction.
pub fn count(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<usize, StorageError> {
    let owner = tenants::table.find(tenant_id).select(tenants::id).for_no_key_update();
    owner.first::<TenantId>(tx.conn)?;
    let kept = table::table.filter(table::tenant_id.eq(tenant_id).and(table::deleted_at.is_null()));
    let count: i64 = kept.count().get_result(tx.conn)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// A page of those that are not removed.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    keyset: &Keyset,
) -> Result<Slice<GatewayAccount>, StorageError> {
    let query = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::deleted_at.is_null()))
        .select(AccountRow::as_select())
        .into_boxed();
    let rows: Vec<AccountRow> = keyset_query!(query, table::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(|row| SealedAccount::from(row).account))
}

/// One that is not removed.
pub fn find(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: GatewayAccountId,
) -> Result<GatewayAccount, StorageError> {
    Ok(find_sealed(tx, tenant_id, id)?.account)
}

/// One that is not removed, with what opens it.
pub fn find_sealed(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: GatewayAccountId,
) -> Result<SealedAccount, StorageError> {
    let row: AccountRow = table::table
        .find((tenant_id, id))
        .filter(table::deleted_at.is_null())
        .select(AccountRow::as_select())
        .first(tx.conn)
        .found(Thing::GatewayAccount, id)?;
    Ok(row.into())
}

/// One that is not removed, to be changed: locked.
pub fn find_locked(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: GatewayAccountId,
) -> Result<SealedAccount, StorageError> {
    let row: AccountRow = table::table
        .find((tenant_id, id))
        .filter(table::deleted_at.is_null())
        .for_no_key_update()
        .select(AccountRow::as_select())
        .first(tx.conn)
        .found(Thing::GatewayAccount, id)?;
    Ok(row.into())
}

/// These, removed ones included, with what opens them.
pub fn sealed(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[GatewayAccountId],
) -> Result<Vec<SealedAccount>, StorageError> {
    let rows: Vec<AccountRow> = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::id.eq_any(ids)))
        .select(AccountRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(SealedAccount::from).collect())
}

/// These, removed ones included.
pub fn of_ids(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[GatewayAccountId],
) -> Result<HashMap<GatewayAccountId, GatewayAccount>, StorageError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(sealed(tx, tenant_id, ids)?.into_iter().map(|sealed| (sealed.account.id, sealed.account)).collect())
}

/// The one that an address names which a gateway calls, whosever it is. Removed ones are still told of what was charged there.
pub fn named(
    tx: &mut Tx<'_>,
    (gateway, id): (GatewayKind, GatewayAccountId),
) -> Result<SealedAccount, StorageError> {
    let row: AccountRow = table::table
        .filter(table::id.eq(id).and(table::gateway.eq(gateway)))
        .select(AccountRow::as_select())
        .first(tx.conn)
        .found(Thing::GatewayAccount, id)?;
    Ok(row.into())
}

/// Adds one.
pub fn insert(tx: &mut Tx<'_>, sealed: &SealedAccount) -> Result<(), StorageError> {
    diesel::insert_into(table::table).values(row(sealed)).execute(tx.conn)?;
    Ok(())
}

/// Writes what may change of one.
pub fn update(tx: &mut Tx<'_>, sealed: &SealedAccount) -> Result<(), StorageError> {
    let row = row(sealed);
    diesel::update(table::table.find((row.tenant_id, row.id))).set(&row).execute(tx.conn)?;
    Ok(())
}

/// What is under way at an account, and the newest charge that it gave a name to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnderWay {
    /// Payments whose outcome is not known for certain.
    pub payments: i64,
    /// Refunds that are on their way.
    pub refunds: i64,
    /// The gateway's name of a charge there.
    pub reference: Option<String>,
}

/// What is looked for at an account.
pub fn under_way(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: GatewayAccountId,
) -> Result<UnderWay, StorageError> {
    use crate::storage::schema::{payments as p, refunds as r};
    let at_account = || p::table.filter(p::tenant_id.eq(tenant_id).and(p::gateway_account_id.eq(id)));
    let payments = at_account().filter(p::next_check_at.is_not_null()).count().get_result(tx.conn)?;
    let pending = r::table.filter(r::tenant_id.eq(tenant_id).and(r::next_attempt_at.is_not_null()));
    let refunds =
        pending.filter(r::payment_id.eq_any(at_account().select(p::id))).count().get_result(tx.conn)?;
    let reference: Option<Option<String>> = at_account()
        .filter(p::reference.is_not_null())
        .order(p::id.desc())
        .select(p::reference)
        .first(tx.conn)
        .optional()?;
    Ok(UnderWay { payments, refunds, reference: reference.flatten() })
}
