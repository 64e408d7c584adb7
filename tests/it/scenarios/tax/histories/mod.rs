//! Does the tax come out right of histories that nobody thought of? Everything that can be done, in any order, to taxed sales of two buyers and
//! the child of one, at prices with and without tax within; in the end all is taken back, and what is left of net and tax fits together.
//!
//! `TAX_HISTORIES=200` tells more of them, `TAX_SEED=7` one alone. Each world's books are proved at its end.

mod commands;
mod market;
mod takings;

use std::collections::{BTreeMap, BTreeSet};
use std::env;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use self::market::Market;
use super::invoices::Shop;
use crate::crossings::CAPABILITIES;
use crate::harness::{Chance, Rehearsal};

/// Kinds that come with others: with the market, or with a start.
const WITH_OTHERS: &[&str] = &["tax", "inclusive", "trial", "terms", "phases", "parent", "coupon", "by_card"];

/// Kinds that are drawn by themselves. Entities come with the market: each buyer has its own.
fn drawn() -> Vec<&'static str> {
    CAPABILITIES.iter().copied().filter(|kind| *kind != "entity").collect()
}

/// A subscription, its start, and its plan as it was first.
#[derive(Debug, Clone)]
struct Subscribed {
    id: String,
    start: DateTime<Utc>,
    plan: usize,
}

/// Kinds that were taken, and how others were refused.
#[derive(Debug, Default)]
struct Taken {
    kinds: BTreeSet<&'static str>,
    refused: BTreeSet<String>,
}

/// One seller, its buyers, and what has happened so far.
struct History {
    shop: Shop,
    chance: Chance,
    now: DateTime<Utc>,
    market: Market,
    subscriptions: Vec<Subscribed>,
    grants: Vec<String>,
    /// Ids of the events that count.
    events: Vec<String>,
    log: Vec<String>,
    taken: Taken,
}

impl History {
    fn of(seed: u64) -> History {
        let shop = Shop::open();
        let mut chance = Chance::of(seed);
        let market = Market::open(&shop, &mut chance);
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let taken = Taken { kinds: ["tax", "inclusive", "entity"].into(), refused: BTreeSet::new() };
        let (subscriptions, grants, events, log) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        History { shop, chance, now, market, subscriptions, grants, events, log, taken }
    }

    /// A call that may be refused, and must not fail.
    fn call(&mut self, method: &str, path: &str, body: &Value) -> Option<Value> {
        let path = format!("/v1/{path}");
        let reply = match method {
            "PATCH" => self.shop.world.patch(&path, body.clone()),
            "DELETE" => self.shop.world.delete(&path),
            _ => self.shop.world.post(&path, body.clone()),
        };
        assert!(reply.status < 500, "{path} {body}: {}\n{:#?}", reply.text, self.log);
        let why = if reply.status < 300 { "" } else { reply.json["code"].as_str().unwrap_or("") };
        self.log.push(format!("{} {method} {path} {body} {} {why}", self.now, reply.status));
        (reply.status < 300).then_some(reply.json)
    }

    /// A call that makes something happen of a kind.
    fn act(&mut self, kind: &'static str, path: &str, body: &Value) -> Option<Value> {
        let done = self.call("POST", path, body);
        match &done {
            Some(_) => self.taken.kinds.insert(kind),
            None => self.taken.refused.insert(format!("{kind}: {}", self.log.last().unwrap())),
        };
        done
    }

    fn advance(&mut self, days: i64) {
        self.now += TimeDelta::days(days) + TimeDelta::seconds(self.chance.below(3_600));
        let to = self.now.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        self.log.push(format!("{to} the clock"));
        self.shop.world.advance_to(&to);
    }

    /// So many days from now, as the API takes it.
    fn at(&self, days: i64) -> String {
        (self.now + TimeDelta::days(days)).format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    fn when(&mut self) -> &'static str {
        if self.chance.one_in(2) { "now" } else { "next" }
    }

    fn step(&mut self) {
        if self.subscriptions.is_empty() {
            return self.start();
        }
        if self.chance.one_in(4) {
            let days = *self.chance.pick(&[2, 9, 20, 31]);
            return self.advance(days);
        }
        let kind = *self.chance.pick(&drawn());
        match kind {
            _ if WITH_OTHERS.contains(&kind) => self.start(),
            "start" => self.start(),
            "tax_provider" => self.provide(),
            "tax_rate" | "buyer_moves" | "tax_number" | "next_version" | "charge" => self.trade(kind),
            "usage" | "late_usage" | "void_usage" | "backfill" | "early_usage" => self.use_some(kind),
            "grant" | "sold_credits" | "pay_ahead" | "apply_balance" | "pay_out" => self.move_money(kind),
            "pay" | "note" | "note_refund" | "correct" | "void" | "write_off" | "draft_edit" => {
                self.take_back(kind)
            }
            _ => self.command(kind),
        }
    }

