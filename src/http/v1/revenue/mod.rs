//! `/v1/revenue` and `/v1/accounting_periods`: what is earned when, and the books that are closed.
//!
//! What is on this shelf, what is not, and its laws: [`domain::revenue`](crate::domain::revenue).

pub mod contracts;
pub mod fulfilments;
pub mod journals;
pub mod periods;
pub mod recurring;
pub mod reports;
pub mod rules;
pub mod schedules;
