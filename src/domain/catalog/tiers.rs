//! Which quantities does a tier hold? Those above the tier before it, up to and with its own bound, `up_to`: of tiers up to
//! 100 and up to 1,000, the first holds 100 and the second 100.5.
//!
//! One convention for every model with tiers. Bounds rise strictly and may be fractional; the last tier is open. The
//! first tier holds 0, so its `flat_amount` is charged for a quantity of 0, too; where that is free, a tier up to 0 comes first.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::amounts::check_amount;
use crate::domain::fields::{Faults, below};
use crate::domain::money::Currency;

/// Most tiers of one price: each is looked at whenever the price is billed.
const TIERS: usize = 100;

/// One tier of a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The largest quantity in it; `None` in the last tier, which has no end.
    pub up_to: Option<Decimal>,
    /// Major units for each unit; 0 in a stairstep price.
    #[serde(default)]
    pub unit_amount: Decimal,
    /// Major units for the tier, whatever the quantity in it.
    #[serde(default)]
    pub flat_amount: Decimal,
}

/// Notes everything that is wrong with the tiers at the pointer `at`.
pub(super) fn check(tiers: &[Tier], at: &str, currency: Currency, faults: &mut Faults) {
    if tiers.is_empty() {
        faults.add(at, "no_tiers", "name at least one tier; the last one is open, with up_to null");
    }
    if tiers.len() > TIERS {
        faults.add(at, "too_many", format_args!("a price has at most {TIERS} tiers"));
    }
    let mut before = None;
    for (n, tier) in tiers.iter().enumerate() {
        let at = below(at, &n.to_string());
        check_bound(tier.up_to, (before, n + 1 == tiers.len()), &below(&at, "up_to"), faults);
        check_amount(tier.unit_amount, &below(&at, "unit_amount"), currency, faults);
        check_amount(tier.flat_amount, &below(&at, "flat_amount"), currency, faults);
        before = tier.up_to.or(before);
    }
}

/// A tier ends above the one before it, and only the last one has no end.
fn check_bound(
    up_to: Option<Decimal>,
    (before, is_last): (Option<Decimal>, bool),
    at: &str,
    faults: &mut Faults,
) {
    match up_to {
        None if is_last => {}
        None => {
            let detail = "only the last tier may be open: no quantity would reach the tiers after this one";
            faults.add(at, "open_tier_not_last", detail);
        }
        Some(bound) => {
            if bound < Decimal::ZERO {
                let detail = format_args!("a tier cannot end at {bound}: no quantity lies below 0");
                faults.add(at, "negative_up_to", detail);
            } else if let Some(before) = before.filter(|before| bound <= *before) {
                let detail = format_args!(
                    "this tier ends at {bound} and the tier before it at {before}: each must end above the one before"
                );
                faults.add(at, "tiers_not_rising", detail);
            }
            if is_last {
                let detail = format_args!(
                    "the last tier must be open, with up_to null: a quantity above {bound} would have no price"
                );
                faults.add(at, "last_tier_not_open", detail);
            }
        }
    }
}

/// Notes the amounts per unit of a stairstep price, which has none.
pub(super) fn check_steps(tiers: &[Tier], at: &str, faults: &mut Faults) {
    for (n, _) in tiers.iter().enumerate().filter(|(_, tier)| !tier.unit_amount.is_zero()) {
        let detail = "a stairstep price is the flat_amount of the tier reached: leave unit_amount out, or choose volume";
        faults.add(below(&below(at, &n.to_string()), "unit_amount"), "unit_amount_not_used", detail);
    }
}
