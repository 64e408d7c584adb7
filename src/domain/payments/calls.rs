//! How long can a call to a gateway live? It is over 30 seconds after it began, by its deadline; until 60 seconds have passed nobody
//! concludes from "never heard of it" that it never will be.
//!
//! A call begun at 12:00:00 is not sent, nor waited for, after 12:00:30. The first question about it comes at 12:01:00, and by then it
//! is dead. All of it is real time, for test tenants too: no test clock moves a process that stands still.

use chrono::{DateTime, TimeDelta, Utc};

/// Seconds a call may take.
const WITHIN: i64 = 30;
/// Seconds after which it is dead wherever it was, and whatever the clocks of two machines are apart.
const LIFE: i64 = 60;

/// A call that begins now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// When it is given up, and not sent any more.
    pub deadline: DateTime<Utc>,
    /// Until when it counts as alive.
    pub alive_until: DateTime<Utc>,
}

impl Call {
    /// One that begins at this instant of real time.
    pub fn begun(at: DateTime<Utc>) -> Call {
        let after = |seconds| at.checked_add_signed(TimeDelta::seconds(seconds)).unwrap_or(at);
        Call { deadline: after(WITHIN), alive_until: after(LIFE) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::payments::checks;

    #[test]
    fn a_call_is_over_before_the_first_question_about_it_and_dead_when_it_is_asked() {
        let begun = DateTime::UNIX_EPOCH;
        let call = Call::begun(begun);
        let first_question = checks::next_check_at(0, begun);
        assert!(call.deadline < first_question);
        assert!(call.deadline < call.alive_until && call.alive_until <= first_question);
    }
}
