//! Has a gateway told this? A header `t=1700000000,v1=5257a869…` holds an HMAC-SHA256 of `1700000000.<body>` under one of the account's secrets, and
//! is at most 300 seconds old: as Stripe signs, and the simulator's server. Read of it is what it is about; how that stands is read at the gateway.

use chrono::{DateTime, Utc};
use ring::hmac;

use crate::domain::ids::{PaymentId, RefundId};

/// Seconds that a signature is good for.
const TOLERANCE: i64 = 300;
/// Signatures that are tried: one for each secret is sent.
const SIGNATURES: usize = 8;

/// Why it is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("the header with its signature is missing or cannot be read")]
    NoSignature,
    #[error("the signature is not of this body by any webhook secret of this account")]
    Signature,
    #[error("the signature was made more than 300 seconds ago, or is of the future")]
    TooOld,
    #[error("the body is no event of this gateway")]
    NoEvent,
}

impl Wrong {
    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Wrong::NoSignature | Wrong::Signature => "bad_signature",
            Wrong::TooOld => "signature_too_old",
            Wrong::NoEvent => "malformed_event",
        }
    }
}

/// What is kept of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub event_id: String,
    pub type_: String,
    pub payment_id: Option<PaymentId>,
    pub refund_id: Option<RefundId>,
    /// The gateway's name for the charge, or the payout, it is about.
    pub reference: Option<String>,
}

/// Checks who has told it and when.
///
/// # Errors
/// [`Wrong`].
pub(super) fn verify(
    (header, body): (Option<&str>, &[u8]),
    secrets: &[String],
    now: DateTime<Utc>,
) -> Result<(), Wrong> {
    let (time, signatures) = parts(header.ok_or(Wrong::NoSignature)?).ok_or(Wrong::NoSignature)?;
    let signed = [time.as_bytes(), b".", body].concat();
    let is_by = |secret: &String| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        signatures.iter().any(|signature| hmac::verify(&key, &signed, signature).is_ok())
    };
    if !secrets.iter().any(is_by) {
        return Err(Wrong::Signature);
    }
    let at: i64 = time.parse().map_err(|_| Wrong::NoSignature)?;
    if now.timestamp().saturating_sub(at).saturating_abs() > TOLERANCE { Err(Wrong::TooOld) } else { Ok(()) }
}

/// The header of a body that is signed with a secret at a time.
#[must_use]
pub fn signature(secret: &str, time: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{time}.{body}").as_bytes());
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={time},v1={digits}")
}

/// The time as it is written, and the signatures of the scheme `v1`.
fn parts(header: &str) -> Option<(&str, Vec<Vec<u8>>)> {
    let mut time = None;
    let mut signatures = Vec::new();
    for (name, value) in header.split(',').filter_map(|part| part.trim().split_once('=')) {
        match name {
            "t" if time.is_some() => return None,
            "t" => time = Some(value),
            "v1" if signatures.len() < SIGNATURES => signatures.extend(hex(value)),
            _ => {}
        }
    }
    time.filter(|_| !signatures.is_empty()).map(|time| (time, signatures))
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let byte = |n: usize| u8::from_str_radix(text.get(n..n + 2)?, 16).ok();
    digits.then(|| (0..64).step_by(2).filter_map(byte).collect())
}
