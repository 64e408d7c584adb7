//! What is agreed to change later on? A ramp: 80.00 a month in the first year, 100.00 from the second, 120.00 from the third.
//!
//! Each phase begins at an instant, or so long after the begin of billing: `after` one year from 15 January 2026 is
//! 15 January 2027. It is recorded as the change it is, so that what was agreed and what is requested later are one history.

use chrono::{DateTime, Utc};

use super::items::Selection;
use crate::domain::calendar::{Cycle, Interval, Zone};
use crate::domain::fields::{Faults, below};
use crate::domain::ids::PlanId;
use crate::domain::proration::Basis;
use crate::domain::refusal::Invalid;

/// Most phases of one ramp.
pub const MOST_PHASES: usize = 60;

/// When a phase begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// Then.
    At(DateTime<Utc>),
    /// So long after the begin of billing, or after the change it is planned with.
    After(Interval),
}

/// What a subscription is from a later instant on.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseRequest {
    pub begins: Begins,
    /// `None`: the plan there is.
    pub plan_id: Option<PlanId>,
    pub selection: Selection,
    pub proration: Basis,
}

/// When the phases begin, the first after `begin` and each after the one before.
///
/// # Errors
/// [`Invalid`] with every phase that begins at no such instant.
pub fn instants(
    phases: &[PhaseRequest],
    (begin, zone): (DateTime<Utc>, Zone),
) -> Result<Vec<DateTime<Utc>>, Invalid> {
    let mut faults = Faults::none();
    if phases.len() > MOST_PHASES {
        faults.add(
            "/phases",
            "too_many",
            format_args!("a subscription has at most {MOST_PHASES} phases ahead"),
        );
    }
    let mut last = begin;
    let mut instants = Vec::with_capacity(phases.len());
    for (n, phase) in phases.iter().enumerate() {
        let at = below("/phases", &n.to_string());
        let begins = match phase.begins {
            Begins::At(instant) => Ok(instant),
            Begins::After(interval) => {
                Cycle::starting(begin, None, interval, zone).and_then(|cycle| cycle.boundary(1))
            }
        };
        let pointer = below(&at, if matches!(phase.begins, Begins::At(_)) { "at" } else { "after" });
        let Some(begins) = faults.keep(&pointer, "date_out_of_range", begins) else { continue };
        if begins <= last {
            let detail = format_args!("a phase begins after the one before it: later than {last}");
            faults.add(pointer, "phases_out_of_order", detail);
        }
        last = last.max(begins);
        instants.push(begins);
    }
    faults.into_result().map(|()| instants)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::{Unit, Zone};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn phase(begins: Begins) -> PhaseRequest {
        PhaseRequest { begins, plan_id: None, selection: Selection::default(), proration: Basis::ByDay }
    }

    #[test]
    fn phases_begin_one_after_the_other_on_local_days() {
        let since = (at("2026-01-15T09:30:00Z"), Zone::parse("America/New_York").unwrap());
        let years = |count| phase(Begins::After(Interval { unit: Unit::Year, count }));
        let then = phase(Begins::At(at("2027-06-01T00:00:00Z")));
        let found = instants(&[years(1), then.clone(), years(2)], since).unwrap();
        assert_eq!(found, ["2027-01-15T05:00:00Z", "2027-06-01T00:00:00Z", "2028-01-15T05:00:00Z"].map(at));
        let refused = instants(&[years(2), then, years(2)], since).unwrap_err();
        let named: Vec<_> = refused.errors.iter().map(|e| (e.pointer.as_str(), e.code.as_str())).collect();
        assert_eq!(
            named,
            [("/phases/1/at", "phases_out_of_order"), ("/phases/2/after", "phases_out_of_order")]
        );
    }
}
