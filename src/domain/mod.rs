//! The rules of billing as pure functions: values in, values out; no I/O, clock, randomness, environment, log or async.
//!
//! Subjects import only subjects before them in river order: money → calendar → ids → proration, then the shelves
//! customers → catalog → subscriptions → usage → entitlements → budgets → rating → billing → discounts → fx → tax → entities → invoicing → credits →
//! payments → dunning → ledger → revenue → webhooks, then events. Billing is what is owed; invoicing is the document.

pub mod billing;
pub mod budgets;
pub mod calendar;
pub mod catalog;
pub mod credits;
pub mod customers;
pub mod discounts;
pub mod entities;
pub mod entitlements;
pub mod events;
pub mod fields;
pub mod fx;
pub mod ids;
pub mod invoicing;
pub mod issuing;
#[cfg(test)]
pub(crate) mod laws;
pub mod ledger;
pub mod listing;
pub mod money;
pub mod payments;
pub mod proration;
pub mod rating;
pub mod refusal;
pub mod revenue;
pub mod subscriptions;
pub mod tax;
pub mod usage;
pub mod webhooks;
pub mod work;
