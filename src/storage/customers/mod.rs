//! Who is billed? Customer rows, each with the version of the buyer's details in force.
//!
//! A customer's row is the lock of everything that is theirs: whoever writes a document or subscription of a customer
//! takes it first ([`locks`]), so two writers of one customer stand in line and never in each other's way.
//!
//! What is on this shelf, what is not, and its laws: [`domain::customers`](crate::domain::customers).

pub mod accounts;
pub mod locks;
pub mod tax_numbers;
pub mod views;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

pub use locks::{Held, Locked, LockedCustomer};

use super::schema::{buyer_versions, customers, payment_methods};
use super::{StorageError, Tx};
use crate::domain::calendar::Zone;
use crate::domain::customers::{Buyer, Customer, Grouping, Metadata, Pays};
use crate::domain::ids::{CustomerId, EntityId, PaymentMethodId, TenantId};
use crate::domain::money::Currency;
use crate::storage::sql_types::Json;
use crate::storage::{Found, Thing};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = customers, primary_key(tenant_id, id))]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
pub(in crate::storage) struct CustomerRow {
    tenant_id: TenantId,
    id: CustomerId,
    external_id: Option<String>,
    name: String,
    email: Option<String>,
    currency: Currency,
    time_zone: Option<Zone>,
    payment_terms_days: Option<i32>,
    default_payment_method_id: Option<PaymentMethodId>,
    metadata: Json<Metadata>,
    version: i32,
    created_at: DateTime<Utc>,
    parent_id: Option<CustomerId>,
    pays: Pays,
    payer_id: Option<CustomerId>,
    invoice_grouping: Grouping,
    entity_id: Option<EntityId>,
}

#[derive(Insertable)]
#[diesel(table_name = buyer_versions)]
#[diesel(treat_none_as_default_value = false)]
struct BuyerRow {
    tenant_id: TenantId,
    customer_id: CustomerId,
    version: i32,
    details: Json<Buyer>,
    recorded_at: DateTime<Utc>,
}

impl CustomerRow {
    fn of(tenant_id: TenantId, customer: &Customer) -> CustomerRow {
        CustomerRow {
            tenant_id,
            id: customer.id,
            external_id: customer.external_id.clone(),
            name: customer.name.clone(),
            email: customer.email.clone(),
            currency: customer.currency,
            time_zone: customer.time_zone,
            payment_terms_days: customer.payment_terms_days,
            default_payment_method_id: customer.default_payment_method_id,
            metadata: Json(customer.metadata.clone()),
            version: customer.version,
            created_at: customer.created_at,
            parent_id: customer.parent_id,
            pays: customer.pays,
            payer_id: customer.payer_id,
            invoice_grouping: customer.invoice_grouping,
            entity_id: Some(customer.entity_id),
        }
    }

    /// The customer, with the buyer's details of its version.
    pub(in crate::storage) fn with_details(self, buyer: Buyer) -> Customer {
        Customer {
            id: self.id,
            entity_id: self.entity_id.unwrap_or(EntityId::first_of(self.tenant_id)),
            external_id: self.external_id,
            name: buyer.name,
            email: buyer.email,
            currency: self.currency,
            time_zone: self.time_zone,
            address: buyer.address,
            tax_ids: buyer.tax_ids,
            tax_exemptions: buyer.tax_exemptions,
            payment_terms_days: self.payment_terms_days,
            default_payment_method_id: self.default_payment_method_id,
            metadata: self.metadata.0,
            version: self.version,
            created_at: self.created_at,
            parent_id: self.parent_id,
            pays: self.pays,
            payer_id: self.payer_id,
            invoice_grouping: self.invoice_grouping,
        }
    }
}

impl BuyerRow {
    fn of(tenant_id: TenantId, customer: &Customer, recorded_at: DateTime<Utc>) -> BuyerRow {
        BuyerRow {
            tenant_id,
            customer_id: customer.id,
            version: customer.version,
            details: Json(customer.buyer()),
            recorded_at,
        }
    }
}

