//! What goes wrong at a server to rehearse with, and how often? The next calls of a kind fail, or every so many: with a status, by an answer that comes
//! too late, or by a connection that is cut, before the effect of the call or after it.
//!
//! `{"call": "charge", "how": "cut_after", "times": 20, "one_in": 5}`: of the next hundred charges every fifth is made, and nobody hears of it.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A status and a body.
pub(super) type Reply = (u16, Value);

/// What fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    /// The kind of call, such as `calculate` or `charge`; left out: any.
    pub call: Option<String>,
    pub how: How,
    /// How many calls; 1 when left out.
    #[serde(default = "once")]
    pub times: u32,
    /// Only every so many of them; each when left out.
    #[serde(default = "once")]
    pub one_in: u32,
    /// How many of its kind have passed since the last that failed.
    #[serde(skip)]
    passed: u32,
}

fn once() -> u32 {
    1
}

/// How it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum How {
    /// Status 500, without effect.
    Error,
    /// Status 500, and it was done.
    ErrorAfter,
    /// Silence, without effect.
    SilenceBefore,
    /// It is done, then silence.
    SilenceAfter,
    /// The connection is cut, without effect.
    CutBefore,
    /// It is done, and the connection is cut.
    CutAfter,
}

impl How {
    /// Whether it is done all the same.
    fn has_effect(self) -> bool {
        matches!(self, How::ErrorAfter | How::SilenceAfter | How::CutAfter)
    }
}

/// The faults that are left, and how many calls there were of each kind.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) left: Vec<Fault>,
    pub(super) calls: BTreeMap<String, u64>,
}

impl Faults {
    /// Orders faults, in place of those before.
    pub(super) fn set(&mut self, faults: Vec<Fault>) {
        self.left = faults;
    }

    /// The fault of the next call of a kind, used up by it.
    pub(super) fn next(&mut self, call: &str) -> Option<How> {
        *self.calls.entry(call.to_owned()).or_default() += 1;
        let strikes =
            |fault: &&mut Fault| fault.times > 0 && fault.call.as_deref().is_none_or(|it| it == call);
        for fault in self.left.iter_mut().filter(strikes) {
            fault.passed = fault.passed.saturating_add(1);
            if fault.passed >= fault.one_in {
                (fault.passed, fault.times) = (0, fault.times.saturating_sub(1));
                return Some(fault.how);
            }
        }
        None
    }
}

/// An answer as it is.
pub(super) fn reply((status, body): Reply) -> HttpResponse {
    HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)).json(body)
}

/// Answers a call, or fails as it is to, after its effect or without.
pub(super) async fn answer(
    fault: Option<How>,
    silence: Duration,
    work: impl FnOnce() -> Reply,
) -> HttpResponse {
    let done = if fault.is_none_or(How::has_effect) { Some(work()) } else { None };
    match fault {
        None => done.map_or_else(|| HttpResponse::InternalServerError().finish(), reply),
        Some(How::Error | How::ErrorAfter) => failed(),
        Some(How::SilenceBefore | How::SilenceAfter) => {
            actix_web::rt::time::sleep(silence).await;
            failed()
        }
        Some(How::CutBefore | How::CutAfter) => cut(),
    }
}

fn failed() -> HttpResponse {
    reply((500, json!({ "error": "a fault that was ordered" })))
}

/// A body that breaks off: the connection is closed before it is whole.
pub(super) fn cut() -> HttpResponse {
    let broken = io::Error::new(io::ErrorKind::ConnectionReset, "a cut that was ordered");
    HttpResponse::Ok().streaming(stream::iter([Err::<Bytes, io::Error>(broken)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_third_call_of_a_kind_fails_until_the_fault_is_used_up() {
        let fault: Fault =
            serde_json::from_value(json!({ "call": "charge", "how": "cut_after", "times": 2, "one_in": 3 }))
                .unwrap();
        let mut faults = Faults::default();
        faults.set(vec![fault]);
        let struck: Vec<bool> = (0..9).map(|_| faults.next("charge").is_some()).collect();
        assert_eq!(struck, [false, false, true, false, false, true, false, false, false]);
        assert_eq!(faults.next("refund"), None);
        assert_eq!(faults.calls["charge"], 9);
    }
}
