//! Is it worth calling? After so many failures in a row whoever is called is left alone for a while, then tried by one call again.
//!
//! Five time-outs of ten seconds: for half a minute nobody waits for another.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::clock::Stopwatch;

/// Failures in a row after which nobody calls.
const FAILURES: u32 = 5;

/// What became of calls, by who was called: of this process only.
#[derive(Debug)]
pub struct Breakers<K> {
    pause: Duration,
    state: Mutex<HashMap<K, Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    failures: u32,
    /// Since it was last left alone.
    since: Option<Stopwatch>,
}

impl<K: Eq + Hash> Breakers<K> {
    /// Leaves alone for so long.
    #[must_use]
    pub fn pausing(pause: Duration) -> Breakers<K> {
        Breakers { pause, state: Mutex::new(HashMap::new()) }
    }

    fn state(&self) -> MutexGuard<'_, HashMap<K, Seen>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it may be called: once after each pause while it fails.
    pub fn admits(&self, called: &K) -> bool {
        let mut state = self.state();
        let Some(seen) = state.get_mut(called).filter(|seen| seen.failures >= FAILURES) else { return true };
        if seen.since.as_ref().is_some_and(|since| since.elapsed() < self.pause) {
            return false;
        }
        seen.since = Some(Stopwatch::start());
        true
    }

    /// Notes what became of a call.
    pub fn note(&self, called: K, is_well: bool) {
        let mut state = self.state();
        if is_well {
            state.remove(&called);
            return;
        }
        let seen = state.entry(called).or_default();
        seen.failures = seen.failures.saturating_add(1);
        if seen.failures >= FAILURES {
            seen.since = Some(Stopwatch::start());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_five_failures_it_is_left_alone_until_the_pause_is_over_and_one_success_mends_it() {
        let breakers = Breakers::pausing(Duration::from_secs(3_600));
        for _ in 0..5 {
            assert!(breakers.admits(&"a"));
            breakers.note("a", false);
        }
        assert!(!breakers.admits(&"a") && breakers.admits(&"b"));
        breakers.note("a", true);
        assert!(breakers.admits(&"a"));
        let at_once = Breakers::pausing(Duration::ZERO);
        (0..9).for_each(|_| at_once.note("a", false));
        assert!(at_once.admits(&"a"));
    }
}
