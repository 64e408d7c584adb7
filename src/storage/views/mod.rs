//! Read models for lists and single things: a query in, a struct out, pages by key; no rules.

pub mod api_keys;
pub mod backfills;
pub mod bill_runs;
pub mod books;
pub mod budgets;
pub mod changes;
pub mod credit_notes;
pub mod credits;
pub mod customers;
pub mod discounts;
pub mod events;
pub mod invoicing;
pub mod keyset;
pub mod ledger;
pub mod line_story;
pub mod meters;
pub mod pay_outs;
pub mod payments;
pub mod plans;
pub mod products;
pub mod subscriptions;

pub use keyset::{Keyset, Slice};
