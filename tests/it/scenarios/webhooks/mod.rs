//! What do a tenant's endpoints hear of its events? Each that they want, signed, at least once, and again until they take it.

mod deliveries;
mod failures;
mod replays;
mod settings;
mod side_by_side;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::harness::{Heard, Receiver, World};

/// A tenant with an endpoint at a receiver.
struct Desk {
    world: World,
    receiver: Receiver,
    id: String,
    secret: String,
}

impl Desk {
    /// It hears of customers that are created.
    fn open() -> Desk {
        Desk::open_with(json!({ "event_types": ["customer.created"] }))
    }

    fn open_with(fields: Value) -> Desk {
        let (world, receiver) = (World::new(), Receiver::open());
        let made = add(&world, &receiver, &fields);
        let secret = made["secret"].as_str().unwrap_or_default().to_owned();
        Desk { id: made["id"].as_str().unwrap().to_owned(), world, receiver, secret }
    }

    fn path(&self) -> String {
        format!("/v1/webhook_endpoints/{}", self.id)
    }

    /// Something happens: a customer is created.
    fn customer(&self, name: &str) -> String {
        self.world.post("/v1/customers", json!({ "name": name })).is(201).id()
    }

    /// Time passes, and the jobs work.
    fn pass(&self, time: TimeDelta) {
        pass(&self.world, time);
    }

    fn deliver(&self) {
        self.pass(TimeDelta::seconds(1));
    }

    fn endpoint(&self) -> Value {
        self.world.get(&self.path()).is(200).json
    }

    fn deliveries(&self) -> Vec<Value> {
        self.world.get(&format!("{}/deliveries", self.path())).is(200).data().clone()
    }

    /// The customers that were heard of, in their order.
    fn names(&self) -> Vec<String> {
        names(&self.receiver.heard())
    }
}

/// Sent together, events arrive in any order: what is compared is put in one.
fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

fn names(heard: &[Heard]) -> Vec<String> {
    heard.iter().map(|heard| heard.json["data"]["name"].as_str().unwrap_or("?").to_owned()).collect()
}

/// Adds an endpoint at a receiver.
fn add(world: &World, receiver: &Receiver, fields: &Value) -> Value {
    let mut body = json!({ "url": receiver.url });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    world.post("/v1/webhook_endpoints", body).is(201).json
}

fn pass(world: &World, time: TimeDelta) {
    world.relay_events();
    let to: DateTime<Utc> = world.now() + time;
    world.advance_to(&to.to_rfc3339());
}
