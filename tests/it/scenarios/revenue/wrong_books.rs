//! Does `verify-books` find what is not scheduled, or not recognised?

use std::mem::ManuallyDrop;

use serde_json::json;

use super::House;
use crate::harness::World;

/// What is planted, and which checks must name it.
const PLANTED: &[(&str, &[&str])] = &[
    (
        "DELETE FROM revenue_schedules WHERE tenant_id = $t AND entry = 0 AND NOT deferred",
        &["issued_lines_are_scheduled", "revenue_sums_are_schedules"],
    ),
    (
        "UPDATE revenue_schedules SET amount = amount + 1 WHERE tenant_id = $t AND entry = 0 AND NOT deferred",
        &["issued_lines_are_scheduled", "revenue_sums_are_schedules"],
    ),
    (
        "UPDATE revenue_schedules SET amount = amount + 1 WHERE tenant_id = $t AND entry > 0",
        &[
            "credited_lines_are_scheduled",
            "deferred_revenue_is_what_is_not_recognised",
            "recognised_is_what_is_earned",
            "revenue_sums_are_schedules",
        ],
    ),
    (
        "DELETE FROM revenue_schedules WHERE tenant_id = $t AND entry = -1",
        &[
            "deferred_revenue_is_what_is_not_recognised",
            "recognised_is_what_is_earned",
            "revenue_sums_are_schedules",
            "void_invoices_are_scheduled_back",
        ],
    ),
    (
        "UPDATE ledger_transfers SET amount = amount + 1 WHERE tenant_id = $t AND source_kind = 'revenue_recognized' AND effective_on = '2026-01-31'",
        &["ledger_sums_are_transfers", "recognised_is_what_is_earned"],
    ),
    (
        "DELETE FROM ledger_transfers WHERE tenant_id = $t AND source_kind = 'revenue_recognized' AND effective_on = '2026-01-31'",
        &["ledger_sums_are_transfers", "recognised_is_what_is_earned"],
    ),
    (
        "UPDATE revenue_schedules SET ends_on = ends_on + 40 WHERE tenant_id = $t AND entry = 0 AND deferred",
        &["recognised_is_what_is_earned", "revenue_sums_are_schedules"],
    ),
    (
        "UPDATE revenue_schedules SET whole = whole / 2 WHERE tenant_id = $t AND given_up_entry IS NOT NULL",
        &["recognised_is_what_is_earned", "revenue_sums_are_schedules", "write_offs_are_of_what_is_given_up"],
    ),
    (
        "UPDATE revenue_schedules SET since = since - 9 WHERE tenant_id = $t AND given_up_entry IS NOT NULL",
        &["recognised_is_what_is_earned", "revenue_sums_are_schedules"],
    ),
    (
        "DELETE FROM revenue_schedules WHERE tenant_id = $t AND given_up_entry IS NOT NULL",
        &[
            "deferred_revenue_is_what_is_not_recognised",
            "recognised_is_what_is_earned",
            "revenue_sums_are_schedules",
        ],
    ),
    (
        "UPDATE revenue_sums SET evenly = evenly + 1 WHERE tenant_id = $t AND entry > 0",
        &["revenue_sums_are_schedules"],
    ),
    ("DELETE FROM revenue_sums WHERE tenant_id = $t AND entry < -1", &["revenue_sums_are_schedules"]),
    (
        "UPDATE ledger_sums SET amount = amount + 1 WHERE tenant_id = $t AND source_kind = 'invoice_finalized'",
        &["ledger_sums_are_transfers"],
    ),
    (
        "UPDATE revenue_schedules SET whole = whole + 100 WHERE tenant_id = $t AND is_moved AND entry = -2",
        &["recognised_is_what_is_earned", "revenue_sums_are_schedules", "what_is_moved_comes_back"],
    ),
];

