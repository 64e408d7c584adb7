//! What is a credit note, and what became of the money it gives back? `CN-000001`, 36.00 of an invoice, refunded by its payment.

use chrono::{DateTime, Utc};

use super::note::Destination;
use crate::domain::ids::{CreditNoteId, CustomerId, InvoiceId, PaymentId, RefundId};
use crate::domain::invoicing::{Number, Totals};
use crate::domain::money::Money;

/// The series of credit notes' numbers.
pub const SERIES: &str = "CN";

/// A credit note without its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct CreditNote {
    pub id: CreditNoteId,
    pub customer_id: CustomerId,
    /// What it takes something back of.
    pub invoice_id: InvoiceId,
    pub number: Number,
    pub reason: String,
    pub totals: Totals,
    pub to: Destination,
    /// The invoice that takes the place of what was credited.
    pub replacement_invoice_id: Option<InvoiceId>,
    pub issued_at: DateTime<Utc>,
}

/// Money on its way back.
#[derive(Debug, Clone, PartialEq)]
pub struct Refund {
    /// Also the gateway's idempotency key.
    pub id: RefundId,
    pub customer_id: CustomerId,
    /// `None`: it is a surplus, no part of any invoice.
    pub credit_note_id: Option<CreditNoteId>,
    /// It came with this one.
    pub payment_id: PaymentId,
    pub gateway: String,
    pub amount: Money,
    pub state: RefundState,
    pub created_at: DateTime<Utc>,
}

/// Where a refund stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundState {
    /// The gateway is to be asked, with the same key each time.
    Pending {
        /// When.
        next_attempt_at: DateTime<Utc>,
    },
    /// The money is back.
    Succeeded {
        /// What the gateway calls it.
        reference: Option<String>,
        /// When.
        at: DateTime<Utc>,
    },
    /// It cannot go back that way: it is on the customer's credit balance.
    Failed {
        /// The gateway's reason.
        code: String,
        /// When.
        at: DateTime<Utc>,
    },
}

impl RefundState {
    /// As stored and as written on the wire.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            RefundState::Pending { .. } => "pending",
            RefundState::Succeeded { .. } => "succeeded",
            RefundState::Failed { .. } => "failed",
        }
    }
}

impl CreditNote {
    /// What an event tells of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "credit_note",
            "id": self.id,
            "number": self.number.to_string(),
            "customer_id": self.customer_id,
            "invoice_id": self.invoice_id,
            "currency": self.totals.total.currency().code(),
            "total": self.totals.total.to_major_string(),
            "reason": self.reason,
        })
    }
}

impl Refund {
    /// What an event tells of it.
    #[must_use]
    pub fn event_data(&self) -> serde_json::Value {
        serde_json::json!({
            "object": "refund",
            "id": self.id,
            "status": self.state.as_str(),
            "customer_id": self.customer_id,
            "credit_note_id": self.credit_note_id,
            "payment_id": self.payment_id,
            "currency": self.amount.currency().code(),
            "amount": self.amount.to_major_string(),
        })
    }
}
