//! `/v1/credit_grants` and `/v1/customers/{id}/credits`: usage paid for ahead, or given.
//!
//! What is on this shelf, what is not, and its laws: [`domain::credits`](crate::domain::credits).

pub mod credit_balances;
pub mod credit_notes;
pub mod refunds;

use actix_web::http::StatusCode;

use crate::domain::ids::{CreditGrantId, CustomerId};
use crate::domain::subscriptions::Collection;
use crate::http::{Answer, Delete, Get, Listing, NoBody, PathId, Post, Problem, page};
use crate::storage::Tx;
use crate::storage::credits::views::credits as views;
use crate::wire::credits::{CreditGrant, CreditGrantsQuery, CustomerCredits, NewCreditGrant, NewTopUp};
use crate::wire::page::{Page, PageQuery};
use crate::wire::subscriptions as wire;
use crate::workflows::credits::{grant_credits, set_top_up, void_credit_grant};
use crate::workflows::{Error, Scope};

/// Give or sell prepaid credits
///
/// Usage draws them down when its invoice is issued: after discounts and tax, before the customer's credit balance, at most
/// what the invoice's usage lines come to. Of several grants the lowest **priority** number is drawn first, then the
/// one that **expires** soonest, then a **given** one before a bought one, then the **oldest**.
///
/// Example: 30.00 given until 31 March and 100.00 bought; an invoice of 1 February has a base of 20.00 and 45.00 of usage. 30.00
/// and then 15.00 are drawn, 20.00 are due, 85.00 are left.
///
/// What is **bought** is invoiced at once and can be used once the invoice is paid, or `now`. Its price becomes revenue as it
/// is used, and breakage when it expires. Voiding the grant puts the price of what is left on the customer's credit balance.
#[utoipa::path(post, path = "/v1/credit_grants", tag = "credits", request_body = NewCreditGrant,
    responses((status = 201, description = "The grant", body = CreditGrant)))]
pub async fn create(post: Post<NewCreditGrant>) -> Result<Answer, Problem> {
    post.run("grant_credits", StatusCode::CREATED, |tx, scope, body| {
        let collection = match body.collection {
            Some(wire::Collection::SendInvoice) => Collection::SendInvoice,
            Some(wire::Collection::Automatic) | None => Collection::Automatic,
        };
        Ok(CreditGrant::from(grant_credits::run(tx, scope, body.parse()?, collection)?))
    })
    .await
}

/// Read a credit grant
#[utoipa::path(get, path = "/v1/credit_grants/{id}", tag = "credits",
    responses((status = 200, description = "The grant", body = CreditGrant)))]
pub async fn find(get: Get, id: PathId<CreditGrantId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(CreditGrant::from(views::find(tx, tenant_id, id.0)?))).await
}

/// List credit grants, newest first
#[utoipa::path(get, path = "/v1/credit_grants", tag = "credits", params(PageQuery, CreditGrantsQuery),
    responses((status = 200, description = "A page of grants", body = Page<CreditGrant>)))]
pub async fn list(get: Get, listing: Listing<CreditGrantsQuery>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let CreditGrantsQuery { customer_id, status } = listing.filter;
        let wanted = (customer_id, status.map(Into::into));
        let slice = views::list(tx, tenant_id, wanted, &listing.keyset)?;
        Ok(page(slice, |grant| grant.id.uuid(), CreditGrant::from))
    })
    .await
}

/// Take back what is left of a credit grant
///
/// What was paid for it goes to the customer's credit balance. When nothing was paid and nothing used, its invoice is voided. When
/// some are used and the invoice is not paid, or paid in part, a credit note lowers the invoice by the price of what is not used: of
/// 10.00 sold and 4.00 used, 4.00 stay due. What is used of an invoice that was given up has to be paid first.
#[utoipa::path(post, path = "/v1/credit_grants/{id}/void", tag = "credits",
    responses((status = 200, description = "The grant, void", body = CreditGrant)))]
pub async fn void(post: Post<NoBody>, id: PathId<CreditGrantId>) -> Result<Answer, Problem> {
    post.run("void_credit_grant", StatusCode::OK, move |tx, scope, _| {
        Ok(CreditGrant::from(void_credit_grant::run(tx, scope, id.0)?))
    })
    .await
}

/// A customer's prepaid credits
///
/// Balances by currency, what is coming to expire, the grants in the order in which they are drawn, and what happens when
/// they run low.
#[utoipa::path(get, path = "/v1/customers/{id}/credits", tag = "credits",
    responses((status = 200, description = "The credits", body = CustomerCredits)))]
pub async fn of_customer(get: Get, id: PathId<CustomerId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        shown(tx, &scope, id.0)
    })
    .await
}

/// Say when credits are low, and what is bought then
///
/// A draw that leaves less than `threshold` makes the event `credits.low_balance`, and buys `amount` for `price` when given: an
/// invoice, collected automatically. Nothing more is bought while what is on its way makes up for what is missing.
#[utoipa::path(put, path = "/v1/customers/{id}/credits/top_up", tag = "credits", request_body = NewTopUp,
    responses((status = 200, description = "The credits", body = CustomerCredits)))]
pub async fn set(put: Post<NewTopUp>, id: PathId<CustomerId>) -> Result<Answer, Problem> {
    put.run("set_top_up", StatusCode::OK, move |tx, scope, body| {
        set_top_up::set(tx, scope, &body.parse(id.0)?)?;
        shown(tx, scope, id.0)
    })
    .await
}

/// Forget what happens when credits are low
#[utoipa::path(delete, path = "/v1/customers/{id}/credits/top_up", tag = "credits",
    responses((status = 200, description = "The credits", body = CustomerCredits)))]
pub async fn unset(delete: Delete, id: PathId<CustomerId>) -> Result<Answer, Problem> {
    delete
        .run("remove_top_up", StatusCode::OK, move |tx, scope, _| {
            set_top_up::remove(tx, scope, id.0)?;
            shown(tx, scope, id.0)
        })
        .await
}

fn shown(tx: &mut Tx<'_>, scope: &Scope, id: CustomerId) -> Result<CustomerCredits, Error> {
    let funds = views::funds(tx, scope.tenant_id, id)?;
    Ok(CustomerCredits::of(funds, scope.now))
}
