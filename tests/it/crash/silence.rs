//! What if nobody listens to what the server logs? Standard error is closed, its reader is gone, or it is full and never read. Calls are answered
//! and their effects are there, jobs go on, the database is started again when it dies; what could not be logged is counted.

use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use serde_json::json;

use super::machine::{Listener, Machine};
use crate::harness::Client;

const PATIENCE: Duration = Duration::from_secs(60);

fn wait_until(hope: &str, mut is: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < PATIENCE, "in vain: {hope}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// A counter or gauge of the server.
fn shown(client: &Client, metric: &str) -> i64 {
    let metrics = client.get("/metrics").is(200).text;
    let line = metrics.lines().find_map(|line| line.strip_prefix(&format!("{metric} ")));
    line.and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn lives_unheard(listener: Listener) {
    let mut machine = Machine::heard_by(listener, &[]);
    let made = machine.tenant("Unheard", None);
    let client = Client::new(&machine.url(), made["api_key"].as_str());
    let relay = r#"job_last_success_timestamp_seconds{job="event_relay"}"#;

    client.post("/v1/customers", json!({ "name": "Before" })).is(201);
    kill(machine.postmaster(), Signal::SIGKILL).unwrap();
    thread::sleep(Duration::from_millis(500));
    wait_until("/readyz is 200", || client.get("/readyz").status == 200);
    let dead = shown(&client, relay);
    client.post("/v1/customers", json!({ "name": "After" })).is(201);
    let names = client.get("/v1/customers").is(200).text;
    assert!(names.contains("Before") && names.contains("After"), "{names}");
    wait_until("the jobs work", || shown(&client, relay) > dead + 1);

    if listener == Listener::Full {
        // More than may wait in line, each call a line.
        for _ in 0..5_000 {
            client.get("/healthz").is(200);
        }
    }
    // A standard error that is closed when the process begins is opened as /dev/null: nothing is lost that somebody wanted.
    let dropped = shown(&client, "log_lines_dropped_total");
    assert_eq!(dropped > 0, listener != Listener::Closed, "{dropped}");
    assert_eq!(shown(&client, "panics_total"), 0);
    let begun = Instant::now();
    machine.stop();
    assert!(begun.elapsed() < Duration::from_secs(20), "its end waits for no reader: {:?}", begun.elapsed());
}

#[test]
fn with_standard_error_closed_everything_goes_on() {
    lives_unheard(Listener::Closed);
}

#[test]
fn with_nobody_at_the_other_end_of_standard_error_everything_goes_on() {
    lives_unheard(Listener::Gone);
}

#[test]
fn with_standard_error_full_everything_goes_on() {
    lives_unheard(Listener::Full);
}
