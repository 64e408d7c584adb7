//! What of a checklist does somebody answer for? A check that found something is signed off by name, with a note; it stands as long as the check finds
//! as much.
//!
//! Two drafts are left on purpose and signed off; a third one comes, and the check is to be looked at again.

use chrono::{DateTime, Utc};

use super::periods::{Period, Status};
use crate::domain::ids::AccountingPeriodId;
use crate::domain::refusal::{Refusal, RefusalKind};

/// That somebody answers for what a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    pub period_id: AccountingPeriodId,
    /// The check's.
    pub name: String,
    pub at: DateTime<Utc>,
    pub by: String,
    pub note: String,
    /// How many things it had found.
    pub count: i64,
}

impl SignOff {
    /// Whether it stands: as much is found as then, and the period was not opened again since.
    #[must_use]
    pub fn stands(&self, period: &Period, count: i64) -> bool {
        let reopened = period.reopened.as_ref().is_some_and(|reopened| reopened.at > self.at);
        self.count == count && !reopened
    }
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nobody.
    #[error("say who signs, and why it is right as it is")]
    NoName { field: &'static str },
    /// Of another name.
    #[error("{name} is no check of the checklist")]
    UnknownCheck { name: String },
    /// There is nothing to answer for.
    #[error("{name} finds nothing in this period: there is nothing to sign off")]
    Clean { name: String },
    /// What is closed is closed.
    #[error("this period is closed already")]
    Closed,
}

impl Refusal for Refused {
    fn code(&self) -> &'static str {
        match self {
            Refused::NoName { .. } => "signature_required",
            Refused::UnknownCheck { .. } => "unknown_check",
            Refused::Clean { .. } => "check_is_clean",
            Refused::Closed => "period_closed",
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Refused::NoName { field } => Some(format!("/{field}")),
            Refused::UnknownCheck { .. } => Some("/check".to_owned()),
            _ => None,
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Refused::NoName { .. } | Refused::UnknownCheck { .. } => RefusalKind::Rule,
            _ => RefusalKind::State,
        }
    }
}

/// Signs off what a check found: `None` where there is no such check.
///
/// # Errors
/// [`Refused`].
pub fn sign(period: &Period, found: Option<i64>, sign_off: SignOff) -> Result<SignOff, Refused> {
    for (field, text) in [("by", &sign_off.by), ("note", &sign_off.note)] {
        if text.trim().is_empty() {
            return Err(Refused::NoName { field });
        }
    }
    let name = sign_off.name.clone();
    let count = found.ok_or(Refused::UnknownCheck { name: name.clone() })?;
    if period.status == Status::Closed {
        return Err(Refused::Closed);
    }
    match count {
        0 => Err(Refused::Clean { name }),
        count => Ok(SignOff { count, ..sign_off }),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::EntityId;
    use crate::domain::revenue::Days;
    use crate::domain::revenue::periods::Reopened;

    fn period(status: Status) -> Period {
        let day = |text: &str| text.parse().unwrap();
        Period {
            id: AccountingPeriodId::from_uuid(Uuid::nil()),
            entity_id: EntityId::from_uuid(Uuid::nil()),
            days: Days { from: day("2026-01-01"), to: day("2026-02-01") },
            status,
            created_at: DateTime::UNIX_EPOCH,
            closed_at: None,
            reopened: None,
            accepted: Vec::new(),
        }
    }

    fn signed(by: &str) -> SignOff {
        SignOff {
            period_id: AccountingPeriodId::from_uuid(Uuid::nil()),
            name: "drafts_are_issued".to_owned(),
            at: DateTime::UNIX_EPOCH,
            by: by.to_owned(),
            note: "a customer is to confirm them".to_owned(),
            count: 0,
        }
    }

    #[test]
    fn what_is_found_is_signed_off_by_a_name_and_stands_while_as_much_is_found() {
        let open = period(Status::Open);
        let two = sign(&open, Some(2), signed("Ada")).unwrap();
        assert!(two.stands(&open, 2) && !two.stands(&open, 3) && !two.stands(&open, 1));
        let at = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(1);
        let again = Period { reopened: Some(Reopened { at, because: "missing".to_owned() }), ..open.clone() };
        assert!(!two.stands(&again, 2), "it was closed and opened again since");
        assert_eq!(sign(&open, Some(2), signed(" ")), Err(Refused::NoName { field: "by" }));
        assert!(matches!(sign(&open, None, signed("Ada")), Err(Refused::UnknownCheck { .. })));
        assert!(matches!(sign(&open, Some(0), signed("Ada")), Err(Refused::Clean { .. })));
        assert_eq!(sign(&period(Status::Closed), Some(2), signed("Ada")), Err(Refused::Closed));
    }
}
