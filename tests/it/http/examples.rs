//! How is each operation called so that it succeeds? One line for each operation of `openapi.json`; the walks of
//! `coverage.rs` call them all, and fail when an operation has no line here.

use serde_json::{Value, json};

pub use super::made::Made;
use super::made::prices;
use super::tax_examples;
use super::usage_examples::backfill;
use crate::harness::Call;

/// How one operation is called.
pub struct Example {
    /// Method and URL, as in `openapi.json`.
    pub operation: &'static str,
    /// The `{id}` of its URL, made when there is none yet.
    pub id: Option<fn(&mut Made) -> String>,
    /// What stands after the `?` of its URL.
    pub query: Option<fn(&mut Made) -> String>,
    /// Its body.
    pub body: Option<fn(&mut Made) -> Value>,
    /// What it answers.
    pub status: u16,
    /// Whether its answer holds a secret that a replay leaves out.
    pub shows_once: bool,
}

const fn get(operation: &'static str, id: Option<fn(&mut Made) -> String>) -> Example {
    Example { operation, id, query: None, body: None, status: 200, shows_once: false }
}

const fn post(operation: &'static str, status: u16, body: fn(&mut Made) -> Value) -> Example {
    Example { operation, id: None, query: None, body: Some(body), status, shows_once: false }
}

/// A command on a thing, without a body.
const fn command(operation: &'static str, id: fn(&mut Made) -> String) -> Example {
    Example { operation, id: Some(id), query: None, body: None, status: 200, shows_once: false }
}

/// A command on a thing, with a body.
const fn on(operation: &'static str, id: fn(&mut Made) -> String, body: fn(&mut Made) -> Value) -> Example {
    Example { body: Some(body), ..command(operation, id) }
}

