//! What is billed now, and why is a line what it is? `/v1/bill_runs`, and the explanations of lines.
//!
//! What is on this shelf, what is not, and its laws: [`domain::billing`](crate::domain::billing).

pub mod bill_runs;
pub(in crate::http::v1) mod explanations;
