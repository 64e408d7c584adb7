//! Of what is a payout of Stripe made? Of transactions of the balance: `{"type": "charge", "amount": 3100, "fee": 120, "net": 2980, "currency": "usd", "source":
//! {"object": "charge", "payment_intent": "pi_1"}}`. What was charged in another currency has its own amount in its source.

use serde_json::Value;

use super::reading::{PAYMENT, REFUND, created, metadata, status, word};
use crate::domain::money::{Currency, Money};
use crate::domain::payments::accounts::GatewayKind;
use crate::domain::payments::payouts::{ItemSeen, Kind, Names, Seen};
use crate::domain::payments::units::amount_from;

/// Whether it is at the bank, or has come back from there.
pub(super) fn is_over(payout: &Value) -> bool {
    matches!(status(payout), "paid" | "failed" | "canceled")
}

fn money(object: &Value, field: &str) -> Option<Money> {
    let currency = Currency::parse(&object.get("currency")?.as_str()?.to_ascii_uppercase()).ok()?;
    amount_from(GatewayKind::Stripe, object.get(field)?.as_i64()?, currency)
}

/// A payout; `None`: it cannot be read.
pub(super) fn payout(object: &Value, items: Vec<ItemSeen>) -> Option<Seen> {
    let arrival = object.get("arrival_date").and_then(Value::as_i64);
    let arrived = arrival.and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
    Some(Seen {
        reference: word(object, "id")?,
        amount: money(object, "amount")?,
        has_failed: status(object) != "paid",
        paid_at: arrived.or_else(|| created(object))?,
        items,
    })
}

fn kind(transaction: &Value) -> Option<Kind> {
    let category = transaction.get("reporting_category").and_then(Value::as_str);
    Some(match (transaction.get("type").and_then(Value::as_str)?, category) {
        (_, Some("dispute")) => Kind::Dispute,
        (_, Some("dispute_reversal")) => Kind::DisputeReversal,
        ("charge" | "payment", _) => Kind::Charge,
        ("refund" | "payment_refund", _) => Kind::Refund,
        ("refund_failure" | "payment_failure_refund", _) => Kind::RefundFailure,
        ("stripe_fee" | "network_cost" | "application_fee", _) => Kind::Fee,
        ("payout_failure" | "payout_cancel", _) => Kind::PayoutFailure,
        _ => Kind::Other,
    })
}

/// A part of one. The inner `None`: it is the payout itself.
pub(super) fn item(transaction: &Value) -> Option<Option<ItemSeen>> {
    if transaction.get("type").and_then(Value::as_str) == Some("payout") {
        return Some(None);
    }
    let (amount, fee) = (money(transaction, "amount")?, money(transaction, "fee")?);
    let source = transaction.get("source").filter(|source| source.is_object());
    let id = source.and_then(|source| word(source, "id"));
    // An expanded one is an object with its name.
    let intent = source.and_then(|source| source.get("payment_intent"));
    let intent = intent.map(|intent| intent.get("id").unwrap_or(intent));
    let ours = |field: &str| source.and_then(|source| metadata(source, field));
    let kind = kind(transaction)?;
    let is = |kinds: &[Kind]| kinds.contains(&kind).then(|| id.clone()).flatten();
    // Its source says what was charged, above zero whichever way it went.
    let original = source.and_then(|source| money(source, "amount"));
    let original = match original.filter(|original| original.currency() != amount.currency()) {
        Some(original) if amount.is_negative() => original.negated().ok()?,
        Some(original) => original,
        None => amount,
    };
    Some(Some(ItemSeen {
        reference: word(transaction, "id")?,
        kind,
        names: Names {
            charge: intent.and_then(Value::as_str).map(str::to_owned),
            payment_id: ours(PAYMENT).and_then(|id| id.parse().ok()),
            refund: is(&[Kind::Refund, Kind::RefundFailure]),
            refund_id: ours(REFUND).and_then(|id| id.parse().ok()),
            dispute: is(&[Kind::Dispute, Kind::DisputeReversal]),
            payout: is(&[Kind::PayoutFailure]),
        },
        original,
        amount,
        fee,
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_transaction_names_what_it_is_of() {
        let charged = json!({ "id": "txn_1", "type": "charge", "reporting_category": "charge", "amount": 3_100, "fee": 120,
            "currency": "usd", "source": { "id": "ch_1", "object": "charge", "amount": 3_100, "currency": "usd",
            "payment_intent": "pi_1" } });
        let read = item(&charged).unwrap().unwrap();
        assert_eq!((read.kind, read.names.charge.as_deref()), (Kind::Charge, Some("pi_1")));
        assert_eq!(read.net().unwrap().to_major_string(), "29.80");
        let taken = json!({ "id": "txn_2", "type": "adjustment", "reporting_category": "dispute", "amount": -3_100, "fee": 1_500,
            "currency": "usd", "source": { "id": "dp_1", "object": "dispute", "amount": 3_100, "currency": "usd",
            "payment_intent": "pi_1" } });
        let read = item(&taken).unwrap().unwrap();
        assert_eq!((read.kind, read.names.dispute.as_deref()), (Kind::Dispute, Some("dp_1")));
        assert_eq!(read.original, read.amount);
        let itself =
            json!({ "id": "txn_3", "type": "payout", "amount": -2_980, "fee": 0, "currency": "usd" });
        assert_eq!(item(&itself), Some(None));
    }

    #[test]
    fn what_was_exchanged_has_the_amount_that_was_charged() {
        let back = json!({ "id": "txn_1", "type": "refund", "amount": -900, "fee": 0, "currency": "eur",
            "source": { "id": "re_1", "object": "refund", "amount": 1_000, "currency": "usd", "payment_intent": "pi_1" } });
        let read = item(&back).unwrap().unwrap();
        assert_eq!(read.original.to_string(), "-10.00 USD");
        assert_eq!(read.amount.to_string(), "-9.00 EUR");
    }
}
