//! What has GoCardless told? Several events in one body, which the header `Webhook-Signature` signs as a whole: an HMAC-SHA256 in hexadecimal, under
//! one of the account's secrets, without a time. `payments.failed` about `PM000001`. How that stands is read at GoCardless.

use ring::hmac;
use serde_json::Value;

use super::reading::{self, PAYMENT, REFUND};
use crate::adapters::gateway::notices::{self, Notice, Wrong};

/// Longest name of an event, and of its type.
const NAME: usize = 200;
/// Events of one body: GoCardless sends 250 at most.
const MOST: usize = 1_000;

/// Checks who has told it, and reads what each event is about.
///
/// # Errors
/// [`Wrong`].
pub fn read((header, body): (Option<&str>, &[u8]), secrets: &[String]) -> Result<Vec<Notice>, Wrong> {
    let signature = header.and_then(notices::hex).ok_or(Wrong::NoSignature)?;
    let is_by = |secret: &String| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        hmac::verify(&key, body, &signature).is_ok()
    };
    if !secrets.iter().any(is_by) {
        return Err(Wrong::Signature);
    }
    let webhook: Value = serde_json::from_slice(body).map_err(|_| Wrong::NoEvent)?;
    let events = webhook.get("events").and_then(Value::as_array).ok_or(Wrong::NoEvent)?;
    if events.len() > MOST {
        return Err(Wrong::NoEvent);
    }
    events.iter().map(|single| event(single).ok_or(Wrong::NoEvent)).collect()
}

fn event(event: &Value) -> Option<Notice> {
    let text = |field: &str| {
        let text = event.get(field)?.as_str()?;
        let is_plain = text.bytes().all(|b| b.is_ascii_graphic());
        (is_plain && (1..=NAME).contains(&text.len())).then(|| text.to_owned())
    };
    let (kind, action) = (text("resource_type")?, text("action")?);
    let link = |field: &str| {
        let name = event.get("links")?.get(field)?.as_str()?;
        reading::name(name).map(str::to_owned)
    };
    let ours = |field: &str| event.get("resource_metadata")?.get(field)?.as_str();
    let reference = match kind.as_str() {
        "payments" => link("payment"),
        "refunds" => link("payment").or_else(|| link("refund")),
        "mandates" => link("mandate"),
        _ => None,
    };
    Some(Notice {
        event_id: text("id")?,
        type_: format!("{kind}.{action}"),
        payment_id: ours(PAYMENT).and_then(|id| id.parse().ok()),
        refund_id: ours(REFUND).and_then(|id| id.parse().ok()),
        reference,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"events":[{"id":"EV1","created_at":"2026-01-05T00:00:00.000Z","resource_type":"payments","action":"failed","links":{"payment":"PM1"},"details":{"cause":"insufficient_funds","origin":"bank"}},{"id":"EV2","resource_type":"mandates","action":"cancelled","links":{"mandate":"MD1"},"details":{"cause":"bank_account_closed"}}],"meta":{"webhook_id":"WB1"}}"#;
    /// Made by the official client for Python: `hmac` of the body under `a secret`, as its `webhooks.parse` checks it.
    const SIGNED: &str = "6bb066acf6c43f3a4774edd76b523fa46e57c060786db65cd257b402126f70c6";

    #[test]
    fn each_event_of_a_body_that_an_account_signed_is_read_and_of_a_changed_body_none() {
        let secrets = ["another".to_owned(), "a secret".to_owned()];
        let notices = read((Some(SIGNED), BODY), &secrets).unwrap();
        let shown: Vec<(&str, &str, Option<&str>)> = notices
            .iter()
            .map(|notice| (&*notice.event_id, &*notice.type_, notice.reference.as_deref()))
            .collect();
        assert_eq!(
            shown,
            [("EV1", "payments.failed", Some("PM1")), ("EV2", "mandates.cancelled", Some("MD1"))]
        );
        let mut changed = BODY.to_vec();
        changed[18] ^= 1;
        assert_eq!(read((Some(SIGNED), &changed), &secrets), Err(Wrong::Signature));
        assert_eq!(read((Some(SIGNED), BODY), &secrets[..1]), Err(Wrong::Signature));
        assert_eq!(read((None, BODY), &secrets), Err(Wrong::NoSignature));
        assert_eq!(read((Some("00"), BODY), &secrets), Err(Wrong::NoSignature));
    }
}
