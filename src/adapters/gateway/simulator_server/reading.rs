//! What does the simulator's server say? `{"id": "sim_…", "status": "declined", "code": "insufficient_funds"}`: for want of funds.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::domain::money::{Currency, Money};
use crate::domain::payments::Outcome;
use crate::domain::payments::declines::{self, Decline};
use crate::domain::payments::disputes::{Kind, Seen, WarningSeen};
use crate::domain::payments::given_back::{self, Standing};

/// A text as it may stand in an address: letters, digits, `_`.
pub(super) fn name(text: &str) -> Option<&str> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_plain && (1..=255).contains(&text.len())).then_some(text)
}

pub(super) fn text<'v>(object: &'v Value, field: &str) -> Option<&'v str> {
    object.get(field)?.as_str()
}

pub(super) fn instant(object: &Value, field: &str) -> Option<DateTime<Utc>> {
    text(object, field)?.parse().ok()
}

/// An amount as the simulator writes it: in major units.
pub(super) fn money(object: &Value, field: &str, currency: Currency) -> Option<Money> {
    Money::parse_major(object.get(field)?.as_str()?, currency).ok()
}

/// What became of a charge.
pub(super) fn charge(object: &Value) -> Outcome {
    let Some(reference) = text(object, "id").map(str::to_owned) else { return Outcome::Unknown };
    match (text(object, "status"), text(object, "code")) {
        (Some("succeeded"), _) => Outcome::Succeeded { reference },
        (Some("declined"), Some(code)) => {
            let (network_code, advice_code) = (text(object, "network_code"), text(object, "advice_code"));
            let decline = Decline { gateway: "simulator", code, network_code, advice_code };
            Outcome::Declined {
                code: code.to_owned(),
                reference: Some(reference),
                hard: declines::meaning(&decline).class.ends_method(),
                network_code: network_code.map(str::to_owned),
                advice_code: advice_code.map(str::to_owned),
            }
        }
        (Some("pending"), _) => match instant(object, "settles_at") {
            Some(check_after) => Outcome::Pending { check_after, reference, action_url: None },
            None => Outcome::Unknown,
        },
        _ => Outcome::Unknown,
    }
}

/// What became of a refund.
pub(super) fn refund(object: &Value) -> Outcome {
    match (text(object, "id"), text(object, "status")) {
        (Some(id), Some("succeeded")) => Outcome::Succeeded { reference: id.to_owned() },
        _ => Outcome::Unknown,
    }
}

/// A refund in a list of them; `None`: it cannot be read.
pub(super) fn refund_seen(object: &Value, currency: Currency) -> Option<given_back::Seen> {
    let ours = text(object, "key").and_then(|key| key.parse().ok());
    Some(given_back::Seen {
        reference: text(object, "id")?.to_owned(),
        ours: ours.map(crate::domain::ids::RefundId::from_uuid),
        amount: money(object, "amount", currency)?,
        standing: Standing::Succeeded,
    })
}

/// A dispute in a list of them.
pub(super) fn dispute(object: &Value, currency: Currency) -> Option<Seen> {
    Some(Seen {
        kind: Kind::Dispute,
        reference: text(object, "id")?.to_owned(),
        reason: text(object, "reason")?.to_owned(),
        amount: money(object, "amount", currency)?,
        fee: money(object, "fee", currency)?,
        status: text(object, "status")?.parse().ok()?,
        is_withdrawn: object.get("is_withdrawn")?.as_bool()?,
        evidence_due_by: instant(object, "evidence_due_by"),
        opened_at: instant(object, "opened_at")?,
    })
}

/// A warning in a list of them.
pub(super) fn warning(object: &Value) -> Option<WarningSeen> {
    Some(WarningSeen {
        reference: text(object, "id")?.to_owned(),
        kind: text(object, "kind")?.to_owned(),
        warned_at: instant(object, "warned_at")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_status_of_a_charge_is_an_outcome() {
        let read = |object| charge(&object);
        assert!(matches!(read(json!({ "id": "sim_1", "status": "succeeded" })), Outcome::Succeeded { .. }));
        let declined = json!({ "id": "sim_1", "status": "declined", "code": "stolen_card" });
        assert!(matches!(read(declined), Outcome::Declined { hard: true, .. }));
        let pending = json!({ "id": "sim_1", "status": "pending", "settles_at": "2026-01-01T01:00:00Z" });
        assert!(matches!(read(pending), Outcome::Pending { action_url: None, .. }));
        for nothing in [json!({}), json!({ "id": "sim_1" }), json!({ "id": "sim_1", "status": "pending" })] {
            assert_eq!(read(nothing), Outcome::Unknown);
        }
    }
}
