//! When is revenue earned? Each line of a document has a schedule: so much, over these days, by this rule; what is earned by a date is a function
//! of it, and what is posted is that less what was posted before.
//!
//! 31.00 for 15 January to 14 February: 17.00 are earned by 31 January and 14.00 are deferred; by 28 February all is earned.
//!
//! **Owns**: Schedules of lines, rules of recognition, accounting periods, the reports made of them.
//!
//! **Not its own**: What is billed and what it is taxed with; the accounts and the transfers between them.
//!
//! **Laws**: Earned, deferred and given up are what was invoiced, to the cent, on every day. Nothing is earned before it is booked. However often
//! recognition runs, the books are the same. Nothing is posted into a closed period.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::as_conversions))]

pub mod alike;
pub mod contracts;
pub mod documents;
pub mod fulfilment;
pub mod given_up;
pub mod intervals;
pub mod journals;
pub mod moved;
mod numbers;
pub mod periods;
pub mod recognize;
pub mod recurring;
pub mod reports;
pub mod rules;
pub mod schedule;
pub mod sign_offs;

pub use alike::Alike;
pub use schedule::{After, Because, Days, Entry, Rule, Schedule};