/// One line for each operation, in the order of their URLs.
pub const EXAMPLES: &[Example] = &[
    get("GET /v1/account_mappings", None),
    post(
        "POST /v1/account_mappings",
        200,
        |_| json!({ "accounts": [{ "account": "revenue", "code": "706000", "name": "Services" }] }),
    ),
    get("GET /v1/accounting_periods", None),
    post(
        "POST /v1/accounting_periods",
        201,
        |made| json!({ "entity_id": made.entity(), "month": "2025-12" }),
    ),
    get("GET /v1/accounting_periods/{id}", Some(Made::accounting_period)),
    get("GET /v1/accounting_periods/{id}/checklist", Some(Made::accounting_period)),
    on("POST /v1/accounting_periods/{id}/close", Made::accounting_period, |_| json!({})),
    on(
        "POST /v1/accounting_periods/{id}/reopen",
        Made::closed_period,
        |_| json!({ "reason": "an invoice was missing" }),
    ),
    get("GET /v1/api_keys", None),
    Example { shows_once: true, ..post("POST /v1/api_keys", 201, |_| json!({ "name": "a web shop" })) },
    get("GET /v1/api_keys/{id}", Some(Made::api_key)),
    Example { operation: "DELETE /v1/api_keys/{id}", ..get("", Some(Made::api_key)) },
    get("GET /v1/bill_runs", None),
    post("POST /v1/bill_runs", 201, |_| json!({ "as_of": "2026-01-01T00:00:00Z" })),
    get("GET /v1/bill_runs/{id}", Some(Made::bill_run)),
    get("GET /v1/coupons", None),
    post("POST /v1/coupons", 201, Made::coupon_body),
    get("GET /v1/coupons/{id}", Some(Made::coupon)),
    Example {
        id: Some(Made::coupon),
        ..post("PATCH /v1/coupons/{id}", 200, |_| json!({ "name": "Launch", "active": true }))
    },
    get("GET /v1/billing_settings", None),
    Example { operation: "PATCH /v1/billing_settings", ..post("", 200, |_| json!({ "draft_hours": 0 })) },
    get("GET /v1/credit_notes", None),
    post("POST /v1/credit_notes", 201, Made::credit_note_body),
    post("POST /v1/credit_notes/preview", 200, Made::credit_note_body),
    get("GET /v1/credit_notes/{id}", Some(Made::credit_note)),
    get("GET /v1/customers/{id}/credit_balance", Some(Made::customer)),
    Example {
        id: Some(Made::fresh_invoice),
        ..post(
            "POST /v1/invoices/{id}/correct",
            201,
            |_| json!({ "reason": "a discount was promised", "lines": [{ "line_no": 1, "amount": "30.00" }], "add": [] }),
        )
    },
    Example {
        id: Some(Made::credited_invoice),
        ..post(
            "POST /v1/invoices/{id}/correct/preview",
            200,
            |_| json!({ "reason": "late", "lines": [{ "line_no": 1, "amount": "1.00" }] }),
        )
    },
    get("GET /v1/credit_grants", None),
    post("POST /v1/credit_grants", 201, Made::credit_grant_body),
    get("GET /v1/credit_grants/{id}", Some(Made::credit_grant)),
    command("POST /v1/credit_grants/{id}/void", Made::credit_grant),
    get("GET /v1/budgets", None),
    post(
        "POST /v1/budgets",
        201,
        |made| json!({ "subscription_id": made.subscription(), "alerts_at": ["100"] }),
    ),
    get("GET /v1/budgets/{id}", Some(Made::budget)),
    Example { operation: "DELETE /v1/budgets/{id}", ..get("", Some(Made::budget)) },
    get("GET /v1/entities", None),
    post("POST /v1/entities", 201, tax_examples::entity),
    get("GET /v1/entities/{id}", Some(Made::entity)),
    Example {
        id: Some(Made::entity),
        ..post("PATCH /v1/entities/{id}", 200, |_| json!({ "legal_name": "Difference Private Limited" }))
    },
    get("GET /v1/exchange_rates", None),
    post("POST /v1/exchange_rates", 201, tax_examples::exchange_rate),
    Example { query: Some(tax_examples::lookup), ..get("GET /v1/exchange_rates/lookup", None) },
    get("GET /v1/health/work", None),
    get("GET /v1/parked_work", None),
    get("GET /v1/parked_work/{id}", Some(Made::parked_work)),
    command("POST /v1/parked_work/{id}/retry", Made::parked_work),
    get("GET /v1/customers", None),
    post("POST /v1/customers", 201, |_| json!({ "name": "Ada" })),
    get("GET /v1/customers/{id}", Some(Made::customer)),
    Example {
        id: Some(Made::customer),
        ..post("PATCH /v1/customers/{id}", 200, |_| json!({ "name": "Ada Lovelace" }))
    },
    Example {
        id: Some(Made::customer),
        ..post("POST /v1/customers/{id}/credit_balance/apply", 200, |_| json!({ "currency": "USD" }))
    },
    Example {
        status: 201,
        ..on(
            "POST /v1/customers/{id}/credit_balance/pay_out",
            Made::paid_ahead,
            |_| json!({ "amount": "0.01", "currency": "USD", "to": "outside", "reference": "SEPA 117" }),
        )
    },
    get("GET /v1/customers/{id}/credit_balance/pay_outs", Some(Made::customer)),
    get("GET /v1/customers/{id}/credits", Some(Made::customer)),
    Example {
        id: Some(Made::customer),
        ..post(
            "PUT /v1/customers/{id}/credits/top_up",
            200,
            |_| json!({ "currency": "USD", "threshold": "20.00", "amount": "100.00", "price": "90.00" }),
        )
    },
    Example { operation: "DELETE /v1/customers/{id}/credits/top_up", ..get("", Some(Made::customer)) },
    get("GET /v1/decline_codes", None),
    get("GET /v1/discounts", None),
    post("POST /v1/discounts", 201, Made::discount_body),
    get("GET /v1/discounts/{id}", Some(Made::discount)),
    Example { operation: "DELETE /v1/discounts/{id}", ..get("", Some(Made::discount)) },
    get("GET /v1/customers/{id}/entitlements", Some(Made::customer)),
    get("GET /v1/customers/{id}/children", Some(Made::customer)),
    get("GET /v1/customers/{id}/payment_preferences", Some(Made::customer)),
    Example {
        id: Some(Made::customer),
        ..post(
            "PATCH /v1/customers/{id}/payment_preferences",
            200,
            |made| json!({ "retry_policy_id": made.retry_policy() }),
        )
    },
    get("GET /v1/customers/{id}/tax_ids/checks", Some(Made::customer)),
    command("POST /v1/customers/{id}/tax_ids/verify", Made::business),
    get("GET /v1/events", None),
    Example { query: Some(Made::closed_books), ..get("GET /v1/exports/fec", None) },
    get("GET /v1/exports/journals", None),
    post(
        "POST /v1/exports/journals",
        201,
        |made| json!({ "accounting_period_id": made.period_with_sales(), "level": "summary" }),
    ),
    get("GET /v1/exports/journals/{id}", Some(Made::journal_export)),
    get("GET /v1/exports/journals/{id}/file", Some(Made::journal_export)),
    Example {
        status: 201,
        ..on(
            "POST /v1/exports/journals/{id}/reverse",
            Made::journal_export,
            |_| json!({ "reason": "wrong company" }),
        )
    },
    get("GET /v1/dispute_settings", None),
    Example {
        operation: "PATCH /v1/dispute_settings",
        ..post(
            "",
            200,
            |_| json!({ "invoice": "reopen", "subscription": "pause", "fraud_warning": "refund" }),
        )
    },
    get("GET /v1/disputes", None),
    get("GET /v1/disputes/{id}", Some(Made::dispute)),
    get("GET /v1/disputes/{id}/evidence", Some(Made::dispute)),
    get("GET /v1/fraud_warnings", None),
    get("GET /v1/fulfilments", None),
    post("POST /v1/fulfilments", 201, Made::fulfilment_body),
    get("GET /v1/fulfilments/{id}", Some(Made::fulfilment)),
    on(
        "POST /v1/fulfilments/{id}/reverse",
        Made::new_fulfilment,
        |_| json!({ "reason": "it was sent back" }),
    ),
    get("GET /v1/gateway_accounts", None),
    post("POST /v1/gateway_accounts", 201, Made::gateway_account_body),
    get("GET /v1/gateway_accounts/{id}", Some(Made::gateway_account)),
    Example {
        id: Some(Made::gateway_account),
        ..post("PATCH /v1/gateway_accounts/{id}", 200, |_| json!({ "name": "Stripe, dollar" }))
    },
    Example { operation: "DELETE /v1/gateway_accounts/{id}", ..get("", Some(Made::removed_gateway_account)) },
    Example {
        query: Some(|_| "month=2026-01".to_owned()),
        ..get("GET /v1/gateway_accounts/{id}/dispute_ratio", Some(Made::gateway_account))
    },
    get("GET /v1/gateway_accounts/{id}/events", Some(Made::gateway_account)),
    post("POST /v1/inbound/{gateway}/{account_id}", 200, |_| json!({})),
    get("GET /v1/invoice_lines/{id}/explain", Some(Made::line)),
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

/// The example of an operation.
pub fn find(operation: &str) -> Option<&'static Example> {
    EXAMPLES.iter().find(|example| example.operation == operation)
}

impl Example {
    /// Fills in what `made` has, making what is missing.
    pub fn call(&self, made: &mut Made) -> Call {
        let (method, url) = self.operation.split_once(' ').unwrap();
        let path = match self.id {
            Some(id) => url.replace("{id}", &id(made)).replace("{number}", "1").replace("{line_no}", "1"),
            None => url.to_owned(),
        };
        let path = match path.contains("{migration_id}") {
            true => path.replace("{migration_id}", &made.plan_migration()),
            false => path,
        };
        let path = match self.query {
            Some(query) => format!("{path}?{}", query(made)),
            None => path,
        };
        Call { method, path, body: self.body.map(|body| body(made)) }
    }
}

/// Every operation the API describes, as `METHOD /url`, with its description.
pub fn operations() -> Vec<(String, Value)> {
    let document = serde_json::to_value(billwright::http::openapi()).unwrap();
    let mut operations = Vec::new();
    for (url, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((format!("{} {url}", method.to_uppercase()), operation.clone()));
        }
    }
    operations
}
