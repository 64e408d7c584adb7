//! What may usage come to? Budgets made, ended, and looked at when usage came in.
//!
//! What is on this shelf, what is not, and its laws: [`domain::budgets`](crate::domain::budgets).

pub mod check_budgets;
pub mod create_budget;
pub mod end_budget;
