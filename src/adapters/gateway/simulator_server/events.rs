//! What has the simulator's server told? `{"id": "simevt_7", "type": "charge.succeeded", "charge": "sim_…", "charge_key": "…"}`, signed in the header
//! `Simulator-Signature`. Read of it is what it is about; how that stands is read at the simulator.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::reading::{name, text};
use crate::adapters::gateway::notices::{self, Notice, Wrong};
use crate::domain::ids::{PaymentId, RefundId};

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
    let type_ = text(&event, "type").filter(|type_| !type_.is_empty() && type_.len() <= 200)?;
    let key = |field: &str| text(&event, field).and_then(|key| key.parse().ok());
    let reference = text(&event, "payout").or_else(|| text(&event, "charge"));
    Some(Notice {
        event_id: name(text(&event, "id")?)?.to_owned(),
        type_: type_.to_owned(),
        payment_id: key("charge_key").map(PaymentId::from_uuid),
        refund_id: key("refund_key").map(RefundId::from_uuid),
        reference: reference.and_then(name).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_event_is_taken_when_it_is_signed_and_says_what_it_is_about() {
        let key = Uuid::from_u128(7);
        let body =
            format!(r#"{{"id":"simevt_1","type":"charge.succeeded","charge":"sim_7","charge_key":"{key}"}}"#);
        let secrets = ["a secret".to_owned()];
        let header = notices::signature("a secret", 1_000, &body);
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let notice = read((Some(&header), body.as_bytes()), &secrets, at(1_100)).unwrap();
        assert_eq!(notice.payment_id, Some(PaymentId::from_uuid(key)));
        assert_eq!(notice.reference.as_deref(), Some("sim_7"));
        assert_eq!(read((Some(&header), body.as_bytes()), &secrets, at(1_301)), Err(Wrong::TooOld));
        assert_eq!(read((Some(&header), b"{}"), &secrets, at(1_000)), Err(Wrong::Signature));
    }
}
