//! Which event is it, and does it say the same as before? A key made of source and id alone, and a fingerprint of the rest.
//!
//! The id `0198c0de-0000-7000-8000-000000000001` is a UUIDv7: the key begins with its time, so that keys of new events stand together
//! in the index. Any other id gives 16 bytes of SHA-256.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::usage::Event;

/// Bytes of a UUIDv7 that are its time.
const TIME: usize = 6;

/// The key of an event: the same for the same source and id, for ever.
pub fn key_of(source: &str, id: &str) -> Uuid {
    let length = source.len() as u64;
    let hash =
        Sha256::new().chain_update(length.to_be_bytes()).chain_update(source).chain_update(id).finalize();
    let mut key = [0; 16];
    key.copy_from_slice(&hash[..16]);
    let uuid = if id.len() == 36 { Uuid::try_parse(id).ok() } else { None };
    if let Some(uuid) = uuid.filter(|uuid| uuid.get_version_num() == 7) {
        key[..TIME].copy_from_slice(&uuid.as_bytes()[..TIME]);
    }
    Uuid::from_bytes(key)
}

/// What the event says, in 64 bits: its type, its customer, its time as given, and its data in whatever order.
pub fn fingerprint_of(event: &Event) -> i64 {
    let mut hash = Sha256::new();
    for word in [&event.type_, &event.subject] {
        hash.update(word);
        hash.update([0]);
    }
    hash.update(event.time.map_or(i64::MIN, |time| time.timestamp_micros()).to_be_bytes());
    event.data.canonical(|part| hash.update(part));
    let hash = hash.finalize();
    hash.iter().take(8).fold(0, |bits: i64, byte| bits << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_of_source_and_id_and_keeps_the_time_of_an_id_that_has_one() {
        let id = "0198c0de-1234-7000-8000-000000000001";
        let key = key_of("app", id);
        assert_eq!(key.as_bytes()[..6], Uuid::try_parse(id).unwrap().as_bytes()[..6]);
        assert_eq!(key, key_of("app", id));
        assert_ne!(key, key_of("other", id));
        assert_ne!(key_of("ab", "c"), key_of("a", "bc"));
        let random = "0198c0de-1234-4000-8000-000000000001";
        assert_ne!(key_of("app", random).as_bytes()[..6], Uuid::try_parse(random).unwrap().as_bytes()[..6]);
    }
}
