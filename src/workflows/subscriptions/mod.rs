//! What does somebody buy, change, pause or end? Each edits a timeline and bills the difference in one transaction.
//!
//! What is on this shelf, what is not, and its laws: [`domain::subscriptions`](crate::domain::subscriptions).

pub mod change_subscription;
pub mod charge_subscription;
pub mod edit_subscription;
pub mod end_subscription;
pub mod import_failure;
mod import_plans;
pub mod import_subscriptions;
pub mod migrate_plan;
pub mod pause_subscription;
pub mod plan_bindings;
pub mod plan_phases;
pub mod start_subscription;
pub mod step_subscriptions;
