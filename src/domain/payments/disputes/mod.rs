//! A payer's bank takes a payment back, or threatens to: how does that stand? As its gateway shows it; here it is only followed, whatever it goes
//! through: an inquiry, evidence due, under review, won or lost.
//!
//! 31.00 disputed on 3 March, evidence due on the 10th: the gateway holds 31.00 and keeps a fee of 15.00; lost on the 13th, 31.00 are gone.

pub mod policy;
pub mod ratio;

use chrono::{DateTime, Utc};
use strum::{EnumString, IntoStaticStr};

use crate::domain::ids::{CustomerId, DisputeId, FraudWarningId, GatewayAccountId, PaymentId};
use crate::domain::money::Money;

/// How a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Status {
    /// The bank asks, and takes nothing yet.
    Inquiry,
    /// It asks no more, and has taken nothing.
    InquiryClosed,
    /// Evidence is due.
    NeedsResponse,
    /// The bank decides.
    UnderReview,
    /// The money is ours.
    Won,
    /// It is the payer's.
    Lost,
}

impl Status {
    /// Whether the payment is disputed now: nothing else is charged by the same method by itself.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Status::NeedsResponse | Status::UnderReview)
    }

    /// Whether it is decided.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Status::InquiryClosed | Status::Won | Status::Lost)
    }

    /// Whether the bank has more than asked, now or before.
    #[must_use]
    pub fn is_dispute(self) -> bool {
        !matches!(self, Status::Inquiry | Status::InquiryClosed)
    }
}

/// Where the disputed money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Place {
    /// With us.
    Ours,
    /// With the gateway, until it is decided.
    Held,
    /// With the payer.
    Gone,
}

/// How money that had come is taken back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Kind {
    /// A card's issuer asks, holds it and decides.
    #[default]
    Dispute,
    /// The payer had the bank give a debit back: it is gone at once, its invoice is owed again, and not charged by itself.
    Chargeback,
    /// The bank was late with its no to a debit: its invoice is owed again, and tried again as after any no.
    Failure,
}

/// A dispute as the gateway shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub kind: Kind,
    /// The gateway's name for it.
    pub reference: String,
    /// Such as `fraudulent`.
    pub reason: String,
    pub amount: Money,
    /// What the gateway keeps for it, less what it gave back of that.
    pub fee: Money,
    pub status: Status,
    /// Whether the gateway has taken the money, and not given it back.
    pub is_withdrawn: bool,
    pub evidence_due_by: Option<DateTime<Utc>>,
    pub opened_at: DateTime<Utc>,
}

/// That an issuer takes a payment for fraud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarningSeen {
    pub reference: String,
    /// Such as `made_with_stolen_card`.
    pub kind: String,
    pub warned_at: DateTime<Utc>,
}

/// What a gateway shows of a payment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    pub disputes: Vec<Seen>,
    pub warnings: Vec<WarningSeen>,
}

/// A dispute as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    pub id: DisputeId,
    pub kind: Kind,
    pub customer_id: CustomerId,
    pub payment_id: PaymentId,
    pub gateway: String,
    pub gateway_account_id: Option<GatewayAccountId>,
    pub reference: String,
    pub reason: String,
    pub amount: Money,
    pub fee: Money,
    /// The part that its invoice owes again.
    pub reopened: Money,
    /// The part that had become the customer's credit, and was still there.
    pub from_balance: Money,
    pub status: Status,
    pub place: Place,
    pub evidence_due_by: Option<DateTime<Utc>>,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
}

/// What was done about a fraud warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Action {
    /// Nothing.
    None,
    /// Somebody was told.
    Task,
    /// The invoice was credited, and what is left of the payment refunded.
    Refunded,
}

/// A fraud warning as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FraudWarning {
    pub id: FraudWarningId,
    pub customer_id: CustomerId,
    pub payment_id: PaymentId,
    pub gateway_account_id: Option<GatewayAccountId>,
    pub reference: String,
    pub kind: String,
    pub action: Action,
    pub warned_at: DateTime<Utc>,
}

