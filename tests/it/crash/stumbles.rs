//! What if the database dies under the server: one of its processes, or all of it? Once it is back, no read, command or job fails for it, and
//! `/readyz` says when that is.

use std::thread;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::Integer;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;

use super::machine::Machine;
use crate::harness::Client;

const PATIENCE: Duration = Duration::from_secs(60);

#[derive(QueryableByName)]
struct Process {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

/// A process that serves one of the server's connections.
fn backend(machine: &Machine) -> Pid {
    let query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1";
    let found: Process = diesel::sql_query(query).get_result(&mut machine.connect()).unwrap();
    Pid::from_raw(found.pid)
}

/// When the job last did all that was due, in seconds of 1970.
fn last_success(client: &Client, job: &str) -> f64 {
    let metrics = client.get("/metrics").is(200).text;
    let line = metrics
        .lines()
        .find_map(|line| line.strip_prefix(&format!("job_last_success_timestamp_seconds{{job=\"{job}\"}} ")));
    line.and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn wait_until(hope: &str, mut is: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < PATIENCE, "in vain: {hope}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn once_the_database_is_back_nothing_fails_for_its_having_been_away() {
    let mut machine = Machine::started();
    let made = machine.tenant("Stumble", None);
    let client = Client::new(&machine.url(), made["api_key"].as_str());
    for kills_all in [false, true, false] {
        for n in 0..8 {
            client.post("/v1/customers", json!({ "name": format!("Customer {n}") })).is(201);
            client.get("/v1/customers").is(200);
        }
        wait_until("the feed is kept", || last_success(&client, "event_relay") > 0.0);
        let before = last_success(&client, "event_relay");
        kill(if kills_all { machine.postmaster() } else { backend(&machine) }, Signal::SIGKILL).unwrap();
        // The others end when the postmaster, or its end, has told them.
        thread::sleep(Duration::from_millis(500));
        wait_until("/readyz is 200", || client.get("/readyz").status == 200);
        for _ in 0..16 {
            client.get("/v1/customers").is(200);
        }
        for _ in 0..8 {
            client.post("/v1/customers", json!({ "name": "Afterwards" })).is(201);
        }
        wait_until("the job works again", || last_success(&client, "event_relay") > before + 1.0);
    }
    machine.stop();
}
