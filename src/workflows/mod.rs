//! The verbs, a file each: load → decide (pure calls) → save, in one transaction. No remote call inside one.

pub mod advance_clock;
pub mod billing;
pub mod budgets;
pub mod catalog;
pub mod credits;
pub mod customers;
pub mod discounts;
pub mod entities;
pub mod entitlements;
pub mod error;
pub mod fx;
pub mod invoicing;
pub mod keyed;
pub mod ledger;
pub mod named;
pub mod parked_work;
pub mod payments;
pub mod purge_idempotency_keys;
pub mod relay_events;
pub mod revenue;
pub mod scope;
pub mod subscriptions;
pub mod tax;
pub mod tenants;
pub mod usage;
pub mod verify_books;
pub mod webhooks;

pub use error::Error;
pub use scope::{Holding, Scope};

/// The outcome of a command that can be repeated without harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done<T> {
    /// It was done now.
    Done(T),
    /// It had been done before; nothing was written.
    AlreadyDone(T),
}

impl<T> Done<T> {
    /// The thing, whenever it was done.
    pub fn into_inner(self) -> T {
        match self {
            Done::Done(value) | Done::AlreadyDone(value) => value,
        }
    }
}
