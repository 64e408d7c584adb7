//! The verbs of tax: what a sale is taxed with, and what it is decided by.
//!
//! What is on this shelf, what is not, and its laws: [`domain::tax`](crate::domain::tax).

pub mod calculate_tax;
pub mod check_tax_numbers;
pub mod create_tax_rate;
pub mod create_tax_registration;
pub mod delete_tax_rate;
pub mod providers;
pub mod registers;
pub mod tax_book;
pub mod tax_draft;
pub mod update_tax_registration;
pub mod update_tax_settings;
pub mod watch_nexus;
