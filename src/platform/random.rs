//! Where does chance come from? The only source of randomness, and the mint of time-ordered ids.
//!
//! An id is a UUIDv7: 48 bits of milliseconds, then a 42-bit counter, then 32 random bits. The counter is
//! one per process and never steps back, so ids minted one after another sort in the order they were
//! minted even within a millisecond, and a bulk write appends to the end of its index. Worked number:
//! at 1,000,000 ids a second the counter, started in its lower half, takes 2^41 / 10^6 s = 25 days to
//! reach its end, and then only wraps: the milliseconds have long moved on.
#![expect(clippy::disallowed_methods, reason = "the room of chance: the one place where the ban is lifted")]

use std::cell::RefCell;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use rand::rngs::{SmallRng, StdRng};
use rand::{RngCore, SeedableRng};
use uuid::Uuid;

const COUNTER_BITS: u32 = 42;
const COUNTER_MASK: u64 = (1 << COUNTER_BITS) - 1;

/// Started at a random place with the top bit clear, so that two processes rarely share a stretch and
/// neither wraps soon.
static COUNTER: LazyLock<AtomicU64> =
    LazyLock::new(|| AtomicU64::new(rand::rng().next_u64() & (COUNTER_MASK >> 1)));

thread_local! {
    /// Ids are made by the hundred thousand and are no secrets: a cheap generator, seeded by the
    /// operating system, one per thread.
    static CHEAP: RefCell<SmallRng> = RefCell::new(SmallRng::from_rng(&mut rand::rng()));
}

/// `N` bytes fit for secrets, from the operating system's seeded generator.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    rand::rng().fill_bytes(&mut out);
    out
}

/// A cheap random number, not fit for secrets: for jitter and sampling.
pub fn cheap_u32() -> u32 {
    CHEAP.with_borrow_mut(|rng| rng.next_u32())
}

/// A generator fit for simulations that must be repeatable: the same seed gives the same run.
pub fn repeatable(seed: u64) -> impl RngCore {
    StdRng::seed_from_u64(seed)
}

/// The next value of the process-wide id counter (42 bits) and 32 random bits.
pub fn next_uuid_bits() -> (u64, u32) {
    let counter = COUNTER.fetch_add(1, Ordering::Relaxed) & COUNTER_MASK;
    (counter, cheap_u32())
}

/// A new UUIDv7 (RFC 9562 §5.7) dated `at`. A date before 1970 counts as 1970.
pub fn mint(at: DateTime<Utc>) -> Uuid {
    let (counter, random) = next_uuid_bits();
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    uuid_v7(millis, counter, random)
}

/// Lays out a UUIDv7: `millis` (48 bits), version, the counter's high 12 bits, variant, its low 30 bits,
/// `random`.
pub fn uuid_v7(millis: u64, counter: u64, random: u32) -> Uuid {
    let millis = u128::from(millis & ((1 << 48) - 1));
    let high = u128::from((counter >> 30) & 0xfff);
    let low = u128::from(counter & ((1 << 30) - 1));
    Uuid::from_u128(
        (millis << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | (low << 32) | u128::from(random),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use std::collections::HashSet;

    #[test]
    fn ids_minted_one_after_another_sort_in_that_order_and_never_repeat() {
        let at = Utc.timestamp_millis_opt(1_750_000_000_123).unwrap();
        let ids: Vec<Uuid> = (0..10_000).map(|_| mint(at)).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    }

    #[test]
    fn an_id_is_a_version_7_uuid_that_tells_its_millisecond() {
        let at = Utc.timestamp_millis_opt(1_750_000_000_123).unwrap();
        let id = mint(at);
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        assert_eq!(id.as_u128() >> 80, 1_750_000_000_123);
    }

    #[test]
    fn the_parts_lie_where_the_standard_puts_them() {
        let id = uuid_v7(0x0190_1234_5678, (0xabc << 30) | 0x1234_5678, 0xdead_beef);
        assert_eq!(id.to_string(), "01901234-5678-7abc-9234-5678deadbeef");
    }

    #[test]
    fn two_draws_of_secret_bytes_differ() {
        assert_ne!(bytes::<20>(), bytes::<20>());
    }
}
