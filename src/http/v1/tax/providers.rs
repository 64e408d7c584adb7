//! `/v1/tax/providers`: who says elsewhere what sales are taxed with, and where their books differ from ours.

use actix_web::http::StatusCode;

use crate::domain::ids::TaxProviderId;
use crate::domain::tax::provided::OnOutage;
use crate::http::query::NoFilter;
use crate::http::{Answer, Delete, Get, Listing, Patch, PathId, Post, Problem, page};
use crate::platform::secrets::Secret;
use crate::storage::tax::views::{self, Differing};
use crate::wire::page::{Page, PageQuery};
use crate::wire::tax::providers::{
    Credentials, DifferenceParts, NewTaxProvider, TaxDifference, TaxDifferences, TaxProvider,
    TaxProviderPatch,
};
use crate::workflows::tax::providers::change_providers::{self, Change, NewProvider};

/// Differences that are listed.
const MOST: i64 = 1_000;

fn secret(credentials: Credentials) -> Secret {
    Secret::new(credentials.0)
}

/// Use a provider of tax
///
/// From now on it is asked what an entity's sales to buyers in these countries are taxed with, before their invoices are issued, and hears of
/// each invoice and credit note.
#[utoipa::path(post, path = "/v1/tax/providers", tag = "tax", request_body = NewTaxProvider,
    responses((status = 201, description = "The provider", body = TaxProvider)), operation_id = "create_tax_provider")]
pub async fn create(post: Post<NewTaxProvider>) -> Result<Answer, Problem> {
    let providers = post.app.registers.providers.clone();
    post.run("create_tax_provider", StatusCode::CREATED, move |tx, scope, body| {
        let body = body.clone();
        let new = NewProvider {
            name: body.name,
            kind: body.kind.into(),
            base_url: body.base_url,
            credentials: body.credentials.map(secret),
            company: body.company,
            entity_id: body.entity_id,
            countries: body.countries,
            on_outage: body.on_outage.map(OnOutage::from).unwrap_or_default(),
            timeout_ms: body.timeout_ms,
        };
        Ok(TaxProvider::from(change_providers::create(tx, scope, &providers, new)?))
    })
    .await
}

/// List the providers of tax, newest first
#[utoipa::path(get, path = "/v1/tax/providers", tag = "tax", params(PageQuery),
    responses((status = 200, description = "A page of providers", body = Page<TaxProvider>)), operation_id = "tax_providers")]
pub async fn list(get: Get, listing: Listing<NoFilter>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice = views::list_providers(tx, tenant_id, &listing.keyset)?;
        Ok(page(slice, |provider| provider.id.uuid(), TaxProvider::from))
    })
    .await
}

/// Read a provider of tax
#[utoipa::path(get, path = "/v1/tax/providers/{id}", tag = "tax",
    responses((status = 200, description = "The provider", body = TaxProvider)), operation_id = "tax_provider")]
pub async fn find(get: Get, id: PathId<TaxProviderId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(TaxProvider::from(views::find_provider(tx, tenant_id, id.0)?))).await
}

/// Change a provider of tax
#[utoipa::path(patch, path = "/v1/tax/providers/{id}", tag = "tax", request_body = TaxProviderPatch,
    responses((status = 200, description = "The provider as changed", body = TaxProvider)), operation_id = "update_tax_provider")]
pub async fn update(patch: Patch<TaxProviderPatch>, id: PathId<TaxProviderId>) -> Result<Answer, Problem> {
    let providers = patch.app.registers.providers.clone();
    patch
        .run("update_tax_provider", StatusCode::OK, move |tx, scope, body| {
            let body = body.clone();
            let change = Change {
                name: body.name,
                base_url: body.base_url,
                credentials: body.credentials.map(|given| given.map(secret)),
                company: body.company,
                countries: body.countries,
                on_outage: body.on_outage.map(OnOutage::from),
                timeout_ms: body.timeout_ms,
            };
            Ok(TaxProvider::from(change_providers::update(tx, scope, &providers, (id.0, change))?))
        })
        .await
}

/// Use a provider of tax no longer
///
/// What is sold from now on is taxed by the built-in rules, or by another provider. It still hears what becomes of invoices that it answered for.
#[utoipa::path(delete, path = "/v1/tax/providers/{id}", tag = "tax",
    responses((status = 200, description = "The provider as it was", body = TaxProvider)), operation_id = "delete_tax_provider")]
pub async fn remove(delete: Delete, id: PathId<TaxProviderId>) -> Result<Answer, Problem> {
    delete
        .run("delete_tax_provider", StatusCode::OK, move |tx, scope, _| {
            Ok(TaxProvider::from(change_providers::remove(tx, scope, id.0)?))
        })
        .await
}

/// List where a provider's books differ from yours
///
/// What it has not answered or heard yet, what it has with another tax or not at all, and what was issued without it. The newest 1,000.
#[utoipa::path(get, path = "/v1/tax/providers/{id}/differences", tag = "tax",
    responses((status = 200, description = "The differences", body = TaxDifferences)), operation_id = "tax_provider_differences")]
pub async fn differences(get: Get, id: PathId<TaxProviderId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        views::find_provider(tx, tenant_id, id.0)?;
        let found = views::differences(tx, (tenant_id, id.0), MOST + 1)?;
        let most = usize::try_from(MOST).unwrap_or(usize::MAX);
        let has_more = found.len() > most;
        let data = found.into_iter().take(most).map(shown).collect();
        Ok(TaxDifferences { data, has_more })
    })
    .await
}

fn shown(found: Differing) -> TaxDifference {
    let Differing { id, kind, difference, currency, our_tax, their_tax, trouble } = found;
    DifferenceParts { id, kind, difference, currency, taxes: [our_tax, their_tax], trouble }.into()
}
