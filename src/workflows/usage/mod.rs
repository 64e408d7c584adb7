//! What was used? Events taken in, corrected, replaced, read, and dropped when nobody needs them any more.
//!
//! What is on this shelf, what is not, and its laws: [`domain::usage`](crate::domain::usage).

pub(in crate::workflows) mod count_usage;
pub mod create_meter;
pub mod import_usage;
pub mod ingest_usage;
pub mod keep_usage_months;
pub mod open_backfill;
pub mod read_usage;
pub mod read_usage_settings;
pub mod replay_usage;
pub mod settle_backfill;
pub mod update_usage_settings;
pub mod void_usage_event;
