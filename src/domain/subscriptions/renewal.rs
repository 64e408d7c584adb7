//! Does a fixed term renew, or does the subscription end with it? Switched off on 3 May, twelve months from January end on
//! 31 December; switched on again before, they are followed by the next term.

use super::cancel::{Ended, Refused, ended_at, going_on};
use super::phase::Phase;
use super::terms::{Fixed, Terms};
use super::when::{self, Bill, Effective, Today};
use super::{Subscription, Timeline};
use crate::domain::proration::Basis;

/// What a caller wants of the renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenewalRequest {
    pub renews: bool,
}

impl RenewalRequest {
    /// The subscription as it ends with its term, or goes on after it. What was planned for after the end stays undone.
    ///
    /// # Errors
    /// [`Refused`]: that it is over, has no fixed term, is canceled, or is like this already.
    pub fn apply(
        self,
        (subscription, phases): (&Subscription, &[Phase]),
        timeline: &Timeline,
        today: Today,
    ) -> Result<Ended, Refused> {
        let now = today.now;
        if let Some(end) = subscription.end_at.filter(|end| *end <= now) {
            return Err(when::Refused::Over { end }.into());
        }
        let fixed = subscription.terms.and_then(|terms| Some((terms, terms.fixed?)));
        let (terms, fixed) = fixed.ok_or(when::Refused::NoTerm)?;
        if let (Some(asked), Some(end)) = (subscription.canceled_at, subscription.end_at) {
            return Err(Refused::AlreadyCanceled { asked, end });
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
            true => going_on(timeline, moment.at, None),
            false => ended_at(timeline, edge)?,
        };
        let terms = Terms { fixed: Some(Fixed { renews: self.renews, ..fixed }), ..terms };
        let end_at = (!self.renews).then_some(moment.at);
        let subscription = Subscription { terms: Some(terms), end_at, ..open };
        Ok(Ended { subscription, timeline, edge, owed: None })
    }
}
