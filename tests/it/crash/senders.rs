//! How much memory do bodies take that were announced and do not come? What has arrived, not what was announced.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::machine::Machine;
use crate::harness::Client;

const BODIES: usize = 500;

#[test]
fn five_hundred_announced_bodies_of_two_megabytes_take_a_few() {
    let mut machine = Machine::started();
    let create = ["tenants", "create", "--name", "Slow", "--currency", "USD", "--json"];
    let made: Value = serde_json::from_slice(&machine.run(&create).stdout).unwrap();
    let key = made["api_key"].as_str().unwrap();
    let client = Client::new(&machine.url(), Some(key));
    client.get("/v1/customers").is(200);
    let before = machine.memory_mb();
    let head = format!(
        "POST /v1/customers HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
         Content-Length: 2000000\r\n\r\n{{"
    );
    let senders: Vec<TcpStream> = (0..BODIES)
        .map(|_| {
            let mut sender = TcpStream::connect(machine.url().trim_start_matches("http://")).unwrap();
            sender.write_all(head.as_bytes()).unwrap();
            sender
        })
        .collect();
    thread::sleep(Duration::from_secs(2));
    client.get("/v1/customers").is(200);
    let grown = machine.memory_mb().saturating_sub(before);
    assert!(grown < 100, "{BODIES} bodies that were only announced took {grown} MB");
    drop(senders);
    machine.stop();
}
