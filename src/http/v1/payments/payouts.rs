//! `/v1/payouts`: what gateways have paid out to the bank, and of what each payout is made.

use crate::domain::ids::PayoutId;
use crate::http::{Answer, Get, Listing, PathId, Problem, page};
use crate::storage::payments::views::payouts::{self as views, Summed};
use crate::wire::page::{Page, PageQuery};
use crate::wire::payments::payouts::{Payout, PayoutItem, PayoutItemsQuery, PayoutsQuery};

fn shape(Summed { payout, totals }: Summed) -> Payout {
    Payout::of((payout, totals))
}

/// List payouts, newest first
#[utoipa::path(get, path = "/v1/payouts", tag = "payouts", params(PageQuery, PayoutsQuery),
    responses((status = 200, description = "A page of payouts", body = Page<Payout>)), operation_id = "payouts")]
pub async fn list(get: Get, listing: Listing<PayoutsQuery>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        let slice = views::list(tx, (tenant_id, listing.filter.gateway_account_id), &listing.keyset)?;
        Ok(page(slice, |summed| summed.payout.id.uuid(), shape))
    })
    .await
}

/// Read a payout
#[utoipa::path(get, path = "/v1/payouts/{id}", tag = "payouts",
    responses((status = 200, description = "The payout", body = Payout)), operation_id = "payout")]
pub async fn find(get: Get, id: PathId<PayoutId>) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| Ok(shape(views::find(tx, tenant_id, id.0)?))).await
}

/// List of what a payout is made, newest first
///
/// Each part with the payment, refund or dispute it is of; or with the reason why it is of nothing that is known.
#[utoipa::path(get, path = "/v1/payouts/{id}/items", tag = "payouts", params(PageQuery, PayoutItemsQuery),
    responses((status = 200, description = "A page of its parts", body = Page<PayoutItem>)), operation_id = "payout_items")]
pub async fn items(
    get: Get,
    id: PathId<PayoutId>,
    listing: Listing<PayoutItemsQuery>,
) -> Result<Answer, Problem> {
    get.run(move |tx, tenant_id| {
        views::find(tx, tenant_id, id.0)?;
        let unmatched = listing.filter.unmatched;
        let slice = views::items(tx, (tenant_id, id.0), unmatched, &listing.keyset)?;
        Ok(page(slice, |item| item.id.uuid(), PayoutItem::from))
    })
    .await
}
