//! Is what a server knows of a customer right the moment anything changes, here or in another process? Whatever happens in a random life,
//! a server that was asked before and one that never was say the same.

use serde_json::{Value, json};

use crate::harness::{Client, Server, World};

const STEPS: u32 = 120;

/// Numbers that are always the same, and hard to guess.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// A customer with a subscription, on two servers.
struct Life {
    world: World,
    /// The other server, with a memory of its own.
    other: Server,
    customer: String,
    plans: [String; 2],
    calls: String,
    subscriptions: Vec<String>,
    /// What was sent so far.
    events: u64,
    day: u64,
}

fn meter(world: &World, code: &str, aggregation: &str) -> String {
    let mut meter = json!({ "code": code, "name": code, "event_type": code, "aggregation": aggregation });
    if aggregation != "count" {
        meter["value_property"] = json!("n");
    }
    world.post("/v1/meters", meter).is(201).id()
}

impl Life {
    fn begin() -> Life {
        let world = World::new();
        let other = Server::start(world.db.clone());
        let product = world.post("/v1/products", json!({ "name": "Engine" })).is(201).id();
        let [calls, users, disk] = [("calls", "sum"), ("users", "unique_count"), ("disk", "weighted_sum")]
            .map(|(code, aggregation)| meter(&world, code, aggregation));
        let plan = |code: &str, limit: &str| {
            let plan = json!({ "code": code, "name": code, "product_id": product, "currency": "USD", "interval": "month",
                "prices": [{ "code": "seat", "kind": "recurring", "model": { "type": "per_unit", "unit_amount": "10" } }],
                "features": [
                    { "code": "projects", "type": "limit", "limit": "5", "per": "seat" },
                    { "code": "calls", "type": "metered", "meter_id": &calls, "limit": limit, "hard_cap": true },
                    { "code": "users", "type": "metered", "meter_id": users, "limit": limit },
                    { "code": "disk", "type": "metered", "meter_id": disk },
                ] });
            world.post("/v1/plans", plan).is(201).id()
        };
        let plans = [plan("small", "20"), plan("large", "90")];
        let customer = world.post("/v1/customers", json!({ "name": "Ada", "currency": "USD" })).is(201).id();
        Life { world, other, customer, plans, calls, subscriptions: Vec::new(), events: 0, day: 2 }
    }

    fn client(&self, numbers: &mut Numbers) -> Client {
        if numbers.below(2) == 0 { self.world.at(self.world.url()) } else { self.world.at(&self.other.url) }
    }

