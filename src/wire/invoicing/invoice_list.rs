//! What can the list of invoices be asked? `?status=open,paid&billing_date[gte]=2026-01-01&amount_due[gt]=0&sort=-due_at&totals=true`.

use crate::domain::ids;
use crate::wire::listing::{Field, Kind, List, Mark, Shape, Sort};

/// The list of invoices.
#[derive(Debug)]
pub struct Invoices;

impl List for Invoices {
    const SHAPE: &'static Shape = &Shape {
        fields: &[
            Field::CUSTOMER,
            Field::new(
                "subscription_id",
                Kind::Id(ids::SubscriptionId::PREFIX),
                "Those with a line of this subscription.",
            ),
            Field::ENTITY,
            Field::new("bill_run_id", Kind::Id(ids::BillRunId::PREFIX), "Those that this billing run made."),
            Field::new(
                "status",
                Kind::Word(&["draft", "open", "paid", "void", "uncollectible"]),
                "Those that stand so.",
            ),
            Field::new("overdue", Kind::Flag, "Whether they are open and were due before now."),
            Field::new("collection", Kind::Word(&["automatic", "send_invoice"]), "Those collected so."),
            Field::CURRENCY,
            Field::NUMBER,
            Field::new("billing_date", Kind::Day, "The day its charges fell due."),
            Field::CREATED_AT,
            Field::new("issued_at", Kind::Instant, "When it was issued."),
            Field::new("due_at", Kind::Instant, "When it is to be paid."),
            Field::new("closed_at", Kind::Instant, "When it was paid, voided or given up."),
            Field::new("next_attempt_at", Kind::Instant, "When collection tries next."),
            Field::new("finalizes_at", Kind::Instant, "When the draft is finalized by itself."),
            Field::amount("subtotal"),
            Field::amount("discount_total"),
            Field::amount("tax_total"),
            Field::amount("tax_included_total"),
            Field::amount("total"),
            Field::amount("amount_paid"),
            Field::amount("credits_applied"),
            Field::amount("balance_applied"),
            Field::amount("amount_credited"),
            Field::amount("credited_while_due"),
            Field::amount("given_back"),
            Field::amount("amount_due"),
        ],
        sorts: &[
            Sort { field: "issued_at", marks: &[Mark::Instant] },
            Sort { field: "due_at", marks: &[Mark::Instant] },
            Sort { field: "number", marks: &[Mark::Text, Mark::Whole] },
        ],
        expands: &["lines", "customer"],
        searched: "the customer's name, email and external id, or the invoice's number",
        columns: &[
            "id",
            "number",
            "status",
            "currency",
            "customer_id",
            "entity_id",
            "subscription_id",
            "collection",
            "billing_date",
            "issued_at",
            "due_at",
            "closed_at",
            "next_attempt_at",
            "attempt_count",
            "finalizes_at",
            "waits_for",
            "bill_run_id",
            "created_at",
            "subtotal",
            "discount_total",
            "tax_total",
            "tax_included_total",
            "total",
            "amount_paid",
            "credits_applied",
            "balance_applied",
            "amount_credited",
            "credited_while_due",
            "given_back",
            "amount_due",
            "lines",
            "customer",
        ],
    };
}
