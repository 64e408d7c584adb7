//! Where in the United States do sales alone oblige a seller to register? Each state's own periods, its own threshold, and what counts.

use serde_json::{Value, json};

use super::reports::{credit, sell};
use crate::harness::World;

/// A seller in California who sells to two states, from 10 January 2026.
struct Seller {
    world: World,
}

impl Seller {
    fn open() -> Seller {
        let world = World::of("2026-01-10T00:00:00Z", "America/New_York", "USD");
        world.patch("/v1/tax/settings", json!({ "country": "US", "state": "CA" })).is(200);
        Seller { world }
    }

    fn buyer(&self, state: &str, currency: &str) -> String {
        let address = json!({ "country": "US", "state": state });
        let body = json!({ "name": "Ada", "currency": currency, "address": address });
        self.world.post("/v1/customers", body).is(201).id()
    }

    /// `US-OH below 40 | 40000.00 1 40 true`: each state, and what was sold in each of its periods.
    fn nexus(&self, query: &str) -> Vec<String> {
        let read = self.world.get(&format!("/v1/tax/nexus{query}")).is(200).json;
        let text = |value: &Value, name: &str| match &value[name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let period =
            |one: &Value| ["sales", "transactions", "share", "decides"].map(|name| text(one, name)).join(" ");
        let state = |row: &Value| {
            let periods: Vec<String> = row["periods"].as_array().unwrap().iter().map(period).collect();
            let head = ["state", "status", "share"].map(|name| text(row, name)).join(" ");
            format!("{head} | {}", periods.join(" | "))
        };
        read["data"].as_array().unwrap().iter().map(state).collect()
    }
}

#[test]
fn each_state_counts_its_own_periods_and_what_was_taken_back_counts_less() {
    let seller = Seller::open();
    let world = &seller.world;
    assert_eq!(seller.nexus(""), Vec::<String>::new());
    let (ohio, florida) = (seller.buyer("OH", "USD"), seller.buyer("FL", "USD"));
    let first = sell(world, &ohio, "70000.00");
    let void = sell(world, &ohio, "50000.00");
    sell(world, &florida, "100000.00");
    world.post(&format!("/v1/invoices/{void}/void"), json!({})).is(200);
    let january = [
        "US-FL approaching 100 | 100000.00 1 100 false | 0.00 0 0 true",
        "US-OH below 70 | 70000.00 1 70 true | 0.00 0 0 true",
    ];
    assert_eq!(seller.nexus(""), january);
    world.advance_to("2026-03-10T00:00:00Z");
    credit(world, &first, "10000.00");
    sell(world, &ohio, "39999.99");
    assert_eq!(seller.nexus("")[1], "US-OH approaching 99.9 | 99999.99 2 99.9 true | 0.00 0 0 true");
    sell(world, &ohio, "0.01");
    assert_eq!(seller.nexus("")[1], "US-OH reached 100 | 100000.00 3 100 true | 0.00 0 0 true");
    // As it was, and as it will be.
    assert_eq!(seller.nexus("?as_of=2026-02-01"), january);
    let next = seller.nexus("?as_of=2027-01-01");
    assert_eq!(next[0], "US-FL reached 100 | 0.00 0 0 false | 100000.00 1 100 true");
    assert_eq!(next[1], "US-OH reached 100 | 0.00 0 0 true | 100000.00 3 100 true");
    let found = world.get("/v1/tax/nexus").is(200).json;
    assert_eq!(found["data"][1]["registered"], false);
    world.post("/v1/tax/registrations", json!({ "country": "US", "state": "OH" })).is(201);
    assert_eq!(world.get("/v1/tax/nexus").is(200).json["data"][1]["registered"], true);
    let table = world.get("/v1/tax/nexus?format=csv").is(200).text;
    let row = "US-OH,true,reached,2026-01-01,2026-03-10,true,100000.00,3,100,100000,200,either";
    assert_eq!(table.lines().nth(3).unwrap(), row);
}

#[test]
fn euros_count_at_the_rate_of_the_invoice_and_what_has_no_rate_is_named() {
    let seller = Seller::open();
    let world = &seller.world;
    let rate =
        json!({ "base": "EUR", "quote": "USD", "date": "2026-01-08", "rate": "1.10", "source": "our bank" });
    world.post("/v1/exchange_rates", rate).is(201);
    let (paris, tokyo) = (seller.buyer("TX", "EUR"), seller.buyer("TX", "JPY"));
    let sold = sell(world, &paris, "100000.00");
    sell(world, &tokyo, "1000000");
    world.advance_to("2026-02-10T00:00:00Z");
    let rate =
        json!({ "base": "EUR", "quote": "USD", "date": "2026-02-09", "rate": "1.30", "source": "our bank" });
    world.post("/v1/exchange_rates", rate).is(201);
    credit(world, &sold, "10000.00");
    // 90,000.00 × 1.10 of 500,000.00, though a euro is worth more by now; the yen are an invoice.
    assert_eq!(seller.nexus(""), ["US-TX below 19.8 | 99000.00 2 19.8 true"]);
    assert_eq!(world.get("/v1/tax/nexus").is(200).json["no_rate"], json!(["JPY"]));
    for (day, code) in
        [("soon", "bad_value"), ("+99999-01-01", "date_out_of_range"), ("0001-01-01", "date_out_of_range")]
    {
        let refused = world.get(&format!("/v1/tax/nexus?as_of={}", day.replace('+', "%2B"))).is(422);
        assert_eq!(refused.json["code"], code, "{day}");
    }
}

/// `approaching US-OH 80 85 false` of each event, in order.
fn announced(world: &World) -> Vec<String> {
    world.relay_events();
    let listed = world.get("/v1/events?limit=1000").is(200);
    let about = listed.data().iter().filter(|event| event["data"]["object"] == "tax_nexus");
    let shown = |event: &Value| {
        let data = &event["data"];
        let type_ = event["type"].as_str().unwrap().trim_start_matches("tax_nexus.").to_owned();
        let text = |name: &str| data[name].as_str().unwrap();
        format!("{type_} {} {} {} {}", text("state"), data["percent"], text("share"), data["registered"])
    };
    about.map(shown).collect()
}

#[test]
fn four_fifths_and_the_whole_of_a_threshold_are_announced_once_a_period() {
    let seller = Seller::open();
    let world = &seller.world;
    let (ohio, florida) = (seller.buyer("OH", "USD"), seller.buyer("FL", "USD"));
    sell(world, &ohio, "79999.99");
    world.advance_to("2026-01-12T00:00:00Z");
    assert_eq!(announced(world), [""; 0]);
    sell(world, &ohio, "5000.01");
    world.advance_to("2026-01-20T00:00:00Z");
    assert_eq!(announced(world), ["approaching US-OH 80 85 false"]);
    world.post("/v1/tax/registrations", json!({ "country": "US", "state": "OH" })).is(201);
    sell(world, &ohio, "15000.00");
    // From nothing to all at once: both, though Florida looks at it only when the year is over.
    let sold = sell(world, &florida, "100000.00");
    world.advance_to("2026-03-01T00:00:00Z");
    let year = [
        "approaching US-OH 80 85 false",
        "approaching US-FL 80 100 false",
        "reached US-FL 100 100 false",
        "reached US-OH 100 100 true",
    ];
    assert_eq!(announced(world), year);
    // What goes back and comes again was announced; last year is last year's, and the next one has its own.
    credit(world, &sold, "50000.00");
    world.advance_to("2026-04-01T00:00:00Z");
    sell(world, &florida, "50000.00");
    world.advance_to("2027-02-01T00:00:00Z");
    assert_eq!(announced(world), year);
    sell(world, &ohio, "80000.00");
    world.advance_to("2027-02-03T00:00:00Z");
    assert_eq!(announced(world).last().unwrap(), "approaching US-OH 80 80 true");
    assert_eq!(announced(world).len(), 5);
}
