//! What will a code take off? Adds a coupon.

use crate::domain::discounts::Coupon;
use crate::domain::discounts::draft::CouponDraft;
use crate::domain::events::EventType;
use crate::domain::ids::CouponId;
use crate::storage::{Tx, discounts, events};
use crate::workflows::{Error, Scope};

/// Adds it.
///
/// # Errors
/// [`Invalid`](crate::domain::refusal::Invalid) values; `code_taken`.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, draft: CouponDraft) -> Result<Coupon, Error> {
    let coupon = draft.create(CouponId::from_uuid(scope.mint()), scope.now)?;
    discounts::insert_coupon(tx, scope.tenant_id, &coupon)?;
    let event = scope.event(EventType::CouponCreated, coupon.id.uuid(), coupon.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(coupon)
}
