//! How does a business begin, who may call for it, and how does it bill? A verb a file.
//!
//! What is on this shelf, what is not, and its laws: [`storage::tenants`](crate::storage::tenants).

pub mod create_api_key;
pub mod create_tenant;
pub mod revoke_api_key;
pub mod update_billing_settings;
