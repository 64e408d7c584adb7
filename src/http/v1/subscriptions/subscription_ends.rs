//! `/v1/subscriptions/{id}/cancel`, `…/pause` and their opposites, and `…/charges`, each with its preview.

use super::subscription_life::{carry_out, preview};
use crate::domain::ids::SubscriptionId;
use crate::http::{Answer, PathId, Post, Problem};
use crate::storage::Tx;
use crate::wire::subscriptions::changes::{ChangedSubscription, Preview};
use crate::wire::subscriptions::endings::{
    CancelSubscription, NewCharge, PauseSubscription, ResumeSubscription, UncancelSubscription,
};
use crate::wire::subscriptions::terms::SetRenewal;
use crate::workflows::subscriptions::edit_subscription::{Origin, Outcome};
use crate::workflows::subscriptions::{charge_subscription, end_subscription, pause_subscription};
use crate::workflows::{Error, Scope};

/// Cancel a subscription
///
/// Now, when the period ends, at a later instant or as of a past one. What is charged in arrears is billed to the end; what
/// is paid beyond it is given back unless `credit` is false. Before what its terms agree, it costs the fee agreed. It can be taken back by `…/uncancel`. Given again with another
/// instant once it has taken effect, it corrects when the subscription has ended.
#[utoipa::path(post, path = "/v1/subscriptions/{id}/cancel", tag = "subscriptions", request_body = CancelSubscription,
    responses((status = 200, description = "The subscription, and what was invoiced", body = ChangedSubscription)))]
pub async fn cancel(post: Post<CancelSubscription>, id: PathId<SubscriptionId>) -> Result<Answer, Problem> {
    carry_out(post, "cancel_subscription", id.0, do_cancel).await
}

/// Preview a cancellation
#[utoipa::path(post, path = "/v1/subscriptions/{id}/cancel/preview", tag = "subscriptions", request_body = CancelSubscription,
    responses((status = 200, description = "What it would do", body = Preview)))]
pub async fn preview_cancel(
    post: Post<CancelSubscription>,
    id: PathId<SubscriptionId>,
) -> Result<Answer, Problem> {
    preview(post, "preview_cancel", id.0, do_cancel).await
}

/// Take a cancellation back
///
/// The subscription goes on as had been decided before, with changes planned for after the end; a fee is given back. After it
/// has taken effect, too, for as many days as `backdate_days` of the billing settings says: what was not charged since is.
#[utoipa::path(post, path = "/v1/subscriptions/{id}/uncancel", tag = "subscriptions", request_body = UncancelSubscription,
    responses((status = 200, description = "The subscription, and what was invoiced", body = ChangedSubscription)))]
pub async fn uncancel(
    post: Post<UncancelSubscription>,
    id: PathId<SubscriptionId>,
) -> Result<Answer, Problem> {
    carry_out(post, "uncancel_subscription", id.0, do_uncancel).await
}

/// Preview taking a cancellation back
#[utoipa::path(post, path = "/v1/subscriptions/{id}/uncancel/preview", tag = "subscriptions", request_body = UncancelSubscription,
    responses((status = 200, description = "What it would do", body = Preview)))]
pub async fn preview_uncancel(
    post: Post<UncancelSubscription>,
    id: PathId<SubscriptionId>,
) -> Result<Answer, Problem> {
    preview(post, "preview_uncancel", id.0, do_uncancel).await
}

/// Let a subscription's term renew, or end with it
///
/// Of a subscription with a fixed term. Without renewal it ends with the term it is in, or with the next when it is too late
/// for the notice agreed; until then, the renewal can be switched on again.
#[utoipa::path(post, path = "/v1/subscriptions/{id}/renewal", tag = "subscriptions", request_body = SetRenewal,
    responses((status = 200, description = "The subscription, and what was invoiced", body = ChangedSubscription)))]
pub async fn set_renewal(post: Post<SetRenewal>, id: PathId<SubscriptionId>) -> Result<Answer, Problem> {
    carry_out(post, "set_renewal", id.0, do_set_renewal).await
}

/// Preview what a renewal switched on or off does
#[utoipa::path(post, path = "/v1/subscriptions/{id}/renewal/preview", tag = "subscriptions", request_body = SetRenewal,
    responses((status = 200, description = "What it would do", body = Preview)))]
pub async fn preview_renewal(post: Post<SetRenewal>, id: PathId<SubscriptionId>) -> Result<Answer, Problem> {
    preview(post, "preview_renewal", id.0, do_set_renewal).await
}

