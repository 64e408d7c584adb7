//! `billwright backup` and `billwright restore`: the embedded database in one file, and a data directory made of it.

mod file;
mod restore;
mod save;

pub(super) use restore::Restore;
pub(super) use save::Backup;
