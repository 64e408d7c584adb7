//! What becomes of a delivery after an attempt? It is made, tried again, or given up: after 5 seconds, 5 minutes, 30 minutes, 2, 5, 10, 14, 20 and 24
//! hours, each a little longer by chance, and never earlier than the endpoint said. After that, three days have passed.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

/// After how many seconds the second, third … attempt is made.
const DELAYS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// An endpoint that has taken nothing for so long is disabled.
pub const GIVEN_UP_AFTER: TimeDelta = TimeDelta::days(5);
/// For how many seconds two secrets sign unless said otherwise, and at most.
pub const OVERLAP: [i64; 2] = [86_400, 604_800];
/// The longest wait that an endpoint may ask for.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(24);
const GONE: u16 = 410;

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum DeliveryStatus {
    /// It is tried, now or later.
    Pending,
    /// The endpoint took it.
    Delivered,
    /// It was tried for three days, or the endpoint is gone.
    Failed,
}

/// One attempt, as the log of a delivery keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// By the tenant's clock.
    pub at: DateTime<Utc>,
    /// What the endpoint answered; `None`: nothing.
    pub status: Option<u16>,
    pub milliseconds: u64,
    /// What went wrong, in words.
    pub trouble: Option<String>,
    /// The beginning of the answer.
    pub answer: Option<String>,
}

/// What an attempt leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Delivered,
    /// It is tried again then.
    Again(DateTime<Utc>),
    /// It is not.
    Failed,
    /// Neither is anything else: the endpoint is gone.
    Gone,
}

/// After how long a delivery is tried again that was tried so many times, by chance up to a tenth longer; `None`: it is not.
#[must_use]
pub fn delay(attempts: u32, chance: u32) -> Option<TimeDelta> {
    let index = usize::try_from(attempts.checked_sub(1)?).ok()?;
    let millis = DELAYS.get(index)? * 1_000;
    Some(TimeDelta::milliseconds(millis + (((millis / 10) * i64::from(chance)) >> 32)))
}

/// Judges the attempt that makes it so many.
#[must_use]
pub fn judge(attempt: &Attempt, attempts: u32, (wait, chance): (Option<TimeDelta>, u32)) -> Verdict {
    match attempt.status {
        Some(200..=299) => return Verdict::Delivered,
        Some(GONE) => return Verdict::Gone,
        _ => {}
    }
    let Some(delay) = delay(attempts, chance) else { return Verdict::Failed };
    Verdict::Again(attempt.at + delay.max(longest_wait(wait)))
}

/// For how long an endpoint wants nothing, as far as that is heeded.
#[must_use]
pub(crate) fn longest_wait(wait: Option<TimeDelta>) -> TimeDelta {
    wait.unwrap_or(TimeDelta::zero()).clamp(TimeDelta::zero(), LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(status: Option<u16>) -> Attempt {
        Attempt { at: DateTime::UNIX_EPOCH, status, milliseconds: 5, trouble: None, answer: None }
    }

    fn again(seconds: i64) -> Verdict {
        Verdict::Again(DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds))
    }

    #[test]
    fn ten_attempts_take_three_days_and_chance_lengthens_each_wait_by_a_tenth_at_most() {
        let total: TimeDelta = (1..=9).filter_map(|attempts| delay(attempts, 0)).sum();
        assert!(total > TimeDelta::days(3) && total < TimeDelta::days(4), "{total}");
        assert_eq!(delay(10, 0), None);
        assert_eq!(delay(0, 0), None);
        let longest = delay(2, u32::MAX).unwrap();
        assert!(longest > TimeDelta::seconds(329) && longest <= TimeDelta::seconds(330), "{longest}");
    }

    #[test]
    fn a_2xx_delivers_a_410_ends_it_all_and_anything_else_is_tried_again() {
        let judged = |status, attempts| judge(&attempt(status), attempts, (None, 0));
        assert_eq!(judged(Some(204), 1), Verdict::Delivered);
        assert_eq!(judged(Some(410), 1), Verdict::Gone);
        for status in [None, Some(301), Some(400), Some(404), Some(500)] {
            assert_eq!(judged(status, 1), again(5));
            assert_eq!(judged(status, 10), Verdict::Failed);
        }
    }

    #[test]
    fn an_endpoint_that_asks_for_time_gets_it_up_to_a_day() {
        let judged = |seconds| judge(&attempt(Some(429)), 1, (Some(TimeDelta::seconds(seconds)), 0));
        assert_eq!(judged(120), again(120));
        assert_eq!(judged(1), again(5));
        assert_eq!(judged(-9), again(5));
        assert_eq!(judged(9_999_999), again(86_400));
    }
}
