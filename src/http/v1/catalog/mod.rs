//! What is sold, and for how much? `/v1/products` and `/v1/plans`.
//!
//! What is on this shelf, what is not, and its laws: [`domain::catalog`](crate::domain::catalog).

pub mod plans;
pub mod products;
