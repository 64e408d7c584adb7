//! Who may call for a tenant, how does it bill, and what time is it? `/v1/api_keys`, `/v1/billing_settings`, `/v1/test_clock`.
//!
//! What is on this shelf, what is not, and its laws: [`storage::tenants`](crate::storage::tenants).

pub mod api_keys;
pub mod billing_settings;
pub mod test_clock;
