//! Who buys, and what is sold, in the eyes of tax law? Addresses and numbers of customers, codes of products.

use std::collections::HashMap;

use diesel::dsl::exists;
use diesel::prelude::*;

use crate::domain::catalog::{TaxBehavior, TaxCode, TaxTerms};
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

/// How what these versions of items sell is taxed, where not as software as a service on top of its price.
pub fn tax_terms(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    versions: &[ItemVersionId],
) -> Result<HashMap<ItemVersionId, TaxTerms>, StorageError> {
    let sold = products::tenant_id.eq(tenant_id).and(products::tax_code.ne(TaxCode::default()));
    let priced = prices::tenant_id.eq(tenant_id).and(prices::tax_behavior.ne(TaxBehavior::default()));
    let charged = item_versions::tenant_id.eq(tenant_id).and(item_versions::own_tax_code.is_not_null());
    let (by_plans, by_themselves): (bool, bool) = diesel::select((
        exists(products::table.filter(sold)).or(exists(prices::table.filter(priced))),
        exists(item_versions::table.filter(charged)),
    ))
    .get_result(tx.conn)?;
    let mut terms = HashMap::new();
    if by_plans {
        let rows: Vec<(ItemVersionId, TaxCode, TaxBehavior)> = item_versions::table
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
            .filter(sold.or(priced))
            .select((item_versions::id, products::tax_code, prices::tax_behavior))
            .load(tx.conn)?;
        terms.extend(rows.into_iter().map(|(id, code, behavior)| (id, TaxTerms { code, behavior })));
    }
    if by_themselves {
        let rows: Vec<(ItemVersionId, Option<TaxCode>, Option<TaxBehavior>)> = item_versions::table
            .filter(charged.and(item_versions::id.eq_any(versions)))
            .select((item_versions::id, item_versions::own_tax_code, item_versions::own_tax_behavior))
            .load(tx.conn)?;
        terms.extend(rows.into_iter().map(|(id, code, behavior)| {
            let (code, behavior) = (code.unwrap_or_default(), behavior.unwrap_or_default());
            (id, TaxTerms { code, behavior })
        }));
    }
    Ok(terms)
}
