//! Does long work of one kind, or of one tenant, keep others waiting?

use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use billwright::adapters::gateway::{ChargeRequest, Gateway, Gateways, RefundRequest, Sought};
use billwright::domain::payments::Outcome;
use billwright::platform::clock;
use billwright::platform::limits::Limits;
use billwright::workflows::payments::gateways;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::json;

use crate::harness::{Client, Server, World};

/// The simulator, which answers nobody before so many have asked.
struct Crowded {
    simulator: Arc<dyn Gateway>,
    wanted: usize,
    calls: Mutex<usize>,
    all: Condvar,
}

impl Gateway for Crowded {
    fn name(&self) -> &'static str {
        "simulator"
    }

    fn check_token(&self, token: &str) -> Result<(), String> {
        self.simulator.check_token(token)
    }

    fn charge_all(&self, requests: &[ChargeRequest], _deadline: DateTime<Utc>) -> Vec<Outcome> {
        let mut calls = self.calls.lock().unwrap();
        *calls += 1;
        self.all.notify_all();
        // What comes to nothing in 30 seconds is a payment without an answer, and the test fails.
        let is_alone = |calls: &mut usize| *calls < self.wanted;
        let (calls, waited) = self.all.wait_timeout_while(calls, Duration::from_secs(30), is_alone).unwrap();
        drop(calls);
        match waited.timed_out() {
            true => vec![Outcome::Unknown; requests.len()],
            false => self.simulator.charge_all(requests, clock::now() + TimeDelta::seconds(30)),
        }
    }

    fn lookup_all(&self, sought: &[Sought], at: DateTime<Utc>, deadline: DateTime<Utc>) -> Vec<Outcome> {
        self.simulator.lookup_all(sought, at, deadline)
    }

    fn refund(&self, request: &RefundRequest, deadline: DateTime<Utc>) -> Outcome {
        self.simulator.refund(request, deadline)
    }
}

fn owes(caller: &Client) -> String {
    let customer = caller.post("/v1/customers", json!({ "name": "Ada" })).is(201).id();
    let card =
        json!({ "customer_id": customer, "kind": "card", "token": "tok_success", "make_default": true });
    caller.post("/v1/payment_methods", card).is(201);
    let line = json!({ "description": "Advice", "amount": "50.00" });
    let invoice =
        json!({ "customer_id": customer, "currency": "USD", "collection": "send_invoice", "lines": [line] });
    let id = caller.post("/v1/invoices", invoice).is(201).id();
    caller.post(&format!("/v1/invoices/{id}/finalize"), json!({})).is(200).id()
}

#[test]
fn sixty_payments_wait_for_their_gateway_at_once_while_four_clocks_move() {
    let world = World::new();
    let simulator = Arc::clone(gateways::all(&world.db).get("simulator").unwrap());
    let crowded = Crowded { simulator, wanted: 60, calls: Mutex::new(0), all: Condvar::new() };
    let gateways = Arc::new(Gateways::new([Arc::new(crowded) as Arc<dyn Gateway>]));
    let server = Server::with(world.db.clone(), (gateways, Limits::default()));
    let caller = world.tenant.client.at(&server.url);
    let invoices: Vec<String> = (0..60).map(|_| owes(&caller)).collect();
    let others: Vec<Client> = (0..4).map(|_| world.another_tenant().client.at(&server.url)).collect();
    thread::scope(|threads| {
        for other in &others {
            threads.spawn(|| {
                other.post("/v1/test_clock/advance", json!({ "to": "2027-01-01T00:00:00Z" })).is(200)
            });
        }
        let pay = |id: &String| caller.post(&format!("/v1/invoices/{id}/pay"), json!({}));
        let calls: Vec<_> = invoices.iter().map(|id| threads.spawn(move || pay(id))).collect();
        for call in calls {
            assert_eq!(call.join().unwrap().is(200).text_at("/status"), "paid");
        }
    });
}

/// How many connections of this database wait for a lock.
fn waiting(conn: &mut PgConnection) -> i64 {
    let waits = sql::<BigInt>(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    waits.get_result(conn).unwrap()
}

#[test]
fn payments_that_stand_at_the_simulator_take_no_more_than_its_own_connections() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    let invoices: Vec<String> = (0..40).map(|_| owes(&world)).collect();
    let (mut holder, mut looker) = (world.database.connect(), world.database.connect());
    holder.batch_execute("BEGIN; LOCK TABLE simulator.charges IN ACCESS EXCLUSIVE MODE").unwrap();
    let pay =
        |id: &String| world.post(&format!("/v1/invoices/{id}/pay"), json!({})).is(200).text_at("/status");
    let paid: Vec<String> = thread::scope(|threads| {
        let calls: Vec<_> = invoices.iter().map(|id| threads.spawn(move || pay(id))).collect();
        let begun = "SELECT count(*) FROM payments WHERE status = 'processing'";
        while sql::<BigInt>(begun).get_result::<i64>(&mut looker).unwrap() < 40 {
            thread::sleep(Duration::from_millis(20));
        }
        thread::sleep(Duration::from_millis(300));
        assert_eq!(waiting(&mut looker), 8);
        holder.batch_execute("COMMIT").unwrap();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!(paid, vec!["paid"; 40]);
}
