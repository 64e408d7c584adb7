//! What does a customer owe? What its history is worth by a date, less what was billed: 31.00 expected, 31.00 recorded → nothing.
//!
//! **Owns**: What is owed: segments due, what each is worth, what is still missing of it, commitments, grounds, and why a line is
//! what it is.
//!
//! **Not its own**: The document with its number, totals and states ([`invoicing`](super::invoicing)); what is taken off
//! ([`discounts`](super::discounts)).
//!
//! **Laws**: A rerun bills nothing. Whatever the order of changes, the net is what the final history is worth. Parts add up to the
//! whole. Nothing is given back twice, and nothing taken back is billed again.

#![cfg_attr(not(test), warn(clippy::indexing_slicing, clippy::as_conversions))]

pub mod billed;
pub mod chains;
pub mod charged;
pub mod commitments;
pub mod difference;
pub mod early_termination;
pub mod expected;
pub mod explain;
pub mod grounds;
pub mod line;
pub mod metered;
pub mod period_price;
pub mod piece;
pub mod recorded;
pub mod segments;
pub mod taken_back;
#[cfg(test)]
pub(in crate::domain) mod tests;
pub mod topped_up;
pub mod unbillable;
pub mod worth;

pub use grounds::Grounds;
pub use line::ByHand;
pub use line::Line;
pub use line::LineOrigin;
pub use metered::Metered;
