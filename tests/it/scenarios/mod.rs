//! Whole stories, through the real server and the real database, a directory for each subject.

mod accounts;
pub mod billing;
mod catalogue;
mod commitments;
mod credit_notes;
mod credits;
mod discounts;
mod drafts;
mod entitlements;
mod explain;
mod given_back;
mod metered;
mod payments;
mod rating;
mod subscriptions;
mod taken_back;
mod usage;
