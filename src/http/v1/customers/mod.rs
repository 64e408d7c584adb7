//! `/v1/customers`: who is billed.
//!
//! What is on this shelf, what is not, and its laws: [`domain::customers`](crate::domain::customers).

pub mod tax_ids;

use actix_web::http::StatusCode;

use crate::domain::customers as domain;
use crate::domain::customers::verification::WatchedNumber;
use crate::domain::ids::{CustomerId, TenantId};
use crate::http::{Answer, Get, Listing, NoFilter, Patch, PathId, Post, Problem, page};
use crate::storage::Tx;
use crate::storage::customers::views;
use crate::storage::customers::views::Wanted;
use crate::storage::keyset::Slice;
use crate::wire::catalog::features::{Entitlement, Entitlements};
use crate::wire::customers::{Customer, CustomerPatch, CustomersQuery, NewCustomer};
use crate::wire::page::{Page, PageQuery};
use crate::workflows::Error;
use crate::workflows::customers::{create_customer, update_customer};
use crate::workflows::entitlements;

/// Create a customer
#[utoipa::path(post, path = "/v1/customers", tag = "customers", request_body = NewCustomer,
    responses((status = 201, description = "The customer", body = Customer)))]
pub async fn create(post: Post<NewCustomer>) -> Result<Answer, Problem> {
    post.run("create_customer", StatusCode::CREATED, |tx, scope, body| {
        let customer = create_customer::run(tx, scope, body.parse()?)?;
        shown(tx, customer, scope.tenant_id)
    })
    .await
}

/// Change a customer
///
/// What is left out stays as it is. Invoices already issued keep the name, address and tax ids they were issued with.
#[utoipa::path(patch, path = "/v1/customers/{id}", tag = "customers", request_body = CustomerPatch,
    responses((status = 200, description = "The customer as changed", body = Customer)))]
pub async fn update(patch: Patch<CustomerPatch>, id: PathId<CustomerId>) -> Result<Answer, Problem> {
    patch
        .run("update_customer", StatusCode::OK, move |tx, scope, body| {
            let customer = update_customer::run(tx, scope, id.0, body.parse()?)?;
            shown(tx, customer, scope.tenant_id)
        })
        .await
}

/// What a customer may use now
///
/// The features of all its running subscriptions and trials, metered ones with what is used so far. Meant to be called on every
/// request of your product.
#[utoipa::path(get, path = "/v1/customers/{id}/entitlements", tag = "customers",
    responses((status = 200, description = "The entitlements", body = Entitlements)))]
pub async fn entitlements(get: Get, id: PathId<CustomerId>) -> Result<Answer, Problem> {
    let app = get.app.clone();
    get.run(move |tx, tenant_id| {
        let shown = |found: Vec<_>| Ok(found.into_iter().map(Entitlement::from).collect());
        let answer = entitlements::list(tx, (tenant_id, id.0), &app.entitlements, shown)?;
        Ok(Entitlements { customer_id: id.0, as_of: answer.as_of, data: answer.entitlements })
    })
    .await
}

/// Read a customer
#[utoipa::path(get, path = "/v1/customers/{id}", tag = "customers",
    responses((status = 200, description = "The customer", body = Customer)))]
pub async fn find(get: Get, id: PathId<CustomerId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let customer = views::find(tx, tenant_id, id.0)?;
        shown(tx, customer, tenant_id)
    })
    .await
}

/// A customer with when its numbers were checked.
pub(in crate::http::v1) fn shown(
    tx: &mut Tx<'_>,
    customer: domain::Customer,
    tenant_id: TenantId,
) -> Result<Customer, Error> {
    let watched = match customer.tax_ids.is_empty() {
        true => Vec::new(),
        false => views::watched_numbers(tx, tenant_id, &[customer.id])?,
    };
    Ok(Customer::with_checks(customer, &watched))
}

/// List customers, newest first
#[utoipa::path(get, path = "/v1/customers", tag = "customers", params(PageQuery, CustomersQuery),
    responses((status = 200, description = "A page of customers", body = Page<Customer>)))]
pub async fn list(get: Get, listing: Listing<CustomersQuery>) -> Result<Answer, Problem> {
    let CustomersQuery { external_id, parent_id, entity_id } = listing.filter;
    let wanted = Wanted { external_id, parent_id, entity_id };
    get.run(move |tx, tenant_id| {
        let slice = views::list(tx, tenant_id, &wanted, &listing.keyset)?;
        let watched = checks_of(tx, tenant_id, &slice)?;
        Ok(page(slice, |customer| customer.id.uuid(), |customer| Customer::with_checks(customer, &watched)))
    })
    .await
}

/// List the customers that belong to a customer, newest first
#[utoipa::path(get, path = "/v1/customers/{id}/children", tag = "customers", params(PageQuery), operation_id = "children",
    responses((status = 200, description = "A page of customers", body = Page<Customer>)))]
pub async fn children(
    get: Get,
    id: PathId<CustomerId>,
    listing: Listing<NoFilter>,
) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let parent = views::find(tx, tenant_id, id.0)?;
        let wanted = Wanted { parent_id: Some(parent.id), ..Wanted::default() };
        let slice = views::list(tx, tenant_id, &wanted, &listing.keyset)?;
        let watched = checks_of(tx, tenant_id, &slice)?;
        Ok(page(slice, |customer| customer.id.uuid(), |customer| Customer::with_checks(customer, &watched)))
    })
    .await
}

fn checks_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    slice: &Slice<domain::Customer>,
) -> Result<Vec<WatchedNumber>, Error> {
    let numbered = slice.rows.iter().filter(|customer| !customer.tax_ids.is_empty());
    let ids: Vec<CustomerId> = numbered.map(|customer| customer.id).collect();
    match ids.is_empty() {
        true => Ok(Vec::new()),
        false => Ok(views::watched_numbers(tx, tenant_id, &ids)?),
    }
}
