//! `/v1/customers/{id}/tax_ids/…`: are a customer's tax numbers valid?

use actix_web::http::StatusCode;

use crate::domain::ids::CustomerId;
use crate::http::lanes::Lane;
use crate::http::{Answer, Command, Get, Listing, NoBody, NoFilter, PathId, Post, Problem, page};
use crate::storage::customers::views::{self, Check};
use crate::wire::customers::Customer;
use crate::wire::customers::tax_ids::{TaxIdCheck, VerifiedTaxIds};
use crate::wire::page::{Page, PageQuery};
use crate::workflows::Error;
use crate::workflows::tax::check_tax_numbers;

/// Verify a customer's VAT numbers now
///
/// Asks VIES about each number of type `eu_vat`, and for test tenants a simulator. `valid` and `invalid` stand from then on, whoever said
/// something else before; when nobody answers, what is known stays, and `reason` says why. By themselves, numbers of which nothing is known are
/// asked about until there is an answer, and again before each bill. Issued invoices never change.
#[utoipa::path(post, path = "/v1/customers/{id}/tax_ids/verify", tag = "customers",
    responses((status = 200, description = "What was answered", body = VerifiedTaxIds)), operation_id = "verify_tax_ids")]
pub async fn verify(post: Post<NoBody>, id: PathId<CustomerId>) -> Result<Answer, Problem> {
    let registers = post.app.registers.clone();
    post.run_long((Lane::Payments, "verify_tax_ids"), StatusCode::OK, move |session, command| {
        let Command { tenant_id, .. } = command;
        let checks = check_tax_numbers::verify(session, &registers, (*tenant_id, id.0))?;
        let tax_ids = session.read(|tx| {
            let customer = views::find(tx, *tenant_id, id.0)?;
            let watched = views::watched_numbers(tx, *tenant_id, &[id.0])?;
            Ok::<_, Error>(Customer::with_checks(customer, &watched).tax_ids)
        })?;
        Ok(VerifiedTaxIds { tax_ids, checks: checks.into_iter().map(shown).collect() })
    })
    .await
}

/// List the checks of a customer's VAT numbers, newest first
#[utoipa::path(get, path = "/v1/customers/{id}/tax_ids/checks", tag = "customers", params(PageQuery), operation_id = "tax_id_checks",
    responses((status = 200, description = "A page of checks", body = Page<TaxIdCheck>)))]
pub async fn checks(get: Get, id: PathId<CustomerId>, listing: Listing<NoFilter>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let customer = views::find(tx, tenant_id, id.0)?;
        let slice = views::tax_id_checks(tx, (tenant_id, customer.id), &listing.keyset)?;
        Ok(page(slice, |check| check.id.uuid(), shown))
    })
    .await
}

fn shown(check: Check) -> TaxIdCheck {
    TaxIdCheck::of(check.id, (check.value, check.checked_at), (check.register, check.answer))
}
