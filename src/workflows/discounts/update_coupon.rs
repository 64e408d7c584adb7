//! Can a coupon still be redeemed? Switches it on or off, or renames it; what it takes off never changes.

use crate::domain::discounts::Coupon;
use crate::domain::events::EventType;
use crate::domain::fields::{Faults, NAME_LENGTH};
use crate::domain::ids::CouponId;
use crate::storage::{Tx, discounts, events};
use crate::workflows::{Error, Scope};

/// What changes; everything left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CouponChange {
    pub name: Option<String>,
    pub active: Option<bool>,
}

/// Changes it. Saying what is so already writes nothing.
///
/// # Errors
/// Not found; [`Invalid`](crate::domain::refusal::Invalid) values.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: CouponId, change: CouponChange) -> Result<Coupon, Error> {
    let mut faults = Faults::none();
    faults.check_optional("/name", change.name.as_deref(), NAME_LENGTH);
    faults.into_result()?;
    let before = discounts::lock_coupon(tx, scope.tenant_id, &id.to_string())?;
    let mut after = before.clone();
    after.name = change.name.unwrap_or(after.name);
    after.active = change.active.unwrap_or(after.active);
    if after == before {
        return Ok(after);
    }
    discounts::update_coupon(tx, scope.tenant_id, &after)?;
    let event = scope.event(EventType::CouponUpdated, id.uuid(), after.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(after)
}
