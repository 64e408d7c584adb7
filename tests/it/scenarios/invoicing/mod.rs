//! What becomes of an invoice before and after it is issued? Stories of drafts.
//!
//! What is on this shelf, what is not, and its laws: [`domain::invoicing`](billwright::domain::invoicing).

mod drafts;
mod line_names;
