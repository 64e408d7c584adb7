//! Diesel, and only here: rows are private, functions take `&mut Tx` and give domain values.
//!
//! A shelf's `views` are read models for lists and single things: a query in, a struct out, pages by key; no rules.

pub mod bench;
pub mod billing;
pub mod books;
pub mod budgets;
pub mod catalog;
pub mod columns;
mod connection;
pub mod credits;
pub mod customers;
pub mod db;
pub mod discounts;
pub mod due;
pub mod entities;
pub mod entitlements;
pub mod error;
pub mod events;
pub mod fx;
pub mod idempotency;
pub mod invoicing;
pub mod keyset;
pub mod ledger;
pub mod listing;
pub mod migrate;
pub mod named;
pub mod parked_work;
pub mod payments;
pub mod revenue;
mod rules;
pub mod schema;
mod spare;
pub(in crate::storage) mod sql_types;
pub mod subscriptions;
pub mod tax;
pub mod tenants;
pub mod tx;
pub mod usage;
pub mod webhooks;
mod wording;

pub use db::Db;
pub(in crate::storage) use error::Found;
pub use error::{StorageError, Thing, fit};
pub use tx::{Session, Tx};
