//! Which credits are there? Pages of grants, and all that one customer can pay with.

use diesel::prelude::*;

use crate::domain::credits::{Funds, Grant, Status};
use crate::domain::ids::{CustomerId, TenantId};
use crate::storage::credits::{self as rows, GrantRow};
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::{credit_grants as grants, customers};
use crate::storage::{StorageError, Thing, Tx};

pub use crate::storage::credits::find;

/// A page of grants.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (customer, status): (Option<CustomerId>, Option<Status>),
    keyset: &Keyset,
) -> Result<Slice<Grant>, StorageError> {
    let mut query =
        grants::table.filter(grants::tenant_id.eq(tenant_id)).select(GrantRow::as_select()).into_boxed();
    if let Some(customer) = customer {
        query = query.filter(grants::customer_id.eq(customer));
    }
    if let Some(status) = status {
        query = query.filter(grants::status.eq(status));
    }
    let found: Vec<GrantRow> = keyset_query!(query, grants::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(found).map(Grant::from))
}

/// What a customer can pay with.
pub fn funds(tx: &mut Tx<'_>, tenant_id: TenantId, customer: CustomerId) -> Result<Funds, StorageError> {
    let known = customers::table.find((tenant_id, customer));
    if !diesel::select(diesel::dsl::exists(known)).get_result(tx.conn)? {
        return Err(StorageError::not_found(Thing::Customer, customer));
    }
    rows::of_customer(tx, tenant_id, customer)
}
