//! Who buys, and what is sold, in the eyes of tax law? Addresses and numbers of customers, codes of products.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::domain::catalog::TaxCode;
use crate::domain::customers::Buyer;
use crate::domain::ids::{CustomerId, ItemVersionId, TenantId};
use crate::storage::schema::{buyer_versions, customers, item_versions, plans, prices, products};
use crate::storage::sql_types::Json;
use crate::storage::{StorageError, Tx};

/// The details of customers that invoices issued now print.
pub fn buyers(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[CustomerId],
) -> Result<HashMap<CustomerId, Buyer>, StorageError> {
    let in_force = buyer_versions::tenant_id
        .eq(customers::tenant_id)
        .and(buyer_versions::customer_id.eq(customers::id))
        .and(buyer_versions::version.eq(customers::version));
    let rows: Vec<(CustomerId, Json<Buyer>)> = customers::table
        .inner_join(buyer_versions::table.on(in_force))
        .filter(customers::tenant_id.eq(tenant_id).and(customers::id.eq_any(ids)))
        .select((customers::id, buyer_versions::details))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(id, details)| (id, details.0)).collect())
}

/// The codes of what these versions of items sell, where they are not software as a service.
pub fn codes(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    versions: &[ItemVersionId],
) -> Result<HashMap<ItemVersionId, TaxCode>, StorageError> {
    let others = products::tenant_id.eq(tenant_id).and(products::tax_code.ne(TaxCode::default()));
    let any: bool =
        diesel::select(diesel::dsl::exists(products::table.filter(others))).get_result(tx.conn)?;
    if !any {
        return Ok(HashMap::new());
    }
    let rows: Vec<(ItemVersionId, TaxCode)> = item_versions::table
        .inner_join(
            prices::table.on(prices::tenant_id
                .eq(item_versions::tenant_id)
                .and(prices::id.nullable().eq(item_versions::price_id))),
        )
        .inner_join(
            plans::table.on(plans::tenant_id.eq(prices::tenant_id).and(plans::id.eq(prices::plan_id))),
        )
        .inner_join(
            products::table
                .on(products::tenant_id.eq(plans::tenant_id).and(products::id.eq(plans::product_id))),
        )
        .filter(item_versions::tenant_id.eq(tenant_id).and(item_versions::id.eq_any(versions)))
        .filter(others)
        .select((item_versions::id, products::tax_code))
        .load(tx.conn)?;
    Ok(rows.into_iter().collect())
}
