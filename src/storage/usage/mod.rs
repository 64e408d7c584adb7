//! What was used, by whom? Events as they came, what they add up to by hour and day, and what a meter measured in a period.
//!
//! A month of 2,000 customers is read from 30 rows each, however many events there were.

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

pub use kept::{Waiting, keep};
pub use keys::{Key, Taken, claim as claim_keys, known as known_keys};
pub use late::reopen_late;
pub use measure::{Ask, measure, values};
pub use meters::{MeterRow, by_code as meter_by_code, insert as insert_meter, meters, of_types, with_type};
pub use months::{make_ahead, make_for};
pub use raw::{Stored, copy_in};
pub use rebuild::{Touched, rebuild, rebuild_meter};
pub use rollups::{Added, Place, add, add_uniques};
pub use settings::{find as find_settings, save as save_settings};
pub use subjects::{Lock, lock as lock_subjects, lock_meters, share_meters};
