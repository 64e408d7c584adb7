//! What does an endpoint hear? The events that it wants, each signed so that anybody who knows the secret can check it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};

use super::{Desk, names, sorted};

#[test]
fn an_event_is_sent_signed_with_its_key_of_order_and_kept_in_the_log() {
    let desk = Desk::open();
    let ada = desk.customer("Ada");
    desk.customer("Bob");
    desk.deliver();
    let mut heard = desk.receiver.heard();
    heard.sort_by_key(|heard| heard.json["sequence"].as_i64());
    assert_eq!(names(&heard), ["Ada", "Bob"]);
    let first = &heard[0];
    assert!(first.is_signed_by(&desk.secret), "{first:?}");
    assert!(!first.is_signed_by("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    assert_eq!(first.header("content-type"), "application/json");
    let sent: i64 = first.header("webhook-timestamp").parse().unwrap();
    let age = billwright::platform::clock::now().timestamp() - sent;
    assert!((0..60).contains(&age), "signed by the wall clock, whatever the tenant's clock says: {age}");
    let feed = desk.world.get("/v1/events?type=customer.created").is(200);
    let event = &feed.data()[0];
    assert_eq!(first.header("webhook-id"), event["id"].as_str().unwrap());
    for name in ["id", "type", "sequence", "object_id", "data"] {
        assert_eq!(first.json[name], event[name], "{name}");
    }
    assert_eq!(first.json["timestamp"], event["occurred_at"]);
    assert_eq!(first.json["ordering_key"], json!(ada));
    assert!(first.json["object_version"].as_i64() < heard[1].json["object_version"].as_i64());
    let log = desk.deliveries();
    assert_eq!(log.len(), 2);
    let of_ada = &log[1];
    assert_eq!((&of_ada["event_id"], &of_ada["status"]), (&event["id"], &json!("delivered")));
    assert_eq!((&of_ada["log"][0]["status"], &of_ada["log"][0]["answer"]), (&json!(200), &json!("said 200")));
    desk.world.settle();
    assert_eq!(desk.receiver.heard().len(), 2, "nothing is sent twice when nothing went wrong");
}

#[test]
fn only_types_that_are_wanted_are_sent_and_a_new_endpoint_hears_nothing_of_before() {
    let desk = Desk::open_with(json!({ "event_types": ["product.*", "customer.updated"] }));
    let ada = desk.customer("Ada");
    desk.world.post("/v1/products", json!({ "name": "Power" })).is(201);
    desk.world.patch(&format!("/v1/customers/{ada}"), json!({ "name": "Ada L." })).is(200);
    desk.deliver();
    assert_eq!(sorted(desk.receiver.types()), ["customer.updated", "product.created"]);
    let late = crate::harness::Receiver::open();
    super::add(&desk.world, &late, &json!({ "event_types": ["product.*"] }));
    desk.deliver();
    assert!(late.heard().is_empty());
    desk.world.patch(&desk.path(), json!({ "event_types": null })).is(200);
    desk.customer("Bob");
    desk.deliver();
    assert!(desk.receiver.types().contains(&"customer.created".to_owned()), "{:?}", desk.receiver.types());
}

#[test]
fn a_thin_endpoint_gets_the_id_of_the_object_and_reads_it_itself() {
    let desk = Desk::open_with(json!({ "payload": "thin", "event_types": ["customer.created"] }));
    let ada = desk.customer("Ada");
    desk.deliver();
    assert_eq!(desk.receiver.heard()[0].json["data"], json!({ "id": ada }));
}

#[test]
fn a_rotated_secret_signs_beside_the_one_before_until_the_overlap_is_over() {
    let desk = Desk::open();
    let rotate = |body: Value| desk.world.post(&format!("{}/rotate_secret", desk.path()), body);
    let rotated = rotate(json!({ "overlap_seconds": 3600 })).is(200);
    let new = rotated.text_at("/secret");
    assert_ne!(new, desk.secret);
    assert_eq!(rotated.json["old_secret_until"], "2026-01-01T01:00:00Z");
    desk.customer("Ada");
    desk.deliver();
    desk.pass(TimeDelta::hours(1));
    desk.customer("Bob");
    desk.deliver();
    let [during, after] = &desk.receiver.heard()[..] else { panic!("{:?}", desk.names()) };
    assert_eq!(during.signatures().len(), 2);
    assert!(during.is_signed_by(&desk.secret) && during.is_signed_by(&new));
    assert_eq!(after.signatures().len(), 1);
    assert!(!after.is_signed_by(&desk.secret) && after.is_signed_by(&new));
    assert_eq!(rotate(json!({ "overlap_seconds": -1 })).is(422).text_at("/errors/0/code"), "out_of_range");
    let at_once = rotate(json!({ "overlap_seconds": 0 })).is(200).text_at("/secret");
    desk.customer("Cy");
    desk.deliver();
    let last = desk.receiver.heard().pop().unwrap();
    assert!(last.is_signed_by(&at_once) && !last.is_signed_by(&new));
}

#[test]
fn an_endpoint_may_be_signed_for_by_ed25519_and_knows_the_public_half_alone() {
    let desk = Desk::open_with(json!({ "signature": "ed25519", "event_types": ["customer.created"] }));
    assert_eq!(desk.secret, "", "the private half never leaves");
    let public = desk.endpoint()["public_key"].as_str().unwrap().to_owned();
    desk.customer("Ada");
    desk.deliver();
    let heard = &desk.receiver.heard()[0];
    let key = STANDARD.decode(public.strip_prefix("whpk_").unwrap()).unwrap();
    let tag = STANDARD.decode(heard.signatures()[0].strip_prefix("v1a,").unwrap()).unwrap();
    UnparsedPublicKey::new(&ED25519, key).verify(&heard.signed(), &tag).unwrap();
    let body = json!({ "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" });
    let refused = desk.world.post(&format!("{}/rotate_secret", desk.path()), body).is(422);
    assert_eq!(refused.text_at("/errors/0/code"), "secret_not_taken");
}

#[test]
fn a_test_is_sent_to_its_endpoint_alone_whatever_that_wants() {
    let desk = Desk::open();
    let other = crate::harness::Receiver::open();
    super::add(&desk.world, &other, &json!({}));
    desk.deliver();
    let tested = desk.world.post(&format!("{}/test", desk.path()), json!({})).is(202);
    desk.deliver();
    assert_eq!(desk.receiver.types(), ["webhook_endpoint.tested"]);
    assert_eq!(desk.receiver.heard()[0].header("webhook-id"), tested.text_at("/event_id"));
    assert!(!other.types().contains(&"webhook_endpoint.tested".to_owned()), "{:?}", other.types());
    let found = format!("{}/deliveries?event_id={}", desk.path(), tested.text_at("/event_id"));
    assert_eq!(desk.world.get(&found).is(200).data()[0]["status"], "delivered");
}
