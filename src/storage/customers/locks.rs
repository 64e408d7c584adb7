//! Who may write a customer's things? Who holds its row: here, and nowhere else, are rows of customers locked, one, an account, many or
//! all that are due, always in the order of their ids.
//!
//! `FOR NO KEY UPDATE` leaves others free to insert rows that refer to the customer. Whatever else is read of them is read by a later
//! statement, whose snapshot sees all that the holder before us committed.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::domain::calendar::Zone;
use crate::domain::customers::{Customer, Grouping};
use crate::domain::ids::{CustomerId, EntityId, PaymentMethodId, TenantId};
use crate::storage::columns::entity_or_first;
use crate::storage::schema::customers;
use crate::storage::{Found, StorageError, Thing, Tx, due};

macro_rules! columns {
    () => {
        (
            customers::id,
            customers::version,
            customers::payment_terms_days,
            customers::invoice_grouping.eq(Grouping::Separate),
            customers::default_payment_method_id,
            entity_or_first(customers::entity_id, customers::tenant_id),
            customers::time_zone,
        )
    };
}

/// What to do about a customer that another transaction has locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locked {
    /// Leave it out: who asked comes back for it.
    Skip,
    /// Wait for it.
    Wait,
}

/// A customer whose row is locked, or only looked at, with what issuing to it and collecting from it need.
#[derive(Debug, Clone, Copy, Queryable, QueryableByName)]
pub struct LockedCustomer {
    #[diesel(sql_type = SqlUuid)]
    pub id: CustomerId,
    #[diesel(sql_type = Integer)]
    pub version: i32,
    #[diesel(sql_type = Nullable<Integer>)]
    pub payment_terms_days: Option<i32>,
    /// Whether each customer it pays for is invoiced apart.
    #[diesel(sql_type = Bool)]
    pub separate: bool,
    /// What it is charged by.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub default_payment_method_id: Option<PaymentMethodId>,
    /// From whom it buys.
    #[diesel(sql_type = SqlUuid)]
    pub entity_id: EntityId,
    /// By whose days its periods run; `None`: by its tenant's.
    #[diesel(sql_type = Nullable<Text>)]
    pub zone: Option<Zone>,
}

impl LockedCustomer {
    /// What is needed of a customer that is only looked at.
    #[must_use]
    pub fn of(customer: &Customer) -> LockedCustomer {
        LockedCustomer {
            id: customer.id,
            version: customer.version,
            payment_terms_days: customer.payment_terms_days,
            separate: customer.invoice_grouping == Grouping::Separate,
            default_payment_method_id: customer.default_payment_method_id,
            entity_id: customer.entity_id,
            zone: customer.time_zone,
        }
    }
}

/// That rows of customers are locked until the transaction ends: what every function that writes something of theirs asks for. Only
/// this file makes one.
#[derive(Debug)]
#[must_use]
pub struct Held {
    tenant_id: TenantId,
    customers: Vec<LockedCustomer>,
}

impl Held {
    /// Customers that this transaction has made itself.
    pub(super) fn made(tenant_id: TenantId, made: &[Customer]) -> Held {
        let mut customers: Vec<LockedCustomer> = made.iter().map(LockedCustomer::of).collect();
        customers.sort_unstable_by_key(|customer| customer.id);
        Held { tenant_id, customers }
    }

    /// Whose customers they are.
    #[must_use]
    pub fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }

    /// In the order of their ids.
    #[must_use]
    pub fn customers(&self) -> &[LockedCustomer] {
        &self.customers
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }

    /// The customer with this id, if it is held.
    #[must_use]
    pub fn get(&self, id: CustomerId) -> Option<&LockedCustomer> {
        let at = self.customers.binary_search_by_key(&id, |customer| customer.id);
        at.ok().and_then(|at| self.customers.get(at))
    }

    /// What this customer is charged by.
    #[must_use]
    pub fn default_method(&self, id: CustomerId) -> Option<PaymentMethodId> {
        self.get(id)?.default_payment_method_id
    }
}

/// The account that pays for a customer: itself, mostly.
pub fn payer_of(tx: &mut Tx<'_>, tenant_id: TenantId, id: CustomerId) -> Result<CustomerId, StorageError> {
    let payer: Option<CustomerId> = customers::table
        .find((tenant_id, id))
        .select(customers::payer_id)
        .first(tx.conn)
        .found(Thing::Customer, id)?;
    Ok(payer.unwrap_or(id))
}

/// Locks a customer and the account that pays for it.
///
/// # Errors
/// Not found; to be tried again when another pays for it by now.
pub fn account(tx: &mut Tx<'_>, tenant_id: TenantId, id: CustomerId) -> Result<Held, StorageError> {
    let alone: Option<LockedCustomer> = customers::table
        .find((tenant_id, id))
        .filter(customers::payer_id.is_null())
        .select(columns!())
        .for_no_key_update()
        .first(tx.conn)
        .optional()?;
    if let Some(customer) = alone {
        return Ok(Held { tenant_id, customers: vec![customer] });
    }
    let payer = payer_of(tx, tenant_id, id)?;
    accounts(tx, tenant_id, &[id, payer])
}

