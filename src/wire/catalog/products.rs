//! How is a product written? `{"name": "Internet access", "description": "DSL and fibre"}`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::catalog as domain;
use crate::domain::ids::ProductId;

/// A new product.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Internet access", "description": "DSL and fibre", "external_id": "sku-7", "metadata": {}}))]
pub struct NewProduct {
    /// Your own id of the product, unique among your products.
    pub external_id: Option<String>,
    /// 1 to 200 characters.
    pub name: String,
    pub description: Option<String>,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// Something sold; plans price it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "prod_01jgejp8g0e3q9k0v6z4t1x2y3", "external_id": "sku-7", "name": "Internet access",
    "description": "DSL and fibre", "metadata": {}, "created_at": "2026-01-01T00:00:00Z"
}))]
pub struct Product {
    #[schema(value_type = String)]
    pub id: ProductId,
    pub external_id: Option<String>,
    pub name: String,
    pub description: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub created_at: DateTime<Utc>,
}

/// Which products.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProductsQuery {
    /// The one with this id of yours.
    pub external_id: Option<String>,
}

impl NewProduct {
    /// The domain's reading of it.
    #[must_use]
    pub fn parse(&self) -> domain::ProductDraft {
        let NewProduct { external_id, name, description, metadata } = self.clone();
        domain::ProductDraft { external_id, name, description, metadata }
    }
}

impl From<domain::Product> for Product {
    fn from(product: domain::Product) -> Product {
        let domain::Product { id, external_id, name, description, metadata, created_at } = product;
        Product { id, external_id, name, description, metadata, created_at }
    }
}
