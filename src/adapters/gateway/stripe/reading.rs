//! What do Stripe's objects and errors say? `{"status": "requires_payment_method", "last_payment_error": {"code": "card_declined",
//! "decline_code": "insufficient_funds"}}`: declined for want of funds. Fields are read, never sentences.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::super::calls::Reply;
use crate::domain::money::Currency;
use crate::domain::payments::Outcome;
use crate::domain::payments::accounts::GatewayKind;
use crate::domain::payments::declines::{self, Decline};
use crate::domain::payments::given_back::{Seen, Standing};
use crate::domain::payments::units::amount_from;

/// Where our own ids stand on objects of Stripe.
pub(super) const PAYMENT: &str = "billwright_payment_id";
pub(super) const REFUND: &str = "billwright_refund_id";
/// When an intent that takes its time is read again, should no event come before.
const AGAIN: TimeDelta = TimeDelta::hours(2);
/// Longest word of Stripe's that is kept.
const WORD: usize = 100;
/// Longest link that is kept.
const LINK: usize = 2_000;

/// Where an action tells its link.
const LINKS: [&str; 8] = [
    "/next_action/redirect_to_url/url",
    "/next_action/verify_with_microdeposits/hosted_verification_url",
    "/next_action/display_bank_transfer_instructions/hosted_instructions_url",
    "/next_action/boleto_display_details/hosted_voucher_url",
    "/next_action/konbini_display_details/hosted_voucher_url",
    "/next_action/oxxo_display_details/hosted_voucher_url",
    "/next_action/multibanco_display_details/hosted_voucher_url",
    "/next_action/paynow_display_qr_code/hosted_instructions_url",
];

/// A text as it may stand in an address: letters, digits, `_`.
pub(super) fn name(text: &str) -> Option<&str> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_plain && (1..=255).contains(&text.len())).then_some(text)
}

/// A word of Stripe's, as it may be kept.
pub(super) fn word(object: &Value, field: &str) -> Option<String> {
    let text = object.get(field)?.as_str()?;
    (!text.is_empty() && text.len() <= WORD && text.bytes().all(|b| b.is_ascii_graphic()))
        .then(|| text.to_owned())
}

pub(super) fn metadata<'v>(object: &'v Value, field: &str) -> Option<&'v str> {
    object.get("metadata")?.get(field)?.as_str()
}

pub(super) fn created(object: &Value) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(object.get("created")?.as_i64()?, 0)
}

pub(super) fn status(object: &Value) -> &str {
    object.get("status").and_then(Value::as_str).unwrap_or_default()
}

/// What an answer to a charge says.
pub(super) fn charged(reply: &Reply, at: DateTime<Utc>) -> Outcome {
    match reply.status {
        200..=299 => intent(&reply.body, at),
        _ => refused(reply),
    }
}

/// What an answer to a refund says.
pub(super) fn refunded(reply: &Reply, at: DateTime<Utc>) -> Outcome {
    match reply.status {
        200..=299 => refund(&reply.body, at),
        _ => refused(reply),
    }
}

/// Why it was not done; or that nobody knows: faults, too many calls, another call with the same key under way.
fn refused(reply: &Reply) -> Outcome {
    let error = reply.body.get("error").unwrap_or(&Value::Null);
    let is_of_key = error.get("type").and_then(Value::as_str) == Some("idempotency_error");
    let is_busy = ["idempotency_key_in_use", "lock_timeout", "rate_limit"];
    if is_of_key || word(error, "code").is_some_and(|code| is_busy.contains(&code.as_str())) {
        return Outcome::Unknown;
    }
    match reply.status {
        400 | 402 | 404 => {
            let reference = error.pointer("/payment_intent").and_then(|intent| word(intent, "id"));
            declined(error, reference)
        }
        // Nothing was done: the account's key is none, or may not do it.
        401 | 403 => Outcome::declined("gateway_credentials_refused", false),
        _ => Outcome::Unknown,
    }
}

/// Whether a code by itself ends its payment method.
fn is_hard(code: &str) -> bool {
    let decline = Decline { gateway: "stripe", code, network_code: None, advice_code: None };
    declines::meaning(&decline).class.ends_method()
}

/// A no, by the fields of an error.
fn declined(error: &Value, reference: Option<String>) -> Outcome {
    let code = word(error, "decline_code").or_else(|| word(error, "code"));
    let code = code.unwrap_or_else(|| "declined_without_a_code".to_owned());
    let advice_code = word(error, "advice_code");
    let network_code = word(error, "network_decline_code");
    let is_final = advice_code.as_deref() == Some("do_not_try_again");
    let hard = is_hard(&code) || is_final || code == "resource_missing";
    Outcome::Declined { code, reference, hard, network_code, advice_code }
}

/// What became of an intent.
pub(super) fn intent(object: &Value, at: DateTime<Utc>) -> Outcome {
    let Some(reference) = word(object, "id") else { return Outcome::Unknown };
    match status(object) {
        "succeeded" => Outcome::Succeeded { reference },
        "processing" | "requires_capture" => pending(reference, None, at),
        "requires_action" => {
            let link = LINKS.iter().find_map(|place| object.pointer(place)?.as_str());
            let is_link = |link: &&str| {
                link.len() <= LINK && link.starts_with("http") && link.bytes().all(|b| b.is_ascii_graphic())
            };
            pending(reference, link.filter(is_link).map(str::to_owned), at)
        }
        "requires_payment_method" => match object.get("last_payment_error") {
            Some(error) if error.is_object() => declined(error, Some(reference)),
            // Not confirmed yet: our own call is at it.
            _ => Outcome::Unknown,
        },
        "canceled" => {
            let is_abandoned = word(object, "cancellation_reason").as_deref() == Some("abandoned");
            let reason = if is_abandoned { "authentication_required" } else { "canceled_at_gateway" };
            let (hard, reference) = (is_hard(reason), Some(reference));
            let code = reason.to_owned();
            Outcome::Declined { code, reference, hard, network_code: None, advice_code: None }
        }
        _ => Outcome::Unknown,
    }
}