/// Pause a subscription
///
/// From then on nothing is in force and nothing is charged, until it is resumed. With mode `credit` the rest of the paid
/// period is credited, and after the break the rest of the period it falls in is charged. With `extend` nothing is credited:
/// the rest is had after the break, so periods then begin later by the days of the break, and so does an agreed end.
#[utoipa::path(post, path = "/v1/subscriptions/{id}/pause", tag = "subscriptions", request_body = PauseSubscription,
    responses((status = 200, description = "The subscription, and what was invoiced", body = ChangedSubscription)))]
pub async fn pause(post: Post<PauseSubscription>, id: PathId<SubscriptionId>) -> Result<Answer, Problem> {
    carry_out(post, "pause_subscription", id.0, do_pause).await
}

/// Preview a pause
#[utoipa::path(post, path = "/v1/subscriptions/{id}/pause/preview", tag = "subscriptions", request_body = PauseSubscription,
    responses((status = 200, description = "What it would do", body = Preview)))]
pub async fn preview_pause(
    post: Post<PauseSubscription>,
    id: PathId<SubscriptionId>,
) -> Result<Answer, Problem> {
    preview(post, "preview_pause", id.0, do_pause).await
}

/// Resume a subscription
///
/// Ends the break, also one whose end was planned for another instant. Before the break has begun, takes it back. What is planned for after
/// the break comes on its day: a break that would last longer than that, and one in mode `extend` after which anything is planned, is
/// refused as `later_changes` until that is taken back.
#[utoipa::path(post, path = "/v1/subscriptions/{id}/resume", tag = "subscriptions", request_body = ResumeSubscription,
    responses((status = 200, description = "The subscription, and what was invoiced", body = ChangedSubscription)))]
pub async fn resume(post: Post<ResumeSubscription>, id: PathId<SubscriptionId>) -> Result<Answer, Problem> {
    carry_out(post, "resume_subscription", id.0, do_resume).await
}

/// Preview a resumption
#[utoipa::path(post, path = "/v1/subscriptions/{id}/resume/preview", tag = "subscriptions", request_body = ResumeSubscription,
    responses((status = 200, description = "What it would do", body = Preview)))]
pub async fn preview_resume(
    post: Post<ResumeSubscription>,
    id: PathId<SubscriptionId>,
) -> Result<Answer, Problem> {
    preview(post, "preview_resume", id.0, do_resume).await
}

/// Charge something beside the plan
///
/// Once, on the next invoice or at once; a negative amount gives back. Kept in the subscription's timeline as an item of its own.
#[utoipa::path(post, path = "/v1/subscriptions/{id}/charges", tag = "subscriptions", request_body = NewCharge,
    responses((status = 200, description = "The subscription, and what was invoiced", body = ChangedSubscription)))]
pub async fn charge(post: Post<NewCharge>, id: PathId<SubscriptionId>) -> Result<Answer, Problem> {
    carry_out(post, "charge_subscription", id.0, do_charge).await
}

/// Preview a charge beside the plan
#[utoipa::path(post, path = "/v1/subscriptions/{id}/charges/preview", tag = "subscriptions", request_body = NewCharge,
    responses((status = 200, description = "What it would do", body = Preview)))]
pub async fn preview_charge(post: Post<NewCharge>, id: PathId<SubscriptionId>) -> Result<Answer, Problem> {
    preview(post, "preview_charge", id.0, do_charge).await
}

fn do_charge(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: SubscriptionId,
    body: &NewCharge,
    origin: Origin,
) -> Result<Outcome, Error> {
    charge_subscription::run(tx, scope, id, &body.parse()?, origin)
}

fn do_cancel(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: SubscriptionId,
    body: &CancelSubscription,
    origin: Origin,
) -> Result<Outcome, Error> {
    end_subscription::cancel(tx, scope, id, body.parse()?, origin)
}

fn do_set_renewal(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: SubscriptionId,
    body: &SetRenewal,
    origin: Origin,
) -> Result<Outcome, Error> {
    end_subscription::set_renewal(tx, scope, id, body.parse(), origin)
}

fn do_uncancel(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: SubscriptionId,
    body: &UncancelSubscription,
    origin: Origin,
) -> Result<Outcome, Error> {
    end_subscription::uncancel(tx, scope, id, body.invoice.into(), origin)
}

fn do_pause(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: SubscriptionId,
    body: &PauseSubscription,
    origin: Origin,
) -> Result<Outcome, Error> {
    pause_subscription::pause(tx, scope, id, body.parse()?, origin)
}

fn do_resume(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: SubscriptionId,
    body: &ResumeSubscription,
    origin: Origin,
) -> Result<Outcome, Error> {
    pause_subscription::resume(tx, scope, id, body.parse()?, origin)
}
