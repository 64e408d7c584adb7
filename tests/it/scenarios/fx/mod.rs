//! What is one currency in another? As it was published, as a tenant recorded it, and what is said when nobody knows.
//!
//! What is on this shelf, what is not, and its laws: [`domain::fx`](billwright::domain::fx).

mod bank;
mod fetched;

use billwright::adapters::fx;
use billwright::workflows::fx::record_published;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::harness::World;

/// Rates of the European Central Bank, as its CSV has them.
pub(super) fn publish(world: &World, csv: &str) -> usize {
    let recorded_at: DateTime<Utc> = "2026-01-02T00:00:00Z".parse().unwrap();
    let quotes = fx::read(csv.as_bytes()).unwrap().quotes;
    record_published::run(&mut world.session(), &quotes, recorded_at).unwrap()
}

const BEFORE_CHRISTMAS: &str = "Date,USD,JPY,BHD\n2025-12-24,1.0876,162.50,0.41\n2025-12-23,1.0900,N/A,N/A\n";

/// `inverse 0.919455682236 of 2025-12-24 by ecb: 9.19`.
fn lookup(world: &World, query: &str) -> String {
    let found = world.get(&format!("/v1/exchange_rates/lookup?{query}"));
    if found.status != 200 {
        return format!("{} {}", found.status, found.text_at("/code"));
    }
    let found = found.json;
    let sources: Vec<&str> =
        found["rates"].as_array().unwrap().iter().map(|r| r["source"].as_str().unwrap()).collect();
    let text = |name: &str| found[name].as_str().unwrap_or("-").to_owned();
    let (way, rate, date) = (text("way"), text("rate"), text("rate_date"));
    format!("{way} {rate} of {date} by {}: {}", sources.join(" and "), text("converted"))
}

#[test]
fn the_last_published_rate_holds_over_the_holidays_in_any_direction() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    assert_eq!(publish(&world, BEFORE_CHRISTMAS), 4);
    assert_eq!(publish(&world, BEFORE_CHRISTMAS), 0, "the same file adds nothing");
    let at = |query: &str| lookup(&world, query);
    assert_eq!(
        at("from=EUR&to=USD&date=2025-12-28&amount=10.00"),
        "direct 1.0876 of 2025-12-24 by ecb: 10.88"
    );
    assert_eq!(at("from=USD&to=EUR&amount=10.00"), "inverse 0.919455682236 of 2025-12-24 by ecb: 9.19");
    assert_eq!(at("from=USD&to=JPY&amount=10.00"), "cross 149.411548363 of 2025-12-24 by ecb and ecb: 1494");
    assert_eq!(
        at("from=JPY&to=BHD&amount=1000"),
        "cross 0.00252307692308 of 2025-12-24 by ecb and ecb: 2.523"
    );
    assert_eq!(at("from=EUR&to=USD&date=2025-12-23"), "direct 1.09 of 2025-12-23 by ecb: -");
    assert_eq!(at("from=USD&to=USD&amount=1.00"), "same 1 of - by : 1.00");
    assert_eq!(at("from=EUR&to=USD&date=2026-01-07"), "direct 1.0876 of 2025-12-24 by ecb: -");
    assert_eq!(at("from=EUR&to=USD&date=2026-01-08"), "422 no_exchange_rate");
    assert_eq!(at("from=EUR&to=USD&date=2025-12-22"), "422 no_exchange_rate");
    assert_eq!(at("from=EUR&to=GBP"), "422 no_exchange_rate");
    let refused = world.get("/v1/exchange_rates/lookup?from=EUR&to=GBP&date=2025-12-31").text_at("/detail");
    assert!(refused.contains("from EUR to GBP is known for 2025-12-31"), "{refused}");
}

fn record(world: &World, pair: &str, date: &str, rate: &str) -> Value {
    let (base, quote) = pair.split_once('/').unwrap();
    let body = json!({ "base": base, "quote": quote, "date": date, "rate": rate });
    world.post("/v1/exchange_rates", body).is(201).json
}

