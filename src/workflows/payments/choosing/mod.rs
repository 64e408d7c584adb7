//! What is charged for an invoice, at which account? What it, its subscriptions or its customer say, and the tenant's rules of routing.

pub mod candidates;
pub mod change_preferences;
pub mod change_rules;
