//! What has Stripe told? `payment_intent.succeeded` about `pi_1`, signed in the header `Stripe-Signature`. Read of it is what it is about; how that
//! stands is read at Stripe.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::reading::{self, PAYMENT, REFUND};
use crate::adapters::gateway::notices::{self, Notice, Wrong};

/// Longest name of an event, and of its type.
const NAME: usize = 200;

/// Checks who has told it and when, and reads what it is about.
///
/// # Errors
/// [`Wrong`].
pub fn read(
    (header, body): (Option<&str>, &[u8]),
    secrets: &[String],
    now: DateTime<Utc>,
) -> Result<Notice, Wrong> {
    notices::verify((header, body), secrets, now)?;
    event(body).ok_or(Wrong::NoEvent)
}

fn event(body: &[u8]) -> Option<Notice> {
    let event: Value = serde_json::from_slice(body).ok()?;
    let text = |field: &str| {
        let text = event.get(field)?.as_str()?;
        let is_plain = text.bytes().all(|b| b.is_ascii_graphic());
        (is_plain && (1..=NAME).contains(&text.len())).then(|| text.to_owned())
    };
    let object = event.pointer("/data/object")?;
    let intent = match object.get("object").and_then(Value::as_str) {
        Some("payment_intent" | "payout") => object.get("id"),
        // An expanded one is an object with its name.
        _ => object.get("payment_intent").map(|intent| intent.get("id").unwrap_or(intent)),
    };
    Some(Notice {
        event_id: text("id")?,
        type_: text("type")?,
        payment_id: reading::metadata(object, PAYMENT).and_then(|id| id.parse().ok()),
        refund_id: reading::metadata(object, REFUND).and_then(|id| id.parse().ok()),
        reference: intent.and_then(Value::as_str).and_then(reading::name).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use ring::hmac;

    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"object":"payment_intent","id":"pi_1","metadata":{}}}}"#;

    fn signed(secret: &str, time: i64, body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, &[time.to_string().as_bytes(), b".", body].concat());
        let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("t={time},v1={digits},v0=00")
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn an_event_is_taken_when_either_secret_signed_this_very_body_within_five_minutes() {
        let secrets = ["whsec_new".to_owned(), "whsec_old".to_owned()];
        for secret in &secrets {
            let header = signed(secret, 1_000, BODY);
            let notice = read((Some(&header), BODY), &secrets, at(1_300)).unwrap();
            assert_eq!((notice.event_id.as_str(), notice.reference.as_deref()), ("evt_1", Some("pi_1")));
            assert_eq!(read((Some(&header), BODY), &secrets, at(1_301)), Err(Wrong::TooOld));
            assert_eq!(read((Some(&header), BODY), &secrets, at(699)), Err(Wrong::TooOld));
            let mut changed = BODY.to_vec();
            changed[8] ^= 1;
            assert_eq!(read((Some(&header), &changed), &secrets, at(1_000)), Err(Wrong::Signature));
            let moved = header.replace("t=1000", "t=1200");
            assert_eq!(read((Some(&moved), BODY), &secrets, at(1_200)), Err(Wrong::Signature));
        }
        let other = signed("whsec_other", 1_000, BODY);
        assert_eq!(read((Some(&other), BODY), &secrets, at(1_000)), Err(Wrong::Signature));
        assert_eq!(read((Some(&other), BODY), &[], at(1_000)), Err(Wrong::Signature));
        for none in [None, Some(""), Some("t=1000"), Some("v1=00"), Some("t=1,t=2,v1=00")] {
            assert_eq!(read((none, BODY), &secrets, at(1_000)), Err(Wrong::NoSignature));
        }
        let header = signed("whsec_new", 1_000, b"{}");
        assert_eq!(read((Some(&header), b"{}"), &secrets, at(1_000)), Err(Wrong::NoEvent));
    }
}