#[test]
fn an_own_rate_goes_before_the_published_one_for_its_tenant_alone_and_a_correction_from_then_on() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    publish(&world, BEFORE_CHRISTMAS);
    let first = record(&world, "USD/EUR", "2025-12-24", "0.91");
    assert_eq!((&first["source"], &first["rate"]), (&json!("manual"), &json!("0.91")));
    let dollars = "from=USD&to=EUR&date=2025-12-28&amount=100.00";
    assert_eq!(lookup(&world, dollars), "direct 0.91 of 2025-12-24 by manual: 91.00");
    let other = world.another_tenant();
    let theirs = other.client.get(&format!("/v1/exchange_rates/lookup?{dollars}")).is(200);
    assert_eq!(theirs.text_at("/way"), "inverse", "{}", theirs.text);
    assert!(other.client.get("/v1/exchange_rates").is(200).data().is_empty());
    // An hour later it is corrected; what was known before can still be looked up.
    world.advance_to("2026-01-01T01:00:00Z");
    record(&world, "USD/EUR", "2025-12-24", "0.920000000000");
    assert_eq!(lookup(&world, dollars), "direct 0.92 of 2025-12-24 by manual: 92.00");
    let before = format!("{dollars}&as_of=2026-01-01T00:30:00Z");
    assert_eq!(lookup(&world, &before), "direct 0.91 of 2025-12-24 by manual: 91.00");
    // Both are listed, the newest first, in pages; so are those of the bank.
    let page = world.get("/v1/exchange_rates?base=USD&quote=EUR&limit=1").is(200);
    assert_eq!((page.data().len(), page.text_at("/data/0/rate")), (1, "0.92".to_owned()));
    let next = page.text_at("/next_cursor");
    let page = world.get(&format!("/v1/exchange_rates?limit=1&after={next}")).is(200);
    assert_eq!(page.text_at("/data/0/rate"), "0.91");
    let published = world.get("/v1/exchange_rates?source=ecb&quote=USD").is(200);
    let shown =
        |rate: &Value| format!("{} {}", rate["date"].as_str().unwrap(), rate["rate"].as_str().unwrap());
    let mut shown: Vec<String> = published.data().iter().map(shown).collect();
    shown.sort();
    assert_eq!(shown, ["2025-12-23 1.09", "2025-12-24 1.0876"]);
    world.relay_events();
    let events = world.get("/v1/events?type=exchange_rate.created").is(200);
    assert_eq!(events.data().len(), 2, "{}", events.text);
}

#[test]
fn what_is_no_rate_is_refused_with_every_fault() {
    let world = World::at("2026-01-01T00:00:00Z");
    let codes = |body: Value| -> Vec<String> {
        let refused = world.post("/v1/exchange_rates", body).is(422).json;
        let errors = refused["errors"].as_array().unwrap().clone();
        let text = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
        errors.iter().map(|error| format!("{} {}", text(error, "pointer"), text(error, "code"))).collect()
    };
    let rate = |rate: &str| json!({ "base": "USD", "quote": "EUR", "date": "2026-01-01", "rate": rate });
    assert_eq!(codes(rate("0")), ["/rate not_above_zero"]);
    assert_eq!(codes(rate("-1.5")), ["/rate not_above_zero"]);
    assert_eq!(codes(rate("1.0000000000001")), ["/rate bad_decimal"], "13 decimals");
    assert_eq!(codes(rate("1000000000")), ["/rate out_of_range"]);
    let mut body = rate("1");
    body["base"] = json!("HRK");
    body["quote"] = json!("XAU");
    assert_eq!(codes(body), ["/base unknown_currency", "/quote unknown_currency"]);
    let mut body = rate("1");
    body["quote"] = json!("USD");
    body["date"] = json!("2026-01-02");
    body["source"] = json!("ecb");
    assert_eq!(codes(body), ["/quote same_currency", "/date date_in_future", "/source reserved_source"]);
    let mut body = rate("1");
    body["date"] = json!("0026-01-01");
    assert_eq!(codes(body), ["/date date_out_of_range"]);
    let refused =
        |query: &str| world.get(&format!("/v1/exchange_rates{query}")).is(422).text_at("/errors/0/code");
    assert_eq!(refused("/lookup?from=USD&to=eur"), "unknown_currency");
    assert_eq!(refused("/lookup?from=USD&to=EUR&amount=1.001"), "bad_amount");
    assert_eq!(refused("?quote=ABC"), "unknown_currency");
}
