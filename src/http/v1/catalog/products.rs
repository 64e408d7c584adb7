//! `/v1/products`: what is sold.

use actix_web::http::StatusCode;

use crate::domain::ids::ProductId;
use crate::http::{Answer, Get, Listing, Patch, PathId, Post, Problem, page};
use crate::storage::catalog::views;
use crate::wire::catalog::products::{NewProduct, Product, ProductPatch, ProductsQuery};
use crate::wire::page::{Page, PageQuery};
use crate::workflows::catalog::{create_product, update_product};

/// Create a product
#[utoipa::path(post, path = "/v1/products", tag = "products", request_body = NewProduct,
    responses((status = 201, description = "The product", body = Product)))]
pub async fn create(post: Post<NewProduct>) -> Result<Answer, Problem> {
    post.run("create_product", StatusCode::CREATED, |tx, scope, body| {
        Ok(Product::from(create_product::run(tx, scope, body.parse()?)?))
    })
    .await
}

/// Read a product
#[utoipa::path(get, path = "/v1/products/{id}", tag = "products",
    responses((status = 200, description = "The product", body = Product)))]
pub async fn find(get: Get, id: PathId<ProductId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(Product::from(views::products::find(tx, tenant_id, id.0)?))).await
}

/// Change a product
///
/// What is left out stays as it is. Lines that are taxed already keep their tax.
#[utoipa::path(patch, path = "/v1/products/{id}", tag = "products", request_body = ProductPatch,
    responses((status = 200, description = "The product as changed", body = Product)))]
pub async fn update(patch: Patch<ProductPatch>, id: PathId<ProductId>) -> Result<Answer, Problem> {
    patch
        .run("update_product", StatusCode::OK, move |tx, scope, body| {
            Ok(Product::from(update_product::run(tx, scope, id.0, body.parse()?)?))
        })
        .await
}

/// List products, newest first
#[utoipa::path(get, path = "/v1/products", tag = "products", params(PageQuery, ProductsQuery),
    responses((status = 200, description = "A page of products", body = Page<Product>)))]
pub async fn list(get: Get, listing: Listing<ProductsQuery>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice =
            views::products::list(tx, tenant_id, listing.filter.external_id.as_deref(), &listing.keyset)?;
        Ok(page(slice, |product| product.id.uuid(), Product::from))
    })
    .await
}
