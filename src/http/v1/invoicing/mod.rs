//! What do customers get to see? `/v1/invoices` and their lines.
//!
//! What is on this shelf, what is not, and its laws: [`domain::invoicing`](crate::domain::invoicing).

pub mod invoice_lines;
pub mod invoices;
