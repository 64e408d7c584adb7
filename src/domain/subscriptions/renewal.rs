//! Does a fixed term renew, or does the subscription end with it? Switched off on 3 May, twelve months from January end on
//! 31 December; switched on again before, they are followed by the next term.

use super::Subscription;
use super::cancel::{Ended, Found, Refused, ended_at};
use super::terms::{Fixed, Terms};
use super::when::{self, Bill, Effective};
use crate::domain::proration::Basis;

/// What a caller wants of the renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenewalRequest {
    pub renews: bool,
}

impl RenewalRequest {
    /// The subscription as it ends with its term, or goes on after it as had been decided before the renewal was switched off.
    ///
    /// # Errors
    /// [`Refused`]: that it is over, has no fixed term, is canceled, or is like this already.
    pub fn apply(self, found: Found<'_>) -> Result<Ended, Refused> {
        let Found { subscription, phases, timeline, today, .. } = found;
        let now = today.now;
        if let Some(end) = subscription.end_at.filter(|end| *end <= now) {
            return Err(when::Refused::Over { end }.into());
        }
        let fixed = subscription.terms.and_then(|terms| Some((terms, terms.fixed?)));
        let (terms, fixed) = fixed.ok_or(Refused::NoTerm)?;
        if let (Some(canceled_at), Some(end)) = (subscription.canceled_at, subscription.end_at) {
            return Err(Refused::AlreadyCanceled { canceled_at, end });
        }
        if fixed.renews == self.renews {
            return Err(if self.renews { Refused::RenewsAlready } else { Refused::EndsAlready });
        }
        let open = Subscription { end_at: None, ..subscription.clone() };
        let at = match subscription.end_at {
            Some(end) if self.renews => Effective::At(end),
            _ => Effective::TermEnd,
        };
        let moment = at.moment_of_end(&open, phases, today)?;
        let cycle = subscription.phase_at(phases, moment.at).cycle;
        let edge = moment.edge(&cycle, (Basis::ByDay, Bill::Next), false)?;
        let timeline = match self.renews {
            true => found.given_back((moment.at, None), moment.at),
            false => ended_at(timeline, edge)?,
        };
        let terms = Terms { fixed: Some(Fixed { renews: self.renews, ..fixed }), ..terms };
        let end_at = (!self.renews).then_some(moment.at);
        let subscription = Subscription { terms: Some(terms), end_at, ..open };
        let before = (found.subscription.clone(), found.timeline.clone());
        Ok(Ended { subscription, timeline, edge, owed: None, before, looks_from: edge.at })
    }
}
