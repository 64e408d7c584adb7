//! How long is a POST's answer kept? Seven days: well past the 24 hours in which callers retry.

use chrono::TimeDelta;

use super::Error;
use crate::platform::clock;
use crate::storage::{Session, idempotency};

/// Days for which a repeated key gives the stored answer.
const KEPT_DAYS: i64 = 7;

/// Removes older keys, and gives how many there were.
pub fn run(session: &mut Session) -> Result<usize, Error> {
    let before = clock::now() - TimeDelta::days(KEPT_DAYS);
    session.transaction("purge_idempotency_keys", |tx| Ok(idempotency::purge(tx, before)?))
}
