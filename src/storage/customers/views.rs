//! Which customers are there? A page, newest first, of all or of the one with an external id.

use diesel::prelude::*;

use super::super::keyset::{Keyset, Slice, keyset_query};
use crate::domain::customers::{Buyer, Customer};
use crate::domain::ids::{CustomerId, EntityId, TenantId};
use crate::storage::columns::entity_or_first;
use crate::storage::customers::CustomerRow;
use crate::storage::customers::tax_numbers::CheckRow;
use crate::storage::schema::{buyer_versions, customers, tax_number_checks};
use crate::storage::sql_types::Json;
use crate::storage::{StorageError, Tx};

pub use crate::storage::customers::find;
pub use crate::storage::customers::tax_numbers::{Check, of_customers as watched_numbers};

/// Which customers are wanted; everything left out does not matter.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub external_id: Option<String>,
    pub parent_id: Option<CustomerId>,
    pub entity_id: Option<EntityId>,
}

/// A page of customers.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: &Wanted,
    keyset: &Keyset,
) -> Result<Slice<Customer>, StorageError> {
    let joined =
        customers::tenant_id.eq(buyer_versions::tenant_id).and(customers::id.eq(buyer_versions::customer_id));
    let mut query = customers::table
        .inner_join(buyer_versions::table.on(joined.and(customers::version.eq(buyer_versions::version))))
        .filter(customers::tenant_id.eq(tenant_id))
        .select((CustomerRow::as_select(), buyer_versions::details))
        .into_boxed();
    if let Some(external_id) = &wanted.external_id {
        query = query.filter(customers::external_id.eq(external_id.clone()));
    }
    if let Some(entity_id) = wanted.entity_id {
        query = query.filter(entity_or_first(customers::entity_id, customers::tenant_id).eq(entity_id));
    }
    if let Some(parent) = wanted.parent_id {
        query = query.filter(customers::parent_id.eq(parent));
    }
    let rows: Vec<(CustomerRow, Json<Buyer>)> = keyset_query!(query, customers::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(|(row, Json(buyer))| row.with_details(buyer)))
}

/// A page of the checks of a customer's numbers.
pub fn tax_id_checks(
    tx: &mut Tx<'_>,
    (tenant_id, customer): (TenantId, CustomerId),
    keyset: &Keyset,
) -> Result<Slice<Check>, StorageError> {
    let query = tax_number_checks::table
        .filter(tax_number_checks::tenant_id.eq(tenant_id))
        .filter(tax_number_checks::customer_id.eq(customer))
        .select(CheckRow::as_select())
        .into_boxed();
    let rows: Vec<CheckRow> = keyset_query!(query, tax_number_checks::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(Check::from))
}
