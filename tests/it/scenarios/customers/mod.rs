//! Who is billed, and who pays for whom? Stories of customers and of those that belong to others.
//!
//! What is on this shelf, what is not, and its laws: [`domain::customers`](billwright::domain::customers).

mod accounts;
