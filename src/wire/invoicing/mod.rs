//! How are invoices and their lines written, and what is read of those made by hand?
//!
//! What is on this shelf, what is not, and its laws: [`domain::invoicing`](crate::domain::invoicing).

pub mod billed_lines;
pub mod invoice_lines;
pub mod invoice_list;
pub mod invoices;
