//! What will a code take off? Adds a coupon.

use crate::domain::discounts::Coupon;
use crate::domain::discounts::draft::CouponDraft;
use crate::domain::events::EventType;
use crate::domain::fields::Faults;
use crate::domain::ids::CouponId;
use crate::storage::named::{self as names, Named};
use crate::storage::{Tx, discounts, events};
use crate::workflows::named::{self, List};
use crate::workflows::{Error, Scope};

/// Adds it.
///
/// # Errors
/// [`Invalid`](crate::domain::refusal::Invalid) values; `unknown_plan`, `unknown_price`, `unknown_price_code`; `code_taken`.
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
    let mut faults = Faults::none();
    for code in names::price_codes_missing(tx, scope.tenant_id, &uses.price_codes)? {
        faults.add(
            "/applies_to/price_codes",
            "unknown_price_code",
            format_args!("no plan has a price {code}"),
        );
    }
    faults.into_result()?;
    discounts::insert_coupon(tx, scope.tenant_id, &coupon)?;
    let event = scope.event(EventType::CouponCreated, coupon.id.uuid(), coupon.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(coupon)
}
