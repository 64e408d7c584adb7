//! Is each invoice charged exactly once at a gateway elsewhere, though calls fail before and after their effect, events come twice and in any order, and the
//! server and its database are killed and stand still? The gateway's own books are the judge.
//!
//! `scripts/prove-payments` does it with ten thousand payments; here it is done with fewer.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::machine::Machine;
use super::seed;
use crate::harness::{Client, Simulated, simulated_secret};

const BEGIN: &str = "2026-01-01T00:00:00Z";
/// How many are made side by side.
const SIDE_BY_SIDE: u64 = 4;
/// Times that something is killed or stopped.
const BLOWS: u32 = 12;
/// How long a call may be alive, and a little more.
const CALLS_DIE: Duration = Duration::from_secs(62);
const PATIENCE: Duration = Duration::from_secs(60);

/// How many payments: what the script asks for, or a few hundred.
#[expect(clippy::disallowed_methods, reason = "what is asked of the test run, not of the program")]
fn payments() -> u64 {
    env::var("PROOF_PAYMENTS").ok().and_then(|number| number.parse().ok()).unwrap_or(240)
}

struct Proof {
    machine: Machine,
    client: Client,
    tenant: String,
    simulated: Simulated,
}

/// Of so many cents is an invoice.
fn cents(n: u64) -> u64 {
    1_000 + n % 977
}

fn major(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

impl Proof {
    fn set(payments: u64) -> Proof {
        let machine = Machine::started();
        let made = machine.tenant("Proof", Some(BEGIN));
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let client = Client::new(&machine.url(), Some(&text("api_key")));
        let simulated = Simulated::open();
        let account = client.post("/v1/gateway_accounts", simulated.account()).is(201).id();
        let endpoint = json!({ "url": format!("{}/v1/inbound/simulator/{account}", machine.url()), "secret": simulated_secret(),
            "delay_ms": 50, "spread_ms": 3_000, "copies": 2 });
        let listen = simulated.client.request("PUT", "/control/webhooks").json(&endpoint);
        assert!(listen.send().unwrap().status().is_success());
        thread::scope(|threads| {
            for part in 0..SIDE_BY_SIDE {
                let (client, account) = (&client, &account);
                threads.spawn(move || {
                    for n in (part..payments).step_by(usize::try_from(SIDE_BY_SIDE).unwrap()) {
                        owed(client, account, n);
                    }
                });
            }
        });
        Proof { machine, client, tenant: text("tenant_id"), simulated }
    }

    fn fail(&self, payments: u64) {
        let fault = |call: &str, how: &str, one_in: u64| json!({ "call": call, "how": how, "times": 1_000_000, "one_in": one_in });
        // A silence takes five seconds each time: some of them, however many payments there are.
        let silences = (payments / 8).max(9);
        let faults = json!([
            fault("charge", "cut_after", 9),
            fault("charge", "cut_before", 14),
            fault("charge", "error_after", 16),
            fault("charge", "error", 19),
            fault("charge", "silence_after", silences),
            fault("charge", "silence_before", silences + 5),
            fault("look_up", "error", 9),
            fault("look_up", "cut_after", 13),
        ]);
        self.simulated.client.patch("/control", json!({ "faults": faults, "silence_ms": 7_000 })).is(200);
    }

    fn now(&self) -> DateTime<Utc> {
        self.client.get("/v1/test_clock").is(200).text_at("/now").parse().unwrap()
    }

    /// Asks for the clock to be moved by a day, and does not wait.
    fn work(&self) -> thread::JoinHandle<bool> {
        let to = self.now() + TimeDelta::days(1);
        let request = self.client.request("POST", "/v1/test_clock/advance").json(&json!({ "to": to }));
        thread::spawn(move || request.send().and_then(|reply| reply.error_for_status()).is_ok())
    }

    fn wait_until_ready(&self) {
        let begun = Instant::now();
        while !self.client.request("GET", "/readyz").send().is_ok_and(|reply| reply.status().is_success()) {
            assert!(begun.elapsed() < PATIENCE, "the server does not become ready again");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Something happens to the server, or to its database, in the middle of its work.
    fn strike(&mut self, dice: &mut StdRng) {
        let work = self.work();
        thread::sleep(Duration::from_millis(dice.random_range(100..3_000)));
        match dice.random_range(0..4_u8) {
            0 => {
                self.machine.kill();
                drop(work.join());
                self.machine.start();
            }
            1 => {
                self.machine.stand_still();
                thread::sleep(Duration::from_secs(2));
                self.machine.wake();
                drop(work.join());
            }
            2 => {
                kill(self.machine.postmaster(), Signal::SIGKILL).unwrap();
                thread::sleep(Duration::from_millis(500));
                drop(work.join());
            }
            _ => {
                let processes = database_processes(self.machine.postmaster());
                let all = |signal| {
                    for process in &processes {
                        let _ = kill(*process, signal);
                    }
                };
                all(Signal::SIGSTOP);
                thread::sleep(Duration::from_secs(2));
                all(Signal::SIGCONT);
                drop(work.join());
            }
        }
        self.wait_until_ready();
    }

    fn count(&self, sql: &str) -> i64 {
        diesel::select(diesel::dsl::sql::<BigInt>(sql)).get_result(&mut self.machine.connect()).unwrap()
    }

    /// Nothing fails any more, and what is open is asked about until it is known.
    fn comes_to_rest(&self) {
        self.simulated.client.patch("/control", json!({ "faults": [] })).is(200);
        thread::sleep(CALLS_DIE);
        for _ in 0..40 {
            assert!(self.work().join().unwrap(), "the clock does not move");
            let open = self.count("(SELECT count(*) FROM invoices WHERE status <> 'paid')");
            let unknown = self.count("(SELECT count(*) FROM payments WHERE status = 'processing')");
            let refunds = self.count("(SELECT count(*) FROM refunds WHERE status = 'pending')");
            let events = self.count("(SELECT count(*) FROM inbound_events WHERE processed_at IS NULL)");
            if (open, unknown, refunds, events) == (0, 0, 0, 0) {
                return;
            }
        }
        panic!("something is open still");
    }
}

/// The postmaster and those it has begun.
fn database_processes(postmaster: Pid) -> Vec<Pid> {
    let is_child = |pid: &i32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let parent = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1)).map(str::to_owned);
        parent.and_then(|parent| parent.parse().ok()) == Some(postmaster.as_raw())
    };
    let all = fs::read_dir("/proc").unwrap().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let mut processes = vec![postmaster];
    processes.extend(pids.filter(is_child).map(Pid::from_raw));
    processes
}

