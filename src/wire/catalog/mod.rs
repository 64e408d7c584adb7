//! How is what is sold written? Products, plans, prices, their models, and features.
//!
//! What is on this shelf, what is not, and its laws: [`domain::catalog`](crate::domain::catalog).

pub mod derived;
pub mod features;
mod model_fields;
pub mod plans;
pub mod price_models;
pub mod prices;
pub mod products;
pub mod tax_terms;
mod usage_models;
