//! Who waits for a slow endpoint? Nobody but itself: every other is served meanwhile, by a server that lives in real time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use billwright::adapters::reach::Reach;
use billwright::domain::calendar::Zone;
use billwright::domain::money::Currency;
use billwright::jobs::{JOBS, Runner, Sources};
use billwright::platform::secrets::Secret;
use billwright::storage::Db;
use billwright::storage::tenants::Mode;
use billwright::workflows::payments::gateways;
use billwright::workflows::tenants::create_tenant::NewTenant;
use billwright::workflows::webhooks::Courier;
use serde_json::json;

use super::names;
use crate::harness::{Answering, Receiver, Tenant, World, courier};
use crate::jobs::parked::{every_second, wait_until_empty};

/// A server's jobs, every second.
fn process(url: &str) -> Runner {
    process_with(url, courier())
}

fn process_with(url: &str, courier: Courier) -> Runner {
    let db = Db::start(url, 1).unwrap();
    let gateways = Arc::new(gateways::all(&db));
    let sources = Sources { courier, ..Sources::default() };
    Runner::start_with(JOBS, (&db, &gateways), &every_second(), sources).unwrap()
}

/// A test tenant that lives in real time.
fn in_real_time(world: &World) -> Tenant {
    world.add_tenant(NewTenant {
        name: "Now".to_owned(),
        zone: Zone::parse("UTC").unwrap(),
        currency: Currency::parse("USD").unwrap(),
        mode: Mode::Test,
        test_clock: None,
    })
}

fn listen(tenant: &Tenant, receiver: &Receiver) -> String {
    listen_at(tenant, &receiver.url)
}

fn listen_at(tenant: &Tenant, url: &str) -> String {
    let body = json!({ "url": url, "event_types": ["customer.created"] });
    tenant.client.post("/v1/webhook_endpoints", body).is(201).id()
}

fn happen(tenant: &Tenant, name: &str) {
    tenant.client.post("/v1/customers", json!({ "name": name })).is(201);
}

#[test]
fn slow_and_dead_endpoints_hold_up_neither_their_tenants_others_nor_anybody_elses() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    let (one, other) = (in_real_time(&world), in_real_time(&world));
    let [well, theirs] = [(); 2].map(|()| Receiver::open());
    for _ in 0..8 {
        let slow = Receiver::open();
        slow.always(Some(Answering::Slowly(Duration::from_secs(14))));
        listen(&one, &slow);
    }
    listen_at(&one, "http://127.0.0.1:9/");
    let id = listen(&one, &well);
    listen(&other, &theirs);
    let runner = process(&world.database.url);
    for round in 0..4 {
        happen(&one, &format!("A{round}"));
        happen(&other, &format!("B{round}"));
        let begun = Instant::now();
        well.wait_for(round + 1);
        theirs.wait_for(round + 1);
        assert!(begun.elapsed() < Duration::from_secs(10), "round {round}: {:?}", begun.elapsed());
    }
    assert_eq!(names(&well.heard()), ["A0", "A1", "A2", "A3"]);
    assert_eq!(names(&theirs.heard()), ["B0", "B1", "B2", "B3"]);
    runner.stop();
    let log = one.client.get(&format!("/v1/webhook_endpoints/{id}/deliveries")).is(200);
    assert!(log.data().iter().all(|delivery| delivery["status"] == "delivered"), "{}", log.text);
}

#[test]
fn two_processes_send_each_event_once_where_nobody_dies() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    let (tenant, receiver) = (in_real_time(&world), Receiver::open());
    listen(&tenant, &receiver);
    let processes = [(); 2].map(|()| process(&world.database.url));
    for n in 0..120 {
        happen(&tenant, &format!("C{n}"));
    }
    receiver.wait_for(120);
    std::thread::sleep(Duration::from_secs(3));
    let mut heard = names(&receiver.heard());
    assert_eq!(heard.len(), 120);
    heard.sort();
    heard.dedup();
    assert_eq!(heard.len(), 120);
    processes.into_iter().for_each(Runner::stop);
}

#[test]
fn an_address_that_may_not_be_called_any_more_is_not_called() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    let (tenant, receiver) = (in_real_time(&world), Receiver::open());
    let id = listen(&tenant, &receiver);
    happen(&tenant, "Ada");
    // A server that is told to reach the internet alone.
    let key = Secret::new("a key of the tests");
    let runner = process_with(&world.database.url, Courier::new(Some(&key), Reach::beside(Some(&[]))));
    let delivery = || {
        let log = tenant.client.get(&format!("/v1/webhook_endpoints/{id}/deliveries")).is(200);
        log.data().first().cloned().unwrap_or_default()
    };
    wait_until_empty(|| if delivery()["log"][0].is_object() { vec![] } else { vec![delivery()] });
    runner.stop();
    let trouble = delivery()["log"][0]["trouble"].as_str().unwrap().to_owned();
    assert!(trouble.contains("--private-networks") || trouble.contains("https://"), "{trouble}");
    assert!(receiver.heard().is_empty());
}
