//! `/v1/tax/registrations`: where a tenant is registered for tax.

use actix_web::http::StatusCode;

use crate::domain::ids::TaxRegistrationId;
use crate::http::query::NoFilter;
use crate::http::{Answer, Get, Listing, Patch, PathId, Post, Problem, page};
use crate::storage::tax::views;
use crate::wire::page::{Page, PageQuery};
use crate::wire::tax::registrations::{NewTaxRegistration, TaxRegistration, TaxRegistrationPatch};
use crate::workflows::tax::update_tax_registration::Change;
use crate::workflows::tax::{create_tax_registration, update_tax_registration};

/// Say where you are registered for tax
///
/// At home your own tax is charged; abroad, and in each of the United States, it is where you are registered.
#[utoipa::path(post, path = "/v1/tax/registrations", tag = "tax", request_body = NewTaxRegistration,
    responses((status = 201, description = "The registration", body = TaxRegistration)), operation_id = "create_tax_registration")]
pub async fn create(post: Post<NewTaxRegistration>) -> Result<Answer, Problem> {
    post.run("create_tax_registration", StatusCode::CREATED, |tx, scope, body| {
        Ok(TaxRegistration::from(create_tax_registration::run(tx, scope, body.entity_id, body.into())?))
    })
    .await
}

/// List your registrations for tax, newest first
#[utoipa::path(get, path = "/v1/tax/registrations", tag = "tax", params(PageQuery),
    responses((status = 200, description = "A page of registrations", body = Page<TaxRegistration>)), operation_id = "tax_registrations")]
pub async fn list(get: Get, listing: Listing<NoFilter>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice = views::list_registrations(tx, tenant_id, &listing.keyset)?;
        Ok(page(slice, |kept| kept.id.uuid(), TaxRegistration::from))
    })
    .await
}

/// Read a registration for tax
#[utoipa::path(get, path = "/v1/tax/registrations/{id}", tag = "tax",
    responses((status = 200, description = "The registration", body = TaxRegistration)), operation_id = "tax_registration")]
pub async fn find(get: Get, id: PathId<TaxRegistrationId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(TaxRegistration::from(views::find_registration(tx, tenant_id, id.0)?)))
        .await
}

/// Change a registration for tax, or end it
#[utoipa::path(patch, path = "/v1/tax/registrations/{id}", tag = "tax", request_body = TaxRegistrationPatch,
    responses((status = 200, description = "The registration as changed", body = TaxRegistration)),
    operation_id = "update_tax_registration")]
pub async fn update(
    patch: Patch<TaxRegistrationPatch>,
    id: PathId<TaxRegistrationId>,
) -> Result<Answer, Problem> {
    patch
        .run("update_tax_registration", StatusCode::OK, move |tx, scope, body| {
            let TaxRegistrationPatch { number, valid_from, valid_to } = body.clone();
            let change = Change { number, valid_from, valid_to };
            Ok(TaxRegistration::from(update_tax_registration::run(tx, scope, id.0, change)?))
        })
        .await
}
