//! Is what a server knows of a customer right the moment anything changes, here or in another process? Whatever happens in a random life,
//! a server that was asked before and one that never was say the same.

use serde_json::{Value, json};

use crate::harness::{Chance, Server, World};

const STEPS: u32 = 180;

/// A customer with a subscription, on two servers.
struct Life {
    world: World,
    /// The other server, with a memory of its own.
    other: Server,
    customer: String,
    plans: [String; 2],
    meters: [String; 3],
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
        let meters = [calls, users, disk];
        let plan = |code: &str, limit: &str| {
            let plan = json!({ "code": code, "name": code, "product_id": product, "currency": "USD", "interval": "month",
                "prices": prices(), "features": features(&meters, limit) });
            world.post("/v1/plans", plan).is(201).id()
        };
        let plans = [plan("small", "15"), plan("large", "60")];
        let customer = world.post("/v1/customers", json!({ "name": "Ada", "currency": "USD" })).is(201).id();
        Life { world, other, customer, plans, meters, subscriptions: Vec::new(), events: 0, day: 2 }
    }

    /// Something that happens by way of one server or the other; what is refused does not happen.
    fn happens(&mut self, chance: &mut Chance) -> String {
        let here = chance.one_in(2);
        let client = self.world.at(if here { self.world.url() } else { &self.other.url });
        let (path, body) = self.command(chance);
        let reply = client.post(&path, body.clone());
        assert!([200, 201, 404, 405, 409, 422].contains(&reply.status), "{path}: {}", reply.text);
        if reply.status == 201 && path == "/v1/subscriptions" {
            self.subscriptions.push(format!("/v1/subscriptions/{}", reply.id()));
        }
        if reply.status == 201 && path == "/v1/usage/backfills" {
            let backfill = format!("/v1/usage/backfills/{}", reply.id());
            client.post(&format!("{backfill}/events"), json!([self.event(chance)]));
            client.post(&format!("{backfill}/close"), json!({})).is(200);
        }
        format!("{path} {body}: {}", reply.status)
    }

    fn command(&mut self, chance: &mut Chance) -> (String, Value) {
        let (ago, ahead) = (self.day.saturating_sub(3).max(1), self.day + 5);
        let whens = [json!("now"), json!("period_end"), json!(instant(ahead)), json!(instant(ago))];
        let when = chance.pick(&whens).clone();
        let plan = chance.pick(&self.plans).clone();
        let one = match self.subscriptions.as_slice() {
            [] => String::new(),
            some => chance.pick(some).clone(),
        };
        let command = |verb: &str, body: Value| (format!("{one}/{verb}"), body);
        match chance.below(22) {
            0 | 1 if self.subscriptions.len() < 3 => {
                let mut body = json!({ "customer_id": self.customer, "plan_id": plan, "collection": "send_invoice",
                    "quantity": chance.between(1, 5).to_string() });
                match chance.below(3) {
                    0 => body["trial_days"] = json!(chance.between(3, 11)),
                    1 => body["start_at"] = json!(instant(self.day + up_to(chance, 8))),
                    _ => {}
                }
                ("/v1/subscriptions".to_owned(), body)
            }
            0..=8 => ("/v1/usage/events".to_owned(), self.event(chance)),
            9 => {
                let id = format!("event-{}", 1 + up_to(chance, self.events));
                ("/v1/usage/events/void".to_owned(), json!({ "source": "test", "id": id }))
            }
            10 => {
                let quantity = chance.between(1, 9).to_string();
                command("change", json!({ "quantity": quantity, "effective_at": when }))
            }
            11 => {
                command("change", json!({ "plan_id": plan, "effective_at": when, "replace_scheduled": true }))
            }
            12 => {
                let mode = chance.pick(&["credit", "extend"]);
                command("pause", json!({ "mode": mode, "effective_at": when }))
            }
            13 => command("resume", json!({ "effective_at": "now" })),
            14 => command("cancel", json!({ "effective_at": when })),
            15 => command("uncancel", json!({})),
            16 => {
                let id = one.trim_start_matches("/v1/subscriptions/");
                let budget = json!({ "subscription_id": id, "meter_id": self.meters[0], "limit": "20", "hard_cap": true });
                ("/v1/budgets".to_owned(), budget)
            }
            17 => {
                let range = json!({ "meter_id": chance.pick(&self.meters), "customer_id": self.customer,
                    "from": instant(ago), "to": instant(self.day) });
                ("/v1/usage/backfills".to_owned(), range)
            }
            18 => {
                let limit = chance.between(5, 60).to_string();
                let version = json!({ "currency": "USD", "interval": "month", "prices": prices(), "features": features(&self.meters, &limit) });
                (format!("/v1/plans/{plan}/versions"), version)
            }
            19 => {
                let when = chance.pick(&["now", "period_end"]);
                (format!("/v1/plans/{plan}/migrations"), json!({ "effective_at": when }))
            }
            _ => {
                self.day += 1 + up_to(chance, 3);
                ("/v1/test_clock/advance".to_owned(), json!({ "to": instant(self.day) }))
            }
        }
    }

    fn event(&mut self, chance: &mut Chance) -> Value {
        self.events += 1;
        let kind = chance.pick(&["calls", "users", "disk"]);
        let at = instant(self.day.saturating_sub(up_to(chance, 2)).max(1));
        json!({ "specversion": "1.0", "source": "test", "id": format!("event-{}", self.events), "type": kind,
            "subject": self.customer, "time": at, "data": { "n": chance.between(1, 40).to_string() } })
    }

    fn entitlements(&self, url: &str) -> Value {
        let path = format!("/v1/customers/{}/entitlements", self.customer);
        self.world.at(url).get(&path).is(200).json["data"].clone()
    }
}

fn prices() -> Value {
    json!([{ "code": "seat", "kind": "recurring", "model": { "type": "per_unit", "unit_amount": "10" } }])
}

fn features([calls, users, disk]: &[String; 3], limit: &str) -> Value {
    json!([
        { "code": "projects", "type": "limit", "limit": "5", "per": "seat" },
        { "code": "calls", "type": "metered", "meter_id": calls, "limit": limit, "hard_cap": true },
        { "code": "users", "type": "metered", "meter_id": users, "limit": limit },
        { "code": "disk", "type": "metered", "meter_id": disk },
    ])
}

/// 0 up to `most`, which is included.
fn up_to(chance: &mut Chance, most: u64) -> u64 {
    u64::try_from(chance.between(0, i64::try_from(most).unwrap())).unwrap()
}

fn instant(day: u64) -> String {
    format!("2026-{:02}-{:02}T{:02}:30:00Z", 1 + day / 28, 1 + day % 28, day % 24)
}

#[test]
fn what_two_servers_know_is_what_one_computes_that_was_never_asked() {
    let mut chance = Chance::of(0x5eed_beef);
    let (mut capped, mut used) = (0, 0);
    for _ in 0..3 {
        let mut life = Life::begin();
        for step in 0..STEPS / 3 {
            let done = life.happens(&mut chance);
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
