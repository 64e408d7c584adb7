//! `/v1/customers`: who is billed.
//!
//! What is on this shelf, what is not, and its laws: [`domain::customers`](crate::domain::customers).

pub mod tax_ids;

use std::collections::{BTreeSet, HashMap};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::domain::customers as domain;
use crate::domain::customers::verification::WatchedNumber;
use crate::domain::ids::{CustomerId, TenantId};
use crate::domain::listing::{Part, Wanted};
use crate::http::{
    Answer, Asking, Get, Listed, Listing, NoFilter, Patch, PathId, Post, Problem, Reading, page,
};
use crate::storage::customers::views;
use crate::storage::listing::{Reader, Slice, Totals};
use crate::storage::{StorageError, Tx};
use crate::wire::catalog::features::{Entitlement, Entitlements};
use crate::wire::customers::customer_list::Customers;
use crate::wire::customers::{Customer, CustomerPatch, NewCustomer};
use crate::wire::listing::{ListPage, ListQuery};
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
///
/// As CSV or lines of JSON, by the header `Accept`, the whole list is sent.
#[utoipa::path(get, path = "/v1/customers", tag = "customers", params(ListQuery<Customers>),
    responses((status = 200, description = "A page of customers",
        content((ListPage<Customer> = "application/json"), (Customer = "application/x-ndjson"), (String = "text/csv")))))]
pub async fn list(get: Get, asking: Asking<Customers>) -> Result<HttpResponse, Problem> {
    get.list(asking).await
}

impl Listed for Customers {
    type Shown = Customer;

    fn part(
        tx: &mut Tx<'_>,
        reading: &Reading<'_>,
        wanted: (&Wanted, &Part),
    ) -> Result<Slice<Customer>, Error> {
        let found = views::list(tx, reading.reader, wanted)?;
        let watched = checks_of(tx, reading.reader.tenant_id, &found.rows)?;
        found.try_map(|customer| Ok(Customer::with_checks(customer, &watched)))
    }

    fn totals(tx: &mut Tx<'_>, reader: Reader, wanted: &Wanted) -> Result<Vec<Totals>, StorageError> {
        views::totals(tx, reader, wanted)
    }
}

/// The customers of rows that are to be shown with them.
pub(in crate::http::v1) fn customers_of(
    tx: &mut Tx<'_>,
    reading: &Reading<'_>,
    ids: impl Iterator<Item = CustomerId>,
) -> Result<HashMap<CustomerId, Customer>, Error> {
    if !reading.shows("customer") {
        return Ok(HashMap::new());
    }
    let ids: BTreeSet<CustomerId> = ids.collect();
    let tenant_id = reading.reader.tenant_id;
    let found = views::named(tx, tenant_id, &Vec::from_iter(ids))?;
    let found: Vec<domain::Customer> = found.into_values().collect();
    let watched = checks_of(tx, tenant_id, &found)?;
    let shown = found.into_iter().map(|customer| (customer.id, Customer::with_checks(customer, &watched)));
    Ok(shown.collect())
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
        let slice = views::children(tx, (tenant_id, parent.id), &listing.keyset)?;
        let watched = checks_of(tx, tenant_id, &slice.rows)?;
        Ok(page(slice, |customer| customer.id.uuid(), |customer| Customer::with_checks(customer, &watched)))
    })
    .await
}

fn checks_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    customers: &[domain::Customer],
) -> Result<Vec<WatchedNumber>, Error> {
    let numbered = customers.iter().filter(|customer| !customer.tax_ids.is_empty());
    let ids: Vec<CustomerId> = numbered.map(|customer| customer.id).collect();
    match ids.is_empty() {
        true => Ok(Vec::new()),
        false => Ok(views::watched_numbers(tx, tenant_id, &ids)?),
    }
}
