//! How much does each caller hold at the moment? Calls under way and bytes of unfinished bodies by API key, streams by tenant: what is taken is
//! given back when its [`Held`] is dropped, however the call ended.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::ids::{ApiKeyId, TenantId};
use crate::http::Problem;
use crate::platform::limits::Limits;

/// How many callers are counted before those that hold nothing are forgotten.
const COUNTED: usize = 10_000;

/// What every caller holds.
pub struct Shares {
    limits: Limits,
    calls: Counts<ApiKeyId>,
    bodies: Counts<ApiKeyId>,
    streams: Counts<TenantId>,
}

/// Amounts by holder.
struct Counts<K>(RwLock<HashMap<K, Arc<AtomicUsize>>>);

/// Some of what a holder may have, until it is dropped.
pub struct Held {
    count: Arc<AtomicUsize>,
    amount: usize,
    most: usize,
}

impl Held {
    /// Takes more; false when that would be too much.
    pub fn grow(&mut self, by: usize) -> bool {
        let before = self.count.fetch_add(by, Ordering::Relaxed);
        if before.saturating_add(by) > self.most {
            self.count.fetch_sub(by, Ordering::Relaxed);
            return false;
        }
        self.amount += by;
        true
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.count.fetch_sub(self.amount, Ordering::Relaxed);
    }
}

impl<K: Copy + Eq + Hash> Counts<K> {
    fn new() -> Counts<K> {
        Counts(RwLock::new(HashMap::new()))
    }

    /// Nothing yet of the `most` that this holder may have.
    fn open(&self, holder: K, most: usize) -> Held {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&holder).cloned();
        let count = known.unwrap_or_else(|| {
            let mut counts = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if counts.len() >= COUNTED {
                counts.retain(|_, held| Arc::strong_count(held) > 1);
            }
            Arc::clone(counts.entry(holder).or_default())
        });
        Held { count, amount: 0, most }
    }

    fn one_of(&self, holder: K, most: usize) -> Option<Held> {
        let mut held = self.open(holder, most);
        held.grow(1).then_some(held)
    }
}

impl Shares {
    /// Nobody holds anything.
    pub fn new(limits: Limits) -> Shares {
        Shares { limits, calls: Counts::new(), bodies: Counts::new(), streams: Counts::new() }
    }

    /// The bounds.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A call of this key begins.
    pub fn call(&self, key: ApiKeyId) -> Result<Held, Problem> {
        let most = self.limits.open_calls;
        self.calls.one_of(key, most).ok_or_else(|| {
            let detail =
                format!("{most} calls of this API key are under way: wait for some of their answers");
            Problem::too_many("too_many_open_calls", detail, 1)
        })
    }

    /// A body of this key begins to arrive: nothing of it is there yet.
    pub fn body(&self, key: ApiKeyId) -> Held {
        self.bodies.open(key, self.limits.body_memory)
    }

    /// The refusal when a body does not fit beside the others of its key.
    pub fn too_many_bodies(&self) -> Problem {
        let most = self.limits.body_memory;
        let detail = format!(
            "{most} bytes of unfinished bodies of this API key have arrived already: send fewer at once, or faster"
        );
        Problem::too_many("too_many_open_bodies", detail, 1)
    }

    /// A stream of this tenant begins.
    pub fn stream(&self, tenant: TenantId) -> Result<Held, Problem> {
        let most = self.limits.streams;
        self.streams.one_of(tenant, most).ok_or_else(|| {
            let detail =
                format!("{most} streams of this tenant are being sent: send more in each, not more of them");
            Problem::too_many("too_many_streams", detail, 5)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_is_held_is_bounded_by_holder_and_given_back() {
        let shares = Shares::new(Limits { open_calls: 2, body_memory: 10, ..Limits::default() });
        let [one, other] = [1, 2].map(|n| ApiKeyId::from_uuid(Uuid::from_u128(n)));
        let first = shares.call(one).ok();
        let _second = shares.call(one).ok();
        assert_eq!(shares.call(one).err().map(|p| p.status().as_u16()), Some(429));
        assert!(shares.call(other).is_ok());
        drop(first);
        assert!(shares.call(one).is_ok());
        let (mut body, mut another) = (shares.body(one), shares.body(one));
        assert!(body.grow(6) && !another.grow(5) && another.grow(4) && !body.grow(1));
        drop(another);
        assert!(body.grow(4));
    }
}
