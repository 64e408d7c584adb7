//! Subscriptions billed elsewhere come over: whole or not at all, by the command a person would run.

use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::harness::World;

const HEADER: &str = "customer_external_id,plan_code,monthly_amount,currency,start_date,anchor_day,contract_term_months,payment,services";

/// Runs `billwright import subscriptions` on a file of these rows.
fn import(world: &World, rows: &[&str]) -> (Output, Value) {
    let name = format!("import-{}-{:08x}.csv", world.tenant.id, billwright::platform::random::cheap_u32());
    let file = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, format!("{HEADER}\n{}\n", rows.join("\n"))).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_billwright"))
        .args([
            "import",
            "subscriptions",
            "--json",
            "--tenant",
            &world.tenant.id.to_string(),
            "--database-url",
        ])
        .arg(&world.database.url)
        .arg(&file)
        .output()
        .unwrap();
    std::fs::remove_file(&file).unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output, report)
}

#[test]
fn a_file_becomes_customers_plans_and_subscriptions_that_are_billed_in_order() {
    let world = World::at("2026-11-01T00:00:00Z");
    let rows = [
        "A-1,internet_dsl,29.85,USD,2026-08-31,31,1,offline,OnlineBackup",
        "A-2,internet_dsl,56.95,USD,2026-09-02,2,12,card,PhoneService TechSupport",
        "A-3,internet_fiber,99.9,USD,2026-10-05,5,24,bank_transfer,",
    ];
    let (output, report) = import(&world, &rows);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let expected = json!({
        "imported": true, "customers": 3, "subscriptions": 3, "plans": 2, "payment_methods": 2,
        "clock_set_back_to": "2026-08-31T00:00:00Z"
    });
    assert_eq!(report, expected);

    let customer = world.get("/v1/customers?external_id=A-2").is(200).data()[0].clone();
    let subscriptions =
        world.get(&format!("/v1/subscriptions?customer_id={}", customer["id"].as_str().unwrap())).is(200);
    let subscription = &subscriptions.data()[0];
    assert_eq!(
        subscription["metadata"],
        json!({ "contract_term_months": "12", "services": "PhoneService TechSupport" })
    );
    assert_eq!(
        (&subscription["collection"], &subscription["plan_code"]),
        (&json!("automatic"), &json!("internet_dsl"))
    );
    assert_eq!(subscription["items"][0]["model"], json!({ "type": "flat", "amount": "56.95" }));
    assert_eq!(subscription["items"][0]["price_overridden"], true);

    world.advance_to("2026-10-31T23:59:59Z");
    let invoices = world.get("/v1/invoices?limit=1000").is(200);
    let mut seen: Vec<(String, String)> = invoices
        .data()
        .iter()
        .map(|i| (i["billing_date"].as_str().unwrap().to_owned(), i["total"].as_str().unwrap().to_owned()))
        .collect();
    seen.sort();
    let row = |date: &str, total: &str| (date.to_owned(), total.to_owned());
    let expected = [
        row("2026-08-31", "29.85"),
        row("2026-09-02", "56.95"),
        row("2026-09-30", "29.85"),
        row("2026-10-02", "56.95"),
        row("2026-10-05", "99.90"),
        row("2026-10-31", "29.85"),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn every_line_at_fault_is_reported_and_nothing_is_imported() {
    let world = World::at("2026-11-01T00:00:00Z");
    let before = world.rows_of(world.tenant.id);
    let rows = [
        "A-1,internet_dsl,29.85,USD,2026-08-31,31,1,offline,",
        "A-2,internet_dsl,56.955,USD,2026-09-31,2,12,card,",
        "A-3,internet fiber,1,XXX,2026-10-05,5,24,cash,",
    ];
    let (output, report) = import(&world, &rows);
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<(u64, &str)> = report["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["line"].as_u64().unwrap(), e["column"].as_str().unwrap()))
        .collect();
    assert_eq!(
        lines,
        [(3, "monthly_amount"), (3, "start_date"), (4, "plan_code"), (4, "currency"), (4, "payment")]
    );
    assert!(String::from_utf8_lossy(&output.stderr).contains("5 errors; nothing was imported"));
    assert_eq!(world.rows_of(world.tenant.id), before);
}

#[test]
fn a_file_imported_twice_is_refused_as_a_whole() {
    let world = World::at("2026-11-01T00:00:00Z");
    let rows = [
        "A-1,internet_dsl,29.85,USD,2026-10-31,31,1,offline,",
        "A-2,internet_dsl,1,USD,2026-10-31,31,1,offline,",
    ];
    assert!(import(&world, &rows[..1]).0.status.success());
    let before = world.rows_of(world.tenant.id);
    let (output, report) = import(&world, &rows);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(report["error_count"], 1);
    let detail = report["errors"][0]["detail"].as_str().unwrap();
    assert_eq!(detail, "there is a customer A-1 already: was this file imported before?");
    let again =
        ["A-1,internet_dsl,29.85,USD,2026-10-31,31,1,offline,", "A-1,phone,5,USD,2026-10-31,31,1,offline,"];
    let (_, report) = import(&world, &again);
    let detail = report["errors"][0]["detail"].as_str().unwrap();
    assert_eq!(
        detail,
        "there are customers with all 1 external ids of this file already: it was imported before"
    );
    assert_eq!(world.rows_of(world.tenant.id), before);
}

#[test]
fn a_plan_that_is_there_is_used_and_one_billed_by_year_is_refused() {
    let world = World::at("2026-10-01T00:00:00Z");
    let product = world.post("/v1/products", json!({ "name": "Internet" })).is(201).id();
    let plan = |code: &str, interval: &str| {
        let price =
            json!({ "code": "base", "kind": "recurring", "model": { "type": "flat", "amount": "50.00" } });
        let body = json!({
            "code": code, "name": code, "product_id": product, "currency": "USD", "interval": interval, "prices": [price]
        });
        world.post("/v1/plans", body).is(201).id()
    };
    let monthly = plan("dsl", "month");
    plan("dsl_yearly", "year");
    let (output, report) = import(&world, &["A-1,dsl,29.85,USD,2026-10-31,31,1,offline,"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(report["plans"], 0);
    assert_eq!(world.get(&format!("/v1/subscriptions?plan_id={monthly}")).is(200).data().len(), 1);
    let refused =
        ["A-2,dsl_yearly,29.85,USD,2026-10-31,31,1,offline,", "A-3,dsl,1,EUR,2026-10-31,31,1,offline,"];
    let (_, report) = import(&world, &refused);
    let detail = report["errors"][0]["detail"].as_str().unwrap();
    assert_eq!(detail, "plan dsl_yearly is not billed every month, and this file has amounts for a month");
    let (_, report) = import(&world, &refused[1..]);
    assert_eq!(report["errors"][0]["detail"], "this plan has no price in EUR; it can be bought in USD");
}
