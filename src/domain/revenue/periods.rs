//! May a period be closed, or opened again? In order: the oldest that is open is closed first, and the newest that is closed is opened again.
//!
//! On 1 March January is closed, then February. To post into January again, February is reopened, then January.

use chrono::{DateTime, NaiveDate, Utc};
use strum::{EnumString, IntoStaticStr};

use super::schedule::{Days, next_month};
use crate::domain::ids::{AccountingPeriodId, EntityId};
use crate::domain::refusal::{Refusal, RefusalKind};

/// Where a period stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Status {
    Open,
    /// Its revenue is being recognised; then it is closed.
    Closing,
    /// Nothing can be posted into it.
    Closed,
    /// Open once more.
    Reopened,
}

/// A period of an entity's books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    pub id: AccountingPeriodId,
    pub entity_id: EntityId,
    pub days: Days,
    pub status: Status,
    pub created_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub reopened: Option<Reopened>,
    /// What of it was found and is accepted by whoever closed it.
    pub accepted: Vec<Check>,
}

/// What must be so before a period is closed, or be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Check {
    /// What is earned at once is so because a rule says it.
    LinesAtOnceHaveARule,
}

/// That it was opened again: when last, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reopened {
    pub at: DateTime<Utc>,
    pub because: String,
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Its last day has not passed.
    #[error(
        "this period ends with {last}, and today is {today}, by the tenant's clock: close it when it is over"
    )]
    NotOver { last: NaiveDate, today: NaiveDate },
    /// An earlier one is open.
    #[error(
        "the period that begins on {earlier} is open still: periods are closed in their order, the oldest first"
    )]
    EarlierIsOpen { earlier: NaiveDate },
    /// It is closed.
    #[error("this period is closed already")]
    AlreadyClosed,
    /// Somebody is at it.
    #[error("these books are being closed by another call: read the period in a moment")]
    BeingClosed,
    /// A later one is closed.
    #[error(
        "the period that begins on {later} is closed: periods are reopened in the opposite order, the newest first"
    )]
    LaterIsClosed { later: NaiveDate },
    /// Something is earned at once silently.
    #[error(
        "{count} of the lines of this period are earned at once though no rule says so: `lines_at_once_have_a_rule` of its checklist names their \
         invoices; give them a service period or a rule with a correction, or close it with accept: [\"lines_at_once_have_a_rule\"]"
    )]
    LinesWithoutRule { count: i64 },
    /// It is not closed.
    #[error("this period is {}; only a closed one is reopened", .status.into_str())]
    NotClosed { status: Status },
    /// Without a word.
    #[error("say why it is opened again")]
    NoReason,
    /// Another day than a month's first one was meant, or one that has not come.
    #[error(
        "a period is opened for a month that has begun, and books are opened no earlier than the oldest closed period"
    )]
    NoSuchMonth,
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::NotOver { .. } => "period_not_over",
            Refused::EarlierIsOpen { .. } => "earlier_period_open",
            Refused::AlreadyClosed => "period_closed",
            Refused::BeingClosed => "period_closing",
            Refused::LaterIsClosed { .. } => "later_period_closed",
            Refused::LinesWithoutRule { .. } => "lines_without_rule",
            Refused::NotClosed { .. } => "period_not_closed",
            Refused::NoReason => "reason_required",
            Refused::NoSuchMonth => "month_out_of_range",
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Refused::NoReason => Some("/reason".to_owned()),
            Refused::NoSuchMonth => Some("/month".to_owned()),
            _ => None,
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::NoReason | Refused::NoSuchMonth => RefusalKind::Rule,
            _ => RefusalKind::State,
        }
    }
}

impl Period {
    /// Its last day.
    #[must_use]
    pub fn last_day(&self) -> NaiveDate {
        self.days.to.pred_opt().unwrap_or(self.days.to)
    }

