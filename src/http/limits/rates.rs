//! How many calls a second may a key, and a tenant with all its keys, make? As many as they like, unless the operator has set a rate: then as
//! many at once as in a second, and from then on at that pace. At 100 a second the 101st call of a moment is answered 429, 10 ms later it is served.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::domain::ids::{ApiKeyId, TenantId};
use crate::http::Problem;
use crate::platform::limits::Limits;
use crate::storage::tenants::api_keys::Owner;

/// How many callers' paces are remembered: forgotten, each may make one more second's worth at once.
const REMEMBERED: usize = 10_000;

type Bucket = DefaultDirectRateLimiter<StateInformationMiddleware>;

/// The rates that are set, and who is at which pace.
pub struct Rates {
    keys: Buckets<ApiKeyId>,
    tenants: Buckets<TenantId>,
}

struct Buckets<K> {
    /// As the headers name the policy.
    name: &'static str,
    /// As sentences name who is bounded.
    who: &'static str,
    rate: Option<NonZeroU32>,
    own: HashMap<K, Option<NonZeroU32>>,
    known: RwLock<HashMap<K, Arc<Bucket>>>,
}

/// What the headers `RateLimit-Policy` and `RateLimit` report of a call's limits
/// ([draft](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/)).
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CallLimits {
    policies: Vec<String>,
    left: Vec<String>,
}

impl CallLimits {
    fn add(&mut self, name: &str, (quota, left): (u32, u32)) {
        self.policies.push(format!("\"{name}\";q={quota};w=1"));
        self.left.push(format!("\"{name}\";r={left};t=1"));
    }

    /// Whether no limit applies.
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// Writes the headers.
    pub fn write(&self, headers: &mut HeaderMap) {
        for (name, items) in [("ratelimit-policy", &self.policies), ("ratelimit", &self.left)] {
            if let Ok(value) = HeaderValue::from_str(&items.join(", ")) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

impl Default for Rates {
    /// None is set.
    fn default() -> Rates {
        Rates {
            keys: Buckets::new(("key", "this API key"), 0),
            tenants: Buckets::new(("tenant", "this tenant"), 0),
        }
    }
}

impl Rates {
    /// As the operator has set them.
    ///
    /// # Errors
    /// What is wrong with one of the rates for a key or tenant of its own, in words.
    pub fn new(limits: &Limits) -> Result<Rates, String> {
        let Rates { mut keys, mut tenants } = Rates::default();
        keys.rate = NonZeroU32::new(limits.key_rate);
        tenants.rate = NonZeroU32::new(limits.tenant_rate);
        for given in limits.rates.iter().map(|given| given.trim()).filter(|given| !given.is_empty()) {
            let bad = || {
                format!(
                    "--rate {given:?} is not of the form ID=N with the id of an API key or a tenant and calls a second"
                )
            };
            let (id, rate) = given.split_once('=').ok_or_else(bad)?;
            let rate = NonZeroU32::new(rate.trim().parse().map_err(|_| bad())?);
            match (id.trim().parse(), id.trim().parse()) {
                (Ok(key), _) => keys.own.insert(key, rate),
                (_, Ok(tenant)) => tenants.own.insert(tenant, rate),
                _ => return Err(bad()),
            };
        }
        Ok(Rates { keys, tenants })
    }

    /// Counts a call; gives its limits as they are reported, and the refusal when it is one too many.
    pub fn count(&self, owner: Owner) -> (CallLimits, Result<(), Problem>) {
        let mut reported = CallLimits::default();
        let outcome = self.keys.count(owner.key_id, &mut reported);
        let outcome = outcome.and_then(|()| self.tenants.count(owner.tenant_id, &mut reported));
        (reported, outcome)
    }
}

impl<K: Copy + Eq + Hash + Display> Buckets<K> {
    fn new((name, who): (&'static str, &'static str), rate: u32) -> Buckets<K> {
        let (rate, own, known) = (NonZeroU32::new(rate), HashMap::new(), RwLock::default());
        Buckets { name, who, rate, own, known }
    }

    fn count(&self, id: K, reported: &mut CallLimits) -> Result<(), Problem> {
        let Some(rate) = self.own.get(&id).copied().unwrap_or(self.rate) else { return Ok(()) };
        let bucket = self.bucket(id, rate);
        match bucket.check() {
            Ok(state) => {
                reported.add(self.name, (rate.get(), state.remaining_burst_capacity()));
                Ok(())
            }
            Err(until) => {
                reported.add(self.name, (rate.get(), 0));
                let wait = until.wait_time_from(bucket.clock().now());
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                let detail =
                    format!("{} may make {rate} calls a second: send fewer, or spread them", self.who);
                Err(Problem::too_many("rate_exceeded", detail, seconds.max(1)))
            }
        }
    }

    fn bucket(&self, id: K, rate: NonZeroU32) -> Arc<Bucket> {
        if let Some(bucket) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Arc::clone(bucket);
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        let new = || Arc::new(RateLimiter::direct(Quota::per_second(rate)).with_middleware());
        Arc::clone(known.entry(id).or_insert_with(new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn owner(tenant: u128, key: u128) -> Owner {
        let (tenant_id, key_id) =
            (TenantId::from_uuid(Uuid::from_u128(tenant)), ApiKeyId::from_uuid(Uuid::from_u128(key)));
        Owner { tenant_id, key_id }
    }

    /// Of so many calls at once, how many are served.
    fn served(rates: &Rates, owner: Owner, calls: usize) -> usize {
        (0..calls).filter(|_| rates.count(owner).1.is_ok()).count()
    }

    #[test]
    fn without_a_rate_nothing_is_counted_or_reported() {
        let rates = Rates::new(&Limits::default()).unwrap();
        let (reported, outcome) = rates.count(owner(1, 1));
        assert!(reported.is_empty() && outcome.is_ok());
    }

    #[test]
    fn a_key_and_its_tenant_have_their_rates_and_some_have_their_own() {
        let (special, free) = (owner(1, 3), owner(2, 4));
        let own = vec![format!("{}=5", special.key_id), format!("{}=0", free.tenant_id)];
        let limits = Limits { key_rate: 2, tenant_rate: 6, rates: own, ..Limits::default() };
        let rates = Rates::new(&limits).unwrap();
        assert_eq!(served(&rates, owner(1, 1), 4), 2);
        assert_eq!(served(&rates, special, 9), 4, "its own rate of 5, of which the tenant's 6 leave 4");
        assert_eq!(served(&rates, free, 4), 2, "its tenant's rate is lifted, its own is not");
        let (reported, refused) = rates.count(free);
        assert_eq!(reported.left, ["\"key\";r=0;t=1"]);
        assert_eq!(refused.unwrap_err().status().as_u16(), 429);
    }

    #[test]
    fn a_rate_of_nobody_is_refused() {
        for bad in ["nobody=1", "100", "ten_x=1"] {
            let limits = Limits { rates: vec![bad.to_owned()], ..Limits::default() };
            assert!(Rates::new(&limits).is_err_and(|said| said.contains(bad)), "{bad}");
        }
    }
}
