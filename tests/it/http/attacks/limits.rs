//! What holds back who calls too fast, guesses keys, or names what is not there?

use std::thread;
use std::time::Duration;

use billwright::platform::limits::Limits;
use serde_json::json;

use crate::harness::{Client, Server, World};

fn within(world: &World, limits: Limits) -> Server {
    Server::within(world.db.clone(), limits)
}

#[test]
fn a_key_that_calls_faster_than_its_rate_waits_and_others_do_not() {
    let world = World::new();
    let other = world.another_tenant();
    let server = within(&world, Limits { key_rate: 4, ..Limits::default() });
    let client = Client::new(&server.url, Some(&world.tenant.key));
    let first = client.get("/v1/customers").is(200);
    assert_eq!(first.header("ratelimit-policy"), "\"key\";q=4;w=1");
    assert_eq!(first.header("ratelimit"), "\"key\";r=3;t=1");
    let refused = (0..40).map(|_| client.get("/v1/customers")).find(|reply| reply.status == 429).unwrap();
    let refused = refused.is_problem(429, "rate_exceeded");
    assert_eq!((refused.header("ratelimit"), refused.header("retry-after")), ("\"key\";r=0;t=1", "1"));
    Client::new(&server.url, Some(&other.key)).get("/v1/customers").is(200);
    thread::sleep(Duration::from_millis(1_100));
    client.get("/v1/customers").is(200);
}

#[test]
fn all_keys_of_a_tenant_share_its_rate_and_one_tenant_has_its_own() {
    let world = World::new();
    let other = world.another_tenant();
    let second = world.post("/v1/api_keys", json!({ "name": "second" })).is(201).text_at("/key");
    let rates = vec![format!("{}=1000", other.id)];
    let server = within(&world, Limits { tenant_rate: 3, rates, ..Limits::default() });
    let calls = |key: &str, count: u32| {
        let client = Client::new(&server.url, Some(key));
        (0..count).filter(|_| client.get("/v1/customers").status == 429).count()
    };
    let refused = calls(&world.tenant.key, 8) + calls(&second, 8);
    assert!(refused >= 8, "only {refused} of 16 calls of a tenant that may make 3 a second were refused");
    assert_eq!(calls(&other.key, 20), 0);
}

#[test]
fn an_address_that_tries_unknown_keys_is_told_to_wait_and_a_good_key_from_it_is_served() {
    let world = World::new();
    let server = within(&world, Limits { failed_key_rate: 1, ..Limits::default() });
    let good = Client::new(&server.url, Some(&world.tenant.key));
    good.get("/v1/customers").is(200);
    let tried: Vec<u16> = (0..40)
        .map(|n| good.with_key(Some(&format!("bw_test_guess{n}"))).get("/v1/customers").status)
        .collect();
    let looked_up = tried.iter().filter(|status| **status == 401).count();
    assert!((10..=20).contains(&looked_up), "{tried:?}");
    let refused = good.with_key(Some("bw_test_one_more")).get("/v1/customers");
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds >= 1), "{refused:?}");
    refused.is_problem(429, "too_many_failed_keys");
    good.get("/v1/customers").is(200);
    // It has been believed for five seconds by now, and is looked up again.
    thread::sleep(Duration::from_millis(5_200));
    good.with_key(Some("bw_test_and_more")).get("/v1/customers");
    good.get("/v1/customers").is(200);
}

#[test]
fn behind_a_trusted_proxy_each_caller_has_an_address_of_its_own() {
    let world = World::new();
    let guess = |server: &Server, from: &str, n: u32| {
        let client = Client::new(&server.url, Some(&format!("bw_test_guess{n}")));
        let request = client.request("GET", "/v1/customers").header("X-Forwarded-For", from);
        request.send().unwrap().status().as_u16()
    };
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
    let server = within(&world, Limits { failed_key_rate: 1, trusted_proxies, ..Limits::default() });
    // Whatever the guesser claims before the address that the proxy saw.
    let tried: Vec<u16> =
        (0..40).map(|n| guess(&server, &format!("192.0.2.{n}, 203.0.113.7, 10.0.0.1"), n)).collect();
    assert_eq!(tried.last(), Some(&429), "{tried:?}");
    assert_eq!(guess(&server, "203.0.113.8, 10.0.0.1", 100), 401);
    // Without the setting the header counts for nothing.
    let server = within(&world, Limits { failed_key_rate: 1, ..Limits::default() });
    let tried: Vec<u16> = (0..40).map(|n| guess(&server, &format!("192.0.2.{n}"), 200 + n)).collect();
    assert_eq!(tried.last(), Some(&429), "{tried:?}");
}

#[test]
fn a_list_that_names_what_is_not_there_is_refused() {
    let world = World::new();
    let nowhere = "01h2xcejqtf2nbrexx3vqjhp41";
    let customer = world.post("/v1/customers", json!({ "name": "Ada" })).is(201).id();
    for (name, code) in [("plan", "unknown_plan"), ("price", "unknown_price")] {
        let scope = json!({ format!("{name}_ids"): [format!("{name}_{nowhere}")] });
        let body = json!({ "code": "OFF", "percent_off": "10", "duration": "forever", "applies_to": scope });
        let refused = world.post("/v1/coupons", body).is_problem(422, code);
        assert_eq!(refused.faults(), [(format!("/applies_to/{name}_ids"), code.to_owned())]);
        assert!(refused.text.contains(nowhere), "{}", refused.text);
    }
    for (name, code) in [("price", "unknown_price"), ("meter", "unknown_meter")] {
        let scope = json!({ format!("{name}_ids"): [format!("{name}_{nowhere}")] });
        let body = json!({
            "customer_id": customer, "amount": "10.00", "currency": "USD", "source": "promotional", "applies_to": scope
        });
        world.post("/v1/credit_grants", body).is_problem(422, code);
    }
    let product = world.post("/v1/products", json!({ "name": "Power" })).is(201).id();
    let price =
        json!({ "code": "base", "kind": "recurring", "model": { "type": "flat", "amount": "31.00" } });
    let plan = json!({
        "code": "power", "name": "Power", "product_id": product, "currency": "USD", "interval": "month", "prices": [price]
    });
    let plan = world.post("/v1/plans", plan).is(201).id();
    let body = json!({ "effective_at": "now", "subscription_ids": [format!("sub_{nowhere}")] });
    let refused =
        world.post(&format!("/v1/plans/{plan}/migrations"), body).is_problem(422, "unknown_subscription");
    assert_eq!(refused.faults(), [("/subscription_ids".to_owned(), "unknown_subscription".to_owned())]);
}
