//! The verbs of tax by a provider: who is asked, telling of what was issued, and holding both books against each other. Asking itself issues what
//! waited, so it is [`invoicing`](crate::workflows::invoicing::ask_tax_providers)'s.

pub mod change_providers;
pub mod compare_figures;
mod documents;
mod endpoints;
pub mod inform_providers;

pub(in crate::workflows) use endpoints::{Opened, WIDTH};
pub use endpoints::{Providers, Refused};
