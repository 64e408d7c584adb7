//! How is a ramp written? `"phases": [{"after": {"interval": "year"}, "items": […]}]`: what a subscription becomes later on.

use chrono::{DateTime, SubsecRound, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use super::prorations::Proration;
use super::subscription_items::{NewItem, selection};
use super::terms::Length;
use crate::domain::fields::{Faults, below};
use crate::domain::ids::PlanId;
use crate::domain::refusal::Invalid;
use crate::domain::subscriptions::ramp::{Begins, PhaseRequest};
use crate::wire::amounts::DecimalText;

/// What a subscription is from a later instant on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"after": {"interval": "year", "interval_count": 1}, "items": [
    {"price_id": "price_01jgejp8g0e3q9k0v6z4t1x2y3", "price_override": {"model": {"type": "flat", "amount": "100.00"}}}]}))]
pub struct NewPhase {
    /// When it begins. This, or `after`.
    pub at: Option<DateTime<Utc>>,
    /// So long after the begin of billing; with a change, so long after that takes effect.
    pub after: Option<Length>,
    /// Another plan, in its latest version.
    #[schema(value_type = Option<String>)]
    pub plan_id: Option<PlanId>,
    /// Of the recurring prices that count units whose item names none.
    #[schema(value_type = Option<String>, example = "8")]
    pub quantity: Option<DecimalText>,
    /// The whole new set of items; left out: those there are.
    pub items: Option<Vec<NewItem>>,
    /// How a period is cut that it begins in.
    #[serde(default)]
    pub proration: Proration,
}

/// Reads the phases of a body.
///
/// # Errors
/// [`Invalid`] with every value that cannot be read.
pub fn read(phases: &[NewPhase]) -> Result<Vec<PhaseRequest>, Invalid> {
    let mut faults = Faults::none();
    let mut read = Vec::with_capacity(phases.len());
    for (n, phase) in phases.iter().enumerate() {
        let at = below("/phases", &n.to_string());
        let selection = selection((phase.quantity.as_ref(), phase.items.as_deref()), &at, &mut faults);
        let begins = match (phase.at, phase.after) {
            // PostgreSQL keeps microseconds: what is answered must be what is stored.
            (Some(instant), None) => Some(Begins::At(instant.trunc_subsecs(6))),
            (None, Some(length)) => length.read(&below(&at, "after"), &mut faults).map(Begins::After),
            _ => {
                faults.add(
                    &at,
                    "at_or_after",
                    "a phase begins at an instant or after a time: give one of them",
                );
                None
            }
        };
        read.extend(begins.map(|begins| PhaseRequest {
            begins,
            plan_id: phase.plan_id,
            selection,
            proration: phase.proration.into(),
        }));
    }
    faults.into_result().map(|()| read)
}
