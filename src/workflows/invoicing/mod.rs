//! What becomes of an invoice? Made by hand, changed while a draft, issued, voided or given up.
//!
//! What is on this shelf, what is not, and its laws: [`domain::invoicing`](crate::domain::invoicing).

pub mod ask_tax_providers;
pub mod create_invoice;
pub mod delete_invoice;
pub mod edit_draft;
pub mod finalize_drafts;
pub mod finalize_invoice;
pub mod issue;
mod late_usage;
pub mod mark_uncollectible;
pub mod origins;
pub mod void_invoice;