/// An invoice that is due, to a customer with a card at the gateway.
fn owed(client: &Client, account: &str, n: u64) {
    let customer = client.post("/v1/customers", json!({ "name": format!("Customer {n}") })).is(201).id();
    let card = json!({ "customer_id": customer, "kind": "card", "gateway_account_id": account, "token": "tok_success" });
    client.post("/v1/payment_methods", card).is(201);
    let lines = json!([{ "description": "Service", "amount": major(cents(n)) }]);
    let draft = json!({ "customer_id": customer, "collection": "automatic", "lines": lines });
    let invoice = client.post("/v1/invoices", draft).is(201).id();
    client.post(&format!("/v1/invoices/{invoice}/finalize"), json!({})).is(200);
}

#[derive(QueryableByName)]
struct Ours {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    invoice: String,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

/// What each invoice was charged at the gateway, less what went back of it, in cents; and how many charges there were.
fn charged(proof: &Proof) -> (BTreeMap<String, i64>, usize) {
    let cents = |value: &Value| value["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    let books = proof.simulated.books();
    let mut by_key: BTreeMap<String, i64> = BTreeMap::new();
    for charge in books["charges"].as_array().unwrap() {
        assert_eq!(charge["status"], "succeeded", "{charge}");
        by_key.insert(charge["key"].as_str().unwrap().to_owned(), cents(charge));
    }
    let charges = by_key.len();
    for refund in books["refunds"].as_array().unwrap() {
        *by_key.get_mut(refund["charge_key"].as_str().unwrap()).unwrap() -= cents(refund);
    }
    let ours: Vec<Ours> = diesel::sql_query(
        "SELECT p.id::text AS key, p.invoice_id::text AS invoice, p.amount - coalesce(r.amount, 0)::bigint AS amount FROM payments p \
         LEFT JOIN (SELECT payment_id, sum(amount) AS amount FROM refunds WHERE status = 'succeeded' GROUP BY payment_id) r ON r.payment_id = p.id \
         WHERE p.status = 'succeeded'",
    )
    .load(&mut proof.machine.connect())
    .unwrap();
    assert_eq!(ours.len(), charges, "as many charges there as payments here");
    let mut invoices = BTreeMap::new();
    for payment in ours {
        assert_eq!(by_key.get(&payment.key), Some(&payment.amount), "{}", payment.key);
        *invoices.entry(payment.invoice).or_insert(0) += payment.amount;
    }
    (invoices, charges)
}

#[test]
fn each_invoice_is_charged_once_whatever_is_killed_stopped_cut_or_told_twice() {
    let (seed, payments) = (seed(), payments());
    println!("CRASH_SEED={seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let begun = Instant::now();
    let mut proof = Proof::set(payments);
    proof.fail(payments);
    for _ in 0..BLOWS {
        proof.strike(&mut dice);
    }
    proof.comes_to_rest();
    let (invoices, charges) = charged(&proof);
    let mut taken: Vec<i64> = invoices.into_values().collect();
    taken.sort_unstable();
    let mut owed: Vec<i64> = (0..payments).map(|n| i64::try_from(cents(n)).unwrap()).collect();
    owed.sort_unstable();
    assert_eq!(taken, owed, "each invoice exactly once");
    let failed = proof.count("(SELECT count(*) FROM payments WHERE status = 'failed')");
    println!(
        "{payments} invoices, {charges} charges, {failed} attempts that came to nothing, {:?}",
        begun.elapsed()
    );
    let payout = proof.simulated.pay_out(json!({ "at": proof.now() }));
    // While it is recorded, or before it is told.
    thread::sleep(Duration::from_millis(dice.random_range(0..4_000)));
    proof.machine.kill();
    proof.machine.start();
    for _ in 0..40 {
        assert!(proof.work().join().unwrap());
        if proof.count("(SELECT count(*) FROM payouts WHERE status = 'paid')") == 1 {
            break;
        }
        thread::sleep(Duration::from_millis(500));
    }
    let payouts = proof.client.get("/v1/payouts").is(200);
    assert_eq!(
        (payouts.text_at("/data/0/reference"), payouts.text_at("/data/0/difference")),
        (payout, "0.00".to_owned())
    );
    let balances = proof.client.get("/v1/ledger/balances").is(200);
    let clearing = balances.data().iter().find(|row| row["account"] == "cash_clearing").unwrap();
    assert_eq!(clearing["balance"], "0.00", "nothing is left with the gateway");
    let books = proof.machine.run(&["verify-books", "--tenant", &proof.tenant]);
    assert!(books.status.success(), "{}", String::from_utf8_lossy(&books.stdout));
    proof.machine.stop();
}
