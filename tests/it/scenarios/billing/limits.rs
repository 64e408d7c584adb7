//! How large may it get? An invoice of 50,000 lines, amounts of 10^15 minor units, and sums that no 64 bits hold.

use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::json;

use super::{Seller, base};
use crate::harness::World;

/// Copies the one subscription of a tenant, its item and its place in billing, so many times.
fn copy(world: &World, times: u32) {
    let tenant = world.tenant.id.uuid();
    let like = |table: &str, ids: &str| {
        format!(
            "INSERT INTO {table} SELECT r.* FROM (SELECT x FROM {table} x WHERE x.tenant_id = '{tenant}') one, copies c, \
             LATERAL jsonb_populate_record(one.x, jsonb_build_object({ids})) r; "
        )
    };
    let sql = format!(
        "BEGIN; CREATE TEMP TABLE copies ON COMMIT DROP AS \
         SELECT gen_random_uuid() AS s, gen_random_uuid() AS v FROM generate_series(1, {times}); {}{}{} COMMIT",
        like("subscriptions", "'id', c.s"),
        like("item_versions", "'id', c.v, 'item_id', c.v, 'subscription_id', c.s"),
        like("billing_cursors", "'subscription_id', c.s")
    );
    let mut database = world.database.connect();
    database.batch_execute(&sql).unwrap();
    // What rows came by themselves in a moment, no plan knows of yet.
    database.batch_execute("ANALYZE subscriptions, item_versions, billing_cursors").unwrap();
}

#[test]
fn an_invoice_of_fifty_thousand_lines_is_issued_read_and_credited() {
    // Alone: beside hundreds of small tenants, no plan is made for one of 50,000 rows.
    let seller = Seller::alone_on("2026-01-01");
    let plan = seller.plan("month", json!([base("2.00")]));
    let ada = seller.customer_like(json!({ "name": "Ada" }));
    let later = json!({ "start_at": "2026-02-01T00:00:00Z", "collection": "send_invoice" });
    seller.subscribe(&ada, &plan, later);
    let coupon = json!({ "code": "TENTH", "percent_off": "10", "duration": "forever" });
    seller.world.post("/v1/coupons", coupon).is(201);
    seller.world.post("/v1/discounts", json!({ "coupon": "TENTH", "customer_id": ada })).is(201);
    copy(&seller.world, 49_999);
    let begun = Instant::now();
    seller.advance_to("2026-02-01");
    let billed = begun.elapsed();
    let listed = seller.world.get(&format!("/v1/invoices?customer_id={ada}")).is(200);
    assert_eq!(listed.data().len(), 1);
    let id = listed.data()[0]["id"].as_str().unwrap().to_owned();
    let begun = Instant::now();
    let invoice = seller.world.get(&format!("/v1/invoices/{id}")).is(200);
    let read = begun.elapsed();
    println!("50,000 lines: billed in {billed:?}, read in {read:?}");
    assert_eq!(invoice.json["lines"].as_array().unwrap().len(), 50_000);
    assert_eq!(
        (invoice.text_at("/subtotal"), invoice.text_at("/total")),
        ("100000.00".to_owned(), "90000.00".to_owned())
    );
    seller.world.get(&format!("/v1/invoice_lines/{id}-50000/explain")).is(200);
    let note =
        json!({ "invoice_id": id, "reason": "outage", "lines": [{ "line_no": 50_000, "amount": "1.00" }] });
    seller.world.post("/v1/credit_notes", note).is(201);
    seller
        .world
        .post(&format!("/v1/invoices/{id}/pay"), json!({ "offline": { "reference": "cheque 7" } }))
        .is(200);
    seller.world.settle();
    // To explain 400 lines of it as every story does at its end is to read 400 times 50,000: three minutes.
    std::mem::forget(seller);
}

