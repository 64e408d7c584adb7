//! How are a tenant's keys, settings and clock written?
//!
//! What is on this shelf, what is not, and its laws: [`storage::tenants`](crate::storage::tenants).

pub mod api_keys;
pub mod billing_settings;
pub mod test_clock;
