//! What is scheduled, and what is left to do before a period is closed? Read models: queries in, structs out.

pub mod all;
pub mod checklist;
pub mod grouped;
pub mod recurring;
pub mod schedules;

pub use super::contracts::{
    each as each_contract, find as find_contract, list as list_contracts, promises,
    schedules_of as schedules_of_contract, standalone_prices,
};
pub use super::earnings::recognized;
pub use super::fulfilments::{find as find_fulfilment, list as list_fulfilments};
pub use super::journals::codes::list as list_account_codes;
pub use super::journals::{find as find_export, list as list_exports};
pub use super::periods::{find as find_period, list as list_periods};
pub use super::rules::of_tenant as list_rules;
pub use super::sign_offs::of_period as sign_offs;
