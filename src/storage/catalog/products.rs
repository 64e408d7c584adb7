//! What is sold? A row a product; it may be changed, and what is invoiced keeps what it was.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::catalog::{Product, TaxCode};
use crate::domain::customers::Metadata;
use crate::domain::ids::{ProductId, TenantId};
use crate::storage::schema::products;
use crate::storage::sql_types::Json;
use crate::storage::{Found, StorageError, Thing, Tx};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = products)]
pub(in crate::storage) struct ProductRow {
    tenant_id: TenantId,
    id: ProductId,
    external_id: Option<String>,
    name: String,
    description: Option<String>,
    tax_code: TaxCode,
    metadata: Json<Metadata>,
    created_at: DateTime<Utc>,
}

impl From<ProductRow> for Product {
    fn from(row: ProductRow) -> Product {
        Product {
            id: row.id,
            external_id: row.external_id,
            name: row.name,
            description: row.description,
            tax_code: row.tax_code,
            metadata: row.metadata.0,
            created_at: row.created_at,
        }
    }
}

/// Writes a new product.
pub fn insert_product(tx: &mut Tx<'_>, tenant_id: TenantId, product: &Product) -> Result<(), StorageError> {
    let row = ProductRow {
        tenant_id,
        id: product.id,
        external_id: product.external_id.clone(),
        name: product.name.clone(),
        description: product.description.clone(),
        tax_code: product.tax_code,
        metadata: Json(product.metadata.clone()),
        created_at: product.created_at,
    };
    diesel::insert_into(products::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The product with this id, locked: of two changes the second sees the first.
pub fn lock_product(tx: &mut Tx<'_>, tenant_id: TenantId, id: ProductId) -> Result<Product, StorageError> {
    let row: ProductRow = products::table
        .find((tenant_id, id))
        .select(ProductRow::as_select())
        .for_no_key_update()
        .first(tx.conn)
        .found(Thing::Product, id)?;
    Ok(row.into())
}

/// Writes a changed product.
pub fn update_product(tx: &mut Tx<'_>, tenant_id: TenantId, product: &Product) -> Result<(), StorageError> {
    diesel::update(products::table.find((tenant_id, product.id)))
        .set((
            products::external_id.eq(&product.external_id),
            products::name.eq(&product.name),
            products::description.eq(&product.description),
            products::tax_code.eq(product.tax_code),
            products::metadata.eq(Json(product.metadata.clone())),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The product with this id.
pub fn find_product(tx: &mut Tx<'_>, tenant_id: TenantId, id: ProductId) -> Result<Product, StorageError> {
    let row: ProductRow = products::table
        .find((tenant_id, id))
        .select(ProductRow::as_select())
        .first(tx.conn)
        .found(Thing::Product, id)?;
    Ok(row.into())
}
