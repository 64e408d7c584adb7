//! What is sold from now on? Products, plans, and the next versions of plans.
//!
//! What is on this shelf, what is not, and its laws: [`domain::catalog`](crate::domain::catalog).

pub(in crate::workflows) mod check_plan_meters;
pub mod create_plan;
pub mod create_product;
pub(crate) mod derive_prices;
pub mod publish_plan_version;
pub mod update_product;
