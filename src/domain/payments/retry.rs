//! When is a failed attempt tried again? 1, 3, 5 and 7 days after each other, then no more: at most 5 attempts in 16 days.
//!
//! That keeps far below what the card networks allow (Visa: 15 re-attempts in 30 days). A hard decline is never tried
//! again with the same method.

use chrono::{DateTime, TimeDelta, Utc};

/// Days from a failed attempt to the next: after the first, the second …
const GAPS_IN_DAYS: [i64; 4] = [1, 3, 5, 7];

/// Attempts that did not reach the gateway are repeated at once this often, then daily.
const AT_ONCE: i16 = 5;
/// After so many attempts without reaching the gateway somebody has to look.
const NEVER_REACHED_LIMIT: i16 = 20;

/// When to try again after a soft decline of attempt number `attempts` (from 1); `None`: no more.
pub fn after_decline(attempts: i16, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let index = usize::try_from(attempts.checked_sub(1)?).ok()?;
    GAPS_IN_DAYS.get(index).and_then(|days| now.checked_add_signed(TimeDelta::days(*days)))
}

/// When to try again after an attempt that never reached the gateway: at once, because nothing happened to the customer;
/// slower and slower for a gateway that swallows everything.
pub fn after_never_reached(attempts: i16, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if attempts <= AT_ONCE {
        Some(now)
    } else if attempts < NEVER_REACHED_LIMIT {
        now.checked_add_signed(TimeDelta::days(1))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(n)
    }

    #[test]
    fn a_soft_decline_is_tried_again_after_1_3_5_and_7_days_and_then_no_more() {
        let mut at = day(0);
        let mut tried = vec![0];
        for attempts in 1.. {
            let Some(next) = after_decline(attempts, at) else { break };
            at = next;
            tried.push((at - day(0)).num_days());
        }
        assert_eq!(tried, [0, 1, 4, 9, 16]);
    }

    #[test]
    fn a_count_that_makes_no_sense_is_not_tried_again() {
        for attempts in [i16::MIN, -1, 0, 6, i16::MAX] {
            assert_eq!(after_decline(attempts, day(0)), None);
        }
    }

    #[test]
    fn an_attempt_that_never_reached_the_gateway_is_repeated_at_once_but_not_for_ever() {
        assert_eq!(after_never_reached(1, day(0)), Some(day(0)));
        assert_eq!(after_never_reached(5, day(0)), Some(day(0)));
        assert_eq!(after_never_reached(6, day(0)), Some(day(1)));
        assert_eq!(after_never_reached(19, day(0)), Some(day(1)));
        assert_eq!(after_never_reached(20, day(0)), None);
    }
}
