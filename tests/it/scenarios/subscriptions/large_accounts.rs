//! What does a change of one subscription read, where its customer has 600? What concerns that one.

use std::time::Duration;

use billwright::domain::ids::SubscriptionId;
use billwright::wire::subscriptions::changes::ChangeSubscription;
use billwright::workflows::Scope;
use billwright::workflows::subscriptions::change_subscription::{self, Order};
use billwright::workflows::subscriptions::edit_subscription::Origin;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::json;

use crate::harness::World;

/// Subscriptions of the account: so many that PostgreSQL, which expects each tenant to have a two-hundredth of a table, does not read them all.
const MANY: usize = 600;
/// Rows that may be read of all that hold timelines: the one's own, each several times over.
const FEW: i64 = 60;

#[derive(QueryableByName)]
struct Read {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Ends all other connections: what they read is counted when they are gone.
fn end_others(watch: &mut PgConnection) {
    const OTHERS: &str = "SELECT count(pg_terminate_backend(pid)) AS rows FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    while count(watch, OTHERS) > 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn rows_read(watch: &mut PgConnection) -> i64 {
    const READ: &str = "SELECT sum(coalesce(idx_tup_fetch, 0) + seq_tup_read)::bigint AS rows FROM pg_stat_user_tables \
         WHERE relname IN ('item_versions', 'subscriptions', 'subscription_phases', 'invoice_lines')";
    count(watch, READ)
}

fn count(watch: &mut PgConnection, sql: &str) -> i64 {
    let read: Read = diesel::sql_query(sql).get_result(watch).unwrap();
    read.rows
}

#[test]
fn a_change_of_one_subscription_of_many_reads_no_other_timeline() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    let product = world.post("/v1/products", json!({ "name": "Engine" })).is(201).id();
    let plan = json!({ "code": "seats", "name": "Seats", "product_id": product, "currency": "USD", "interval": "month",
        "prices": [{ "code": "seat", "kind": "recurring", "model": { "type": "per_unit", "unit_amount": "10" } }] });
    let plan = world.post("/v1/plans", plan).is(201).id();
    let customer = world.post("/v1/customers", json!({ "name": "Ada", "currency": "USD" })).is(201).id();
    let order = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice" });
    let subscriptions: Vec<String> =
        (0..MANY).map(|_| world.post("/v1/subscriptions", order.clone()).is(201).id()).collect();
    world.advance_to("2026-01-16T00:00:00Z");
    let wanted = json!({ "quantity": "3", "effective_at": "now", "invoice": "now" });
    let request: ChangeSubscription = serde_json::from_value(wanted).unwrap();
    let id: SubscriptionId = subscriptions[MANY / 2].parse().unwrap();
    let order =
        Order { subscription_id: id, plan: None, request: request.parse().unwrap(), phases: Vec::new() };
    let mut watch = world.database.connect();
    // So few rows would be read in sequence otherwise, and without statistics in any order.
    watch
        .batch_execute(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET enable_seqscan = off', current_database()); END $$; ANALYZE",
        )
        .unwrap();
    end_others(&mut watch);
    let before = rows_read(&mut watch);
    let mut session = world.session();
    session
        .transaction("change", |tx| {
            let scope = Scope::load(tx, world.tenant.id)?;
            change_subscription::run(tx, &scope, (&order, Origin { by: None, request: json!({}) }))
        })
        .unwrap();
    drop(session);
    end_others(&mut watch);
    let rows = rows_read(&mut watch) - before;
    assert!(rows > 0 && rows < FEW, "{rows} rows of timelines were read");
}
