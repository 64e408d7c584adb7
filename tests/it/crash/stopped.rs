//! What if a server stands still in the middle of a payment (SIGSTOP), another concludes that its call is dead and pays the invoice, and then
//! the first one wakes? The simulator's own books are the judge.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use billwright::adapters::gateway::Gateways;
use billwright::domain::ids::{InvoiceId, TenantId};
use billwright::storage::{Db, Session};
use billwright::workflows::keyed::Keyed;
use billwright::workflows::parked_work::Place;
use billwright::workflows::payments::pay_invoice::{self, How};
use billwright::workflows::payments::{gateways, resolve_payments};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use serde_json::json;

use super::machine::Machine;
use crate::harness::Client;

const BEGIN: &str = "2026-01-01T00:00:00Z";
const PATIENCE: Duration = Duration::from_secs(60);

/// A server with an invoice of 50.00 to be paid, and another process that works on its database: this one.
struct Scene {
    machine: Machine,
    client: Client,
    tenant: TenantId,
    invoice: String,
    other: Session,
    gateways: Gateways,
}

impl Scene {
    fn set() -> Scene {
        let machine = Machine::started();
        let made = machine.tenant("Still", Some(BEGIN));
        let client = Client::new(&machine.url(), made["api_key"].as_str());
        let customer = client.post("/v1/customers", json!({ "name": "Ada" })).is(201).id();
        let card = json!({ "customer_id": customer, "kind": "card", "token": "tok_success" });
        client.post("/v1/payment_methods", card).is(201);
        let lines = json!([{ "description": "Training", "amount": "50.00" }]);
        let draft = json!({ "customer_id": customer, "collection": "send_invoice", "lines": lines });
        let invoice = client.post("/v1/invoices", draft).is(201).id();
        client.post(&format!("/v1/invoices/{invoice}/finalize"), json!({})).is(200);
        let url = machine.database_url();
        let gateways = gateways::all(&Db::start(&url, 1).unwrap());
        let tenant = made["tenant_id"].as_str().unwrap().parse().unwrap();
        Scene { client, tenant, invoice, other: Session::open(&url).unwrap(), gateways, machine }
    }

    /// Asks the server to pay, and does not wait; gives the status of its answer afterwards.
    fn pay_in_background(&self) -> JoinHandle<Option<u16>> {
        let path = format!("/v1/invoices/{}/pay", self.invoice);
        let request = self.client.request("POST", &path).json(&json!({})).timeout(PATIENCE);
        thread::spawn(move || request.send().ok().map(|reply| reply.status().as_u16()))
    }

