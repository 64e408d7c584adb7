//! What if the server is killed in the middle of a close? Half of the revenue is posted, the month is closing, and the same call again closes it with
//! the same books.

use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use serde_json::json;

use super::machine::Machine;
use crate::harness::Client;

/// More than one transaction recognises at once.
const CUSTOMERS: i64 = 210;
const PATIENCE: Duration = Duration::from_secs(60);

/// How much was recognised, in cents, and in how many transfers.
fn recognized(machine: &Machine) -> (i64, i64) {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        amount: i64,
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let sql = "SELECT coalesce(sum(amount), 0)::bigint AS amount, count(*) AS count FROM ledger_transfers WHERE source_kind = 'revenue_recognized'";
    let row: Row = diesel::sql_query(sql).get_result(&mut machine.connect()).unwrap();
    (row.amount, row.count)
}

/// Customers with a line over January and February each, billed and not recognised, on 3 February.
fn business(machine: &Machine) -> (Client, String) {
    let made = machine.tenant("Close", Some("2026-01-15T00:00:00Z"));
    let client = Client::new(&machine.url(), made["api_key"].as_str());
    let period = json!({ "start": "2026-01-15T00:00:00Z", "end": "2026-02-15T00:00:00Z" });
    for _ in 0..CUSTOMERS {
        let customer = client.post("/v1/customers", json!({ "name": "Ada" })).is(201).id();
        let line = json!({ "description": "A month", "amount": "31.00", "period": period });
        let draft = json!({ "customer_id": customer, "collection": "send_invoice", "lines": [line] });
        let invoice = client.post("/v1/invoices", draft).is(201).id();
        client.post(&format!("/v1/invoices/{invoice}/finalize"), json!({})).is(200);
    }
    let january = client.post("/v1/accounting_periods", json!({ "month": "2026-01" })).is(201).id();
    machine.connect().batch_execute("UPDATE tenants SET test_clock = '2026-02-03T00:00:00Z'").unwrap();
    (client, january)
}

#[test]
fn a_server_killed_in_the_middle_of_a_close_closes_with_the_same_books_when_it_is_back() {
    let mut machine = Machine::started();
    let (client, january) = business(&machine);
    let path = format!("/v1/accounting_periods/{january}/close");
    // The last customer's row is held, so the close stands in its second transaction.
    let mut holder = machine.connect();
    holder.batch_execute("BEGIN; SELECT 1 FROM customers ORDER BY id DESC LIMIT 1 FOR UPDATE").unwrap();
    let request = client.request("POST", &path).json(&json!({})).timeout(PATIENCE);
    let closing = thread::spawn(move || request.send().is_ok_and(|reply| reply.status().is_success()));
    let begun = Instant::now();
    let waits =
        "EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%customers%')";
    let mut watcher = machine.connect();
    while !diesel::select(diesel::dsl::sql::<Bool>(waits)).get_result::<bool>(&mut watcher).unwrap() {
        assert!(begun.elapsed() < PATIENCE, "the close never came to the last customer");
        thread::sleep(Duration::from_millis(10));
    }
    let (amount, count) = recognized(&machine);
    assert!(count > 0 && count < CUSTOMERS, "{count} of {CUSTOMERS} are posted");
    assert_eq!(amount, count * 1_700);
    machine.kill();
    drop((holder, watcher));
    assert!(!closing.join().unwrap());
    machine.start();
    let client = client.at(&machine.url());
    let period = client.get(&format!("/v1/accounting_periods/{january}")).is(200);
    assert_eq!(period.text_at("/status"), "closing");
    assert_eq!(client.post(&path, json!({})).is(200).text_at("/status"), "closed");
    assert_eq!(recognized(&machine), (CUSTOMERS * 1_700, CUSTOMERS));
    let books = machine.run(&["verify-books"]);
    assert!(books.status.success(), "{}", String::from_utf8_lossy(&books.stdout));
}
