//! Which products are there? A page, newest first.

use diesel::prelude::*;

use crate::domain::catalog::Product;
use crate::domain::ids::TenantId;
use crate::storage::catalog::ProductRow;
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::products;
use crate::storage::{StorageError, Tx};

pub use crate::storage::catalog::find_product as find;

/// A page of products, of all or of the one with this external id.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    external_id: Option<&str>,
    keyset: &Keyset,
) -> Result<Slice<Product>, StorageError> {
    let mut query = products::table
        .filter(products::tenant_id.eq(tenant_id))
        .select(ProductRow::as_select())
        .into_boxed();
    if let Some(external_id) = external_id {
        query = query.filter(products::external_id.eq(external_id.to_owned()));
    }
    let rows: Vec<ProductRow> = keyset_query!(query, products::id, keyset).load(tx.conn)?;
    Ok(keyset.slice(rows).map(Product::from))
}
