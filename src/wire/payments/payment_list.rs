//! What can the list of payments be asked? `?status=failed&decline_code=insufficient_funds&created_at[gte]=2026-01-01&totals=true`.

use crate::domain::ids;
use crate::wire::listing::{Field, Kind, List, Shape};

/// The list of payments.
#[derive(Debug)]
pub struct Payments;

impl List for Payments {
    const SHAPE: &'static Shape = &Shape {
        fields: &[
            Field::CUSTOMER,
            Field::new("invoice_id", Kind::Id(ids::InvoiceId::PREFIX), "Those for this invoice."),
            Field::new(
                "payment_method_id",
                Kind::Id(ids::PaymentMethodId::PREFIX),
                "Those by this payment method.",
            ),
            Field::new(
                "gateway_account_id",
                Kind::Id(ids::GatewayAccountId::PREFIX),
                "Those at this account.",
            ),
            Field::new("gateway", Kind::Text, "Those of this gateway; `offline`: received elsewhere."),
            Field::new("status", Kind::Word(&["processing", "succeeded", "failed"]), "Those that stand so."),
            Field::CURRENCY,
            Field::EXTERNAL_ID,
            Field::new(
                "reference",
                Kind::Text,
                "The gateway's name for it, or what the bank statement says.",
            ),
            Field::new("decline_code", Kind::Text, "Those that failed so."),
            Field::CREATED_AT,
            Field::new("resolved_at", Kind::Instant, "When its outcome was known."),
            Field::new("next_check_at", Kind::Instant, "When the gateway is queried next."),
            Field::amount("amount"),
            Field::amount("amount_applied"),
            Field::amount("amount_credited"),
            Field::amount("amount_surplus"),
            Field::amount("cash_rounding"),
            Field::METADATA,
        ],
        sorts: &[],
        expands: &["customer"],
        searched: "",
        columns: &[
            "id",
            "external_id",
            "customer_id",
            "invoice_id",
            "payment_method_id",
            "gateway",
            "gateway_account_id",
            "currency",
            "amount",
            "amount_applied",
            "amount_credited",
            "amount_surplus",
            "cash_rounding",
            "status",
            "decline_code",
            "reference",
            "action_url",
            "metadata",
            "created_at",
            "resolved_at",
            "next_check_at",
            "decline_class",
            "network_code",
            "advice_code",
            "reason",
            "customer",
        ],
    };
}
