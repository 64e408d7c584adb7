//! What is known of customers, and how long does it hold? As long as its rows are the same, until something begins or ends by itself.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::domain::entitlements::Entitlement;
use crate::domain::ids::{CustomerId, SubscriptionId, TenantId};
use crate::storage::entitlements::{Days, Stamp};

/// Of about how many customers something is known: of those looked at lately.
const CUSTOMERS: usize = 20_000;

/// What all of it may take: a customer with thousands of subscriptions crowds out many, and fills nothing up.
const BYTES: u64 = 64 << 20;

/// About what an entitlement takes besides its texts and ids.
const BYTES_OF_ONE: usize = 300;

/// About what these take.
pub(super) fn bytes(entitlements: &[Entitlement]) -> u64 {
    let of_one = |one: &Entitlement| {
        BYTES_OF_ONE + one.code.len() + one.name.len() + one.subscriptions.len() * size_of::<SubscriptionId>()
    };
    entitlements.iter().map(of_one).sum::<usize>().try_into().unwrap_or(BYTES)
}

/// What is known of a customer.
#[derive(Debug)]
pub struct Standing<T> {
    /// The days of meters that count.
    pub days: Vec<Days>,
    /// Of its rows; `None`: they were not stamped before they were read.
    pub stamp: Option<Stamp>,
    /// Since when it holds.
    pub from: DateTime<Utc>,
    /// When something begins or ends by itself; `None`: never.
    pub until: Option<DateTime<Utc>>,
    /// About what it takes.
    pub bytes: u64,
    pub entitlements: T,
}

impl<T> Standing<T> {
    /// What it may use, if its rows are still these.
    #[must_use]
    pub fn holding(&self, stamp: Stamp, now: DateTime<Utc>) -> Option<&T> {
        let in_time = self.from <= now && self.until.is_none_or(|until| now < until);
        (in_time && self.stamp == Some(stamp)).then_some(&self.entitlements)
    }
}

/// What is known of the customers looked at lately.
pub struct Known<T>(Cache<(TenantId, CustomerId), Arc<Standing<T>>, Bytes>);

#[derive(Debug, Clone)]
struct Bytes;

impl<T> Weighter<(TenantId, CustomerId), Arc<Standing<T>>> for Bytes {
    fn weight(&self, _: &(TenantId, CustomerId), standing: &Arc<Standing<T>>) -> u64 {
        standing.bytes.max(1)
    }
}

impl<T> Default for Known<T> {
    fn default() -> Known<T> {
        Known(Cache::with_weighter(CUSTOMERS, BYTES, Bytes))
    }
}

impl<T> Known<T> {
    pub(super) fn find(&self, tenant_id: TenantId, customer_id: CustomerId) -> Option<Arc<Standing<T>>> {
        self.0.get(&(tenant_id, customer_id))
    }

    pub(super) fn keep(&self, customer: (TenantId, CustomerId), standing: Standing<T>) {
        self.0.insert(customer, Arc::new(standing));
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn standing(bytes: u64) -> Standing<u64> {
        let from = DateTime::UNIX_EPOCH;
        Standing { days: Vec::new(), stamp: None, from, until: None, bytes, entitlements: bytes }
    }

    fn customer(n: u128) -> (TenantId, CustomerId) {
        (TenantId::from_uuid(Uuid::nil()), CustomerId::from_uuid(Uuid::from_u128(n)))
    }

    #[test]
    fn what_is_known_takes_no_more_than_its_share_of_memory_however_large_each_is() {
        let known = Known::default();
        for n in 0..1_000 {
            let (tenant_id, customer_id) = customer(n);
            known.keep((tenant_id, customer_id), standing(1 << 20));
        }
        let kept = (0..1_000).filter(|n| known.find(customer(*n).0, customer(*n).1).is_some()).count();
        assert!(0 < kept && kept <= 64, "{kept} of a mebibyte each");
    }
}
