//! How does the simulator show what it knows? Amounts in major units, with their currency; times in UTC.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::kept::{Amount, KeptItem, KeptPayout};
use crate::domain::money::Money;
use crate::domain::payments::Outcome;
use crate::domain::payments::disputes::{Seen, WarningSeen};
use crate::domain::payments::simulated::Charge;

fn major(amount: &Amount) -> String {
    amount.money().map(Money::to_major_string).unwrap_or_default()
}

fn code(amount: &Amount) -> &'static str {
    amount.money().map_or("", |money| money.currency().code())
}

/// A charge, and what has become of it.
pub(super) fn charge(charge: &Charge, outcome: &Outcome) -> Value {
    let mut shown = json!({ "id": charge.reference, "key": charge.idempotency_key, "token": charge.token,
        "amount": charge.amount.to_major_string(), "currency": charge.amount.currency().code(),
        "created_at": charge.received_at });
    let more = match outcome {
        Outcome::Succeeded { .. } => json!({ "status": "succeeded" }),
        Outcome::Declined { code, network_code, advice_code, .. } => {
            json!({ "status": "declined", "code": code, "network_code": network_code, "advice_code": advice_code })
        }
        Outcome::Pending { check_after, .. } => json!({ "status": "pending", "settles_at": check_after }),
        Outcome::Unknown | Outcome::NeverReached => json!({ "status": "unknown" }),
    };
    if let (Some(shown), Value::Object(more)) = (shown.as_object_mut(), more) {
        shown.extend(more);
    }
    shown
}

/// A refund: its amount is above zero.
pub(super) fn refund(refund: &Charge, charge: &Charge) -> Value {
    let amount = refund.amount.negated().unwrap_or(refund.amount);
    json!({ "id": refund.reference, "key": refund.idempotency_key, "charge": charge.reference, "charge_key": charge.idempotency_key,
        "amount": amount.to_major_string(), "currency": amount.currency().code(), "status": "succeeded",
        "created_at": refund.received_at })
}

pub(super) fn dispute(seen: &Seen) -> Value {
    let status: &'static str = seen.status.into();
    json!({ "id": seen.reference, "reason": seen.reason, "amount": seen.amount.to_major_string(),
        "currency": seen.amount.currency().code(), "fee": seen.fee.to_major_string(), "status": status,
        "is_withdrawn": seen.is_withdrawn, "evidence_due_by": seen.evidence_due_by, "opened_at": seen.opened_at })
}

pub(super) fn warning(seen: &WarningSeen) -> Value {
    json!({ "id": seen.reference, "kind": seen.kind, "warned_at": seen.warned_at })
}

pub(super) fn payout(payout: &KeptPayout) -> Value {
    let status = if payout.failed_at.is_some() { "failed" } else { "paid" };
    json!({ "id": payout.id, "amount": major(&payout.amount), "currency": code(&payout.amount), "status": status,
        "paid_at": payout.paid_at, "failed_at": payout.failed_at, "items": payout.items.len() })
}

pub(super) fn item(item: &KeptItem) -> Value {
    let net =
        item.amount.money().zip(item.fee.money()).and_then(|(amount, fee)| amount.checked_sub(fee).ok());
    json!({ "id": item.id, "kind": item.kind, "charge": item.charge, "charge_key": item.charge_key,
        "refund": item.refund, "refund_key": item.refund_key, "dispute": item.dispute, "payout": item.payout,
        "original_amount": major(&item.original), "original_currency": code(&item.original),
        "amount": major(&item.amount), "fee": major(&item.fee), "currency": code(&item.amount),
        "net": net.map(Money::to_major_string) })
}

/// A refusal that says what to do.
pub(super) fn refused(status: u16, why: &str, sentence: &str) -> (u16, Value) {
    (status, json!({ "code": why, "detail": sentence }))
}

/// An instant of a query or a body; now when there is none.
pub(super) fn at(given: Option<DateTime<Utc>>) -> DateTime<Utc> {
    given.unwrap_or_else(crate::platform::clock::now)
}
