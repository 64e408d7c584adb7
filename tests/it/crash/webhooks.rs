//! What does an endpoint hear from a server that is killed again and again? Each event at least once.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;

use super::machine::Machine;
use crate::harness::{Answering, Client, Receiver};

const ROUNDS: usize = 8;
const CUSTOMERS: usize = 40;

#[test]
fn an_endpoint_hears_of_each_event_however_often_the_server_is_killed() {
    let seed = super::seed();
    println!("CRASH_SEED={seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let receiver = Receiver::open();
    receiver.always(Some(Answering::Slowly(Duration::from_millis(40))));
    let mut machine = Machine::started();
    let made = machine.tenant("Hooks", None);
    let client = Client::new(&machine.url(), made["api_key"].as_str());
    let endpoint = json!({ "url": receiver.url, "event_types": ["customer.created"] });
    let id = client.post("/v1/webhook_endpoints", endpoint).is(201).id();
    for round in 0..ROUNDS {
        for n in 0..CUSTOMERS {
            client.post("/v1/customers", json!({ "name": format!("C{round}-{n}") })).is(201);
        }
        thread::sleep(Duration::from_millis(dice.random_range(0..2_500)));
        machine.kill();
        machine.start();
    }
    let heard = || -> BTreeSet<String> {
        let calls = receiver.heard();
        calls.iter().map(|call| call.json["data"]["name"].as_str().unwrap().to_owned()).collect()
    };
    // Whoever was killed left claims behind: they are over in less than a minute.
    for _ in 0..240 {
        if heard().len() == ROUNDS * CUSTOMERS {
            break;
        }
        thread::sleep(Duration::from_millis(500));
    }
    assert_eq!(heard().len(), ROUNDS * CUSTOMERS);
    let calls = receiver.heard();
    let ids: BTreeSet<&str> = calls.iter().map(|call| call.header("webhook-id")).collect();
    assert_eq!(ids.len(), ROUNDS * CUSTOMERS, "what is sent twice is sent under the same id");
    println!("{} calls for {} events", calls.len(), ids.len());
    // What was heard and not recorded by who was killed is sent once more, when that claim is over.
    let pending = || {
        let log = client.get(&format!("/v1/webhook_endpoints/{id}/deliveries?status=pending")).is(200);
        log.data().len()
    };
    for _ in 0..240 {
        if pending() == 0 {
            break;
        }
        thread::sleep(Duration::from_millis(500));
    }
    assert_eq!(pending(), 0);
    machine.stop();
}