impl Dispute {
    /// The same as the gateway shows it now. What was lost stays gone until it is won; what it is about does not change.
    #[must_use]
    pub fn as_seen(&self, seen: &Seen, now: DateTime<Utc>) -> Dispute {
        let place = match seen.status {
            Status::Lost => Place::Gone,
            Status::Inquiry | Status::InquiryClosed | Status::Won => Place::Ours,
            Status::NeedsResponse | Status::UnderReview if self.place == Place::Gone => Place::Gone,
            Status::NeedsResponse | Status::UnderReview if seen.is_withdrawn => Place::Held,
            Status::NeedsResponse | Status::UnderReview => Place::Ours,
        };
        let closed_at = seen.status.is_over().then(|| self.closed_at.unwrap_or(now));
        Dispute {
            kind: seen.kind,
            status: seen.status,
            reason: seen.reason.clone(),
            fee: seen.fee,
            place,
            evidence_due_by: seen.evidence_due_by,
            closed_at,
            ..self.clone()
        }
    }

    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "dispute",
            "id": self.id,
            "kind": self.kind.into_str(),
            "status": self.status.into_str(),
            "reason": self.reason,
            "customer_id": self.customer_id,
            "payment_id": self.payment_id,
            "gateway": self.gateway,
            "gateway_account_id": self.gateway_account_id,
            "reference": self.reference,
            "currency": self.amount.currency().code(),
            "amount": self.amount.to_major_string(),
            "fee": self.fee.to_major_string(),
            "amount_reopened": self.reopened.to_major_string(),
            "evidence_due_by": self.evidence_due_by,
        })
    }
}

impl FraudWarning {
    /// What an event carries of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "fraud_warning",
            "id": self.id,
            "customer_id": self.customer_id,
            "payment_id": self.payment_id,
            "gateway_account_id": self.gateway_account_id,
            "reference": self.reference,
            "kind": self.kind,
            "action": self.action.into_str(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn usd(minor: i64) -> Money {
        Money::from_minor(minor, "USD".parse().unwrap())
    }

    fn kept() -> Dispute {
        Dispute {
            kind: Kind::Dispute,
            id: DisputeId::from_uuid(Uuid::nil()),
            customer_id: CustomerId::from_uuid(Uuid::nil()),
            payment_id: PaymentId::from_uuid(Uuid::nil()),
            gateway: "stripe".to_owned(),
            gateway_account_id: None,
            reference: "dp_1".to_owned(),
            reason: "fraudulent".to_owned(),
            amount: usd(3_100),
            fee: usd(0),
            reopened: usd(0),
            from_balance: usd(0),
            status: Status::Inquiry,
            place: Place::Ours,
            evidence_due_by: None,
            opened_at: DateTime::UNIX_EPOCH,
            closed_at: None,
        }
    }

    fn seen(status: Status, is_withdrawn: bool) -> Seen {
        Seen {
            kind: Kind::Dispute,
            reference: "dp_1".to_owned(),
            reason: "fraudulent".to_owned(),
            amount: usd(3_100),
            fee: usd(1_500),
            status,
            is_withdrawn,
            evidence_due_by: None,
            opened_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_money_is_held_while_it_is_disputed_and_then_ours_or_gone() {
        let place = |before: &Dispute, status, taken| {
            before.as_seen(&seen(status, taken), DateTime::UNIX_EPOCH).place
        };
        let inquiry = kept();
        assert_eq!(place(&inquiry, Status::Inquiry, false), Place::Ours);
        assert_eq!(place(&inquiry, Status::NeedsResponse, true), Place::Held);
        let held = inquiry.as_seen(&seen(Status::NeedsResponse, true), DateTime::UNIX_EPOCH);
        assert_eq!(place(&held, Status::Won, false), Place::Ours);
        let lost = held.as_seen(&seen(Status::Lost, true), DateTime::UNIX_EPOCH);
        assert_eq!((lost.place, lost.closed_at.is_some()), (Place::Gone, true));
        assert_eq!(place(&lost, Status::UnderReview, true), Place::Gone, "until it is won");
        assert_eq!(place(&lost, Status::Won, false), Place::Ours);
    }
}
