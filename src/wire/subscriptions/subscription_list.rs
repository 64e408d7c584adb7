//! What can the list of subscriptions be asked? `?status=active,trialing&next_bill_at[lt]=2026-02-01&expand=customer`.

use crate::domain::ids;
use crate::wire::listing::{Field, Kind, List, Shape};

/// The list of subscriptions.
#[derive(Debug)]
pub struct Subscriptions;

impl List for Subscriptions {
    const SHAPE: &'static Shape = &Shape {
        fields: &[
            Field::CUSTOMER,
            Field::new("plan_id", Kind::Id(ids::PlanId::PREFIX), "Those of this plan now."),
            Field::EXTERNAL_ID,
            Field::new(
                "status",
                Kind::Word(&["pending", "trialing", "active", "paused", "ended", "canceled"]),
                "Those that stand there now.",
            ),
            Field::new("collection", Kind::Word(&["automatic", "send_invoice"]), "Those collected so."),
            Field::CURRENCY,
            Field::CREATED_AT,
            Field::new("start_at", Kind::Instant, "When it starts."),
            Field::new("end_at", Kind::Instant, "When it ends."),
            Field::new("canceled_at", Kind::Instant, "When its cancellation was requested."),
            Field::new("trial_end", Kind::Instant, "When its trial ends."),
            Field::new("next_bill_at", Kind::Instant, "When its next charge falls due."),
            Field::METADATA,
        ],
        sorts: &[],
        expands: &["customer"],
        searched: "the customer's name, email and external id, or the subscription's external id",
        columns: &[
            "id",
            "external_id",
            "customer_id",
            "plan_id",
            "plan_version",
            "plan_code",
            "currency",
            "collection",
            "invoice_separately",
            "status",
            "start_at",
            "end_at",
            "canceled_at",
            "trial_end",
            "terms",
            "pause",
            "time_zone",
            "interval",
            "interval_count",
            "anchor",
            "current_period",
            "next_bill_at",
            "items",
            "metadata",
            "created_at",
            "customer",
        ],
    };
}
