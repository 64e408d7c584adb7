//! `/v1/subscriptions`: who buys what, from when.
//!
//! What is on this shelf, what is not, and its laws: [`domain::subscriptions`](crate::domain::subscriptions).

pub mod plan_migrations;
pub mod subscription_ends;
pub mod subscription_life;
pub mod subscription_shape;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;

use crate::domain::ids::SubscriptionId;
use crate::domain::listing::{Part, Wanted};
use crate::domain::payments::preferences::Preferences;
use crate::http::v1::customers::customers_of;
use crate::http::{Answer, Asking, Get, Listed, PathId, Post, Problem, Reading};
use crate::storage::listing::{Reader, Slice, Totals};
use crate::storage::subscriptions::views;
use crate::storage::{StorageError, Tx};
use crate::wire::invoicing::invoices::ForeseenInvoice;
use crate::wire::listing::{ListPage, ListQuery};
use crate::wire::subscriptions::changes::Preview;
use crate::wire::subscriptions::subscription_list::Subscriptions;
use crate::wire::subscriptions::{NewSubscription, Subscription, ramps};
use crate::workflows::billing::foresee_invoice;
use crate::workflows::subscriptions::edit_subscription::Origin;
use crate::workflows::subscriptions::start_subscription::{self, Order};
use crate::workflows::{Error, Scope};
use subscription_life::{foretell, read};
use subscription_shape::shape;

/// Start a subscription
///
/// It may start now, in the past or in the future. What is due by now is invoiced before the answer comes.
#[utoipa::path(post, path = "/v1/subscriptions", tag = "subscriptions", request_body = NewSubscription,
    responses((status = 201, description = "The subscription", body = Subscription)))]
pub async fn create(post: Post<NewSubscription>) -> Result<Answer, Problem> {
    let origin = Origin { by: Some(post.caller.key_id), request: post.sent()? };
    post.run("start_subscription", StatusCode::CREATED, move |tx, scope, body| {
        let outcome = start_subscription::run(tx, scope, order(body, origin.clone())?)?;
        read(tx, scope, outcome.id)
    })
    .await
}

/// Preview a subscription
///
/// What the same call without `/preview` would start: what it would invoice at once, and the next invoice. Nothing is done.
#[utoipa::path(post, path = "/v1/subscriptions/preview", tag = "subscriptions", request_body = NewSubscription,
    responses((status = 200, description = "What it would do", body = Preview)))]
pub async fn preview(post: Post<NewSubscription>) -> Result<Answer, Problem> {
    let origin = Origin { by: Some(post.caller.key_id), request: post.sent()? };
    post.preview("preview_start", move |tx, scope, body| {
        let outcome = start_subscription::run(tx, scope, order(body, origin.clone())?)?;
        foretell(tx, scope, (outcome.id, outcome.start_at), &outcome.invoices)
    })
    .await
}

fn order(body: &NewSubscription, origin: Origin) -> Result<Order, Error> {
    Ok(Order {
        customer_id: body.customer_id,
        plan_id: body.plan_id,
        request: body.parse()?,
        days: body.days(),
        coupon: body.coupon.clone(),
        phases: ramps::read(&body.phases)?,
        preferences: Preferences {
            payment_method_id: body.payment_method_id,
            retry_policy_id: body.retry_policy_id,
        },
        origin,
    })
}

/// Read a subscription
#[utoipa::path(get, path = "/v1/subscriptions/{id}", tag = "subscriptions",
    responses((status = 200, description = "The subscription as it stands", body = Subscription)))]
pub async fn find(get: Get, id: PathId<SubscriptionId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let now = Scope::load(tx, tenant_id)?.now;
        shape(views::subscriptions::find(tx, (tenant_id, now), id.0)?, now)
    })
    .await
}

/// The next invoice of a subscription, as it would be now
///
/// By the same computation as the bill: what falls due next, and what was used so far. Subscriptions that share an invoice
/// are all on it. 404 when nothing is to come.
#[utoipa::path(get, path = "/v1/subscriptions/{id}/upcoming_invoice", tag = "subscriptions",
    responses((status = 200, description = "The invoice, unwritten", body = ForeseenInvoice)))]
pub async fn upcoming_invoice(get: Get, id: PathId<SubscriptionId>) -> Result<Answer, Problem> {
    get.run_asking(move |tx, scope| Ok(subscription_life::foreseen(&foresee_invoice::run(tx, scope, id.0)?)))
        .await
}

/// List subscriptions, newest first
///
/// As CSV or lines of JSON, by the header `Accept`, the whole list is sent.
#[utoipa::path(get, path = "/v1/subscriptions", tag = "subscriptions", params(ListQuery<Subscriptions>),
    responses((status = 200, description = "A page of subscriptions",
        content((ListPage<Subscription> = "application/json"), (Subscription = "application/x-ndjson"), (String = "text/csv")))))]
pub async fn list(get: Get, asking: Asking<Subscriptions>) -> Result<HttpResponse, Problem> {
    get.list(asking).await
}

impl Listed for Subscriptions {
    type Shown = Subscription;

    fn part(
        tx: &mut Tx<'_>,
        reading: &Reading<'_>,
        wanted: (&Wanted, &Part),
    ) -> Result<Slice<Subscription>, Error> {
        let found = views::subscriptions::list(tx, reading.reader, wanted)?;
        let owners = found.rows.iter().map(|standing| standing.subscription.customer_id);
        let customers = customers_of(tx, reading, owners)?;
        found.try_map(|standing| {
            let customer = customers.get(&standing.subscription.customer_id).cloned().map(Box::new);
            Ok(Subscription { customer, ..shape(standing, reading.reader.now)? })
        })
    }

    fn totals(tx: &mut Tx<'_>, reader: Reader, wanted: &Wanted) -> Result<Vec<Totals>, StorageError> {
        views::subscriptions::totals(tx, reader, wanted)
    }
}
