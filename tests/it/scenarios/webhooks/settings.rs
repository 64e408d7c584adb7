//! How is an endpoint set? Its secret is shown once and lies sealed; where it leads is checked; it is its tenant's alone.

use billwright::workflows::relay_events;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::{Value, json};

use super::Desk;
use crate::harness::World;

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Text)]
    text: String,
}

#[test]
fn a_secret_is_shown_once_and_lies_sealed() {
    let desk = Desk::open_with(json!({ "description": "Shop" }));
    assert!(desk.secret.starts_with("whsec_") && desk.secret.len() > 40, "{}", desk.secret);
    let changed = desk.world.patch(&desk.path(), json!({ "description": null })).is(200);
    assert_eq!(changed.json["description"], Value::Null);
    desk.world.relay_events();
    let bare = desk.secret.strip_prefix("whsec_").unwrap();
    let feed = desk.world.get("/v1/events?limit=1000").is(200);
    for reply in [&changed, &desk.world.get(&desk.path()), &desk.world.get("/v1/webhook_endpoints"), &feed] {
        assert!(!reply.text.contains(bare), "{}", reply.text);
    }
    let sql = format!(
        "SELECT string_agg(w::text, ' ') AS text FROM webhook_endpoints w WHERE tenant_id = '{}'",
        desk.world.tenant.id.uuid()
    );
    let kept: Kept = diesel::sql_query(sql).get_result(&mut desk.world.database.connect()).unwrap();
    assert!(!kept.text.contains(bare), "{}", kept.text);
    let types: Vec<&str> = feed.data().iter().filter_map(|event| event["type"].as_str()).collect();
    assert!(types.ends_with(&["webhook_endpoint.created", "webhook_endpoint.updated"]), "{types:?}");
}

#[test]
fn a_secret_of_ones_own_is_taken_when_it_is_long_enough() {
    let own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let desk = Desk::open_with(json!({ "secret": own, "event_types": ["customer.created"] }));
    assert_eq!(desk.secret, own);
    desk.customer("Ada");
    desk.deliver();
    assert!(desk.receiver.heard()[0].is_signed_by(own));
    let body = json!({ "url": desk.receiver.url, "secret": "whsec_c2hvcnQ=" });
    let refused = desk.world.post("/v1/webhook_endpoints", body).is(422);
    assert_eq!(refused.text_at("/errors/0/code"), "malformed_secret");
}

#[test]
fn what_cannot_be_an_endpoint_is_refused_with_what_to_do_and_nothing_is_written() {
    let world = World::new();
    let before = world.rows_of(world.tenant.id);
    let code = |body: Value| world.post("/v1/webhook_endpoints", body).is(422).text_at("/errors/0/code");
    let at = |url: &str| code(json!({ "url": url }));
    assert_eq!(at("http://shop.test/hooks"), "insecure_url");
    assert_eq!(at("ftp://shop.test"), "malformed_url");
    assert_eq!(at("https://u:p@shop.test"), "credentials_in_url");
    for url in
        ["https://10.0.0.8", "https://169.254.169.254/latest", "https://[fd00::1]/", "https://192.168.1.1"]
    {
        assert_eq!(at(url), "private_address", "{url}");
    }
    let wanting = |types: Value| code(json!({ "url": "https://shop.test/hooks", "event_types": types }));
    assert_eq!(wanting(json!(["invoice.burnt"])), "unknown_event_type");
    assert_eq!(wanting(json!(["invoices.*"])), "unknown_event_type");
    assert_eq!(wanting(json!([])), "event_types_required");
    assert_eq!(world.rows_of(world.tenant.id), before);
}

#[test]
fn a_live_tenants_endpoint_is_called_by_https_alone() {
    let world = World::live();
    for url in ["http://127.0.0.1:9/hooks", "http://localhost/hooks", "http://shop.test/hooks"] {
        let refused = world.post("/v1/webhook_endpoints", json!({ "url": url })).is(422);
        assert_eq!(refused.text_at("/errors/0/code"), "insecure_url", "{url}");
    }
    let refused = world.post("/v1/webhook_endpoints", json!({ "url": "https://127.0.0.1/hooks" })).is(422);
    assert_eq!(refused.text_at("/errors/0/code"), "private_address");
    world.post("/v1/webhook_endpoints", json!({ "url": "https://shop.test/hooks" })).is(201);
}

#[test]
fn endpoints_are_their_tenants_alone() {
    let desk = Desk::open_with(json!({}));
    let other = desk.world.another_tenant();
    other.client.post("/v1/customers", json!({ "name": "Eve" })).is(201);
    let (path, client) = (desk.path(), &other.client);
    client.get(&path).is(404);
    client.patch(&path, json!({ "url": "https://elsewhere.test" })).is(404);
    client.get(&format!("{path}/deliveries")).is(404);
    for call in ["replay", "rotate_secret", "test"] {
        let body = if call == "replay" { json!({ "failed_only": true }) } else { json!({}) };
        client.post(&format!("{path}/{call}"), body).is(404);
    }
    client.delete(&path).is(404);
    assert!(client.get("/v1/webhook_endpoints").is(200).data().is_empty());
    // What happens to the other is not heard of here, even where its events are named.
    relay_events::run(&mut desk.world.session(), Some(other.id)).unwrap();
    let theirs = client.get("/v1/events?type=customer.created").is(200);
    let ids: Vec<&Value> = theirs.data().iter().map(|event| &event["id"]).collect();
    assert_eq!(ids.len(), 1);
    let replayed = desk.world.post(&format!("{path}/replay"), json!({ "event_ids": ids })).is(202);
    assert_eq!(replayed.json["replayed"], 0);
    desk.deliver();
    assert!(desk.receiver.heard().iter().all(|heard| heard.json["data"]["name"] != "Eve"));
}

#[test]
fn a_deleted_endpoint_hears_nothing_more() {
    let desk = Desk::open();
    desk.customer("Ada");
    desk.deliver();
    desk.customer("Bob");
    desk.world.delete(&desk.path()).is(200);
    desk.world.get(&desk.path()).is(404);
    desk.deliver();
    assert_eq!(desk.names(), ["Ada"]);
    desk.world.settle();
}
