//! What do GoCardless's objects and errors say? `{"id": "PM000001", "status": "failed"}`, and an event of it `{"details": {"cause":
//! "insufficient_funds", "reason_code": "ARUDD-0"}}`: declined for want of funds. Fields are read, never sentences.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::super::calls::Reply;
use crate::domain::money::Currency;
use crate::domain::payments::Outcome;
use crate::domain::payments::accounts::GatewayKind;
use crate::domain::payments::declines::{self, Decline};
use crate::domain::payments::given_back::{Seen, Standing};
use crate::domain::payments::mandates::State;
use crate::domain::payments::units::amount_from;

/// Where our own ids stand on its objects.
pub(super) const PAYMENT: &str = "billwright_payment_id";
pub(super) const REFUND: &str = "billwright_refund_id";
/// When a debit that takes its days is read again, should no event come before.
const AGAIN: TimeDelta = TimeDelta::hours(12);
/// Longest word that is kept.
const WORD: usize = 100;

/// A text as it may stand in an address: letters, digits, `_` and `-`.
pub(super) fn name(text: &str) -> Option<&str> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    (is_plain && (1..=255).contains(&text.len())).then_some(text)
}

/// A word, as it may be kept.
pub(super) fn word(object: &Value, field: &str) -> Option<String> {
    let text = object.get(field)?.as_str()?;
    (!text.is_empty() && text.len() <= WORD && text.bytes().all(|b| b.is_ascii_graphic()))
        .then(|| text.to_owned())
}

pub(super) fn metadata<'v>(object: &'v Value, field: &str) -> Option<&'v str> {
    object.get("metadata")?.get(field)?.as_str()
}

pub(super) fn created(object: &Value) -> Option<DateTime<Utc>> {
    object.get("created_at")?.as_str()?.parse().ok()
}

pub(super) fn status(object: &Value) -> &str {
    object.get("status").and_then(Value::as_str).unwrap_or_default()
}

/// Why a call was not done.
pub(super) enum Refusal {
    /// It was done before, under this name: the same key came twice.
    DoneBefore(String),
    /// It was not, and will not be by this call.
    No(Outcome),
    /// Nobody knows.
    Unclear,
}

/// What an error says.
pub(super) fn refusal(reply: &Reply) -> Refusal {
    let error = reply.body.get("error").unwrap_or(&Value::Null);
    let first = error.pointer("/errors/0").unwrap_or(&Value::Null);
    let reason = word(first, "reason").or_else(|| word(error, "type"));
    if reason.as_deref() == Some("idempotent_creation_conflict") {
        let other = first.pointer("/links/conflicting_resource_id").and_then(Value::as_str).and_then(name);
        return other.map_or(Refusal::Unclear, |id| Refusal::DoneBefore(id.to_owned()));
    }
    match reply.status {
        400 | 404 | 422 => {
            let code = reason.unwrap_or_else(|| "declined_without_a_code".to_owned());
            Refusal::No(no((&code, None), None))
        }
        // Nothing was done: the account's token is none, or may not do it.
        401 | 403 => Refusal::No(Outcome::declined("gateway_credentials_refused", false)),
        _ => Refusal::Unclear,
    }
}

/// A no, by its cause and the bank's own code.
fn no((cause, reason_code): (&str, Option<String>), reference: Option<String>) -> Outcome {
    let decline = Decline { gateway: "gocardless", code: cause, network_code: None, advice_code: None };
    let hard = declines::meaning(&decline).class.ends_method();
    Outcome::Declined {
        code: cause.to_owned(),
        reference,
        hard,
        network_code: reason_code,
        advice_code: None,
    }
}

/// What became of a debit; `None`: it failed, and why is told by its events.
pub(super) fn payment(object: &Value, at: DateTime<Utc>) -> Option<Outcome> {
    let Some(reference) = word(object, "id") else { return Some(Outcome::Unknown) };
    Some(match status(object) {
        "pending_customer_approval" | "pending_submission" | "submitted" => {
            let check_after = at.checked_add_signed(AGAIN).unwrap_or(at);
            Outcome::Pending { check_after, reference, action_url: None }
        }
        // What was taken back had come: that is read apart.
        "confirmed" | "paid_out" | "charged_back" => Outcome::Succeeded { reference },
        "cancelled" => no(("payment_cancelled", None), Some(reference)),
        "customer_approval_denied" => no(("customer_approval_denied", None), Some(reference)),
        "failed" => return None,
        _ => Outcome::Unknown,
    })
}

/// Cause and code of the newest of these events.
pub(super) fn cause(events: &[Value]) -> Option<(String, Option<String>)> {
    let details = events.first()?.get("details")?;
    Some((word(details, "cause")?, word(details, "reason_code")))
}

