//! What is agreed to change later on? The phases of a ramp, each recorded as the change it is, with whoever agreed on it.
//!
//! 80.00 a month, 100.00 after a year: one item that ends in a year and another that begins, from the first day on.

use chrono::{DateTime, Utc};

use super::change_subscription::{self, Order};
use super::edit_subscription::Origin;
use crate::domain::calendar::Zone;
use crate::domain::fields::below;
use crate::domain::ids::SubscriptionId;
use crate::domain::refusal::{Invalid, Refusal, RefusalKind};
use crate::domain::subscriptions::change::ChangeRequest;
use crate::domain::subscriptions::ramp::{self, PhaseRequest};
use crate::domain::subscriptions::when::{Bill, Effective};
use crate::storage::Tx;
use crate::workflows::{Error, Scope};

/// Records the phases; gives whether one has begun already. Nothing is billed.
///
/// # Errors
/// The rules of [`ramp`] and of each change, at the phase that is at fault.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, since): (SubscriptionId, (DateTime<Utc>, Zone)),
    (phases, origin): (&[PhaseRequest], &Origin),
) -> Result<bool, Error> {
    let instants = ramp::instants(phases, since)?;
    for (n, (phase, at)) in phases.iter().zip(&instants).enumerate() {
        let order = Order {
            subscription_id: id,
            plan: phase.plan_id.map(|plan| (plan, None)),
            request: ChangeRequest {
                selection: phase.selection.clone(),
                add: Vec::new(),
                remove: Vec::new(),
                anchor_day: None,
                effective_at: Effective::Planned(*at),
                proration: phase.proration,
                bill: Bill::Now,
                replace_scheduled: false,
                usage_by_days: false,
            },
            phases: Vec::new(),
        };
        let request = origin.request.pointer(&format!("/phases/{n}")).cloned().unwrap_or_default();
        let origin = Origin { by: origin.by, request };
        change_subscription::plan(tx, scope, (&order, origin)).map_err(|error| at_phase(error, n))?;
    }
    Ok(instants.iter().any(|at| *at <= scope.now))
}

/// The error, with its pointers at the phase.
fn at_phase(error: Error, n: usize) -> Error {
    let at = below("/phases", &n.to_string());
    match error {
        Error::Refused(reason) => InPhase { at, reason }.into(),
        Error::Invalid(Invalid { mut errors }) => {
            for error in &mut errors {
                error.pointer = format!("{at}{}", error.pointer);
            }
            Error::Invalid(Invalid { errors })
        }
        other => other,
    }
}

/// A rule that a phase breaks.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
struct InPhase {
    at: String,
    reason: Box<dyn Refusal>,
}

impl Refusal for InPhase {
    fn code(&self) -> &'static str {
        self.reason.code()
    }

    fn pointer(&self) -> Option<String> {
        match self.reason.pointer() {
            Some(pointer) if pointer != "/effective_at" => Some(format!("{}{pointer}", self.at)),
            _ => Some(self.at.clone()),
        }
    }

    fn kind(&self) -> RefusalKind {
        self.reason.kind()
    }
}
