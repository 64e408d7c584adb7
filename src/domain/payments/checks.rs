//! When is the gateway asked what became of an attempt? After 1 min, 5 min, 30 min, 2 h, then every 12 h: it is never given up,
//! because money may have moved.

use chrono::{DateTime, TimeDelta, Utc};

/// Minutes from one question to the next.
const GAPS_IN_MINUTES: [i64; 4] = [1, 5, 30, 120];
const LATER_IN_MINUTES: i64 = 12 * 60;

/// When to ask next, after `checks` questions without an answer.
pub fn next_check_at(checks: i16, now: DateTime<Utc>) -> DateTime<Utc> {
    let gap = usize::try_from(checks)
        .ok()
        .and_then(|n| GAPS_IN_MINUTES.get(n))
        .copied()
        .unwrap_or(LATER_IN_MINUTES);
    now.checked_add_signed(TimeDelta::minutes(gap)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_come_after_1_5_30_and_120_minutes_and_then_twice_a_day() {
        let now = DateTime::UNIX_EPOCH;
        let gaps: Vec<i64> = (0..7).map(|checks| (next_check_at(checks, now) - now).num_minutes()).collect();
        assert_eq!(gaps, [1, 5, 30, 120, 720, 720, 720]);
    }
}