    /// From now on a provider says what sales in two countries are taxed with; once it does, something goes wrong there, or its rates change.
    fn provide(&mut self) {
        let Some(provider) = &self.market.provider else {
            let provider = Rehearsal::open();
            let on_outage = *self.chance.pick(&["wait", "engine"]);
            let body = json!({ "name": "P", "kind": "generic", "base_url": provider.url, "countries": ["DE", "HU"],
                "on_outage": on_outage });
            provider.set(json!({ "rates": rates("15", "4") }));
            self.market.provider = Some(provider);
            self.act("tax_provider", "tax/providers", &body);
            return;
        };
        match self.chance.below(3) {
            0 => provider.set(json!({ "rates": rates("16.5", "3.25") })),
            1 => provider.fail("calculate", "error", 4),
            _ => {
                let call = *self.chance.pick(&["commit", "void", "credit"]);
                let how = *self.chance.pick(&["error", "error_after"]);
                provider.fail(call, how, 2);
            }
        }
    }

    /// Takes back all that can be, and waits until it is billed.
    fn end(&mut self) {
        for event in self.events.clone() {
            self.call("POST", "usage/events/void", &json!({ "source": "a", "id": event }));
        }
        for Subscribed { id, start, .. } in self.subscriptions.clone() {
            let end = json!({ "effective_at": start, "invoice": "now" });
            self.call("POST", &format!("subscriptions/{id}/cancel"), &end);
        }
        for grant in self.grants.clone() {
            self.call("POST", &format!("credit_grants/{grant}/void"), &json!({}));
        }
        // What waits for an answer waits no longer.
        self.call("PATCH", "tax/settings", &json!({ "unknown_tax_ids": "charge" }));
        self.call("POST", "bill_runs", &json!({ "finalize": true }));
        self.advance(40);
    }

    /// What is left, by jurisdiction and rate: net, tax and how many taxes, less what credit notes took.
    fn check(&self) {
        let mut left: BTreeMap<(String, String), (i64, i64, i64)> = BTreeMap::new();
        for customer in &self.market.customers {
            let (net, tax) = self.shop.stays(customer);
            assert!(net != 0 || tax == 0, "nothing is left, and {tax} of tax\n{:#?}", self.log);
        }
        let report = "/v1/tax/report?from=2026-01-01&until=2036-01-01&currency=EUR";
        for row in self.shop.world.get(report).is(200).data() {
            let key = ["jurisdiction", "rate"].map(|name| row[name].as_str().unwrap().to_owned());
            let sums = left.entry(key.into()).or_default();
            sums.0 += cents(&row["taxable"]);
            sums.1 += cents(&row["tax"]);
            sums.2 += row["lines"].as_i64().unwrap();
        }
        for ((place, rate), (net, tax, lines)) in left {
            let exact = Decimal::from(net) * rate.parse::<Decimal>().unwrap() / Decimal::ONE_HUNDRED;
            let room = Decimal::from(2 + lines);
            assert!(
                (exact - Decimal::from(tax)).abs() <= room,
                "{place} {rate}: {tax} of {net}\n{:#?}",
                self.log
            );
        }
    }
}

/// What a provider levies: for the country, and for a town.
fn rates(country: &str, town: &str) -> Value {
    let rate = |at: &str, name: &str, rate: &str| json!({ "country": at, "name": name, "rate": rate });
    json!([
        rate("DE", "Land", country),
        rate("DE", "Stadt", town),
        rate("HU", "Ország", country),
        rate("HU", "Város", town)
    ])
}

fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// `1234` is `12.34`.
fn major(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[expect(clippy::disallowed_methods, reason = "which histories a test tells is no setting of the server")]
fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// Tells histories of these seeds; which kinds were taken in them.
fn tell(seeds: impl Iterator<Item = u64>) -> Taken {
    let mut taken = Taken::default();
    for seed in seeds {
        let mut history = History::of(seed);
        history.log.push(format!("seed {seed}"));
        for _ in 0..history.chance.between(20, 45) {
            history.step();
        }
        history.end();
        history.check();
        taken.kinds.append(&mut history.taken.kinds);
        taken.refused.append(&mut history.taken.refused);
    }
    taken
}

/// How many are told by each of two tests.
fn count() -> u64 {
    number("TAX_HISTORIES").unwrap_or(24) / 2
}

#[test]
fn all_is_taken_back_with_the_tax_it_had() {
    match number("TAX_SEED") {
        Some(seed) => drop(tell(seed..=seed)),
        None => drop(tell(0..count())),
    }
}

#[test]
fn everything_that_histories_draw_is_taken_in_one_of_them() {
    let (mut kinds, mut refused) = (BTreeSet::new(), BTreeSet::new());
    for first in (0..4).map(|n| 1_000 + n * count()) {
        let mut taken = tell(first..first + count());
        kinds.append(&mut taken.kinds);
        refused.append(&mut taken.refused);
        if CAPABILITIES.iter().all(|kind| kinds.contains(kind)) {
            return;
        }
    }
    let missing: Vec<&&str> = CAPABILITIES.iter().filter(|kind| !kinds.contains(**kind)).collect();
    assert!(
        missing.is_empty() || count() < 12,
        "{missing:?} were refused whenever they were drawn: {refused:#?}"
    );
}
