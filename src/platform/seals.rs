//! How is a secret kept that must be read again? Sealed with a key of the configuration, by ChaCha20-Poly1305: who has the database alone reads
//! nothing of it, and what was sealed for one row opens for no other.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

use super::random;
use super::secrets::Secret;

/// What seals and opens.
pub struct SealKey(LessSafeKey);

/// It was sealed with another key, for another row, or is no seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this cannot be opened with the key of this server")]
pub struct Broken;

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(…)")
    }
}

impl SealKey {
    /// The key that a secret text of the configuration stands for.
    ///
    /// # Errors
    /// Never, with a key of this length.
    pub fn of(text: &Secret) -> Result<SealKey, Broken> {
        let bytes: [u8; 32] = Sha256::digest(text.expose().as_bytes()).into();
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes).map_err(|_| Broken)?;
        Ok(SealKey(LessSafeKey::new(key)))
    }

    /// Seals a secret for what `row` names.
    ///
    /// # Errors
    /// It is too long.
    pub fn seal(&self, row: &str, secret: &Secret) -> Result<String, Broken> {
        let nonce = random::bytes::<NONCE_LEN>();
        let mut sealed = secret.expose().as_bytes().to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        self.0.seal_in_place_append_tag(unique, Aad::from(row), &mut sealed).map_err(|_| Broken)?;
        Ok(STANDARD.encode([&nonce[..], &sealed].concat()))
    }

    /// Opens what was sealed for it.
    ///
    /// # Errors
    /// [`Broken`].
    pub fn open(&self, row: &str, sealed: &str) -> Result<Secret, Broken> {
        let bytes = STANDARD.decode(sealed).map_err(|_| Broken)?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(Broken)?;
        let mut rest = rest.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = self.0.open_in_place(nonce, Aad::from(row), &mut rest).map_err(|_| Broken)?;
        let text = std::str::from_utf8(plain).map_err(|_| Broken)?;
        Ok(Secret::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_for_the_same_row_alone() {
        let key = SealKey::of(&Secret::new("correct horse battery staple")).unwrap();
        let other = SealKey::of(&Secret::new("another")).unwrap();
        let sealed = key.seal("a", &Secret::new("account:license")).unwrap();
        assert!(!sealed.contains("license"));
        assert_ne!(sealed, key.seal("a", &Secret::new("account:license")).unwrap());
        assert_eq!(key.open("a", &sealed).unwrap().expose(), "account:license");
        assert_eq!(key.open("b", &sealed), Err(Broken));
        assert_eq!(other.open("a", &sealed), Err(Broken));
        for broken in ["", "x", "AAAA", &sealed[..sealed.len() - 4]] {
            assert_eq!(key.open("a", broken), Err(Broken));
        }
    }
}