/// Writes a new customer and version 1 of the buyer's details: whoever made it holds it.
pub fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, customer: &Customer) -> Result<Held, StorageError> {
    diesel::insert_into(customers::table).values(CustomerRow::of(tenant_id, customer)).execute(tx.conn)?;
    let buyer = BuyerRow::of(tenant_id, customer, customer.created_at);
    diesel::insert_into(buyer_versions::table).values(buyer).execute(tx.conn)?;
    Ok(Held::made(tenant_id, std::slice::from_ref(customer)))
}

/// Writes many new customers by COPY: whoever made them holds them.
pub fn insert_many(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    customers: &[Customer],
) -> Result<Held, StorageError> {
    let rows: Vec<CustomerRow> = customers.iter().map(|c| CustomerRow::of(tenant_id, c)).collect();
    diesel::copy_from(customers::table).from_insertable(&rows).execute(tx.conn)?;
    let buyers: Vec<BuyerRow> = customers.iter().map(|c| BuyerRow::of(tenant_id, c, c.created_at)).collect();
    diesel::copy_from(buyer_versions::table).from_insertable(&buyers).execute(tx.conn)?;
    Ok(Held::made(tenant_id, customers))
}

/// Writes a locked customer as changed at `now`, and a version of the buyer's details when it names one that is not there.
pub fn update(
    tx: &mut Tx<'_>,
    held: &Held,
    customer: &Customer,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let row = CustomerRow::of(tenant_id, customer);
    diesel::update(customers::table.find((row.tenant_id, row.id))).set(&row).execute(tx.conn)?;
    let buyer = BuyerRow::of(tenant_id, customer, now);
    diesel::insert_into(buyer_versions::table).values(buyer).on_conflict_do_nothing().execute(tx.conn)?;
    Ok(())
}

/// The customer with this id.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: CustomerId) -> Result<Customer, StorageError> {
    let joined =
        customers::tenant_id.eq(buyer_versions::tenant_id).and(customers::id.eq(buyer_versions::customer_id));
    let (row, Json(buyer)): (CustomerRow, Json<Buyer>) = customers::table
        .inner_join(buyer_versions::table.on(joined.and(customers::version.eq(buyer_versions::version))))
        .filter(customers::tenant_id.eq(tenant_id).and(customers::id.eq(id)))
        .select((CustomerRow::as_select(), buyer_versions::details))
        .first(tx.conn)
        .found(Thing::Customer, id)?;
    Ok(row.with_details(buyer))
}

/// The customer with this id, locked with the account that pays for it: the first lock a writer of anything of theirs takes.
///
/// The details are read by a statement of its own, after the lock: so they are the newest, whoever held the lock before.
pub fn lock(tx: &mut Tx<'_>, tenant_id: TenantId, id: CustomerId) -> Result<(Customer, Held), StorageError> {
    let held = locks::account(tx, tenant_id, id)?;
    Ok((find(tx, tenant_id, id)?, held))
}

/// Which of these external ids belong to a customer already.
pub fn taken(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    external_ids: &[String],
) -> Result<HashSet<String>, StorageError> {
    let found: Vec<Option<String>> = customers::table
        .filter(customers::tenant_id.eq(tenant_id).and(customers::external_id.eq_any(external_ids)))
        .select(customers::external_id)
        .load(tx.conn)?;
    Ok(found.into_iter().flatten().collect())
}

/// Whether this payment method is the customer's and still attached.
pub fn has_payment_method(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (customer, method): (CustomerId, PaymentMethodId),
) -> Result<bool, StorageError> {
    let attached = payment_methods::table
        .find((tenant_id, method))
        .filter(payment_methods::customer_id.eq(customer).and(payment_methods::detached_at.is_null()));
    Ok(diesel::select(diesel::dsl::exists(attached)).get_result(tx.conn)?)
}
