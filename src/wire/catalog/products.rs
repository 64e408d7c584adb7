//! How is a product written? `{"name": "Internet access", "description": "DSL and fibre"}`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::catalog as domain;
use crate::domain::fields::Faults;
use crate::domain::ids::ProductId;
use crate::domain::refusal::Invalid;
use crate::wire::patch::{given, present};

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
    /// How it is taxed: one of `/v1/tax/codes`; `saas` when left out.
    #[schema(example = "saas")]
    pub tax_code: Option<String>,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// What to change of a product. What is left out stays; null removes what may be absent.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"tax_code": "telecom"}))]
pub struct ProductPatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub external_id: Option<Option<String>>,
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
    /// One of `/v1/tax/codes`. What is taxed from now on is taxed by it; what was taxed keeps its tax, also when it is taken back.
    #[schema(nullable = false)]
    #[serde(default, deserialize_with = "present")]
    pub tax_code: Option<String>,
    /// Keys to set, and with null to remove; other keys stay.
    #[serde(default)]
    pub metadata: BTreeMap<String, Option<String>>,
}

/// Something sold; plans price it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "prod_01jgejp8g0e3q9k0v6z4t1x2y3", "external_id": "sku-7", "name": "Internet access",
    "description": "DSL and fibre", "tax_code": "telecom", "metadata": {}, "created_at": "2026-01-01T00:00:00Z"
}))]
pub struct Product {
    #[schema(value_type = String)]
    pub id: ProductId,
    pub external_id: Option<String>,
    pub name: String,
    pub description: Option<String>,
    #[schema(example = "saas")]
    pub tax_code: &'static str,
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
    ///
    /// # Errors
    /// [`Invalid`]: there is no such tax code.
    pub fn parse(&self) -> Result<domain::ProductDraft, Invalid> {
        let NewProduct { external_id, name, description, tax_code, metadata } = self.clone();
        let mut faults = Faults::none();
        let tax_code = read_tax_code(tax_code.as_deref(), "/tax_code", &mut faults);
        faults.into_result()?;
        Ok(domain::ProductDraft {
            external_id,
            name,
            description,
            tax_code: tax_code.unwrap_or_default(),
            metadata,
        })
    }
}

impl ProductPatch {
    /// The domain's reading of it.
    ///
    /// # Errors
    /// [`Invalid`]: there is no such tax code.
    pub fn parse(&self) -> Result<domain::ProductChange, Invalid> {
        let ProductPatch { external_id, name, description, tax_code, metadata } = self.clone();
        let mut faults = Faults::none();
        let tax_code = tax_code.and_then(|code| read_tax_code(Some(&code), "/tax_code", &mut faults));
        faults.into_result()?;
        let metadata = metadata.into_iter().collect();
        Ok(domain::ProductChange { external_id, name, description, tax_code, metadata })
    }
}

impl From<domain::Product> for Product {
    fn from(product: domain::Product) -> Product {
        let domain::Product { id, external_id, name, description, tax_code, metadata, created_at } = product;
        let tax_code = tax_code.into_str();
        Product { id, external_id, name, description, tax_code, metadata, created_at }
    }
}

/// A tax code, or a note that there is none of this name; left out: that of products that say nothing.
pub(in crate::wire) fn read_tax_code(
    code: Option<&str>,
    at: &str,
    faults: &mut Faults,
) -> Option<domain::TaxCode> {
    let Some(code) = code else { return Some(domain::TaxCode::default()) };
    let known = code.parse().ok();
    if known.is_none() {
        faults.add(at, "unknown_tax_code", "there is no such tax code: read /v1/tax/codes");
    }
    known
}
