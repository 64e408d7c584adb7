//! Does billing bill what is owed, once, whatever happens in between? 31.00 billed for a month that is worth 17.00 after
//! all is followed by a credit of 14.00, and a rerun by nothing.

mod chains;
mod changes_of_mind;
pub(in crate::domain) mod history;
mod path_independence;
mod segments_by_hand;
mod settling;
mod taken_back;
mod topped_up;
mod usage;