    /// Whether something can be posted into it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status != Status::Closed
    }

    /// Open or reopened → closing; what was left closing is taken up again. `all` are those of its entity, in order.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn begin_closing(mut self, all: &[Period], today: NaiveDate) -> Result<Period, Refused> {
        if self.status == Status::Closed {
            return Err(Refused::AlreadyClosed);
        }
        if self.days.to > today {
            return Err(Refused::NotOver { last: self.last_day(), today });
        }
        if let Some(earlier) = all.iter().find(|other| other.days.from < self.days.from && other.is_open()) {
            return Err(Refused::EarlierIsOpen { earlier: earlier.days.from });
        }
        self.status = Status::Closing;
        Ok(self)
    }

    /// Accepts what was found of lines that no rule is about, where whoever closes it says so.
    ///
    /// # Errors
    /// [`Refused::LinesWithoutRule`].
    pub fn accept(mut self, accepted: &[Check], at_once: i64) -> Result<Period, Refused> {
        let check = Check::LinesAtOnceHaveARule;
        if at_once > 0 && !accepted.contains(&check) {
            return Err(Refused::LinesWithoutRule { count: at_once });
        }
        self.accepted = if at_once > 0 { vec![check] } else { Vec::new() };
        Ok(self)
    }

    /// Closing → closed.
    #[must_use]
    pub fn close(mut self, now: DateTime<Utc>) -> Period {
        (self.status, self.closed_at) = (Status::Closed, Some(now));
        self
    }

    /// Closed → reopened.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn reopen(
        mut self,
        all: &[Period],
        (because, now): (&str, DateTime<Utc>),
    ) -> Result<Period, Refused> {
        if because.trim().is_empty() {
            return Err(Refused::NoReason);
        }
        if self.status != Status::Closed {
            return Err(Refused::NotClosed { status: self.status });
        }
        if let Some(later) =
            all.iter().rev().find(|other| other.days.from > self.days.from && !other.is_open())
        {
            return Err(Refused::LaterIsClosed { later: later.days.from });
        }
        (self.status, self.closed_at) = (Status::Reopened, None);
        self.accepted = Vec::new();
        self.reopened = Some(Reopened { at: now, because: because.to_owned() });
        Ok(self)
    }

    /// What events carry of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "accounting_period",
            "id": self.id,
            "entity_id": self.entity_id,
            "start": self.days.from,
            "end": self.days.to,
            "status": self.status.into_str(),
            "closed_at": self.closed_at,
            "accepted": self.accepted.iter().map(|check| check.into_str()).collect::<Vec<_>>(),
            "reason": self.reopened.as_ref().map(|reopened| &reopened.because),
        })
    }
}

/// The months from one that holds a day to the one that holds another.
#[must_use]
pub fn months(first: NaiveDate, last: NaiveDate) -> Vec<Days> {
    let mut months = Vec::new();
    let mut from = chrono::Datelike::with_day(&first, 1).unwrap_or(first);
    while from <= last {
        let to = next_month(from);
        months.push(Days { from, to });
        from = to;
    }
    months
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn quarter() -> Vec<Period> {
        let period = |days| Period {
            id: AccountingPeriodId::from_uuid(Uuid::nil()),
            entity_id: EntityId::from_uuid(Uuid::nil()),
            days,
            status: Status::Open,
            created_at: DateTime::UNIX_EPOCH,
            closed_at: None,
            reopened: None,
            accepted: Vec::new(),
        };
        months(day("2026-01-20"), day("2026-03-05")).into_iter().map(period).collect()
    }

    #[test]
    fn periods_are_closed_in_order_when_they_are_over_and_reopened_the_other_way_round() {
        let mut all = quarter();
        assert_eq!(all.len(), 3);
        let today = day("2026-03-05");
        let close = |all: &[Period], n: usize| all[n].clone().begin_closing(all, today);
        assert_eq!(close(&all, 1), Err(Refused::EarlierIsOpen { earlier: day("2026-01-01") }));
        for n in 0..2 {
            all[n] = close(&all, n).unwrap().close(DateTime::UNIX_EPOCH);
        }
        let january = quarter().remove(0);
        let unruled = Refused::LinesWithoutRule { count: 3 };
        assert_eq!(january.clone().accept(&[], 3), Err(unruled));
        let check = Check::LinesAtOnceHaveARule;
        assert_eq!(january.clone().accept(&[check], 3).unwrap().accepted, [check]);
        assert_eq!(january.accept(&[check], 0).unwrap().accepted, [], "there is nothing to accept");
        assert_eq!(close(&all, 2), Err(Refused::NotOver { last: day("2026-03-31"), today }));
        assert_eq!(close(&all, 1), Err(Refused::AlreadyClosed));
        let reopen = |all: &[Period], n: usize, why| all[n].clone().reopen(all, (why, DateTime::UNIX_EPOCH));
        assert_eq!(reopen(&all, 0, "late"), Err(Refused::LaterIsClosed { later: day("2026-02-01") }));
        assert_eq!(reopen(&all, 1, " "), Err(Refused::NoReason));
        assert_eq!(reopen(&all, 2, "late"), Err(Refused::NotClosed { status: Status::Open }));
        all[1] = reopen(&all, 1, "late").unwrap();
        assert_eq!(reopen(&all, 0, "late").unwrap().status, Status::Reopened);
    }
}
