//! `/v1/tax`: what a sale is taxed with, and what that is decided by.
//!
//! What is on this shelf, what is not, and its laws: [`domain::tax`](crate::domain::tax).

pub mod calculations;
pub mod nexus;
pub mod providers;
pub mod rates;
pub mod registrations;
pub mod returns;
pub mod settings;
