//! What will a code take off? Adds a coupon.

use crate::domain::discounts::Coupon;
use crate::domain::discounts::draft::CouponDraft;
use crate::domain::events::EventType;
use crate::domain::ids::CouponId;
use crate::storage::named::Named;
use crate::storage::{Tx, discounts, events};
use crate::workflows::named::{self, List};
use crate::workflows::{Error, Scope};

/// Adds it.
///
/// # Errors
/// [`Invalid`](crate::domain::refusal::Invalid) values; `unknown_plan`, `unknown_price`; `code_taken`.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, draft: CouponDraft) -> Result<Coupon, Error> {
    let coupon = draft.create(CouponId::from_uuid(scope.mint()), scope.now)?;
    let uses = &coupon.applies_to;
    let plans = List::of(
        (Named::Plans, "/applies_to/plan_ids"),
        uses.plan_ids.iter().map(|id| (id.uuid(), id.to_string())),
    );
    let prices = List::of(
        (Named::Prices, "/applies_to/price_ids"),
        uses.price_ids.iter().map(|id| (id.uuid(), id.to_string())),
    );
    named::check(tx, scope.tenant_id, &[plans, prices])?;
    discounts::insert_coupon(tx, scope.tenant_id, &coupon)?;
    let event = scope.event(EventType::CouponCreated, coupon.id.uuid(), coupon.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(coupon)
}
