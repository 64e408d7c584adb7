//! What has happened at the simulator? A record each, a line of JSON in its file: read again in their order, they are its books.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::money::{Currency, Money};
use crate::domain::payments::disputes::Status;
use crate::domain::payments::simulated::{Charge, ChargeStatus};

/// An amount as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Amount {
    minor: i64,
    currency: String,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Amount {
        Amount { minor: money.minor(), currency: money.currency().code().to_owned() }
    }
}

impl Amount {
    pub(super) fn money(&self) -> Option<Money> {
        Some(Money::from_minor(self.minor, Currency::parse(&self.currency).ok()?))
    }
}

/// A charge; one below zero is a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptCharge {
    key: String,
    token: String,
    amount: Amount,
    reference: String,
    received_at: DateTime<Utc>,
    status: KeptStatus,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptStatus {
    Succeeded,
    Declined { code: String },
    Pending { settles_at: DateTime<Utc>, code: Option<String> },
}

impl From<&Charge> for KeptCharge {
    fn from(charge: &Charge) -> KeptCharge {
        let status = match charge.status.clone() {
            ChargeStatus::Succeeded => KeptStatus::Succeeded,
            ChargeStatus::Declined { code } => KeptStatus::Declined { code },
            ChargeStatus::Pending { settles_at, code } => KeptStatus::Pending { settles_at, code },
        };
        KeptCharge {
            key: charge.idempotency_key.clone(),
            token: charge.token.clone(),
            amount: charge.amount.into(),
            reference: charge.reference.clone(),
            received_at: charge.received_at,
            status,
        }
    }
}

impl KeptCharge {
    /// The charge; `None`: its currency is none.
    pub(super) fn charge(&self) -> Option<Charge> {
        let status = match self.status.clone() {
            KeptStatus::Succeeded => ChargeStatus::Succeeded,
            KeptStatus::Declined { code } => ChargeStatus::Declined { code },
            KeptStatus::Pending { settles_at, code } => ChargeStatus::Pending { settles_at, code },
        };
        Some(Charge {
            idempotency_key: self.key.clone(),
            token: self.token.clone(),
            amount: self.amount.money()?,
            status,
            reference: self.reference.clone(),
            received_at: self.received_at,
        })
    }
}

/// A dispute that was opened by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptDispute {
    pub id: String,
    pub charge_key: String,
    pub amount: Amount,
    pub fee: Amount,
    pub status: String,
    pub opened_at: DateTime<Utc>,
}

impl KeptDispute {
    pub(super) fn status(&self) -> Status {
        self.status.parse().unwrap_or(Status::NeedsResponse)
    }
}

/// A part of a payout: what moved on the balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptItem {
    pub id: String,
    /// `charge`, `refund`, `dispute`, `dispute_reversal`, `payout_failure` or `fee`.
    pub kind: String,
    pub charge_key: Option<String>,
    pub charge: Option<String>,
    pub refund_key: Option<String>,
    pub refund: Option<String>,
    pub dispute: Option<String>,
    pub payout: Option<String>,
    /// As it was charged, refunded or disputed.
    pub original: Amount,
    /// In the currency of the payout.
    pub amount: Amount,
    pub fee: Amount,
}

/// Money that went to the bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptPayout {
    pub id: String,
    pub amount: Amount,
    pub paid_at: DateTime<Utc>,
    pub failed_at: Option<DateTime<Utc>>,
    pub items: Vec<KeptItem>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub(super) enum Record {
    Charged {
        charge: KeptCharge,
    },
    /// Before the charge below zero that it is.
    Refunded {
        key: String,
        charge_key: String,
    },
    /// A charge that took its time is decided.
    Settled {
        key: String,
        code: Option<String>,
    },
    Disputed {
        dispute: KeptDispute,
    },
    Decided {
        id: String,
        status: String,
    },
    /// What it keeps besides, such as a monthly fee.
    Kept {
        id: String,
        amount: Amount,
    },
    PaidOut {
        payout: KeptPayout,
    },
    PayoutFailed {
        id: String,
        at: DateTime<Utc>,
    },
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    /// Whose books.
    pub account: String,
    #[serde(flatten)]
    pub record: Record,
}
