//! `…/payment_preferences`: what is charged for a subscription or an invoice, and how it is tried again. `/v1/routing_rules`: at which account.

use actix_web::http::StatusCode;

use crate::domain::ids::{CustomerId, InvoiceId, SubscriptionId};
use crate::domain::payments::preferences::{Change, OwnerId};
use crate::http::query::Query;
use crate::http::{Answer, Get, Patch, PathId, Post, Problem};
use crate::storage::customers::views as customer_views;
use crate::storage::invoicing::views as invoicing_views;
use crate::storage::payments::views;
use crate::storage::subscriptions::views as subscription_views;
use crate::wire::payments::choosing::{
    CustomerPreferencesPatch, InvoicePreferencesPatch, NewRoutingRules, PaymentPreferences, RoutingRules,
    RoutingRulesQuery, SubscriptionPreferencesPatch,
};
use crate::workflows::payments::choosing::{change_preferences, change_rules};
use crate::workflows::{Error, Scope};

/// Changes what an owner says of what is charged.
async fn change<T: Send + 'static>(
    patch: Patch<T>,
    owner: OwnerId,
    said: impl Fn(&T) -> Change + Send + 'static,
) -> Result<Answer, Problem> {
    patch
        .run("change_payment_preferences", StatusCode::OK, move |tx, scope, body| {
            Ok(PaymentPreferences::from(change_preferences::run(tx, scope, owner, said(body))?))
        })
        .await
}

/// Read how what a customer pays is tried again
#[utoipa::path(get, path = "/v1/customers/{id}/payment_preferences", tag = "payments",
    responses((status = 200, description = "What it says", body = PaymentPreferences)), operation_id = "customer_payment_preferences")]
pub async fn of_customer(get: Get, id: PathId<CustomerId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        customer_views::find(tx, tenant_id, id.0)?;
        Ok(PaymentPreferences::from(views::find_preferences(tx, tenant_id, OwnerId::Customer(id.0))?))
    })
    .await
}

/// Say how what a customer pays is tried again
///
/// Before your default policy, and after what its subscriptions say. Which one holds is written into an invoice when it is finalized.
#[utoipa::path(patch, path = "/v1/customers/{id}/payment_preferences", tag = "payments", request_body = CustomerPreferencesPatch,
    responses((status = 200, description = "What it says now", body = PaymentPreferences)), operation_id = "update_customer_payment_preferences")]
pub async fn update_customer(
    patch: Patch<CustomerPreferencesPatch>,
    id: PathId<CustomerId>,
) -> Result<Answer, Problem> {
    change(patch, OwnerId::Customer(id.0), |body| Change {
        retry_policy_id: body.retry_policy_id,
        payment_method_id: None,
    })
    .await
}

/// Read what is charged for a subscription
#[utoipa::path(get, path = "/v1/subscriptions/{id}/payment_preferences", tag = "payments",
    responses((status = 200, description = "What it says", body = PaymentPreferences)), operation_id = "subscription_payment_preferences")]
pub async fn of_subscription(get: Get, id: PathId<SubscriptionId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let now = Scope::load(tx, tenant_id)?.now;
        subscription_views::subscriptions::find(tx, (tenant_id, now), id.0)?;
        Ok(PaymentPreferences::from(views::find_preferences(tx, tenant_id, OwnerId::Subscription(id.0))?))
    })
    .await
}

/// Say what is charged for a subscription
///
/// The invoices that bill it are charged to this payment method before the customer's default, and tried again by this policy before the customer's.
/// Of an invoice that bills several, the one that was started first is heard first.
#[utoipa::path(patch, path = "/v1/subscriptions/{id}/payment_preferences", tag = "payments", request_body = SubscriptionPreferencesPatch,
    responses((status = 200, description = "What it says now", body = PaymentPreferences)), operation_id = "update_subscription_payment_preferences")]
pub async fn update_subscription(
    patch: Patch<SubscriptionPreferencesPatch>,
    id: PathId<SubscriptionId>,
) -> Result<Answer, Problem> {
    change(patch, OwnerId::Subscription(id.0), |body| Change {
        payment_method_id: body.payment_method_id,
        retry_policy_id: body.retry_policy_id,
    })
    .await
}

/// Read what is charged for an invoice
#[utoipa::path(get, path = "/v1/invoices/{id}/payment_preferences", tag = "payments",
    responses((status = 200, description = "What it says", body = PaymentPreferences)), operation_id = "invoice_payment_preferences")]
pub async fn of_invoice(get: Get, id: PathId<InvoiceId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        invoicing_views::find(tx, tenant_id, id.0)?;
        Ok(PaymentPreferences::from(views::find_preferences(tx, tenant_id, OwnerId::Invoice(id.0))?))
    })
    .await
}

/// Say what is charged for an invoice
///
/// Before what its subscriptions and its customer say. When an attempt has failed it is tried at once.
#[utoipa::path(patch, path = "/v1/invoices/{id}/payment_preferences", tag = "payments", request_body = InvoicePreferencesPatch,
    responses((status = 200, description = "What it says now", body = PaymentPreferences)), operation_id = "update_invoice_payment_preferences")]
pub async fn update_invoice(
    patch: Patch<InvoicePreferencesPatch>,
    id: PathId<InvoiceId>,
) -> Result<Answer, Problem> {
    change(patch, OwnerId::Invoice(id.0), |body| Change {
        payment_method_id: body.payment_method_id,
        retry_policy_id: None,
    })
    .await
}

/// Read the rules by which accounts are chosen
#[utoipa::path(get, path = "/v1/routing_rules", tag = "gateway_accounts", params(RoutingRulesQuery),
    responses((status = 200, description = "The rules", body = RoutingRules)), operation_id = "routing_rules")]
pub async fn rules(get: Get, Query(query): Query<RoutingRulesQuery>) -> Result<Answer, Problem> {
    let found = get.run(move |tx, tenant_id| {
        let found = views::rulebook(tx, tenant_id, query.version)?;
        Ok::<_, Error>(RoutingRules::from(found.unwrap_or_default()))
    });
    found.await
}

/// Replace the rules by which accounts are chosen
///
/// Of a card that its customer has at several accounts, the first rule that fits the invoice says which one is charged. When its gateway was not
/// there, and is known to have taken nothing, the next account of the rule is tried at once.
#[utoipa::path(post, path = "/v1/routing_rules", tag = "gateway_accounts", request_body = NewRoutingRules,
    responses((status = 201, description = "The rules, as a new version", body = RoutingRules)), operation_id = "replace_routing_rules")]
pub async fn replace(post: Post<NewRoutingRules>) -> Result<Answer, Problem> {
    post.run("replace_routing_rules", StatusCode::CREATED, |tx, scope, body| {
        Ok(RoutingRules::from(change_rules::run(tx, scope, body.parse()?)?))
    })
    .await
}
