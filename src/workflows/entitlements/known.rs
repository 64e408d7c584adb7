//! What is known of customers, and how long does it hold? As long as its rows are the same, until something begins or ends by itself.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use quick_cache::sync::Cache;

use crate::domain::ids::{CustomerId, TenantId};
use crate::storage::entitlements::{Days, Stamp};

/// Of how many customers something is known: of those asked for lately.
const CUSTOMERS: usize = 20_000;

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

/// What is known of the customers asked for lately.
pub struct Known<T>(Cache<(TenantId, CustomerId), Arc<Standing<T>>>);

impl<T> Default for Known<T> {
    fn default() -> Known<T> {
        Known(Cache::new(CUSTOMERS))
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
