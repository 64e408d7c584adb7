//! What does a gateway tell? That something has become of a charge: `payment_intent.succeeded` about `pi_3MtwBwLkdIwHu7ix`. What exactly is
//! read at the gateway, so that the order in which events come, and how often, does not matter.

use chrono::{DateTime, Utc};

use crate::domain::ids::{GatewayAccountId, InboundEventId, PaymentId, RefundId};

/// An event of a gateway, as far as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundEvent {
    pub id: InboundEventId,
    /// The account that it came for.
    pub account_id: GatewayAccountId,
    /// As the gateway calls it.
    pub event_id: String,
    pub type_: String,
    /// The payment it is about, when it says so.
    pub payment_id: Option<PaymentId>,
    /// The refund it is about, when it says so.
    pub refund_id: Option<RefundId>,
    /// The gateway's name for the charge it is about.
    pub reference: Option<String>,
    pub received_at: DateTime<Utc>,
    pub processed_at: Option<DateTime<Utc>>,
}

/// What kind of thing an event is about: what is read at the gateway for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Money that was given back.
    Refunds,
    /// A dispute, or that an issuer takes a charge for fraud; or that a debit that had come was taken back.
    Disputes,
    /// A mandate: whether it may be charged still.
    Mandates,
    /// Money that went to the bank.
    Payout,
    /// Anything else: the charge.
    Charge,
}

impl InboundEvent {
    /// `charge.refunded` and `refund.updated` are about refunds, `charge.dispute.created` is about a dispute; `payments.failed` may be about
    /// money that had come, and `mandates.cancelled` is about a mandate.
    #[must_use]
    pub fn topic(&self) -> Topic {
        let begins = |starts: &[&str]| starts.iter().any(|start| self.type_.starts_with(start));
        let taken_back = ["payments.failed", "payments.late_failure", "payments.charge"];
        if begins(&["charge.dispute.", "radar.early_fraud_warning."]) || begins(&taken_back) {
            Topic::Disputes
        } else if begins(&["mandates."]) {
            Topic::Mandates
        } else if begins(&["refund.", "charge.refund", "refunds."]) {
            Topic::Refunds
        } else if begins(&["payout."]) {
            Topic::Payout
        } else {
            Topic::Charge
        }
    }
}
