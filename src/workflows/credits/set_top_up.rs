//! When is a customer notified that its credits run low, and what is bought then? One rule a currency.

use crate::domain::credits::TopUp;
use crate::domain::events::EventType;
use crate::domain::fields::Faults;
use crate::domain::ids::CustomerId;
use crate::domain::money::Money;
use crate::storage::{Tx, credits, events};
use crate::workflows::{Error, Scope};

/// Longest time until bought credits expire, in days.
const LONGEST: i32 = 3_660;

/// Sets the rule of its currency.
///
/// # Errors
/// No such customer; [`Invalid`](crate::domain::refusal::Invalid) values.
pub fn set(tx: &mut Tx<'_>, scope: &Scope, rule: &TopUp) -> Result<(), Error> {
    let mut faults = Faults::none();
    if !rule.threshold.is_positive() {
        faults.add("/threshold", "amount_out_of_range", "a threshold is above zero");
    }
    if let Some(buys) = rule.buys {
        if !buys.amount.is_positive() {
            faults.add("/amount", "amount_out_of_range", "a top-up is of an amount above zero");
        }
        if buys.price.is_negative() {
            faults.add("/price", "amount_out_of_range", "a price is zero or more");
        }
        if buys.expires_after_days.is_some_and(|days| !(1..=LONGEST).contains(&days)) {
            let detail = format_args!("credits last from 1 to {LONGEST} days; leave it out for ever");
            faults.add("/expires_after_days", "days_out_of_range", detail);
        }
    }
    let scope = &scope.lock(tx, rule.customer_id)?;
    faults.into_result()?;
    credits::set_top_up(tx, &scope.held, rule)?;
    emit(tx, scope, rule.customer_id, Some(rule.threshold))
}

/// Forgets all rules of a customer.
///
/// # Errors
/// No such customer.
pub fn remove(tx: &mut Tx<'_>, scope: &Scope, customer: CustomerId) -> Result<(), Error> {
    let scope = &scope.lock(tx, customer)?;
    if credits::remove_top_ups(tx, &scope.held, customer)? == 0 {
        return Ok(());
    }
    emit(tx, scope, customer, None)
}

fn emit(tx: &mut Tx<'_>, scope: &Scope, customer: CustomerId, threshold: Option<Money>) -> Result<(), Error> {
    let data = serde_json::json!({
        "customer_id": customer,
        "currency": threshold.map(|t| t.currency().code()),
        "threshold": threshold.map(Money::to_major_string),
    });
    let event = scope.event(EventType::CreditsTopUpChanged, customer.uuid(), data);
    Ok(events::record(tx, scope.tenant_id, &[event])?)
}
