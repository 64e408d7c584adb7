//! Which meters and backfills are there? Pages, newest first.

pub mod backfills;
pub mod meters;