#[test]
fn each_planted_difference_is_named_and_nothing_else() {
    for (plant, expected) in PLANTED {
        // Not settled at its end: its books are wrong.
        let house = ManuallyDrop::new(House::in_world(World::own_database("2026-01-01T00:00:00Z")));
        let plan = house.plan("quarterly", "90.00", 3);
        house.subscribe(&plan);
        let credited = house.newest_invoice();
        house.subscribe(&plan);
        let voided = house.newest_invoice();
        house.subscribe(&plan);
        let given_up = house.newest_invoice();
        let line = json!({ "description": "Set-up", "amount": "20.00" });
        let body = json!({ "customer_id": house.customer(), "collection": "send_invoice", "lines": [line] });
        let invoice = house.client().post("/v1/invoices", body).is(201).id();
        house.client().post(&format!("/v1/invoices/{invoice}/finalize"), json!({})).is(200);
        let paused = house.subscribe(&plan);
        house.world.advance_to("2026-02-10T00:00:00Z");
        let pause = json!({ "mode": "extend", "resumes_at": "2026-02-20T00:00:00Z" });
        house.client().post(&format!("/v1/subscriptions/{paused}/pause"), pause).is(200);
        let note = json!({ "invoice_id": credited, "amount": "45.00", "reason": "outage" });
        house.client().post("/v1/credit_notes", note).is(201);
        house.client().post(&format!("/v1/invoices/{voided}/void"), json!({})).is(200);
        house.client().post(&format!("/v1/invoices/{given_up}/mark_uncollectible"), json!({})).is(200);
        house.world.advance_to("2026-03-02T00:00:00Z");
        house.world.relay_events();
        let named = house.world.named_by_checks(house.world.tenant.id, plant);
        assert_eq!(named, *expected, "{plant}");
    }
}

/// The same of what is promised together and of what is fulfilled.
const PLANTED_IN_CONTRACTS: &[(&str, &[&str])] = &[
    (
        "UPDATE revenue_schedules SET amount = amount + 365 WHERE tenant_id = $t AND is_allocated AND amount > 0",
        &[
            "contracts_move_what_is_allocated",
            "deferred_revenue_is_what_is_not_recognised",
            "recognised_is_what_is_earned",
            "revenue_sums_are_schedules",
        ],
    ),
    (
        "DELETE FROM ledger_transfers WHERE tenant_id = $t AND source_kind = 'revenue_allocated'",
        // Of a day, what moves is nothing in all.
        &["contracts_move_what_is_allocated", "deferred_revenue_is_what_is_not_recognised"],
    ),
    ("UPDATE fulfilments SET amount = 50 WHERE tenant_id = $t", &["fulfilments_are_scheduled"]),
    ("DELETE FROM fulfilments WHERE tenant_id = $t", &["fulfilments_are_scheduled"]),
    (
        "UPDATE revenue_schedules SET fulfilled = fulfilled + 1 WHERE tenant_id = $t AND fulfilled_entry = 0",
        &["fulfilments_are_scheduled", "recognised_is_what_is_earned", "revenue_sums_are_schedules"],
    ),
];

#[test]
fn what_is_planted_in_contracts_and_fulfilments_is_named_and_nothing_else() {
    for (plant, expected) in PLANTED_IN_CONTRACTS {
        // Not settled at its end: its books are wrong.
        let house = ManuallyDrop::new(House::in_world(World::own_database("2026-01-01T00:00:00Z")));
        let customer = house.customer();
        let invoices = [("software", "12000.00", "12000.00"), ("onboarding", "1000.00", "3000.00")].map(
            |(code, amount, alone)| {
                let price = json!({ "code": code, "kind": "recurring", "billing": "in_advance", "model": { "type": "flat", "amount": amount } });
                let body = json!({ "code": code, "name": code, "product_id": house.product, "currency": "USD", "interval": "year", "prices": [price] });
                let plan = house.client().post("/v1/plans", body).is(201).id();
                let alone = json!({ "product_id": house.product, "price_code": code, "currency": "USD", "amount": alone });
                house.client().post("/v1/revenue/standalone_prices", alone).is(201);
                let body = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice" });
                house.client().post("/v1/subscriptions", body).is(201);
                house.newest_invoice()
            },
        );
        let contract = json!({ "customer_id": customer, "invoice_ids": invoices });
        house.client().post("/v1/revenue/contracts", contract).is(201);
        let price =
            json!({ "code": "setup", "kind": "one_time", "model": { "type": "flat", "amount": "500.00" } });
        let body = json!({ "code": "setup", "name": "Set-up", "product_id": house.product, "currency": "USD", "interval": "month", "prices": [price] });
        let plan = house.client().post("/v1/plans", body).is(201).id();
        let rule = json!({ "price_code": "setup", "rule": "point_in_time", "on": "fulfilment" });
        house.client().post("/v1/revenue/rules", rule).is(201);
        house.subscribe(&plan);
        let line = format!("{}-1", house.newest_invoice());
        house.client().post("/v1/fulfilments", json!({ "invoice_line_id": line, "percent": "40" })).is(201);
        house.world.advance_to("2026-03-02T00:00:00Z");
        house.world.relay_events();
        let named = house.world.named_by_checks(house.world.tenant.id, plant);
        assert_eq!(named, *expected, "{plant}");
    }
}
