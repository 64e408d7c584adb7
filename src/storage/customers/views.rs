//! Which customers are there? Parts of all, filtered and sorted, and the children of one.

use std::collections::HashMap;

use diesel::prelude::*;

use super::super::keyset::{Keyset, Slice as Page, keyset_query};
use crate::domain::customers::{Buyer, Customer};
use crate::domain::ids::{CustomerId, TenantId};
use crate::domain::listing::{Part, Wanted};
use crate::storage::customers::CustomerRow;
use crate::storage::customers::tax_numbers::CheckRow;
use crate::storage::listing::{self, List, Reader, Slice, Totals};
use crate::storage::schema::{buyer_versions, customers, tax_number_checks};
use crate::storage::sql_types::Json;
use crate::storage::{StorageError, Tx};

pub use crate::storage::customers::find;
pub use crate::storage::customers::tax_numbers::{Check, of_customers as watched_numbers};

/// How the list of customers is read.
const LIST: List = List {
    table: "customers",
    fields: &[
        ("external_id", "customers.external_id"),
        ("name", "lower(customers.name) IN (SELECT lower(v) FROM unnest({texts}) AS v)"),
        ("email", "lower(customers.email) IN (SELECT lower(v) FROM unnest({texts}) AS v)"),
        ("currency", "customers.currency"),
        ("created_at", "customers.created_at"),
        ("parent_id", "customers.parent_id"),
        ("payer_id", "coalesce(customers.payer_id, customers.id)"),
        ("entity_id", "coalesce(customers.entity_id, customers.tenant_id)"),
        ("metadata", "customers.metadata"),
        ("q", "customers.id IN ({customers})"),
    ],
    orders: &[("name", &["lower(customers.name)"])],
    sums: &[],
};

/// A part of the customers.
pub fn list(
    tx: &mut Tx<'_>,
    reader: Reader,
    (wanted, part): (&Wanted, &Part),
) -> Result<Slice<Customer>, StorageError> {
    let joined =
        customers::tenant_id.eq(buyer_versions::tenant_id).and(customers::id.eq(buyer_versions::customer_id));
    let query = customers::table
        .inner_join(buyer_versions::table.on(joined.and(customers::version.eq(buyer_versions::version))))
        .filter(customers::tenant_id.eq(reader.tenant_id))
        .select((CustomerRow::as_select(), buyer_versions::details, LIST.mark(wanted.order)?))
        .into_boxed();
    let rows: Vec<(CustomerRow, Json<Buyer>, Vec<String>)> =
        LIST.cut(query, reader, (wanted, part))?.load(tx.conn)?;
    let rows = rows.into_iter().map(|(row, buyer, mark)| ((row, buyer), mark)).collect();
    let slice = LIST.slice((wanted.order, part), rows)?;
    slice.try_map(|(row, Json(buyer))| Ok(row.with_details(buyer)))
}

/// What the customers come to.
pub fn totals(tx: &mut Tx<'_>, reader: Reader, wanted: &Wanted) -> Result<Vec<Totals>, StorageError> {
    listing::totals(tx, (&LIST, reader), wanted)
}

/// These customers.
pub fn named(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[CustomerId],
) -> Result<HashMap<CustomerId, Customer>, StorageError> {
    let joined =
        customers::tenant_id.eq(buyer_versions::tenant_id).and(customers::id.eq(buyer_versions::customer_id));
    let rows: Vec<(CustomerRow, Json<Buyer>)> = customers::table
        .inner_join(buyer_versions::table.on(joined.and(customers::version.eq(buyer_versions::version))))
        .filter(customers::tenant_id.eq(tenant_id).and(customers::id.eq_any(ids)))
        .select((CustomerRow::as_select(), buyer_versions::details))
        .load(tx.conn)?;
    let customers = rows.into_iter().map(|(row, Json(buyer))| row.with_details(buyer));
    Ok(customers.map(|customer| (customer.id, customer)).collect())
}

/// A page of the customers that belong to one.
pub fn children(
    tx: &mut Tx<'_>,
    (tenant_id, parent): (TenantId, CustomerId),
    keyset: &Keyset,
) -> Result<Page<Customer>, StorageError> {
    let joined =
        customers::tenant_id.eq(buyer_versions::tenant_id).and(customers::id.eq(buyer_versions::customer_id));
    let query = customers::table
        .inner_join(buyer_versions::table.on(joined.and(customers::version.eq(buyer_versions::version))))
        .filter(customers::tenant_id.eq(tenant_id).and(customers::parent_id.eq(parent)))
        .select((CustomerRow::as_select(), buyer_versions::details))
        .into_boxed();
    let rows: Vec<(CustomerRow, Json<Buyer>)> = keyset_query!(query, customers::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(|(row, Json(buyer))| row.with_details(buyer)))
}

/// A page of the checks of a customer's numbers.
pub fn tax_id_checks(
    tx: &mut Tx<'_>,
    (tenant_id, customer): (TenantId, CustomerId),
    keyset: &Keyset,
) -> Result<Page<Check>, StorageError> {
    let query = tax_number_checks::table
        .filter(tax_number_checks::tenant_id.eq(tenant_id))
        .filter(tax_number_checks::customer_id.eq(customer))
        .select(CheckRow::as_select())
        .into_boxed();
    let rows: Vec<CheckRow> = keyset_query!(query, tax_number_checks::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(Check::from))
}
