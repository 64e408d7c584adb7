//! When is the gateway queried for what became of an attempt? After 1 min, 5 min, 30 min, 2 h, then every 12 h: it is never given up,
//! because money may have moved. An attempt taken for one that never reached its gateway is queried once more after 1 h, 1 day and
//! 7 days: a process that stood still may have woken, charged and died.

use chrono::{DateTime, TimeDelta, Utc};

/// Minutes from one question to the next.
const GAPS_IN_MINUTES: [i64; 4] = [1, 5, 30, 120];
const LATER_IN_MINUTES: i64 = 12 * 60;

/// When to query next, after `checks` questions without an answer.
pub fn next_check_at(checks: i16, now: DateTime<Utc>) -> DateTime<Utc> {
    let gap = usize::try_from(checks)
        .ok()
        .and_then(|n| GAPS_IN_MINUTES.get(n))
        .copied()
        .unwrap_or(LATER_IN_MINUTES);
    now.checked_add_signed(TimeDelta::minutes(gap)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Hours after an attempt was given up at which its gateway is queried once more.
const LOOKS_IN_HOURS: [i64; 3] = [1, 24, 7 * 24];

/// When to query once more for an attempt given up at `failed_at`; `None`: not again.
pub fn ask_again_at(failed_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let look = |hours: &i64| failed_at.checked_add_signed(TimeDelta::hours(*hours));
    LOOKS_IN_HOURS.iter().filter_map(look).find(|at| *at > now)
}

/// For how long a payer may agree to a charge, by the clock of its tenant.
const PATIENCE: TimeDelta = TimeDelta::hours(72);

/// Whether the payer of a charge that was begun then has had time enough to agree to it.
pub fn has_waited_enough(begun: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now.signed_duration_since(begun) >= PATIENCE
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

    #[test]
    fn an_attempt_given_up_is_queried_after_an_hour_a_day_and_a_week_and_then_no_more() {
        let failed = DateTime::UNIX_EPOCH;
        let mut looks = Vec::new();
        let mut now = failed;
        while let Some(at) = ask_again_at(failed, now) {
            looks.push((at - failed).num_hours());
            now = at;
        }
        assert_eq!(looks, [1, 24, 168]);
    }
}
