//! Whole stories, through the real server and the real database, a directory for each subject.

mod billing;
mod catalogue;
mod credits;
mod discounts;
mod drafts;
mod entitlements;
mod payments;
mod rating;
mod usage;
