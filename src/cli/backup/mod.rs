//! `billwright backup` and `billwright restore`: the embedded database in one file, and a data directory made of it.

mod file;
mod restore;
mod save;

pub use restore::Restore;
pub use save::Backup;
