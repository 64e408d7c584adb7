//! What was billed of each charge of which something was taken back?

use std::collections::HashMap;

use super::piece::Key;
use super::recorded::Recorded;

/// What was billed of each charge; nothing when nothing of it was taken back.
pub type Billed<'r> = HashMap<Key, &'r Recorded>;

/// What was billed, where something was taken back of it.
pub(in crate::domain) fn billed<'r>(recorded: impl IntoIterator<Item = &'r Recorded> + Clone) -> Billed<'r> {
    if recorded.clone().into_iter().all(|r| r.taken_back.is_nothing()) {
        return Billed::new();
    }
    recorded.into_iter().map(|r| (r.key, r)).collect()
}