    /// Waits until a backend of the server does this.
    fn wait_for(&self, condition: &str) {
        let sql =
            format!("EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND {condition})");
        let begun = Instant::now();
        let mut conn = self.machine.connect();
        while !diesel::select(diesel::dsl::sql::<Bool>(&sql)).get_result::<bool>(&mut conn).unwrap() {
            assert!(begun.elapsed() < PATIENCE, "never seen: {condition}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn run(&self, sql: &str) {
        self.machine.connect().batch_execute(sql).unwrap();
    }

    /// The other process asks about what is open, so many minutes later; gives how many were concluded and how many wait.
    fn resolve_in(&mut self, minutes: i64) -> (u64, u64) {
        let later: DateTime<Utc> = BEGIN.parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes);
        let resolved = resolve_payments::run(
            &mut self.other,
            &self.gateways,
            Place { tenant_id: self.tenant, now: later },
        )
        .unwrap();
        (resolved.failed, resolved.processing)
    }

    /// The call of the server that stands still is taken for dead, and the other process pays.
    fn concluded_and_paid_by_the_other(&mut self) {
        assert_eq!(self.resolve_in(5), (0, 1), "the call may be alive");
        self.run("UPDATE gateway_claims SET calls_until = calls_until - interval '1 hour'");
        assert_eq!(self.resolve_in(15), (1, 0));
        let id: InvoiceId = self.invoice.parse().unwrap();
        let whose = (self.tenant, id);
        pay_invoice::run(
            &mut self.other,
            &self.gateways,
            whose,
            (&How::Charge { method: None, retried: true }, &Keyed::default()),
        )
        .unwrap();
    }

    /// How often the simulator charged, and what it took less what it gave back, in cents.
    fn taken(&self) -> (i64, i64) {
        let mut conn = self.machine.connect();
        let mut ask =
            |sql: &str| diesel::select(diesel::dsl::sql::<BigInt>(sql)).get_result::<i64>(&mut conn).unwrap();
        (
            ask("(SELECT count(*) FROM simulator.charges WHERE amount > 0)"),
            ask("(SELECT coalesce(sum(amount), 0)::bigint FROM simulator.charges)"),
        )
    }

    /// A month later the invoice is paid, 50.00 were taken in all, and the books say so.
    fn ends_well(self) {
        let then = BEGIN.parse::<DateTime<Utc>>().unwrap() + TimeDelta::days(30);
        self.client.post("/v1/test_clock/advance", json!({ "to": then })).is(200);
        let invoice = self.client.get(&format!("/v1/invoices/{}", self.invoice)).is(200);
        assert_eq!(invoice.text_at("/status"), "paid");
        assert_eq!(self.taken().1, 5_000);
        let books = self.machine.run(&["verify-books", "--tenant", &self.tenant.to_string()]);
        assert!(books.status.success(), "{}", String::from_utf8_lossy(&books.stdout));
        let cash = "(SELECT sum(CASE WHEN debit = 'cash_clearing' THEN amount ELSE -amount END)::bigint FROM ledger_transfers \
                    WHERE 'cash_clearing' IN (debit, credit))";
        let mut conn = self.machine.connect();
        let cash: i64 = diesel::select(diesel::dsl::sql::<BigInt>(cash)).get_result(&mut conn).unwrap();
        assert_eq!(cash, 5_000);
    }
}

const CHARGING: &str = "wait_event_type = 'Lock' AND query LIKE 'INSERT INTO simulator.charges%'";

#[test]
fn a_server_that_stood_still_while_its_charge_was_lost_wakes_and_charges_nobody() {
    let mut scene = Scene::set();
    let mut holder = scene.machine.connect();
    holder.batch_execute("BEGIN; LOCK TABLE simulator.charges IN SHARE MODE").unwrap();
    let answer = scene.pay_in_background();
    scene.wait_for(CHARGING);
    scene.machine.stand_still();
    scene.run(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {CHARGING}"));
    holder.batch_execute("COMMIT").unwrap();
    scene.concluded_and_paid_by_the_other();
    scene.machine.wake();
    // 402: its own attempt came to nothing. The invoice is paid all the same.
    assert_eq!(answer.join().unwrap(), Some(402));
    assert_eq!(scene.taken(), (1, 5_000));
    scene.ends_well();
}

#[test]
fn a_server_that_stood_still_after_its_charge_was_made_finds_it_recorded() {
    let mut scene = Scene::set();
    let mut holder = scene.machine.connect();
    holder.batch_execute("BEGIN; LOCK TABLE simulator.charges IN SHARE MODE").unwrap();
    let answer = scene.pay_in_background();
    scene.wait_for(CHARGING);
    scene.machine.stand_still();
    holder.batch_execute("COMMIT").unwrap();
    scene.wait_for("state = 'idle' AND query LIKE 'INSERT INTO simulator.charges%'");
    assert_eq!(scene.resolve_in(5), (0, 0), "its success is known");
    scene.machine.wake();
    assert_eq!(answer.join().unwrap(), Some(200));
    assert_eq!(scene.taken(), (1, 5_000));
    scene.ends_well();
}

#[test]
fn a_server_that_stood_still_between_the_fence_and_its_call_gives_back_what_it_took_too_late() {
    let mut scene = Scene::set();
    // The statement that reads the fence takes a while, so that the server can be stopped while it waits for its answer.
    scene.run(
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NEW; END'; \
         CREATE TRIGGER dawdle BEFORE UPDATE ON gateway_claims FOR EACH ROW WHEN (OLD.calls_until IS NULL) EXECUTE FUNCTION dawdle()",
    );
    let answer = scene.pay_in_background();
    scene.wait_for("wait_event = 'PgSleep'");
    scene.machine.stand_still();
    scene.wait_for("state = 'idle' AND query LIKE 'UPDATE \"gateway_claims\"%'");
    scene.run("DROP TRIGGER dawdle ON gateway_claims");
    scene.concluded_and_paid_by_the_other();
    assert_eq!(scene.taken(), (1, 5_000));
    scene.machine.wake();
    assert_eq!(answer.join().unwrap(), Some(200));
    assert_eq!(scene.taken(), (2, 10_000), "nothing could keep it from calling");
    scene.ends_well();
}

#[test]
fn a_server_that_stood_still_before_the_fence_wakes_and_charges_nobody() {
    let mut scene = Scene::set();
    // Its attempt is committed when the answer of that is on its way; the server is stopped before it reads it.
    scene.run(
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END'; \
         CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON gateway_claims DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle()",
    );
    let answer = scene.pay_in_background();
    scene.wait_for("wait_event = 'PgSleep'");
    scene.machine.stand_still();
    // Waits for that commit.
    scene.run("DROP TRIGGER dawdle ON gateway_claims");
    assert_eq!(scene.resolve_in(5), (1, 0), "no call has begun: nobody waits");
    let whose = (scene.tenant, scene.invoice.parse().unwrap());
    pay_invoice::run(
        &mut scene.other,
        &scene.gateways,
        whose,
        (&How::Charge { method: None, retried: true }, &Keyed::default()),
    )
    .unwrap();
    scene.machine.wake();
    assert_eq!(answer.join().unwrap(), Some(402));
    assert_eq!(scene.taken(), (1, 5_000));
    scene.ends_well();
}
