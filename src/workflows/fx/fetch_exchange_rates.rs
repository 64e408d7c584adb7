//! Are rates of the European Central Bank missing? Fetches the day's, and where earlier days are missing too, those of ninety days.
//!
//! Down since Wednesday, up again on Saturday: Friday's file, then the file with Wednesday and Thursday in it.

use chrono::{DateTime, Days, Utc};

use super::record_published;
use crate::adapters::fx::{Ecb, Unread};
use crate::domain::fx::ECB;
use crate::domain::fx::published::missing_days;
use crate::storage::{Session, fx};
use crate::workflows::Error;

/// Days that are surely enough to know which are missing.
const KNOWN_DAYS: u64 = 120;

/// Fetches what is missing, and gives how many rates were new. When nothing is missing, nobody is called.
///
/// # Errors
/// The bank's files cannot be read: nothing of them is recorded, and it is tried again. Storage.
pub fn run(session: &mut Session, ecb: &Ecb, now: DateTime<Utc>) -> Result<usize, Error> {
    let mut added = 0;
    for fetch in [Ecb::of_the_day, Ecb::of_ninety_days] {
        if is_complete(session, now)? {
            break;
        }
        added += record_published::run(session, &fetch(ecb)?.quotes, now)?;
    }
    Ok(added)
}

fn is_complete(session: &mut Session, now: DateTime<Utc>) -> Result<bool, Error> {
    let today = now.date_naive();
    let since = today.checked_sub_days(Days::new(KNOWN_DAYS)).unwrap_or(today);
    let recorded = session.read(|tx| fx::published_days(tx, ECB, since))?;
    Ok(missing_days(now, &recorded).is_empty())
}

impl From<Unread> for Error {
    fn from(unread: Unread) -> Error {
        Error::Fault(unread.to_string())
    }
}
