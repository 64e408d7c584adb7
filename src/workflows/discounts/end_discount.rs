//! A discount ends: charges that fall due from now on are not covered. What it took off stays off.

use crate::domain::discounts::Discount;
use crate::domain::events::EventType;
use crate::domain::ids::DiscountId;
use crate::storage::{Tx, discounts, events};
use crate::workflows::{Done, Error, Scope};

/// Ends it; a second time changes nothing.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: DiscountId) -> Result<Done<Discount>, Error> {
    let customer_id = discounts::find_discount(tx, scope.tenant_id, id)?.customer_id;
    let scope = &scope.lock(tx, customer_id)?;
    let mut discount = discounts::find_discount(tx, scope.tenant_id, id)?;
    if discount.ended_at.is_some() {
        return Ok(Done::AlreadyDone(discount));
    }
    discount.ended_at = Some(scope.now);
    discounts::end_discount(tx, &scope.held, &discount)?;
    let event = scope.event(EventType::DiscountEnded, id.uuid(), discount.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(Done::Done(discount))
}
