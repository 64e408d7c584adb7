//! How are billing runs written, and how is a line explained?
//!
//! What is on this shelf, what is not, and its laws: [`domain::billing`](crate::domain::billing).

pub mod bill_runs;
pub mod explain;
pub mod explain_sentence;
pub mod explain_steps;
