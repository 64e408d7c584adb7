//! What does a clock say of its way whose server was killed on it? All that was done, by whichever process, to the last invoice.

use std::thread;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use super::business::Business;
use super::machine::Machine;
use crate::harness::Client;

const PATIENCE: Duration = Duration::from_secs(120);

/// All pages of a list.
fn all(client: &Client, path: &str) -> Vec<Value> {
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{path}?limit=1000{after}")).is(200);
        rows.extend(page.data().iter().cloned());
        match page.json["next_cursor"].as_str() {
            Some(cursor) => after = format!("&after={cursor}"),
            None => return rows,
        }
    }
}

#[test]
fn a_clock_whose_server_was_killed_on_the_way_tells_in_the_end_what_was_done_before() {
    let seed = super::seed();
    println!("CRASH_SEED={seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let mut machine = Machine::started_with(&["--schedule", "test_clocks=* * * * * *"]);
    let business = Business::seeded(&machine);
    let client = business.client(&machine);
    let before = [all(&client, "/v1/invoices").len(), all(&client, "/v1/payments").len()];
    let to = "2026-04-20T00:00:00Z";
    client.post("/v1/test_clock/advance", json!({ "to": to, "wait": false })).is(202);
    for _ in 0..4 {
        thread::sleep(Duration::from_millis(dice.random_range(100..1_500)));
        machine.kill();
        machine.start();
    }
    let begun = Instant::now();
    let clock = loop {
        let clock = client.get("/v1/test_clock").is(200);
        if clock.json["advancing_to"].is_null() {
            break clock;
        }
        assert!(begun.elapsed() < PATIENCE, "it never arrives: {}", clock.text);
        thread::sleep(Duration::from_millis(200));
    };
    let way = &clock.json["last_advance"];
    assert_eq!((&way["from"], &way["now"]), (&json!(super::business::BEGIN), &json!(to)), "{}", clock.text);
    let count = |name: &str| way[name].as_u64().unwrap();
    let payments = all(&client, "/v1/payments");
    let made = |status: &str| payments.iter().filter(|payment| payment["status"] == status).count() as u64;
    assert_eq!(count("invoices"), (all(&client, "/v1/invoices").len() - before[0]) as u64, "{way}");
    assert_eq!(count("payments_attempted"), (payments.len() - before[1]) as u64, "{way}");
    assert_eq!(count("payments_succeeded"), made("succeeded"), "{way}");
    let runs = all(&client, "/v1/bill_runs");
    assert_eq!(
        count("bill_runs"),
        runs.iter().filter(|run| run["trigger"] == "clock").count() as u64,
        "{way}"
    );
    machine.stop();
}

#[test]
fn a_server_told_to_stop_gives_calls_and_jobs_one_grace() {
    use diesel::connection::SimpleConnection;

    let mut machine = Machine::started();
    let made = machine.tenant("Slow", None);
    let client = Client::new(&machine.url(), made["api_key"].as_str());
    client.post("/v1/customers", json!({ "name": "Ada" })).is(201);
    // Neither the relay nor a call comes to its end while this is held.
    let mut holder = machine.connect();
    holder.batch_execute("BEGIN; LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE").unwrap();
    let request = client.request("POST", "/v1/customers").json(&json!({ "name": "Bert" }));
    let call = thread::spawn(move || request.send().is_ok_and(|reply| reply.status() == 201));
    thread::sleep(Duration::from_millis(1_500));
    let begun = Instant::now();
    machine.stop();
    let took = begun.elapsed();
    // The machine's server has a grace of ten seconds.
    assert!((Duration::from_secs(9)..Duration::from_secs(17)).contains(&took), "it took {took:?} to stop");
    assert!(!call.join().unwrap());
}
