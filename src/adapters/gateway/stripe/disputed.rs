//! What does Stripe say of a disputed charge? `{"id": "dp_1", "status": "needs_response", "amount": 3100, "evidence_details": {"due_by": …},
//! "balance_transactions": [{"amount": -3100, "fee": 1500}]}`: 31.00 taken, 15.00 kept. A second transaction above zero gives it back.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::reading::{created, status, word};
use crate::domain::money::{Currency, Money};
use crate::domain::payments::accounts::GatewayKind;
use crate::domain::payments::disputes::{Kind, Seen, Status, WarningSeen};
use crate::domain::payments::units::amount_from;

/// A dispute in a list of them; `None`: it cannot be read.
pub(super) fn dispute(object: &Value, currency: Currency) -> Option<Seen> {
    let transactions = object.get("balance_transactions").and_then(Value::as_array);
    let transactions = transactions.map_or(&[][..], Vec::as_slice);
    let number =
        |transaction: &Value, field: &str| transaction.get(field).and_then(Value::as_i64).unwrap_or_default();
    // Fees are in the currency that is paid out: in another one they are found in what is paid out.
    let is_ours = |transaction: &&Value| {
        let named = transaction.get("currency").and_then(Value::as_str);
        named.is_none_or(|named| named.eq_ignore_ascii_case(currency.code()))
    };
    let fee = transactions.iter().filter(is_ours).map(|transaction| number(transaction, "fee")).sum();
    let taken: i64 = transactions.iter().map(|transaction| number(transaction, "amount")).sum();
    let status = match status(object) {
        "warning_needs_response" | "warning_under_review" => Status::Inquiry,
        "warning_closed" => Status::InquiryClosed,
        "needs_response" => Status::NeedsResponse,
        "under_review" => Status::UnderReview,
        "won" | "prevented" => Status::Won,
        "lost" => Status::Lost,
        _ => return None,
    };
    let due_by = object.pointer("/evidence_details/due_by").and_then(Value::as_i64);
    Some(Seen {
        kind: Kind::Dispute,
        reference: word(object, "id")?,
        reason: word(object, "reason").unwrap_or_else(|| "general".to_owned()),
        amount: amount_from(GatewayKind::Stripe, object.get("amount")?.as_i64()?, currency)?,
        fee: amount_from(GatewayKind::Stripe, fee, currency).unwrap_or(Money::zero(currency)),
        status,
        is_withdrawn: taken < 0,
        evidence_due_by: due_by.and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0)),
        opened_at: created(object)?,
    })
}

/// A warning in a list of them.
pub(super) fn warning(object: &Value) -> Option<WarningSeen> {
    let kind = word(object, "fraud_type").unwrap_or_else(|| "misc".to_owned());
    Some(WarningSeen { reference: word(object, "id")?, kind, warned_at: created(object)? })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(fields: Value) -> Option<Seen> {
        let mut object = json!({ "id": "dp_1", "object": "dispute", "amount": 3_100, "currency": "usd", "reason": "fraudulent",
            "created": 1_000, "status": "needs_response", "evidence_details": { "due_by": 2_000 } });
        object.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        dispute(&object, "USD".parse().unwrap())
    }

    #[test]
    fn what_was_taken_and_kept_is_the_sum_of_its_transactions() {
        let taken = json!({ "amount": -3_100, "fee": 1_500, "currency": "usd" });
        let back = json!({ "amount": 3_100, "fee": 0, "currency": "usd" });
        let seen = read(json!({ "balance_transactions": [taken] })).unwrap();
        assert_eq!((seen.is_withdrawn, seen.fee.to_major_string()), (true, "15.00".to_owned()));
        assert_eq!(seen.evidence_due_by, DateTime::from_timestamp(2_000, 0));
        let won = read(json!({ "status": "won", "balance_transactions": [taken, back] })).unwrap();
        assert_eq!((won.is_withdrawn, won.status), (false, Status::Won));
        let inquiry = read(json!({ "status": "warning_needs_response" })).unwrap();
        assert_eq!(
            (inquiry.is_withdrawn, inquiry.status, inquiry.fee.is_zero()),
            (false, Status::Inquiry, true)
        );
        assert_eq!(read(json!({ "status": "of_tomorrow" })), None);
    }
}
