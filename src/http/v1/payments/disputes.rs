//! `/v1/disputes`: payments that payers' banks take back, what is known of each, and what becomes of that. `/v1/fraud_warnings`.

use actix_web::http::StatusCode;

use crate::domain::ids::{DisputeId, GatewayAccountId};
use crate::http::query::Query;
use crate::http::v1::customers;
use crate::http::v1::invoicing::invoices::whole;
use crate::http::v1::subscriptions::subscription_life::shape_change;
use crate::http::v1::subscriptions::subscription_shape;
use crate::http::{Answer, Get, Listing, Patch, PathId, Problem, page};
use crate::storage::Tx;
use crate::storage::customers::views as customer_views;
use crate::storage::invoicing::views as invoicing_views;
use crate::storage::payments::views as payment_views;
use crate::storage::payments::views::disputes::{self as views, Filter};
use crate::storage::subscriptions::views as subscription_views;
use crate::wire::page::{Page, PageQuery};
use crate::wire::payments::Payment;
use crate::wire::payments::disputes::{
    Dispute, DisputeEvidence, DisputeRatio, DisputeRatioQuery, DisputeSettings, DisputeSettingsPatch,
    DisputedHistory, DisputesQuery, FraudWarning, FraudWarningsQuery,
};
use crate::workflows::payments::disputes::change_settings;
use crate::workflows::{Error, Scope};

/// List disputes, newest first
#[utoipa::path(get, path = "/v1/disputes", tag = "disputes", params(PageQuery, DisputesQuery),
    responses((status = 200, description = "A page of disputes", body = Page<Dispute>)))]
pub async fn list(get: Get, listing: Listing<DisputesQuery>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let filter = listing.filter;
        let filter = Filter {
            status: filter.status.map(Into::into),
            customer_id: filter.customer_id,
            payment_id: filter.payment_id,
            gateway_account_id: filter.gateway_account_id,
            opened_from: filter.opened_from,
            opened_to: filter.opened_to,
        };
        let slice = views::list(tx, tenant_id, &filter, &listing.keyset)?;
        Ok(page(slice, |dispute| dispute.id.uuid(), Dispute::from))
    })
    .await
}

/// Read a dispute
#[utoipa::path(get, path = "/v1/disputes/{id}", tag = "disputes",
    responses((status = 200, description = "The dispute", body = Dispute)))]
pub async fn find(get: Get, id: PathId<DisputeId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(Dispute::from(views::find(tx, tenant_id, id.0)?))).await
}

/// Read what you know of a disputed payment
///
/// The invoice with its lines and what was used, the customer with its address, the payments before, and what was done to the subscriptions: to be
/// sent to the gateway as evidence.
#[utoipa::path(get, path = "/v1/disputes/{id}/evidence", tag = "disputes",
    responses((status = 200, description = "What is known", body = DisputeEvidence)))]
pub async fn evidence(get: Get, id: PathId<DisputeId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        gather(tx, &scope, id.0)
    })
    .await
}

fn gather(tx: &mut Tx<'_>, scope: &Scope, id: DisputeId) -> Result<DisputeEvidence, Error> {
    let tenant_id = scope.tenant_id;
    let dispute = views::find(tx, tenant_id, id)?;
    let payment = payment_views::find(tx, tenant_id, dispute.payment_id)?;
    let customer = customer_views::find(tx, tenant_id, dispute.customer_id)?;
    let invoice = match payment.invoice_id {
        Some(id) => Some(whole(invoicing_views::find(tx, tenant_id, id)?)?),
        None => None,
    };
    let before = payment_views::payments_before(tx, tenant_id, &payment)?;
    let mut histories = Vec::new();
    for id in views::subscriptions_of(tx, tenant_id, &payment)? {
        let found = subscription_views::subscriptions::find(tx, (tenant_id, scope.now), id)?;
        let changes = views::changes_of(tx, tenant_id, id)?;
        histories.push(DisputedHistory {
            subscription: subscription_shape::shape(found, scope.now)?,
            changes: changes.into_iter().map(shape_change).collect(),
        });
    }
    let refunds = payment_views::refunds_of(tx, tenant_id, payment.id)?;
    Ok(DisputeEvidence {
        dispute: dispute.into(),
        customer: customers::shown(tx, customer, tenant_id)?,
        payment: Payment::of(&payment)?.with(refunds.into_iter().map(|(refund, _)| refund).collect()),
        invoice,
        payments_before: before.iter().map(Payment::of).collect::<Result<_, _>>()?,
        subscriptions: histories,
    })
}

/// Read what becomes of what is disputed
#[utoipa::path(get, path = "/v1/dispute_settings", tag = "disputes",
    responses((status = 200, description = "The settings", body = DisputeSettings)), operation_id = "dispute_settings")]
pub async fn settings(get: Get) -> Result<Answer, Problem> {
    get.run(|tx, tenant_id| Ok(DisputeSettings::from(views::policy(tx, tenant_id)?))).await
}

/// Change what becomes of what is disputed
///
/// For what is disputed, lost or warned of from now on.
#[utoipa::path(patch, path = "/v1/dispute_settings", tag = "disputes", request_body = DisputeSettingsPatch,
    responses((status = 200, description = "The settings as changed", body = DisputeSettings)), operation_id = "update_dispute_settings")]
pub async fn update_settings(patch: Patch<DisputeSettingsPatch>) -> Result<Answer, Problem> {
    patch
        .run("update_dispute_settings", StatusCode::OK, |tx, scope, body| {
            Ok(DisputeSettings::from(change_settings::run(tx, scope, body.change())?))
        })
        .await
}

/// List fraud warnings, newest first
///
/// What issuers have told of as fraud. Each counts like a dispute in the ratio of its account.
#[utoipa::path(get, path = "/v1/fraud_warnings", tag = "disputes", params(PageQuery, FraudWarningsQuery),
    responses((status = 200, description = "A page of warnings", body = Page<FraudWarning>)), operation_id = "fraud_warnings")]
pub async fn warnings(get: Get, listing: Listing<FraudWarningsQuery>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice = views::list_warnings(tx, tenant_id, listing.filter.payment_id, &listing.keyset)?;
        Ok(page(slice, |warning| warning.id.uuid(), FraudWarning::from))
    })
    .await
}

/// How often a month was disputed at an account
///
/// Disputes and fraud warnings of the month by its payments, in your time zone.
#[utoipa::path(get, path = "/v1/gateway_accounts/{id}/dispute_ratio", tag = "disputes", params(DisputeRatioQuery),
    responses((status = 200, description = "The ratio", body = DisputeRatio)), operation_id = "dispute_ratio")]
pub async fn ratio(
    get: Get,
    id: PathId<GatewayAccountId>,
    Query(query): Query<DisputeRatioQuery>,
) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let (month, next) = query.days()?;
        payment_views::find_account(tx, tenant_id, id.0)?;
        let zone = Scope::load(tx, tenant_id)?.zone;
        let start = |day| zone.day_start(day).map_err(|_| DisputeRatioQuery::bad_month());
        let span = (start(month)?, start(next)?);
        let counted = views::counted(tx, (tenant_id, id.0), span)?;
        Ok(DisputeRatio::of(month, counted))
    })
    .await
}
