//! `/v1/subscriptions/{id}/…`: what becomes of a subscription, and what each step would cost before it is made.

use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};

use super::subscription_shape::shape;
use crate::domain::ids::{InvoiceId, SubscriptionId};
use crate::domain::issuing::Sheet;
use crate::http::v1::invoicing::invoices::whole;
use crate::http::{Answer, Get, Listing, NoFilter, PathId, Post, Problem, page};
use crate::storage::invoicing::views as invoices;
use crate::storage::subscriptions::views;
use crate::storage::{StorageError, Tx};
use crate::wire::invoicing::invoices::ForeseenInvoice;
use crate::wire::page::{Page, PageQuery};
use crate::wire::subscriptions::changes::{Change, ChangeSubscription, ChangedSubscription, Preview};
use crate::wire::subscriptions::{Subscription, ramps};
use crate::workflows::billing::foresee_invoice;
use crate::workflows::subscriptions::change_subscription::{self, Order};
use crate::workflows::subscriptions::edit_subscription::{Origin, Outcome};
use crate::workflows::{Error, Scope};

/// A command on a subscription: what its body asks for, done by a workflow.
pub(super) type Work<T> = fn(&mut Tx<'_>, &Scope, SubscriptionId, &T, Origin) -> Result<Outcome, Error>;

/// Change a subscription
///
/// Its plan, items, quantity or anchor; now, when the period ends, at a later instant or as of a past one. What changes is
/// charged or credited as the difference between what the whole history is worth and what was billed, so a change taken
/// back costs nothing in the end. `…/change/preview` tells what it would cost.
#[utoipa::path(post, path = "/v1/subscriptions/{id}/change", tag = "subscriptions", request_body = ChangeSubscription,
    responses((status = 200, description = "The subscription, and what was invoiced", body = ChangedSubscription)))]
pub async fn change(post: Post<ChangeSubscription>, id: PathId<SubscriptionId>) -> Result<Answer, Problem> {
    carry_out(post, "change_subscription", id.0, change_order).await
}

/// Preview a change of a subscription
///
/// What the same call without `/preview` would do: the invoice it would make at once, and the next one. Nothing is done.
#[utoipa::path(post, path = "/v1/subscriptions/{id}/change/preview", tag = "subscriptions", request_body = ChangeSubscription,
    responses((status = 200, description = "What it would do", body = Preview)))]
pub async fn preview_change(
    post: Post<ChangeSubscription>,
    id: PathId<SubscriptionId>,
) -> Result<Answer, Problem> {
    preview(post, "preview_change", id.0, change_order).await
}

fn change_order(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: SubscriptionId,
    body: &ChangeSubscription,
    origin: Origin,
) -> Result<Outcome, Error> {
    let plan = body.plan_id.map(|plan| (plan, None));
    let phases = ramps::read(&body.phases)?;
    let order = Order { subscription_id: id, plan, request: body.parse()?, phases };
    change_subscription::run(tx, scope, (&order, origin))
}

/// List what was done to a subscription, newest first
#[utoipa::path(get, path = "/v1/subscriptions/{id}/changes", tag = "subscriptions", params(PageQuery),
    responses((status = 200, description = "A page of changes", body = Page<Change>)))]
pub async fn list_changes(
    get: Get,
    id: PathId<SubscriptionId>,
    listing: Listing<NoFilter>,
) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice = views::changes::list(tx, tenant_id, id.0, &listing.keyset)?;
        Ok(page(slice, |change| change.id.uuid(), shape_change))
    })
    .await
}

/// Does it, and answers the subscription as it is then, with what was invoiced.
pub(super) async fn carry_out<T: Send + 'static>(
    post: Post<T>,
    name: &'static str,
    id: SubscriptionId,
    work: Work<T>,
) -> Result<Answer, Problem> {
    let (by, request) = (post.caller.key_id, post.sent()?);
    post.run(name, StatusCode::OK, move |tx, scope, body| {
        let origin = Origin { by: Some(by), request: request.clone() };
        let outcome = work(tx, scope, id, body, origin)?;
        let mut made = Vec::with_capacity(outcome.invoices.len());
        for invoice in &outcome.invoices {
            made.push(whole(invoices::find(tx, scope.tenant_id, *invoice)?)?);
        }
        Ok(ChangedSubscription {
            subscription: read(tx, scope, id)?,
            change: shape_change(outcome.change),
            invoice: made.last().cloned(),
            invoices: made,
        })
    })
    .await
}

/// Does it, answers what came of it, and takes it back.
pub(in crate::http::v1) async fn preview<T: Send + Sync + 'static>(
    post: Post<T>,
    name: &'static str,
    id: SubscriptionId,
    work: Work<T>,
) -> Result<Answer, Problem> {
    let (by, request) = (post.caller.key_id, post.sent()?);
    post.preview(name, move |tx, scope, body| {
        let origin = Origin { by: Some(by), request: request.clone() };
        let outcome = work(tx, scope, id, body, origin)?;
        foretell(tx, scope, (id, outcome.change.effective_at), &outcome.invoices)
    })
    .await
}

/// What came of something that is only tried.
pub(super) fn foretell(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, effective_at): (SubscriptionId, DateTime<Utc>),
    invoiced: &[InvoiceId],
) -> Result<Preview, Error> {
    let mut made = Vec::with_capacity(invoiced.len());
    for invoice in invoiced {
        let whole = invoices::find(tx, scope.tenant_id, *invoice)?;
        made.push(ForeseenInvoice::of(&whole.invoice, &whole.lines, &whole.taxes));
    }
    let next_invoice = next_invoice(tx, scope, id)?;
    let subscription = read(tx, scope, id)?;
    Ok(Preview { effective_at, subscription, invoice: made.last().cloned(), invoices: made, next_invoice })
}

fn next_invoice(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: SubscriptionId,
) -> Result<Option<ForeseenInvoice>, Error> {
    match foresee_invoice::run(tx, scope, id) {
        Ok(sheet) => Ok(Some(foreseen(&sheet))),
        Err(Error::Storage(StorageError::NotFound { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

/// An invoice that is not written, as it is shown.
pub(super) fn foreseen(sheet: &Sheet) -> ForeseenInvoice {
    ForeseenInvoice::of(&sheet.invoice, &sheet.lines, sheet.taxes.as_deref().unwrap_or_default())
}

pub(in crate::http::v1) fn read(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: SubscriptionId,
) -> Result<Subscription, Error> {
    let now: DateTime<Utc> = scope.now;
    shape(views::subscriptions::find(tx, (scope.tenant_id, now), id)?, now)
}

pub(in crate::http::v1) fn shape_change(change: views::changes::Change) -> Change {
    let (taken_back_at, taken_back_by) = change.taken_back.unzip();
    Change {
        id: change.id,
        subscription_id: change.subscription_id,
        kind: change.kind,
        effective_at: change.effective_at,
        requested_at: change.requested_at,
        api_key_id: change.api_key_id,
        request: change.request,
        taken_back_at,
        taken_back_by,
    }
}
