//! The verbs of exchange rates: what was published is recorded, and what a tenant says.
//!
//! What is on this shelf, what is not, and its laws: [`domain::fx`](crate::domain::fx).

pub mod create_exchange_rate;
pub mod fetch_exchange_rates;
pub mod record_published;
