//! What becomes of due work that cannot be done? Its item is parked: postponed with its reason, announced by an event, tried again alone after a
//! growing delay. It never holds up another item, job or tenant.
//!
//! Of 500 refunds one cannot be read: 499 are made now, the one is parked until an hour later, then for two, four, up to a day.

mod doing;
mod entries;

pub use doing::{
    Attempted, Jobs, Owned, Retried, batches_due, batches_under_locks, each, each_due, retry, retry_by,
    retry_one,
};
pub use entries::{Parking, Place, park};