    /// Something that happens by way of one server or the other; what is refused does not happen.
    fn happens(&mut self, numbers: &mut Numbers) -> String {
        let client = self.client(numbers);
        let when = [json!("now"), json!("period_end"), json!(instant(self.day + 5))]
            [usize::try_from(numbers.below(3)).unwrap()]
        .clone();
        let plan = self.plans[usize::try_from(numbers.below(2)).unwrap()].clone();
        let one = match self.subscriptions.len() {
            0 => String::new(),
            n => self.subscriptions[usize::try_from(numbers.below(n as u64)).unwrap()].clone(),
        };
        let (path, body) = match numbers.below(16) {
            0 | 1 if self.subscriptions.len() < 3 => {
                let mut body = json!({ "customer_id": self.customer, "plan_id": plan, "collection": "send_invoice",
                    "quantity": (1 + numbers.below(5)).to_string() });
                match numbers.below(3) {
                    0 => body["trial_days"] = json!(3 + numbers.below(9)),
                    1 => body["start_at"] = json!(instant(self.day + numbers.below(9))),
                    _ => {}
                }
                ("/v1/subscriptions".to_owned(), body)
            }
            0..=5 => ("/v1/usage/events".to_owned(), self.event(numbers)),
            6 => {
                let id = format!("event-{}", 1 + numbers.below(self.events.max(1)));
                ("/v1/usage/events/void".to_owned(), json!({ "source": "test", "id": id }))
            }
            7 => (
                format!("{one}/change"),
                json!({ "quantity": (1 + numbers.below(9)).to_string(), "effective_at": when }),
            ),
            8 => (
                format!("{one}/change"),
                json!({ "plan_id": plan, "effective_at": when, "replace_scheduled": true }),
            ),
            9 => {
                let mode = ["credit", "extend"][usize::try_from(numbers.below(2)).unwrap()];
                (format!("{one}/pause"), json!({ "mode": mode, "effective_at": when }))
            }
            10 => (format!("{one}/resume"), json!({ "effective_at": "now" })),
            11 => (format!("{one}/cancel"), json!({ "effective_at": when })),
            12 => (format!("{one}/uncancel"), json!({})),
            13 => {
                let id = one.trim_start_matches("/v1/subscriptions/");
                (
                    "/v1/budgets".to_owned(),
                    json!({ "subscription_id": id, "meter_id": self.calls, "limit": "25", "hard_cap": true }),
                )
            }
            _ => {
                self.day += 1 + numbers.below(4);
                ("/v1/test_clock/advance".to_owned(), json!({ "to": instant(self.day) }))
            }
        };
        let reply = client.post(&path, body.clone());
        assert!([200, 201, 404, 405, 409, 422].contains(&reply.status), "{path}: {}", reply.text);
        if path == "/v1/subscriptions" && reply.status == 201 {
            self.subscriptions.push(format!("/v1/subscriptions/{}", reply.id()));
        }
        format!("{path} {body}: {}", reply.status)
    }

    fn event(&mut self, numbers: &mut Numbers) -> Value {
        self.events += 1;
        let kind = ["calls", "users", "disk"][usize::try_from(numbers.below(3)).unwrap()];
        let at = instant(self.day.saturating_sub(numbers.below(3)).max(1));
        json!({ "specversion": "1.0", "source": "test", "id": format!("event-{}", self.events), "type": kind,
            "subject": self.customer, "time": at, "data": { "n": (1 + numbers.below(40)).to_string() } })
    }

    fn entitlements(&self, url: &str) -> Value {
        let path = format!("/v1/customers/{}/entitlements", self.customer);
        self.world.at(url).get(&path).is(200).json["data"].clone()
    }
}

fn instant(day: u64) -> String {
    format!("2026-{:02}-{:02}T{:02}:30:00Z", 1 + day / 28, 1 + day % 28, day % 24)
}

#[test]
fn what_two_servers_know_is_what_one_computes_that_was_never_asked() {
    let mut numbers = Numbers(0x5eed_beef);
    let (mut capped, mut used) = (0, 0);
    for _ in 0..3 {
        let mut life = Life::begin();
        for step in 0..STEPS / 3 {
            let done = life.happens(&mut numbers);
            let fresh = Server::start(life.world.db.clone());
            let computed = life.entitlements(&fresh.url);
            for _ in 0..2 {
                for url in [life.world.url(), &life.other.url] {
                    assert_eq!(life.entitlements(url), computed, "step {step}: {done}");
                }
            }
            let all = computed.as_array().unwrap();
            capped += all.iter().filter(|one| one["allowed"] == false).count();
            used += all.iter().filter(|one| one["used"].as_str().is_some_and(|used| used != "0")).count();
        }
    }
    assert!(capped > 10 && used > 50, "{capped} capped, {used} used");
}

#[test]
fn a_customer_who_is_not_there_is_not_found_however_often_one_asks() {
    let (world, other) = (World::new(), World::new());
    let customer = other.post("/v1/customers", json!({ "name": "Ada" })).is(201).id();
    let path = format!("/v1/customers/{customer}/entitlements");
    for _ in 0..3 {
        assert_eq!(other.get(&path).is(200).json["data"], json!([]));
        // Another tenant's customer is nobody.
        world.get(&path).is(404);
    }
}
