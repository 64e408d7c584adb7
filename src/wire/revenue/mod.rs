//! How is revenue written? Schedules with their months, periods with their states: `{"month": "2026-01", "amount": "17.00", "posted": true}`.
//!
//! What is on this shelf, what is not, and its laws: [`domain::revenue`](crate::domain::revenue).

pub mod contracts;
pub mod drill;
pub mod fulfilments;
pub mod journals;
pub mod periods;
pub mod recurring;
pub mod reports;
pub mod rules;
pub mod schedules;
