//! The handlers, a shelf a subject: each says its transaction's name, its status and its one line of work.

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
pub mod parked_work;
pub mod payments;
pub mod revenue;
pub mod subscriptions;
pub mod tax;
pub mod tenants;
pub mod usage;
pub mod webhooks;
