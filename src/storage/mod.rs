//! Diesel, and only here: rows are private, functions take `&mut Tx` and give domain values.

pub mod api_keys;
pub mod bench;
pub mod bench_rating;
pub mod bench_reads;
pub mod bench_usage;
pub mod bill_runs;
pub mod billing;
pub mod budgets;
pub mod catalog;
pub mod collection;
pub mod credits;
pub mod customers;
pub mod db;
pub mod discounts;
pub mod drafts;
pub mod error;
pub mod events;
pub mod features;
pub mod idempotency;
pub mod invoicing;
pub mod ledger;
pub mod migrate;
pub mod parking;
pub mod payment_methods;
pub mod payments;
pub mod rules;
pub mod schema;
pub mod simulator;
pub mod subscriptions;
pub mod tenants;
pub mod tx;
pub mod usage;
pub mod views;

pub use db::Db;
pub use error::StorageError;
pub use tx::{Session, Tx};
