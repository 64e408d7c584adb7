//! Whole stories, through the real server and the real database, on the same shelves as the code.

pub mod billing;
pub mod catalog;
mod credits;
pub mod customers;
mod discounts;
mod entities;
mod entitlements;
pub mod fx;
mod invoicing;
pub mod ledger;
mod payments;
mod rating;
mod revenue;
pub mod subscriptions;
mod tax;
mod usage;
mod webhooks;
