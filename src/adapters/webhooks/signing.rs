//! How does a receiver know that it was us? By the signature of `id.timestamp.body`, as Standard Webhooks writes it: `v1,` HMAC-SHA256 by a secret
//! `whsec_…` that both know, or `v1a,` Ed25519 by a key `whsk_…` whose public half `whpk_…` the receiver has.
//!
//! While a secret is replaced, the header carries both, a space between: `v1,K5oZ… v1,4wBQ…`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{self, HMAC_SHA256};
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::domain::webhooks::Signature;
use crate::platform::random;
use crate::platform::secrets::Secret;

const SYMMETRIC: &str = "whsec_";
const PRIVATE: &str = "whsk_";
const PUBLIC: &str = "whpk_";
/// Bytes of a secret, shortest and longest.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;
const LENGTH: usize = 32;

/// It is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret is whsec_ and 24 to 64 bytes in base64; leave it out to have one made")]
pub struct Malformed;

/// A secret, and the public half that goes with it where there is one.
#[derive(Debug, Clone)]
pub struct NewSecret {
    pub secret: Secret,
    pub public_key: Option<String>,
}

/// Makes one.
#[must_use]
pub fn new_secret(signature: Signature) -> NewSecret {
    let bytes = random::bytes::<LENGTH>();
    let text = STANDARD.encode(bytes);
    match signature {
        Signature::Hmac => NewSecret { secret: Secret::new(format!("{SYMMETRIC}{text}")), public_key: None },
        Signature::Ed25519 => {
            let public = Ed25519KeyPair::from_seed_unchecked(&bytes).ok();
            let public = public.map(|pair| format!("{PUBLIC}{}", STANDARD.encode(pair.public_key())));
            NewSecret { secret: Secret::new(format!("{PRIVATE}{text}")), public_key: public }
        }
    }
}

/// Checks a secret of somebody's own.
///
/// # Errors
/// [`Malformed`].
pub fn check_secret(secret: &Secret) -> Result<(), Malformed> {
    let bytes = bytes_after(SYMMETRIC, secret).ok_or(Malformed)?;
    if LENGTHS.contains(&bytes.len()) { Ok(()) } else { Err(Malformed) }
}

fn bytes_after(prefix: &str, secret: &Secret) -> Option<Vec<u8>> {
    STANDARD.decode(secret.expose().strip_prefix(prefix)?).ok()
}

/// The header `webhook-signature`: a signature by each of these secrets.
///
/// # Errors
/// One of them is none.
pub fn signatures(
    secrets: &[Secret],
    (id, timestamp): (&str, i64),
    body: &[u8],
) -> Result<String, Malformed> {
    let mut signed = format!("{id}.{timestamp}.").into_bytes();
    signed.extend_from_slice(body);
    let each: Result<Vec<String>, Malformed> = secrets.iter().map(|secret| sign(secret, &signed)).collect();
    Ok(each?.join(" "))
}

fn sign(secret: &Secret, signed: &[u8]) -> Result<String, Malformed> {
    if let Some(key) = bytes_after(SYMMETRIC, secret) {
        let tag = hmac::sign(&hmac::Key::new(HMAC_SHA256, &key), signed);
        return Ok(format!("v1,{}", STANDARD.encode(tag)));
    }
    let seed = bytes_after(PRIVATE, secret).ok_or(Malformed)?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| Malformed)?;
    Ok(format!("v1a,{}", STANDARD.encode(pair.sign(signed))))
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    #[test]
    fn the_example_of_standard_webhooks_is_signed_as_it_says() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = br#"{"test": 2432232314}"#;
        let signed = signatures(&[secret], ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330), body).unwrap();
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_signature_of_ed25519_is_verified_by_the_public_half_alone() {
        let made = new_secret(Signature::Ed25519);
        let signed = signatures(&[made.secret], ("evt_1", 5), b"{}").unwrap();
        let public = made.public_key.unwrap();
        let key = STANDARD.decode(public.strip_prefix("whpk_").unwrap()).unwrap();
        let tag = STANDARD.decode(signed.strip_prefix("v1a,").unwrap()).unwrap();
        let key = UnparsedPublicKey::new(&ED25519, key);
        key.verify(b"evt_1.5.{}", &tag).unwrap();
        assert!(key.verify(b"evt_1.6.{}", &tag).is_err());
    }

    #[test]
    fn a_secret_of_ones_own_has_enough_bytes_and_two_secrets_sign_side_by_side() {
        let secrets = [new_secret(Signature::Hmac).secret, new_secret(Signature::Hmac).secret];
        assert_eq!(signatures(&secrets, ("a", 1), b"x").unwrap().split(' ').count(), 2);
        assert_eq!(check_secret(&secrets[0]), Ok(()));
        for wrong in
            ["", "whsec_", "whsec_AAAA", "whsec_!", "hunter2", "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
        {
            assert_eq!(check_secret(&Secret::new(wrong)), Err(Malformed), "{wrong}");
        }
    }
}
