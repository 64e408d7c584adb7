//! What is earned is scheduled with its document, posted when its time is over, and reported.
//!
//! What is on this shelf, what is not, and its laws: [`domain::revenue`](crate::domain::revenue).

pub mod close_period;
pub mod contracts;
pub mod export_journal;
pub mod fulfil;
pub mod issued;
pub mod map_accounts;
pub mod open_period;
pub mod paths;
pub mod read_journal;
pub mod reckon_recurring;
pub mod recognize;
pub mod reopen_period;
pub mod schedule;
pub mod set_rule;
pub mod sign_off;
