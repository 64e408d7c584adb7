//! What was used? Each story makes a meter, sends events, and reads what they add up to.
//!
//! What is on this shelf, what is not, and its laws: [`domain::usage`](billwright::domain::usage).

mod aggregations;
mod corrections;
mod counting;
mod files;
mod late;
mod laws;
pub mod metered;
mod months;
mod refusals;
mod streams;
mod wrong_rollups;

use billwright::platform::random;
use billwright::workflows::verify_books;
use serde_json::{Value, json};

use crate::harness::{Reply, World};

/// A tenant that meters one customer. When it is dropped, its roll-ups must be what its events are.
pub struct Metering {
    pub world: World,
    pub customer: String,
}

impl Drop for Metering {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let report = verify_books::run(&mut self.world.session(), self.world.tenant.id).unwrap();
            assert!(report.is_right(), "{:#?}", report.differences);
        }
    }
}

impl Metering {
    /// At an instant, with a customer `acme`.
    pub fn at(instant: &str) -> Metering {
        let world = World::at(instant);
        let customer =
            world.post("/v1/customers", json!({ "name": "Acme", "external_id": "acme" })).is(201).id();
        Metering { world, customer }
    }

    /// A meter of `llm.request` events; gives its id.
    pub fn meter(&self, code: &str, fields: Value) -> String {
        let mut body = json!({ "code": code, "name": code, "event_type": "llm.request" });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.world.post("/v1/meters", body).is(201).id()
    }

    /// A sum of `tokens`.
    pub fn tokens(&self) -> String {
        self.meter("tokens", json!({ "aggregation": "sum", "value_property": "tokens" }))
    }

    /// Sends one event or an array of them.
    pub fn send(&self, body: Value) -> Reply {
        self.world.post("/v1/usage/events", body)
    }

    /// Sends lines.
    pub fn stream(&self, lines: String) -> Reply {
        let request =
            self.world.request("POST", "/v1/usage/events").header("Content-Type", "application/x-ndjson");
        Reply::of(request.body(lines))
    }

    /// What a meter measured: `7988 of 2`.
    pub fn used(&self, meter: &str, from: &str, to: &str) -> String {
        let reply = self.usage(meter, &format!("from={from}&to={to}")).is(200);
        let window = &reply.json["data"][0];
        format!("{} of {}", window["quantity"].as_str().unwrap(), window["events"])
    }

    /// `GET /v1/usage` of the customer.
    pub fn usage(&self, meter: &str, query: &str) -> Reply {
        self.world.get(&format!("/v1/usage?customer_id={}&meter={meter}&{query}", self.customer))
    }
}

/// An event of `acme` with a new id.
pub fn event(time: &str, data: Value) -> Value {
    let id = format!("{:08x}{:08x}", random::cheap_u32(), random::cheap_u32());
    json!({ "specversion": "1.0", "id": id, "source": "api", "type": "llm.request", "subject": "acme", "time": time, "data": data })
}

/// What became of events: `3 accepted, 0 duplicates, 0 kept, 1 rejected`.
#[track_caller]
pub fn summary(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let count = |name: &str| reply.json[name].as_u64().unwrap();
    format!(
        "{} accepted, {} duplicates, {} kept, {} rejected",
        count("accepted"),
        count("duplicates"),
        count("kept"),
        count("rejected_count")
    )
}

/// The rejected ones: `2 not_a_number /data/tokens`.
pub fn rejected(reply: &Reply) -> Vec<String> {
    let rejected = reply.json["rejected"].as_array().unwrap();
    let word = |one: &Value, name: &str| one[name].as_str().unwrap_or("-").to_owned();
    rejected
        .iter()
        .map(|one| format!("{} {} {}", one["index"], word(one, "code"), word(one, "pointer")))
        .collect()
}