#[test]
fn one_amount_is_at_most_ten_to_the_fifteenth_minor_units_wherever_it_is_given() {
    let seller = Seller::on("2026-01-01");
    let (most, more) = ("10000000000000.00", "10000000000000.01");
    let world = &seller.world;
    let ada = seller.customer_like(json!({ "name": "Ada" }));
    let product = world.post("/v1/products", json!({ "name": "Power" })).is(201).id();
    let plan = |amount: &str| {
        let seat = json!({ "code": "seat", "kind": "recurring", "billing": "in_advance", "model": super::per_unit(amount) });
        let code = format!("p{}", amount.replace('.', "_"));
        let body = json!({ "code": code, "name": "P", "product_id": product, "currency": "USD", "interval": "month", "prices": [seat] });
        world.post("/v1/plans", body)
    };
    plan(more).is_problem(422, "amount_out_of_range");
    let dear = plan(most).is(201).id();
    let start = |quantity: &str| {
        let body = json!({ "customer_id": ada, "plan_id": dear, "collection": "send_invoice", "quantity": quantity });
        world.post("/v1/subscriptions", body)
    };
    start("2").is_problem(422, "amount_out_of_range");
    let subscription = start("1").is(201).id();
    let charge = |amount: &str| {
        let body = json!({ "description": "Training", "amount": amount, "invoice": "next" });
        world.post(&format!("/v1/subscriptions/{subscription}/charges"), body)
    };
    assert_eq!(charge(more).status, 422);
    let invoice = |lines: serde_json::Value| {
        world
            .post("/v1/invoices", json!({ "customer_id": ada, "collection": "send_invoice", "lines": lines }))
    };
    assert_eq!(invoice(json!([{ "description": "A", "amount": more }])).status, 422);
    let two = json!([{ "description": "A", "amount": most }, { "description": "B", "amount": most }]);
    assert_eq!(invoice(two).status, 422);
    let grant = json!({ "customer_id": ada, "amount": more, "currency": "USD", "source": "promotional" });
    assert_eq!(world.post("/v1/credit_grants", grant).status, 422);
    let payment = json!({ "customer_id": ada, "amount": more, "currency": "USD" });
    assert_eq!(world.post("/v1/payments", payment).status, 422);
    let coupon = json!({ "code": "X", "amounts_off": { "USD": more }, "duration": "once" });
    assert_eq!(world.post("/v1/coupons", coupon).status, 422);
}

#[test]
fn what_no_64_bits_hold_is_added_up_all_the_same() {
    let world = World::new();
    let customer = world.post("/v1/customers", json!({ "name": "Ada" })).is(201).id();
    let customer = customer.parse::<billwright::domain::ids::CustomerId>().unwrap().uuid();
    let tenant = world.tenant.id.uuid();
    let sql = format!(
        "INSERT INTO ledger_transfers (tenant_id, source_id, source_kind, leg, debit, credit, amount, currency, customer_id, effective_on, recorded_at) \
         SELECT '{tenant}', gen_random_uuid(), 'payment_received', 0, 'cash_clearing', 'revenue', 1000000000000000, 'USD', '{customer}', \
         '2026-01-01', '2026-01-01' FROM generate_series(1, 10000)"
    );
    diesel::sql_query(sql).execute(&mut world.database.connect()).unwrap();
    let balances = world.get("/v1/ledger/balances").is(200);
    let row = |account: &str| balances.data().iter().find(|row| row["account"] == account).unwrap().clone();
    assert_eq!(row("cash_clearing")["balance"], "100000000000000000.00");
    assert_eq!(row("revenue")["credits"], "100000000000000000.00");
    world.get("/v1/ledger/entries?limit=1000").is(200);
}

#[test]
fn usage_of_any_size_can_be_read() {
    let world = World::new();
    let customer = world.post("/v1/customers", json!({ "name": "Ada", "external_id": "ada" })).is(201).id();
    let meter = json!({ "code": "calls", "name": "Calls", "event_type": "call", "aggregation": "sum", "value_property": "n" });
    world.post("/v1/meters", meter).is(201);
    let event = |n: u32| {
        json!({ "id": n.to_string(), "source": "app", "type": "call", "subject": "ada", "time": "2026-01-01T00:00:00Z",
                "data": { "n": "999999999999999.999999999999" } })
    };
    let events: Vec<_> = (0..1_000).map(event).collect();
    assert_eq!(world.post("/v1/usage/events", json!(events)).is(200).json["accepted"], 1_000);
    let query =
        format!("customer_id={customer}&meter=calls&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z");
    let used = world.get(&format!("/v1/usage?{query}")).is(200);
    assert_eq!(used.data()[0]["quantity"], "999999999999999999.999999999", "{}", used.text);
}
