//! What was used, by whom? Events as they came, what they add up to by hour and day, and what a meter measured in a period.
//!
//! A month of 2,000 customers is read from 30 rows each, however many events there were.
//!
//! What is on this shelf, what is not, and its laws: [`domain::usage`](crate::domain::usage).

mod backfills;
mod kept;
mod keys;
mod late;
mod measure;
mod meters;
mod months;
mod numeric;
mod raw;
mod rebuild;
mod rollups;
mod settings;
mod subjects;
mod tally;
pub mod views;
mod voided;

pub(in crate::storage) use backfills::BackfillRow;
pub use backfills::{
    Moved, customers_of as customers_of_backfill, find as find_backfill, insert as insert_backfill,
    lock as lock_backfill, put_back as put_back_replaced, put_in as put_in_backfill, save as save_backfill,
    stage, take_out as take_out_backfill, void_range,
};
pub use kept::{Kept, Waiting, keep, release, waiting};
pub use keys::{Key, Taken, claim as claim_keys, known as known_keys};
pub use late::changed_from;
pub use measure::{Ask, measure, values};
pub(in crate::storage) use meters::MeterRow;
pub use meters::{by_code as meter_by_code, insert as insert_meter, meters, of_types, with_type};
pub use months::{Month, drop_month, end_of, make_ahead, make_for, months, tenants_of};
pub use raw::{Stored, copy_in};
pub use rebuild::{Touched, rebuild, rebuild_meter};
pub use rollups::{Added, Place, add, add_uniques};
pub use settings::{find as find_settings, save as save_settings};
pub use subjects::{Lock, lock as lock_subjects, lock_meters, share_meters};
pub use voided::{Voided, find as find_voided, place_of, void};
