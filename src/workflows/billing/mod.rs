//! How is what is owed found and written? In runs, for one customer, ahead of its time, and explained afterwards.
//!
//! What is on this shelf, what is not, and its laws: [`domain::billing`](crate::domain::billing).

mod ask_ahead;
pub mod bill_customers;
pub mod bill_run;
pub mod explain_line;
pub mod foresee_invoice;
pub(in crate::workflows) mod take_back;
