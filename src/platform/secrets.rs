//! How is a secret made, shown once, kept and compared?
//!
//! A key is a prefix and 32 characters of base 62: 32 × log2(62) = 190 bits of chance, so a plain SHA-256 is
//! enough to keep it by (a slow password hash protects guessable secrets, which this is not) and a key
//! can be found by its hash with one index lookup.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::random;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const KEY_LENGTH: usize = 32;

/// A text that must not reach a log: printing it for debugging shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text that was received or read.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    /// The text itself, for the one place that must send, print or hash it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A new key text: `prefix` (say `bw_test_`) followed by 32 random characters of base 62.
pub fn new_key(prefix: &str) -> Secret {
    let mut text = String::with_capacity(prefix.len() + KEY_LENGTH);
    text.push_str(prefix);
    while text.len() < prefix.len() + KEY_LENGTH {
        for byte in random::bytes::<48>() {
            // 248 is the largest multiple of 62 in a byte: the rest is dropped, or the first
            // characters of the alphabet would come up more often.
            if byte < 248 && text.len() < prefix.len() + KEY_LENGTH {
                text.push(char::from(ALPHABET[usize::from(byte % 62)]));
            }
        }
    }
    Secret(text)
}

/// SHA-256 of a key's text: what is stored and looked up instead of the key.
pub fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Whether two byte strings are equal, in a time that tells nothing of where they differ.
pub fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_key_is_its_prefix_and_32_random_characters() {
        let key = new_key("bw_test_");
        let tail = key.expose().strip_prefix("bw_test_").unwrap();
        assert_eq!(tail.len(), 32);
        assert!(tail.bytes().all(|b| b.is_ascii_alphanumeric()));
    }

    #[test]
    fn a_thousand_keys_are_all_different_and_use_the_whole_alphabet() {
        let keys: HashSet<String> = (0..1_000).map(|_| new_key("").expose().to_owned()).collect();
        assert_eq!(keys.len(), 1_000);
        let used: HashSet<char> = keys.iter().flat_map(|key| key.chars()).collect();
        assert_eq!(used.len(), 62);
    }

    #[test]
    fn a_hash_is_the_published_sha_256_of_the_text() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let hex: String = hash("abc").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, abc);
    }

    #[test]
    fn debug_printing_a_secret_shows_nothing_of_it() {
        assert_eq!(format!("{:?}", Secret::new("bw_live_abc")), "Secret(…)");
    }

    #[test]
    fn comparing_answers_equality() {
        assert!(same(b"one", b"one"));
        assert!(!same(b"one", b"two"));
        assert!(!same(b"one", b"one "));
    }
}
