//! Does a stream arrive fast enough to go on? At 1,024 bytes a second, ten seconds of grace and then a byte every five seconds, it is ended at
//! its third byte. Only the time spent waiting for the sender counts: who is kept waiting by the database is not slow.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::http::Problem;
use crate::platform::clock::Stopwatch;
use crate::platform::limits::Limits;

/// How long a stream may be slower than it must.
const GRACE: Duration = Duration::from_secs(10);
/// How long a sender may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// The pace of a stream so far.
pub(super) struct Pace {
    begun: Stopwatch,
    longest: Duration,
    rate: u64,
    waited: Duration,
    arrived: u64,
}

impl Pace {
    /// A stream begins.
    pub(super) fn start(limits: &Limits) -> Pace {
        let (longest, rate) = (Duration::from_secs(limits.stream_time), limits.stream_rate);
        Pace { begun: Stopwatch::start(), longest, rate, waited: Duration::ZERO, arrived: 0 }
    }

    /// The next of what arrives.
    pub(super) async fn next(
        &mut self,
        payload: &mut Payload,
    ) -> Result<Option<Result<Bytes, PayloadError>>, Problem> {
        let left = self.longest.saturating_sub(self.begun.elapsed());
        if left.is_zero() {
            return Err(self.too_long());
        }
        let watch = Stopwatch::start();
        let part = timeout(left.min(SILENCE), payload.next()).await.map_err(|_| {
            if left <= SILENCE {
                return self.too_long();
            }
            too_slow(format!("no more of the body arrived within {} seconds", SILENCE.as_secs()))
        })?;
        self.waited += watch.elapsed();
        if let Some(Ok(bytes)) = &part {
            self.arrived += bytes.len() as u64;
            if self.is_too_slow() {
                return Err(too_slow(format!("a stream sends at least {} bytes a second", self.rate)));
            }
        }
        Ok(part)
    }

    fn is_too_slow(&self) -> bool {
        let owed = u128::from(self.rate) * self.waited.saturating_sub(GRACE).as_millis() / 1_000;
        u128::from(self.arrived) < owed
    }

    fn too_long(&self) -> Problem {
        too_slow(format!("a stream ends within {} seconds", self.longest.as_secs()))
    }
}

fn too_slow(rule: String) -> Problem {
    let detail = format!("{rule}: what was stored stays stored; send the rest again, or all of it");
    Problem::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(waited: u64, arrived: u64) -> Pace {
        Pace { waited: Duration::from_secs(waited), arrived, ..Pace::start(&Limits::default()) }
    }

    #[test]
    fn after_its_grace_a_stream_owes_its_rate() {
        assert!(!pace(10, 2).is_too_slow());
        assert!(pace(11, 3).is_too_slow());
        assert!(!pace(11, 1_024).is_too_slow());
        assert!(pace(110, 100 * 1_024 - 1).is_too_slow() && !pace(110, 100 * 1_024).is_too_slow());
    }
}
