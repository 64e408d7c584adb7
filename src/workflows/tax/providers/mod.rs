//! The verbs of tax by a provider: who is asked, asking, telling of what was issued, and holding both books against each other.

pub mod ask_providers;
pub mod change_providers;
pub mod compare_figures;
mod documents;
mod endpoints;
pub mod inform_providers;

pub use endpoints::{Providers, Refused};
