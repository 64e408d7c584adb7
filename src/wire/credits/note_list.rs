//! What can the lists of credit notes and refunds be asked? `?issued_at[gte]=2026-01-01&to_refund[gt]=0&totals=true`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::credit_notes::Refund;
use crate::domain::credits::notes::{self as domain, RefundState};
use crate::domain::ids::{self, CreditNoteId, CustomerId};
use crate::wire::listing::{Field, Kind, List, Mark, Shape, Sort};

/// The list of credit notes.
#[derive(Debug)]
pub struct CreditNotes;

impl List for CreditNotes {
    const SHAPE: &'static Shape = &Shape {
        fields: &[
            Field::CUSTOMER,
            Field::new("invoice_id", Kind::Id(ids::InvoiceId::PREFIX), "Those of this invoice."),
            Field::new(
                "replacement_invoice_id",
                Kind::Id(ids::InvoiceId::PREFIX),
                "Those that this invoice takes the place of.",
            ),
            Field::ENTITY,
            Field::CURRENCY,
            Field::NUMBER,
            Field::new("issued_at", Kind::Instant, "When it was issued."),
            Field::amount("subtotal"),
            Field::amount("discount_total"),
            Field::amount("tax_total"),
            Field::amount("tax_included_total"),
            Field::amount("total"),
            Field::amount("to_invoice"),
            Field::amount("to_credits"),
            Field::amount("to_balance"),
            Field::amount("to_refund"),
        ],
        sorts: &[
            Sort { field: "issued_at", marks: &[Mark::Instant] },
            Sort { field: "number", marks: &[Mark::Text, Mark::Whole] },
        ],
        expands: &["lines", "customer"],
        searched: "",
        columns: &[
            "id",
            "number",
            "customer_id",
            "entity_id",
            "invoice_id",
            "currency",
            "reason",
            "subtotal",
            "discount_total",
            "tax_total",
            "tax_included_total",
            "total",
            "to_invoice",
            "to_credits",
            "to_balance",
            "to_refund",
            "replacement_invoice_id",
            "issued_at",
            "lines",
            "customer",
        ],
    };
}

/// The list of refunds.
#[derive(Debug)]
pub struct Refunds;

impl List for Refunds {
    const SHAPE: &'static Shape = &Shape {
        fields: &[
            Field::CUSTOMER,
            Field::new("payment_id", Kind::Id(ids::PaymentId::PREFIX), "Those of this payment."),
            Field::new("credit_note_id", Kind::Id(ids::CreditNoteId::PREFIX), "Those of this credit note."),
            Field::new("gateway", Kind::Text, "Those of this gateway; `offline`: paid back by hand."),
            Field::new("status", Kind::Word(&["pending", "succeeded", "failed"]), "Those that stand so."),
            Field::CURRENCY,
            Field::new("reference", Kind::Text, "The gateway's name for it."),
            Field::CREATED_AT,
            Field::new("resolved_at", Kind::Instant, "When its outcome was known."),
            Field::amount("amount"),
        ],
        sorts: &[],
        expands: &[],
        searched: "",
        columns: &[
            "id",
            "customer_id",
            "payment_id",
            "credit_note_id",
            "gateway",
            "currency",
            "amount",
            "status",
            "origin",
            "reference",
            "failure_code",
            "created_at",
            "resolved_at",
        ],
    };
}

/// A refund as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListedRefund {
    #[serde(flatten)]
    pub refund: Refund,
    #[schema(value_type = String)]
    pub customer_id: CustomerId,
    /// The credit note that it gives money back for; null of any other.
    #[schema(value_type = Option<String>)]
    pub credit_note_id: Option<CreditNoteId>,
    #[schema(example = "USD")]
    pub currency: &'static str,
    pub created_at: DateTime<Utc>,
    /// When its outcome was known.
    pub resolved_at: Option<DateTime<Utc>>,
}

impl From<domain::Refund> for ListedRefund {
    fn from(refund: domain::Refund) -> ListedRefund {
        ListedRefund {
            customer_id: refund.customer_id,
            credit_note_id: refund.origin.credit_note_id(),
            currency: refund.amount.currency().code(),
            created_at: refund.created_at,
            resolved_at: match refund.state {
                RefundState::Succeeded { at, .. } | RefundState::Failed { at, .. } => Some(at),
                RefundState::Pending { .. } => None,
            },
            refund: Refund::from(refund),
        }
    }
}
