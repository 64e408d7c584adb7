//! What does a slow sender hold? Its own connection, for a while, and nothing that another caller needs.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use billwright::platform::limits::Limits;
use serde_json::json;

use crate::harness::{Client, Reply, Server, Tenant, World};

/// The head of a body that says how it is sent.
fn head(path: &str, key: &str, headers: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {key}\r\n{headers}\r\n\r\n")
}

/// A stream of events, of which so many blank lines of a kilobyte have been sent.
fn stream(url: &str, tenant: &Tenant, kilobytes: usize) -> TcpStream {
    let mut sender = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    let headers = "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked";
    sender.write_all(head("/v1/usage/events", &tenant.key, headers).as_bytes()).unwrap();
    let line = format!("400\r\n{}\n\r\n", " ".repeat(1_023));
    sender.write_all(line.repeat(kilobytes).as_bytes()).unwrap();
    sender
}

/// The status and the code of what is answered.
fn answer(mut sender: &TcpStream) -> (String, String) {
    sender.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut text = Vec::new();
    let mut part = [0; 4_096];
    // A success ends in a brace, a problem in its request_id.
    let is_whole = |text: &[u8]| match text.starts_with(b"HTTP/1.1 200") {
        true => text.ends_with(b"}"),
        false => String::from_utf8_lossy(text).contains("\"request_id\""),
    };
    while !is_whole(&text) {
        match sender.read(&mut part) {
            Ok(length @ 1..) => text.extend_from_slice(&part[..length]),
            _ => break,
        }
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    let code = text.split("\"code\":\"").nth(1).and_then(|rest| rest.split('"').next());
    (text.chars().skip(9).take(3).collect(), code.unwrap_or_default().to_owned())
}

fn event(id: u32) -> serde_json::Value {
    json!({ "specversion": "1.0", "source": "test", "id": id.to_string(), "type": "nobody.counts", "subject": "nobody", "data": {} })
}

#[test]
fn streams_that_trickle_hold_no_place_of_another_tenants_batches() {
    let world = World::new();
    let other = world.another_tenant();
    // Each has a part of a megabyte stored, and then sends no more.
    let stalled: Vec<TcpStream> = (0..8).map(|_| stream(world.url(), &world.tenant, 1_100)).collect();
    thread::sleep(Duration::from_millis(500));
    let begun = Instant::now();
    for n in 0..8 {
        other.client.post("/v1/usage/events", json!([event(2 * n), event(2 * n + 1)])).is(200);
    }
    world.post("/v1/usage/events", json!([event(98), event(99)])).is(200);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let refused = stream(world.url(), &world.tenant, 1);
    assert_eq!(answer(&refused), ("429".to_owned(), "too_many_streams".to_owned()));
    drop(stalled);
}

#[test]
fn a_stream_slower_than_it_must_be_is_ended_and_its_place_given_back() {
    let world = World::new();
    let server = Server::within(world.db.clone(), Limits { streams: 1, ..Limits::default() });
    let slow = stream(&server.url, &world.tenant, 0);
    let mut sender = slow.try_clone().unwrap();
    let trickle = thread::spawn(move || {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(40) && sender.write_all(b"1\r\n \r\n").is_ok() {
            thread::sleep(Duration::from_secs(1));
        }
        begun.elapsed()
    });
    assert_eq!(answer(&slow), ("408".to_owned(), "body_too_slow".to_owned()));
    slow.shutdown(std::net::Shutdown::Both).unwrap();
    assert!(trickle.join().unwrap() < Duration::from_secs(30));
    let mut quick = stream(&server.url, &world.tenant, 1);
    quick.write_all(b"0\r\n\r\n").unwrap();
    assert_eq!(answer(&quick).0, "200");
}

#[test]
fn a_key_has_only_so_many_calls_under_way_and_so_much_of_bodies_in_memory() {
    let world = World::new();
    let limits = Limits { open_calls: 3, body_memory: 4_096, ..Limits::default() };
    let server = Server::within(world.db.clone(), limits);
    let client = Client::new(&server.url, Some(&world.tenant.key));
    let other = world.another_tenant();
    let address = server.url.trim_start_matches("http://");
    let announce = |sent: usize| {
        let mut sender = TcpStream::connect(address).unwrap();
        let headers = "Content-Type: application/json\r\nContent-Length: 100000";
        sender.write_all(head("/v1/customers", &world.tenant.key, headers).as_bytes()).unwrap();
        sender.write_all(" ".repeat(sent).as_bytes()).unwrap();
        sender
    };
    assert_eq!(answer(&announce(5_000)), ("429".to_owned(), "too_many_open_bodies".to_owned()));
    let begun = [announce(1), announce(1), announce(1)];
    let refused = until(429, || client.get("/v1/customers")).is_problem(429, "too_many_open_calls");
    assert_eq!(refused.header("retry-after"), "1");
    Client::new(&server.url, Some(&other.key)).get("/v1/customers").is(200);
    drop(begun);
    until(200, || client.get("/v1/customers"));
}

/// Asks until it is answered so.
fn until(status: u16, mut ask: impl FnMut() -> Reply) -> Reply {
    for _ in 0..200 {
        let reply = ask();
        if reply.status == status {
            return reply;
        }
        thread::sleep(Duration::from_millis(50));
    }
    ask().is(status)
}
