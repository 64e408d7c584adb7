//! Which subscriptions are there, and what was done to them? Pages, newest first.

pub mod changes;
pub mod subscriptions;
