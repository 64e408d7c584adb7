//! Does a fixed term renew, or does the subscription end with it? Switched off on 3 May, twelve months from January end on
//! 31 December; switched on again before, they are followed by the next term.

use super::cancel::{Ended, ended_at, going_on};
use super::phase::Phase;
use super::terms::{Fixed, Terms};
use super::when::{self, Bill, Effective, Today};
use super::{Subscription, Timeline};
use crate::domain::calendar::CalendarError;
use crate::domain::proration::Basis;
use crate::domain::refusal::{Refusal, RefusalKind};
use chrono::{DateTime, Utc};

/// What a caller wants of the renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenewalRequest {
    pub renews: bool,
}

/// Why it stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is like this.
    #[error("this subscription {} already; there is nothing to change", renews_text(.renews))]
    AsItIs {
        /// What it does.
        renews: bool,
    },
    /// It ends by a cancellation.
    #[error("this subscription is canceled and ends at {end}; uncancel it first")]
    Canceled {
        /// When it ends.
        end: DateTime<Utc>,
    },
    /// It has no fixed term, or is over.
    #[error(transparent)]
    When(#[from] when::Refused),
    /// The date leaves the calendar.
    #[error("{0}")]
    Calendar(#[from] CalendarError),
}

fn renews_text(renews: &bool) -> &'static str {
    if *renews { "renews" } else { "ends with its term" }
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::AsItIs { .. } => "nothing_to_change",
            Refused::Canceled { .. } => "already_canceled",
            Refused::When(refused) => refused.code(),
            Refused::Calendar(_) => "date_out_of_range",
        }
    }

    fn pointer(&self) -> Option<String> {
        matches!(self, Refused::AsItIs { .. }).then(|| "/auto_renew".to_owned())
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::AsItIs { .. } | Refused::Calendar(_) => RefusalKind::Rule,
            Refused::Canceled { .. } | Refused::When(_) => RefusalKind::State,
        }
    }
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
        if let Some(end) = subscription.end_at.filter(|_| subscription.canceled_at.is_some()) {
            return Err(Refused::Canceled { end });
        }
        if fixed.renews == self.renews {
            return Err(Refused::AsItIs { renews: self.renews });
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
