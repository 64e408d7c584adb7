//! What is earned is scheduled with its document, posted when its time is over, and reported.
//!
//! What is on this shelf, what is not, and its laws: [`domain::revenue`](crate::domain::revenue).

pub mod schedule;
