//! Why is an invoice charged just then? Because it fell due, because of a step of its policy, because there is something new to charge:
//! `retry_step 2`, put off by a network's limit.

use std::fmt;
use std::str::FromStr;

use strum::{EnumString, IntoStaticStr};

/// What an attempt comes of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Cause {
    /// The invoice fell due.
    Due,
    /// Somebody asked for it; when it fails, the policy goes on.
    ByHand,
    /// Somebody asked for it, and for nothing to follow when it fails.
    ByHandOnce,
    /// There is something new to charge.
    NewMethod,
    /// What is charged first is not to be tried again, and there is something else.
    BackupMethod,
    /// A step of the policy, from 1.
    RetryStep(u16),
    /// Gateway or issuer was not there, and this is the so-manieth try since, from 1.
    OutageRetry(u16),
    /// The attempt before it never reached its gateway.
    NotReached,
}

/// Why it is not earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum PutOffBy {
    /// The network asked to wait with its answer.
    Advice,
    /// The network allows no more attempts before.
    NetworkLimit,
}

/// Why an attempt is made when it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reason {
    pub cause: Cause,
    pub put_off_by: Option<PutOffBy>,
}

impl Reason {
    /// Of a cause, at its own time.
    #[must_use]
    pub const fn of(cause: Cause) -> Reason {
        Reason { cause, put_off_by: None }
    }

    /// The step of the policy, or the number of the try after an outage.
    #[must_use]
    pub const fn step(&self) -> Option<u16> {
        match self.cause {
            Cause::RetryStep(n) | Cause::OutageRetry(n) => Some(n),
            _ => None,
        }
    }
}

/// `retry_step 2 network_limit`: as it is stored.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.cause.into_str())?;
        if let Some(step) = self.step() {
            write!(f, " {step}")?;
        }
        self.put_off_by.map_or(Ok(()), |by| write!(f, " {}", by.into_str()))
    }
}

/// A text that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no reason of an attempt")]
pub struct NoReason;

impl FromStr for Reason {
    type Err = NoReason;

    fn from_str(text: &str) -> Result<Reason, NoReason> {
        let mut words = text.split(' ');
        let name = words.next().ok_or(NoReason)?;
        let mut number = || words.next().and_then(|word| word.parse().ok()).ok_or(NoReason);
        let cause = match name {
            "due" => Cause::Due,
            "by_hand" => Cause::ByHand,
            "by_hand_once" => Cause::ByHandOnce,
            "new_method" => Cause::NewMethod,
            "backup_method" => Cause::BackupMethod,
            "retry_step" => Cause::RetryStep(number()?),
            "outage_retry" => Cause::OutageRetry(number()?),
            "not_reached" => Cause::NotReached,
            _ => return Err(NoReason),
        };
        let put_off_by = match words.next() {
            None => None,
            Some(word) => Some(word.parse().map_err(|_| NoReason)?),
        };
        Ok(Reason { cause, put_off_by })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_read_as_it_is_written() {
        let causes = [
            Cause::Due,
            Cause::ByHand,
            Cause::ByHandOnce,
            Cause::NewMethod,
            Cause::BackupMethod,
            Cause::RetryStep(2),
            Cause::OutageRetry(3),
            Cause::NotReached,
        ];
        for cause in causes {
            for put_off_by in [None, Some(PutOffBy::Advice), Some(PutOffBy::NetworkLimit)] {
                let reason = Reason { cause, put_off_by };
                assert_eq!(reason.to_string().parse(), Ok(reason));
            }
        }
        assert_eq!("retry_step".parse::<Reason>(), Err(NoReason));
    }
}
