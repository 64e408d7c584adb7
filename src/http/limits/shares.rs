//! How much does each caller hold at the moment? Calls under way and bytes of unfinished bodies by API key and by tenant, streams by tenant: what
//! is taken is given back when its [`Held`] is dropped, however the call ended.
//!
//! A key may have 1,000 calls under way, and a tenant 2,000, however many keys it has.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::domain::ids::{ApiKeyId, TenantId};
use crate::http::Problem;
use crate::platform::limits::Limits;
use crate::storage::tenants::api_keys::Owner;

/// How many callers are counted before those that hold nothing are forgotten.
const COUNTED: usize = 10_000;

/// How many times what one of its keys may hold a tenant may.
const KEYS: usize = 2;

/// What every caller holds.
pub struct Shares {
    limits: Limits,
    calls: ByOwner,
    bodies: ByOwner,
    streams: Counts<TenantId>,
}

/// Amounts by key, and by tenant.
struct ByOwner {
    keys: Counts<ApiKeyId>,
    tenants: Counts<TenantId>,
}

/// Amounts by holder.
struct Counts<K>(RwLock<HashMap<K, Arc<AtomicUsize>>>);

/// Some of what its holders may have, until it is dropped.
pub struct Held(Vec<Share>);

/// Some of what one holder may have.
struct Share {
    count: Arc<AtomicUsize>,
    amount: usize,
    most: usize,
}

impl Held {
    /// Takes more; false when that would be too much for one of its holders.
    pub fn grow(&mut self, by: usize) -> bool {
        let refused = self.0.iter_mut().position(|share| !share.grow(by));
        let Some(taken) = refused else { return true };
        self.0.iter_mut().take(taken).for_each(|share| share.shrink(by));
        false
    }
}

impl Share {
    fn grow(&mut self, by: usize) -> bool {
        let before = self.count.fetch_add(by, Ordering::Relaxed);
        if before.saturating_add(by) > self.most {
            self.count.fetch_sub(by, Ordering::Relaxed);
            return false;
        }
        self.amount += by;
        true
    }

    fn shrink(&mut self, by: usize) {
        self.count.fetch_sub(by, Ordering::Relaxed);
        self.amount -= by;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.count.fetch_sub(self.amount, Ordering::Relaxed);
    }
}

impl<K: Copy + Eq + Hash> Counts<K> {
    fn new() -> Counts<K> {
        Counts(RwLock::new(HashMap::new()))
    }

    /// Nothing yet of the `most` that this holder may have.
    fn open(&self, holder: K, most: usize) -> Share {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&holder).cloned();
        let count = known.unwrap_or_else(|| {
            let mut counts = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if counts.len() >= COUNTED {
                counts.retain(|_, held| Arc::strong_count(held) > 1);
            }
            Arc::clone(counts.entry(holder).or_default())
        });
        Share { count, amount: 0, most }
    }
}

impl ByOwner {
    fn new() -> ByOwner {
        ByOwner { keys: Counts::new(), tenants: Counts::new() }
    }

    /// Nothing yet of the `most` that a key may have.
    fn open(&self, owner: Owner, most: usize) -> Held {
        let of_key = self.keys.open(owner.key_id, most);
        let of_tenant = self.tenants.open(owner.tenant_id, most.saturating_mul(KEYS));
        Held(vec![of_key, of_tenant])
    }
}

impl Shares {
    /// Nobody holds anything.
    pub fn new(limits: Limits) -> Shares {
        Shares { limits, calls: ByOwner::new(), bodies: ByOwner::new(), streams: Counts::new() }
    }

    /// The bounds.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A call of this caller begins.
    pub fn call(&self, owner: Owner) -> Result<Held, Problem> {
        let most = self.limits.open_calls;
        let mut held = self.calls.open(owner, most);
        if held.grow(1) {
            return Ok(held);
        }
        let detail = format!(
            "{most} calls of this API key are under way, or {} of its tenant: wait for some of their answers",
            most.saturating_mul(KEYS)
        );
        Err(Problem::too_many("too_many_open_calls", detail, 1))
    }

    /// A body of this caller begins to arrive: nothing of it is there yet.
    pub fn body(&self, owner: Owner) -> Held {
        self.bodies.open(owner, self.limits.body_memory)
    }

    /// The refusal when a body does not fit beside the others of its key and tenant.
    pub fn too_many_bodies(&self) -> Problem {
        let most = self.limits.body_memory;
        let detail = format!(
            "{most} bytes of unfinished bodies of this API key have arrived already, or {} of its tenant: send fewer at once, or faster",
            most.saturating_mul(KEYS)
        );
        Problem::too_many("too_many_open_bodies", detail, 1)
    }

    /// A stream of this tenant begins.
    pub fn stream(&self, tenant: TenantId) -> Result<Held, Problem> {
        let most = self.limits.streams;
        let mut held = Held(vec![self.streams.open(tenant, most)]);
        if held.grow(1) {
            return Ok(held);
        }
        let detail =
            format!("{most} streams of this tenant are being sent: send more in each, not more of them");
        Err(Problem::too_many("too_many_streams", detail, 5))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn owner(key: u128, tenant: u128) -> Owner {
        Owner {
            key_id: ApiKeyId::from_uuid(Uuid::from_u128(key)),
            tenant_id: TenantId::from_uuid(Uuid::from_u128(tenant)),
        }
    }

    #[test]
    fn what_is_held_is_bounded_by_holder_and_given_back() {
        let shares = Shares::new(Limits { open_calls: 2, body_memory: 10, ..Limits::default() });
        let [one, other] = [1, 2].map(|n| owner(n, n));
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

    #[test]
    fn many_keys_of_a_tenant_hold_no_more_than_two() {
        let shares = Shares::new(Limits { open_calls: 2, body_memory: 10, ..Limits::default() });
        let calls: Vec<_> = (0..10).map(|key| shares.call(owner(key, 1)).ok()).collect();
        assert_eq!(calls.iter().flatten().count(), 4);
        assert!(shares.call(owner(11, 2)).is_ok());
        let mut bodies: Vec<_> = (0..4).map(|key| shares.body(owner(key, 1))).collect();
        let grown: Vec<bool> = bodies.iter_mut().map(|body| body.grow(8)).collect();
        assert_eq!(grown, [true, true, false, false]);
        assert!(bodies[2].grow(4) && !bodies[3].grow(1) && shares.body(owner(9, 2)).grow(8));
        // What one of its holders refused was not taken of the other.
        drop(calls);
        assert!(shares.call(owner(3, 1)).is_ok());
    }
}
