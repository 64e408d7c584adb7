//! How is each operation from `account_mappings` to `gateway_accounts` called?

use serde_json::json;

use super::{Example, Made, command, get, on, post};
use crate::http::tax_examples;

pub(super) const LIST: &[Example] = &[
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
    Example {
        status: 201,
        ..on(
            "POST /v1/accounting_periods/{id}/sign_offs",
            Made::period_after_another,
            |_| json!({ "check": "earlier_periods_are_closed", "by": "Ada", "note": "as agreed" }),
        )
    },
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
];