/// What a debit that failed says.
pub(super) fn failed(object: &Value, cause: Option<(String, Option<String>)>) -> Outcome {
    let (cause, code) = cause.unwrap_or_else(|| ("failed_without_a_cause".to_owned(), None));
    no((&cause, code), word(object, "id"))
}

/// What became of a refund.
pub(super) fn refund(object: &Value, at: DateTime<Utc>) -> Outcome {
    let Some(reference) = word(object, "id") else { return Outcome::Unknown };
    match standing(object) {
        Standing::Succeeded => Outcome::Succeeded { reference },
        Standing::Failed { code } => {
            let reference = Some(reference);
            Outcome::Declined { code, reference, hard: true, network_code: None, advice_code: None }
        }
        Standing::Pending => {
            let check_after = at.checked_add_signed(AGAIN).unwrap_or(at);
            Outcome::Pending { check_after, reference, action_url: None }
        }
    }
}

/// The money leaves the account when a refund is made; it may come back.
fn standing(object: &Value) -> Standing {
    match status(object) {
        "created" | "pending_submission" | "submitted" | "paid" => Standing::Succeeded,
        status @ ("cancelled" | "bounced" | "funds_returned" | "failed") => {
            Standing::Failed { code: format!("refund_{status}") }
        }
        _ => Standing::Pending,
    }
}

/// A refund in a list of them; `None`: it cannot be read.
pub(super) fn refund_seen(object: &Value, currency: Currency) -> Option<Seen> {
    Some(Seen {
        reference: word(object, "id")?,
        ours: metadata(object, REFUND).and_then(|id| id.parse().ok()),
        amount: amount_from(GatewayKind::Gocardless, object.get("amount")?.as_i64()?, currency)?,
        standing: standing(object),
    })
}

/// How a mandate stands.
pub(super) fn mandate(object: &Value) -> Option<State> {
    Some(match status(object) {
        "pending_customer_approval" | "pending_submission" | "submitted" => State::Pending,
        "active" => State::Active,
        "cancelled" | "suspended_by_payer" | "blocked" => State::Cancelled,
        "expired" | "consumed" => State::Expired,
        "failed" => State::Failed,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(status: &str) -> Option<Outcome> {
        payment(&json!({ "id": "PM1", "status": status }), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn days_of_processing_are_no_failure_and_each_status_is_an_outcome() {
        for status in ["pending_customer_approval", "pending_submission", "submitted"] {
            assert!(matches!(read(status), Some(Outcome::Pending { action_url: None, .. })), "{status}");
        }
        for status in ["confirmed", "paid_out", "charged_back"] {
            assert!(matches!(read(status), Some(Outcome::Succeeded { .. })), "{status}");
        }
        assert_eq!(read("failed"), None);
        assert_eq!(read("of_tomorrow"), Some(Outcome::Unknown));
        let events = [
            json!({ "details": { "cause": "insufficient_funds", "reason_code": "ARUDD-0" } }),
            json!({ "details": { "cause": "bank_account_closed" } }),
        ];
        let expected = Outcome::Declined {
            code: "insufficient_funds".to_owned(),
            reference: Some("PM1".to_owned()),
            hard: false,
            network_code: Some("ARUDD-0".to_owned()),
            advice_code: None,
        };
        assert_eq!(failed(&json!({ "id": "PM1" }), cause(&events)), expected);
        let hard = |cause: &str| {
            matches!(
                failed(&json!({ "id": "PM1" }), Some((cause.to_owned(), None))),
                Outcome::Declined { hard: true, .. }
            )
        };
        assert!(hard("bank_account_closed") && hard("mandate_cancelled") && !hard("refer_to_payer"));
    }

    #[test]
    fn a_key_that_comes_twice_leads_to_what_it_made_and_a_fault_to_nothing() {
        let reply = |status: u16, error: Value| Reply { status, body: json!({ "error": error }) };
        let twice = json!({ "type": "invalid_state", "errors": [{ "reason": "idempotent_creation_conflict",
            "links": { "conflicting_resource_id": "PM7" } }] });
        assert!(matches!(refusal(&reply(409, twice)), Refusal::DoneBefore(id) if id == "PM7"));
        let dead = json!({ "type": "invalid_state", "errors": [{ "reason": "mandate_is_inactive" }] });
        assert!(matches!(
            refusal(&reply(422, dead)),
            Refusal::No(Outcome::Declined { code, hard: true, .. }) if code == "mandate_is_inactive"
        ));
        for status in [409, 429, 500, 503] {
            assert!(matches!(refusal(&reply(status, json!({ "type": "gocardless" }))), Refusal::Unclear));
        }
    }
}
