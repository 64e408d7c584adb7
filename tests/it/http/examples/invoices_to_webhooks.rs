//! How is each operation from `invoices` to `webhook_endpoints` called?

use serde_json::json;

use super::{Example, Made, command, get, on, post};
use crate::http::made::prices;
use crate::http::tax_examples;
use crate::http::usage_examples::backfill;

pub(super) const LIST: &[Example] = &[
    get("GET /v1/invoices", None),
    post(
        "POST /v1/invoices",
        201,
        |made| json!({ "customer_id": made.customer(), "collection": "send_invoice", "lines": [{ "description": "Set-up", "amount": "20.00" }] }),
    ),
    get("GET /v1/invoices/{id}", Some(Made::draft)),
    Example { operation: "DELETE /v1/invoices/{id}", ..get("", Some(Made::draft_by_hand)) },
    command("POST /v1/invoices/{id}/finalize", Made::draft),
    Example {
        status: 201,
        body: Some(|_| json!({ "description": "Training", "quantity": "2", "unit_amount": "150.00" })),
        ..command("POST /v1/invoices/{id}/lines", Made::draft)
    },
    Example {
        body: Some(|_| json!({ "amount": "12.00" })),
        ..command("PATCH /v1/invoices/{id}/lines/{line_no}", Made::draft)
    },
    command("DELETE /v1/invoices/{id}/lines/{line_no}", Made::draft_by_hand),
    command("POST /v1/invoices/{id}/mark_uncollectible", Made::open_invoice),
    get("GET /v1/invoices/{id}/attempts", Some(Made::open_invoice)),
    Example {
        body: Some(|_| json!({ "offline": { "reference": "cheque 7" } })),
        ..command("POST /v1/invoices/{id}/pay", Made::open_invoice)
    },
    get("GET /v1/invoices/{id}/payment_preferences", Some(Made::open_invoice)),
    Example {
        id: Some(Made::open_invoice),
        ..post("PATCH /v1/invoices/{id}/payment_preferences", 200, |_| json!({ "payment_method_id": null }))
    },
    command("POST /v1/invoices/{id}/void", Made::open_invoice),
    get("GET /v1/ledger/accounts", None),
    get("GET /v1/ledger/balances", None),
    get("GET /v1/ledger/entries", None),
    get("GET /v1/ledger/revaluations", None),
    post("POST /v1/ledger/revaluations", 201, tax_examples::revaluation),
    post("POST /v1/ledger/revaluations/preview", 200, tax_examples::revaluation),
    get("GET /v1/ledger/revaluations/{id}", Some(Made::revaluation)),
    get("GET /v1/meters", None),
    post("POST /v1/meters", 201, Made::meter_body),
    get("GET /v1/meters/{id}", Some(Made::meter)),
    get("GET /v1/payment_methods", None),
    post("POST /v1/payment_methods", 201, Made::payment_method_body),
    get("GET /v1/payment_methods/{id}", Some(Made::payment_method)),
    Example { operation: "DELETE /v1/payment_methods/{id}", ..get("", Some(Made::payment_method)) },
    get("GET /v1/payments", None),
    post("POST /v1/payments", 201, Made::payment_body),
    get("GET /v1/payments/{id}", Some(Made::payment)),
    get("GET /v1/refunds", None),
    get("GET /v1/reports/mrr", None),
    get("GET /v1/reports/mrr/cohorts", None),
    Example { query: Some(|_| "month=2026-01".to_owned()), ..get("GET /v1/reports/mrr/movements", None) },
    get("GET /v1/retry_policies", None),
    post(
        "POST /v1/retry_policies",
        201,
        |_| json!({ "name": "Cards", "offsets": ["P1D", "P3D"], "final_action": "uncollectible" }),
    ),
    get("GET /v1/retry_policies/{id}", Some(Made::retry_policy)),
    Example {
        id: Some(Made::retry_policy),
        ..post("PATCH /v1/retry_policies/{id}", 200, |_| json!({ "local_hour": 6 }))
    },
    on(
        "POST /v1/retry_policies/{id}/simulate",
        Made::retry_policy,
        |_| json!({ "to": "2026-02-01T00:00:00Z" }),
    ),
    get("GET /v1/routing_rules", None),
    post("POST /v1/routing_rules", 201, Made::routing_rules_body),
    get("GET /v1/payouts", None),
    get("GET /v1/payouts/{id}", Some(Made::payout)),
    get("GET /v1/payouts/{id}/items", Some(Made::payout)),
    get("GET /v1/plans", None),
    post("POST /v1/plans", 201, Made::plan_body),
    get("GET /v1/plans/{id}", Some(Made::plan)),
    on("POST /v1/plans/{id}/migrations", Made::plan, |_| json!({ "dry_run": true })),
    get("GET /v1/plans/{id}/migrations/{migration_id}", Some(Made::plan)),
    get("GET /v1/plans/{id}/versions", Some(Made::plan)),
    Example {
        id: Some(Made::plan),
        ..post(
            "POST /v1/plans/{id}/versions",
            201,
            |_| json!({ "currency": "USD", "interval": "month", "prices": prices() }),
        )
    },
    get("GET /v1/plans/{id}/versions/{number}", Some(Made::plan)),
    get("GET /v1/products", None),
    post("POST /v1/products", 201, |_| json!({ "name": "Engine" })),
    Example {
        id: Some(Made::product),
        ..post("PATCH /v1/products/{id}", 200, |_| json!({ "tax_code": "ebook" }))
    },
    get("GET /v1/products/{id}", Some(Made::product)),
    get("GET /v1/revenue/contract_balances", None),
    get("GET /v1/revenue/contracts", None),
    post("POST /v1/revenue/contracts", 201, Made::contract_body),
    get("GET /v1/revenue/contracts/{id}", Some(Made::contract)),
    get("GET /v1/revenue/remaining_obligations", None),
    get("GET /v1/revenue/roll_forward", None),
    get("GET /v1/revenue/rules", None),
    post(
        "POST /v1/revenue/rules",
        201,
        |made| json!({ "product_id": made.new_product(), "rule": "ratable_monthly" }),
    ),
    get("GET /v1/revenue/schedules", None),
    get("GET /v1/revenue/schedules/{id}", Some(Made::line)),
    get("GET /v1/revenue/standalone_prices", None),
    post(
        "POST /v1/revenue/standalone_prices",
        201,
        |made| json!({ "product_id": made.new_product(), "currency": "USD", "amount": "3000.00" }),
    ),
    get("GET /v1/revenue/waterfall", None),
    get("GET /v1/subscriptions", None),
    post("POST /v1/subscriptions", 201, Made::subscription_body),
    post("POST /v1/subscriptions/preview", 200, Made::subscription_body),
    get("GET /v1/subscriptions/{id}", Some(Made::subscription)),
    get("GET /v1/subscriptions/{id}/upcoming_invoice", Some(Made::subscription)),
    on("POST /v1/subscriptions/{id}/cancel", Made::running, |_| json!({ "effective_at": "period_end" })),
    on("POST /v1/subscriptions/{id}/cancel/preview", Made::running, |_| json!({ "credit": false })),
    on("POST /v1/subscriptions/{id}/change", Made::subscription, Made::another_anchor),
    on("POST /v1/subscriptions/{id}/change/preview", Made::subscription, Made::another_anchor),
    get("GET /v1/subscriptions/{id}/changes", Some(Made::subscription)),
    on("POST /v1/subscriptions/{id}/charges", Made::running, Made::training),
    on("POST /v1/subscriptions/{id}/charges/preview", Made::running, Made::training),
    on("POST /v1/subscriptions/{id}/pause", Made::running, |_| json!({ "mode": "credit" })),
    on("POST /v1/subscriptions/{id}/pause/preview", Made::running, |_| json!({ "mode": "extend" })),
    on("POST /v1/subscriptions/{id}/resume", Made::paused, |_| json!({})),
    on("POST /v1/subscriptions/{id}/resume/preview", Made::paused, |_| json!({})),
    get("GET /v1/subscriptions/{id}/payment_preferences", Some(Made::subscription)),
    Example {
        id: Some(Made::subscription),
        ..post(
            "PATCH /v1/subscriptions/{id}/payment_preferences",
            200,
            |made| json!({ "payment_method_id": made.payment_method() }),
        )
    },
    on("POST /v1/subscriptions/{id}/renewal", Made::termed, |_| json!({ "auto_renew": false })),
    on("POST /v1/subscriptions/{id}/renewal/preview", Made::termed, |_| json!({ "auto_renew": false })),
    on("POST /v1/subscriptions/{id}/uncancel", Made::canceled, |_| json!({ "invoice": "next" })),
    on("POST /v1/subscriptions/{id}/uncancel/preview", Made::canceled, |_| json!({})),
    post("POST /v1/tax/calculate", 200, tax_examples::calculation),
    get("GET /v1/tax/codes", None),
    Example { query: Some(tax_examples::of_entity), ..get("GET /v1/tax/nexus", None) },
    get("GET /v1/tax/providers", None),
    post("POST /v1/tax/providers", 201, tax_examples::provider),
    get("GET /v1/tax/providers/{id}", Some(Made::tax_provider)),
    Example {
        id: Some(Made::tax_provider),
        ..post("PATCH /v1/tax/providers/{id}", 200, |_| json!({ "on_outage": "engine" }))
    },
    get("GET /v1/tax/providers/{id}/differences", Some(Made::tax_provider)),
    Example { operation: "DELETE /v1/tax/providers/{id}", ..get("", Some(Made::removed_tax_provider)) },
    Example { query: Some(|_| "country=DE&date=2026-06-01".to_owned()), ..get("GET /v1/tax/rates", None) },
    post("POST /v1/tax/rates", 201, tax_examples::rate),
    Example { operation: "DELETE /v1/tax/rates/{id}", ..get("", Some(Made::tax_rate)) },
    get("GET /v1/tax/registrations", None),
    post("POST /v1/tax/registrations", 201, tax_examples::registration),
    get("GET /v1/tax/registrations/{id}", Some(Made::tax_registration)),
    Example {
        id: Some(Made::tax_registration),
        ..post("PATCH /v1/tax/registrations/{id}", 200, |_| json!({ "number": "98-7654321" }))
    },
    Example { query: Some(tax_examples::of_january), ..get("GET /v1/tax/report", None) },
    Example { query: Some(tax_examples::of_january), ..get("GET /v1/tax/report/lines", None) },
    Example { query: Some(tax_examples::of_entity_in_january), ..get("GET /v1/tax/returns/ec_sales", None) },
    Example { query: Some(tax_examples::of_entity_in_january), ..get("GET /v1/tax/returns/oss", None) },
    Example { query: Some(tax_examples::of_entity_in_january), ..get("GET /v1/tax/returns/us", None) },
    get("GET /v1/tax/settings", None),
    post("PATCH /v1/tax/settings", 200, |_| json!({ "country": "FR", "rounding": "document" })),
    get("GET /v1/test_clock", None),
    post("POST /v1/test_clock/advance", 200, |_| json!({ "to": "2026-01-02T00:00:00Z" })),
    Example { operation: "DELETE /v1/test_clock/advance", ..get("", None) },
    Example { query: Some(Made::usage_query), ..get("GET /v1/usage", None) },
    post("POST /v1/usage/events", 200, Made::event_body),
    post("POST /v1/usage/events/void", 200, Made::counted_event),
    post(
        "POST /v1/usage/replays",
        200,
        |_| json!({ "from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z", "dry_run": true }),
    ),
    get("GET /v1/usage/backfills", None),
    post("POST /v1/usage/backfills", 201, |_| backfill()),
    get("GET /v1/usage/backfills/{id}", Some(Made::backfill)),
    Example {
        body: Some(|_| json!({ "dry_run": false })),
        ..command("POST /v1/usage/backfills/{id}/close", Made::backfill)
    },
    Example {
        body: Some(Made::event_body),
        ..command("POST /v1/usage/backfills/{id}/events", Made::backfill)
    },
    Example {
        body: Some(|_| json!({ "dry_run": true })),
        ..command("POST /v1/usage/backfills/{id}/revert", Made::backfill)
    },
    get("GET /v1/usage/settings", None),
    Example {
        operation: "PATCH /v1/usage/settings",
        ..post("", 200, |_| json!({ "unknown_usage": "refuse" }))
    },
    get("GET /v1/webhook_endpoints", None),
    Example {
        shows_once: true,
        ..post("POST /v1/webhook_endpoints", 201, |_| json!({ "url": "https://shop.test/hooks" }))
    },
    get("GET /v1/webhook_endpoints/{id}", Some(Made::webhook_endpoint)),
    on("PATCH /v1/webhook_endpoints/{id}", Made::webhook_endpoint, |_| json!({ "payload": "thin" })),
    get("GET /v1/webhook_endpoints/{id}/deliveries", Some(Made::webhook_endpoint)),
    Example {
        status: 202,
        ..on(
            "POST /v1/webhook_endpoints/{id}/replay",
            Made::webhook_endpoint,
            |_| json!({ "failed_only": true }),
        )
    },
    Example {
        shows_once: true,
        ..on("POST /v1/webhook_endpoints/{id}/rotate_secret", Made::webhook_endpoint, |_| json!({}))
    },
    Example { status: 202, ..command("POST /v1/webhook_endpoints/{id}/test", Made::webhook_endpoint) },
    Example {
        operation: "DELETE /v1/webhook_endpoints/{id}",
        ..get("", Some(Made::deleted_webhook_endpoint))
    },
];
