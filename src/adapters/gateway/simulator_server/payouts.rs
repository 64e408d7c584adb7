//! Of what is a payout of the simulator's server made? `{"kind": "charge", "charge": "sim_…", "amount": "31.00", "fee": "1.20", "currency": "USD"}`.

use serde_json::Value;

use super::reading::{instant, money, text};
use crate::domain::ids::{PaymentId, RefundId};
use crate::domain::money::Currency;
use crate::domain::payments::payouts::{ItemSeen, Names, Seen};

fn currency(object: &Value, field: &str) -> Option<Currency> {
    Currency::parse(text(object, field)?).ok()
}

/// A payout; `None`: it cannot be read.
pub(super) fn payout(object: &Value, items: Vec<ItemSeen>) -> Option<Seen> {
    Some(Seen {
        reference: text(object, "id")?.to_owned(),
        amount: money(object, "amount", currency(object, "currency")?)?,
        has_failed: text(object, "status")? == "failed",
        paid_at: instant(object, "paid_at")?,
        items,
    })
}

/// A part of one.
pub(super) fn item(object: &Value) -> Option<ItemSeen> {
    let named = |field: &str| text(object, field).map(str::to_owned);
    let key = |field: &str| text(object, field).and_then(|key| key.parse().ok());
    let currency_paid = currency(object, "currency")?;
    Some(ItemSeen {
        reference: named("id")?,
        kind: text(object, "kind")?.parse().ok()?,
        names: Names {
            charge: named("charge"),
            payment_id: key("charge_key").map(PaymentId::from_uuid),
            refund: named("refund"),
            refund_id: key("refund_key").map(RefundId::from_uuid),
            dispute: named("dispute"),
            payout: named("payout"),
        },
        original: money(object, "original_amount", currency(object, "original_currency")?)?,
        amount: money(object, "amount", currency_paid)?,
        fee: money(object, "fee", currency_paid)?,
    })
}
