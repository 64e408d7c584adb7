//! How much memory do bodies take that were announced and do not come? What has arrived, not what was announced. And what does the log say of
//! requests that are none? Nothing that would wake anybody.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use super::machine::Machine;
use crate::harness::Client;

const BODIES: usize = 500;

#[test]
fn five_hundred_announced_bodies_of_two_megabytes_take_a_few() {
    let mut machine = Machine::started();
    let made = machine.tenant("Slow", None);
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

#[test]
fn what_is_no_request_is_no_error_in_the_log_and_the_counters_have_an_address_of_their_own() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let counters = format!("127.0.0.1:{port}");
    let mut machine =
        Machine::started_with(&["--metrics-listen", &counters, "--log-level", "info,billwright=debug"]);
    let garbage: [&[u8]; 5] = [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        b"GET /v1/customers HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n",
    ];
    for sent in garbage {
        let mut sender = TcpStream::connect(machine.url().trim_start_matches("http://")).unwrap();
        sender.write_all(sent).unwrap();
        let mut answer = [0; 12];
        sender.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 400", "{}", String::from_utf8_lossy(sent));
    }
    Client::new(&machine.url(), None).get("/metrics").is_problem(404, "no_such_route");
    let apart = Client::new(&format!("http://{counters}"), None);
    assert!(apart.get("/metrics").is(200).text.contains("http_requests_total"));
    apart.get("/v1/customers").is_problem(404, "no_such_route");
    machine.stop();
    let logged = machine.logged();
    assert!(logged.contains("a request could not be read"), "{logged}");
    assert!(!logged.contains("\"level\":\"ERROR\""), "{logged}");
}
