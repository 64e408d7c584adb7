//! What is sold, to whom, and how it comes over from elsewhere.
//!
//! What is on this shelf, what is not, and its laws: [`domain::catalog`](billwright::domain::catalog).

mod derived;
mod importing;
mod selling;