/// Locks these customers.
///
/// # Errors
/// To be tried again when one of them is paid for by now by someone who is not among them.
pub fn accounts(tx: &mut Tx<'_>, tenant_id: TenantId, ids: &[CustomerId]) -> Result<Held, StorageError> {
    let rows: Vec<(LockedCustomer, Option<CustomerId>)> = customers::table
        .filter(customers::tenant_id.eq(tenant_id))
        .filter(customers::id.eq_any(ids))
        .order(customers::id)
        .select((columns!(), customers::payer_id))
        .for_no_key_update()
        .load(tx.conn)?;
    check_payers(rows.iter().map(|(_, payer)| *payer), ids)?;
    Ok(Held { tenant_id, customers: rows.into_iter().map(|(customer, _)| customer).collect() })
}

/// How customers are locked whose usage comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// With other ingesting transactions, against billing.
    Shared,
    /// Alone: what is computed anew from the events must not miss one that is on its way.
    Alone,
}

/// Locks these customers so; gives the caller's own id of each.
///
/// # Errors
/// To be tried again when one of them is paid for by now by someone who is not among them.
pub fn subjects(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[CustomerId],
    lock: Lock,
) -> Result<Vec<(CustomerId, Option<String>)>, StorageError> {
    let query = customers::table
        .filter(customers::tenant_id.eq(tenant_id))
        .filter(customers::id.eq_any(ids))
        .order(customers::id)
        .select((customers::id, customers::external_id, customers::payer_id));
    let rows: Vec<(CustomerId, Option<String>, Option<CustomerId>)> = match lock {
        Lock::Shared => query.for_share().load(tx.conn)?,
        Lock::Alone => query.for_no_key_update().load(tx.conn)?,
    };
    check_payers(rows.iter().map(|(.., payer)| *payer), ids)?;
    Ok(rows.into_iter().map(|(id, external_id, _)| (id, external_id)).collect())
}

/// Finds out whether a payer is not among those locked.
fn check_payers(
    mut payers: impl Iterator<Item = Option<CustomerId>>,
    locked: &[CustomerId],
) -> Result<(), StorageError> {
    match payers.any(|payer| payer.is_some_and(|payer| !locked.contains(&payer))) {
        true => Err(StorageError::Retry("the payer of a customer has changed".to_owned())),
        false => Ok(()),
    }
}

/// Locks those of these customers that can be locked now.
pub fn each(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[CustomerId],
    locked: Locked,
) -> Result<Held, StorageError> {
    let query = customers::table
        .filter(customers::tenant_id.eq(tenant_id))
        .filter(customers::id.eq_any(ids))
        .order(customers::id)
        .select(columns!())
        .for_no_key_update();
    let customers = match locked {
        Locked::Skip => query.skip_locked().load(tx.conn)?,
        Locked::Wait => query.load(tx.conn)?,
    };
    Ok(Held { tenant_id, customers })
}

/// What belongs to no customer, such as a gateway's monthly fee: whoever posts it does so alone.
pub fn nobody(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Held, StorageError> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended('nobody of ' || $1::text, 0))")
        .bind::<SqlUuid, _>(tenant_id)
        .execute(tx.conn)?;
    Ok(Held { tenant_id, customers: Vec::new() })
}

/// Customers of a range with something to bill, as far as they are not parked.
#[derive(Debug, Clone, Copy)]
pub struct DueCustomers {
    pub first: CustomerId,
    pub last: CustomerId,
    pub as_of: DateTime<Utc>,
    /// Trials that end by then wait for what their ends decide.
    pub trials_to: DateTime<Utc>,
    pub parked_too: bool,
}

/// Locks those of these customers that can be locked now.
pub fn due(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: DueCustomers,
    locked: Locked,
) -> Result<Held, StorageError> {
    let skip = if locked == Locked::Skip { " SKIP LOCKED" } else { "" };
    let customers = due_rows(tx, tenant_id, (wanted, &format!(" FOR NO KEY UPDATE OF c{skip}")))?;
    Ok(Held { tenant_id, customers })
}

/// The same customers as they are now, for who only looks: nothing is locked.
pub fn seen_due(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: DueCustomers,
) -> Result<Vec<LockedCustomer>, StorageError> {
    due_rows(tx, tenant_id, (wanted, ""))
}

fn due_rows(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (wanted, lock): (DueCustomers, &str),
) -> Result<Vec<LockedCustomer>, StorageError> {
    let work = if wanted.parked_too { due::BILLING_PARKED_TOO } else { due::BILLING };
    let rows = work.rows("$1", "$5");
    let sql = format!(
        "SELECT c.id, c.version, c.payment_terms_days, c.invoice_grouping = 'separate' AS separate, c.default_payment_method_id, \
             coalesce(c.entity_id, c.tenant_id) AS entity_id, c.time_zone AS zone \
         FROM customers c WHERE c.tenant_id = $1 \
         AND c.id = ANY (ARRAY(SELECT d.customer_id {rows} AND d.customer_id BETWEEN $2 AND $3 AND d.next_bill_at <= $4)) \
         ORDER BY c.id{lock}"
    );
    Ok(diesel::sql_query(sql)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<SqlUuid, _>(wanted.first)
        .bind::<SqlUuid, _>(wanted.last)
        .bind::<Timestamptz, _>(wanted.as_of)
        .bind::<Timestamptz, _>(wanted.trials_to)
        .load(tx.conn)?)
}
