//! Who is this tenant, and what does its clock say? One row by id.
//!
//! **Owns**: The tenant and its clock, its keys, its settings of billing.
//!
//! **Not its own**: Its customers ([`customers`](crate::domain::customers)); through whom it sells
//! ([`entities`](crate::domain::entities)); how it takes events ([`usage`](crate::domain::usage)).
//!
//! **Laws**: A key's text is kept nowhere. The last good key stays. Only a test tenant's clock is moved, and only forward.

pub mod api_keys;
pub mod clock_advances;
pub mod views;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use strum::{EnumString, IntoStaticStr};

use super::schema::{invoices, tenants};
use super::{StorageError, Tx};
use crate::domain::calendar::Zone;
use crate::domain::credits::ApplyBalance;
use crate::domain::ids::TenantId;
use crate::domain::money::Currency;
use crate::storage::{Found, Thing};

/// Whether a tenant's time and money are real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Mode {
    /// A clock of its own that is advanced by hand, and simulated money.
    Test,
    /// The wall clock and real money.
    Live,
}

super::sql_types::names! { Mode: into_str, }

/// A tenant: one business that bills with us.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its id, the first column of every other key.
    pub id: TenantId,
    /// As given at creation.
    pub name: String,
    /// Of customers that name none.
    pub zone: Zone,
    /// Of customers that name none.
    pub currency: Currency,
    /// Test or live.
    pub mode: Mode,
    /// Set for test tenants only.
    pub test_clock: Option<DateTime<Utc>>,
    /// Days from issue to due, unless the customer has its own.
    pub payment_terms_days: i32,
    pub settings: BillingSettings,
}

/// How a tenant bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BillingSettings {
    /// Hours that what is billed waits as a draft.
    pub draft_hours: i32,
    /// Days that a change of a subscription may reach back.
    pub backdate_days: i32,
    pub apply_balance: ApplyBalance,
}

impl Default for BillingSettings {
    fn default() -> BillingSettings {
        BillingSettings { draft_hours: 0, backdate_days: 366, apply_balance: ApplyBalance::Manual }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = tenants)]
pub(in crate::storage) struct TenantRow {
    id: TenantId,
    name: String,
    time_zone: Zone,
    currency: Currency,
    mode: Mode,
    test_clock: Option<DateTime<Utc>>,
    payment_terms_days: i32,
    draft_hours: i32,
    backdate_days: i32,
    apply_balance: ApplyBalance,
}

impl From<TenantRow> for Tenant {
    fn from(row: TenantRow) -> Tenant {
        let settings = BillingSettings {
            draft_hours: row.draft_hours,
            backdate_days: row.backdate_days,
            apply_balance: row.apply_balance,
        };
        Tenant {
            id: row.id,
            name: row.name,
            zone: row.time_zone,
            currency: row.currency,
            mode: row.mode,
            test_clock: row.test_clock,
            payment_terms_days: row.payment_terms_days,
            settings,
        }
    }
}

/// The tenant with this id.
pub fn find(tx: &mut Tx<'_>, id: TenantId) -> Result<Tenant, StorageError> {
    let row: TenantRow =
        tenants::table.find(id).select(TenantRow::as_select()).first(tx.conn).found(Thing::Tenant, id)?;
    Ok(row.into())
}

/// Every tenant, oldest first: for jobs and for verify-books.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Tenant>, StorageError> {
    let rows: Vec<TenantRow> =
        tenants::table.order(tenants::id).select(TenantRow::as_select()).load(tx.conn)?;
    Ok(rows.into_iter().map(Tenant::from).collect())
}

/// Moves a test tenant's clock.
pub fn set_clock(tx: &mut Tx<'_>, id: TenantId, to: DateTime<Utc>) -> Result<(), StorageError> {
    diesel::update(tenants::table.find(id)).set(tenants::test_clock.eq(to)).execute(tx.conn)?;
    Ok(())
}

/// Sets how a tenant bills.
pub fn set_billing(tx: &mut Tx<'_>, id: TenantId, settings: BillingSettings) -> Result<(), StorageError> {
    let BillingSettings { draft_hours, backdate_days, apply_balance } = settings;
    diesel::update(tenants::table.find(id))
        .set((
            tenants::draft_hours.eq(draft_hours),
            tenants::backdate_days.eq(backdate_days),
            tenants::apply_balance.eq(apply_balance),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Whether the tenant has any invoice yet.
pub fn has_invoices(tx: &mut Tx<'_>, id: TenantId) -> Result<bool, StorageError> {
    let any = invoices::table.filter(invoices::tenant_id.eq(id));
    Ok(diesel::select(diesel::dsl::exists(any)).get_result(tx.conn)?)
}

/// Makes others wait who would change what all of the tenant is decided by: its entities, its tax.
pub fn lock(tx: &mut Tx<'_>, id: TenantId) -> Result<(), StorageError> {
    let _one: TenantId = tenants::table.find(id).select(tenants::id).for_no_key_update().first(tx.conn)?;
    Ok(())
}

/// Holds the tenant against whoever locks it, together with others that hold it.
pub fn hold(tx: &mut Tx<'_>, id: TenantId) -> Result<(), StorageError> {
    let _one: TenantId = tenants::table.find(id).select(tenants::id).for_share().first(tx.conn)?;
    Ok(())
}

/// Adds a tenant. Who makes it gives it an entity, too.
pub fn insert(tx: &mut Tx<'_>, tenant: &Tenant, at: DateTime<Utc>) -> Result<(), StorageError> {
    diesel::insert_into(tenants::table)
        .values((
            tenants::id.eq(tenant.id),
            tenants::name.eq(&tenant.name),
            tenants::time_zone.eq(tenant.zone),
            tenants::currency.eq(tenant.currency),
            tenants::mode.eq(tenant.mode),
            tenants::test_clock.eq(tenant.test_clock),
            tenants::payment_terms_days.eq(tenant.payment_terms_days),
            tenants::created_at.eq(at),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Sets a test tenant's clock back to `to`, if it is later and nothing has been invoiced yet; says whether it did.
pub fn set_clock_back(tx: &mut Tx<'_>, id: TenantId, to: DateTime<Utc>) -> Result<bool, StorageError> {
    let invoiced = diesel::dsl::exists(invoices::table.filter(invoices::tenant_id.eq(id)));
    let changed = diesel::update(tenants::table.find(id))
        .filter(tenants::test_clock.gt(to))
        .filter(diesel::dsl::not(invoiced))
        .set(tenants::test_clock.eq(to))
        .execute(tx.conn)?;
    Ok(changed == 1)
}