fn pending(reference: String, action_url: Option<String>, at: DateTime<Utc>) -> Outcome {
    let check_after = at.checked_add_signed(AGAIN).unwrap_or(at);
    Outcome::Pending { check_after, reference, action_url }
}

/// Whether its payer is to agree to it.
pub(super) fn waits_for_its_payer(intent: &Value) -> bool {
    status(intent) == "requires_action"
}

/// What became of a refund.
pub(super) fn refund(object: &Value, at: DateTime<Utc>) -> Outcome {
    let Some(reference) = word(object, "id") else { return Outcome::Unknown };
    match status(object) {
        "succeeded" => Outcome::Succeeded { reference },
        "failed" | "canceled" => {
            let code = word(object, "failure_reason").unwrap_or_else(|| "refund_failed".to_owned());
            let reference = Some(reference);
            Outcome::Declined { code, reference, hard: true, network_code: None, advice_code: None }
        }
        _ => pending(reference, None, at),
    }
}

/// A refund in a list of them; `None`: it cannot be read.
pub(super) fn refund_seen(object: &Value, currency: Currency) -> Option<Seen> {
    let standing = match status(object) {
        "succeeded" => Standing::Succeeded,
        "failed" | "canceled" => {
            let code = word(object, "failure_reason").unwrap_or_else(|| "refund_failed".to_owned());
            Standing::Failed { code }
        }
        _ => Standing::Pending,
    };
    Some(Seen {
        reference: word(object, "id")?,
        ours: metadata(object, REFUND).and_then(|id| id.parse().ok()),
        amount: amount_from(GatewayKind::Stripe, object.get("amount")?.as_i64()?, currency)?,
        standing,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reply(status: u16, error: Value) -> Outcome {
        charged(&Reply { status, body: json!({ "error": error }) }, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_decline_is_read_from_its_fields_and_never_from_its_sentence() {
        let said = json!({ "type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds",
            "network_decline_code": "51", "advice_code": "try_again_later", "message": "stolen_card",
            "payment_intent": { "id": "pi_1", "status": "requires_payment_method" } });
        let expected = Outcome::Declined {
            code: "insufficient_funds".to_owned(),
            reference: Some("pi_1".to_owned()),
            hard: false,
            network_code: Some("51".to_owned()),
            advice_code: Some("try_again_later".to_owned()),
        };
        assert_eq!(reply(402, said), expected);
        let hard = |error| matches!(reply(402, error), Outcome::Declined { hard: true, .. });
        assert!(hard(json!({ "code": "card_declined", "decline_code": "stolen_card" })));
        assert!(hard(json!({ "code": "card_declined", "advice_code": "do_not_try_again" })));
        assert!(hard(json!({ "code": "authentication_required" })));
        assert!(!hard(json!({ "code": "a_code_of_tomorrow" })));
    }

    #[test]
    fn nobody_knows_after_a_fault_too_many_calls_or_a_key_in_use() {
        let nothing = || json!({ "type": "api_error" });
        for status in [409, 424, 429, 500, 502, 503, 504] {
            assert_eq!(reply(status, nothing()), Outcome::Unknown, "{status}");
        }
        assert_eq!(reply(400, json!({ "type": "idempotency_error" })), Outcome::Unknown);
        assert_eq!(reply(400, json!({ "code": "lock_timeout" })), Outcome::Unknown);
        assert!(
            matches!(reply(401, nothing()), Outcome::Declined { hard: false, .. }),
            "nothing was charged"
        );
    }

    #[test]
    fn each_status_of_an_intent_is_an_outcome() {
        let read = |body: Value| intent(&body, DateTime::UNIX_EPOCH);
        assert!(matches!(read(json!({ "id": "pi_1", "status": "succeeded" })), Outcome::Succeeded { .. }));
        assert!(matches!(
            read(json!({ "id": "pi_1", "status": "processing" })),
            Outcome::Pending { action_url: None, .. }
        ));
        let waiting = json!({ "id": "pi_1", "status": "requires_action",
            "next_action": { "type": "redirect_to_url", "redirect_to_url": { "url": "https://hooks.example/3ds" } } });
        let link = |outcome| match outcome {
            Outcome::Pending { action_url, .. } => action_url,
            other => panic!("{other:?}"),
        };
        assert_eq!(link(read(waiting)).as_deref(), Some("https://hooks.example/3ds"));
        let script = json!({ "id": "pi_1", "status": "requires_action",
            "next_action": { "redirect_to_url": { "url": "javascript:alert(1)" } } });
        assert_eq!(link(read(script)), None);
        let failed = json!({ "id": "pi_1", "status": "requires_payment_method",
            "last_payment_error": { "code": "card_declined", "decline_code": "lost_card" } });
        assert!(matches!(read(failed), Outcome::Declined { hard: true, .. }));
        assert_eq!(read(json!({ "id": "pi_1", "status": "requires_payment_method" })), Outcome::Unknown);
        assert_eq!(read(json!({ "status": "succeeded" })), Outcome::Unknown, "it has no name");
    }
}
