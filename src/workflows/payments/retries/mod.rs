//! What follows when a payment has failed? The next attempt, the last action, and the policies that say so.

pub mod change_policies;
pub(in crate::workflows::payments) mod failures;
pub mod plan;
pub mod simulate;
pub mod take_final_actions;
