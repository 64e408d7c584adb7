//! The JSON shapes of the API and of events: what a client reads and writes, and how it becomes a domain value and back.

pub mod amounts;
pub mod billing;
pub mod budgets;
pub mod catalog;
pub mod credits;
pub mod customers;
pub mod discounts;
pub mod entities;
pub mod events;
pub mod fx;
pub mod invoicing;
pub mod ledger;
mod mirror;
pub mod page;
pub mod parked_work;
mod patch;
pub mod payments;
pub mod problem;
pub mod revenue;
pub mod stuck_work;
pub mod subscriptions;
pub mod table;
pub mod tax;
pub mod tenants;
pub mod times;
pub mod usage;
pub mod webhooks;
