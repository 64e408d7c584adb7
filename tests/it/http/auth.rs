//! Who may call, and for how long?

use serde_json::json;

use crate::harness::{Reply, World};

#[test]
fn a_new_key_works_at_once_and_no_longer_when_it_is_revoked() {
    let world = World::new();
    let made = world.post("/v1/api_keys", json!({ "name": "shop" })).is(201);
    let shop = world.with_key(Some(&made.text_at("/key")));
    shop.get("/v1/test_clock").is(200);
    let revoked = world.delete(&format!("/v1/api_keys/{}", made.id())).is(200);
    assert!(revoked.json["revoked_at"].is_string());
    shop.get("/v1/test_clock").is_problem(401, "unauthenticated");
    world.get("/v1/test_clock").is(200);
}

#[test]
fn a_key_may_revoke_itself_unless_it_is_the_last_one() {
    let world = World::new();
    let first = world.get("/v1/api_keys").is(200).data()[0]["id"].as_str().unwrap().to_owned();
    world.delete(&format!("/v1/api_keys/{first}")).is_problem(409, "last_api_key");
    let second = world.post("/v1/api_keys", json!({ "name": "second" })).is(201);
    world.delete(&format!("/v1/api_keys/{first}")).is(200);
    world.get("/v1/api_keys").is_problem(401, "unauthenticated");
    let left = world.with_key(Some(&second.text_at("/key")));
    left.delete(&format!("/v1/api_keys/{first}")).is(200);
    left.delete(&format!("/v1/api_keys/{}", second.id())).is_problem(409, "last_api_key");
}

#[test]
fn a_key_is_listed_without_its_text() {
    let world = World::new();
    let made = world.post("/v1/api_keys", json!({ "name": "  shop " })).is(201);
    let key = made.text_at("/key");
    assert!(key.starts_with("bw_test_") && key.len() == 40, "{key}");
    for path in ["/v1/api_keys", "/v1/events"] {
        world.relay_events();
        let text = world.get(path).is(200).text;
        assert!(!text.contains(&key) && text.contains(&made.id()), "{text}");
    }
    let found = world.get(&format!("/v1/api_keys/{}", made.id())).is(200);
    assert_eq!(found.text_at("/name"), "shop");
    assert!(found.text_at("/hint").ends_with(&key[36..]));
}

#[test]
fn a_name_is_neither_empty_nor_endless() {
    let world = World::new();
    world.post("/v1/api_keys", json!({ "name": " " })).is_problem(422, "name_empty");
    let reply =
        world.post("/v1/api_keys", json!({ "name": "x".repeat(201) })).is_problem(422, "name_too_long");
    assert_eq!(reply.text_at("/errors/0/pointer"), "/name");
    world.post("/v1/api_keys", json!({ "name": "ü".repeat(200) })).is(201);
}

#[test]
fn a_list_of_keys_is_read_page_by_page_in_both_directions() {
    let world = World::new();
    let mut made: Vec<String> = (0..4)
        .map(|n| world.post("/v1/api_keys", json!({ "name": format!("key {n}") })).is(201).id())
        .collect();
    made.reverse();
    let ids = |reply: &Reply| -> Vec<String> {
        reply.data().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = world.get("/v1/api_keys?limit=2").is(200);
    assert_eq!((ids(&first), first.json["has_more"].as_bool()), (made[..2].to_vec(), Some(true)));
    let second = world.get(&format!("/v1/api_keys?limit=2&after={}", first.text_at("/next_cursor"))).is(200);
    assert_eq!(ids(&second), made[2..]);
    let third = world.get(&format!("/v1/api_keys?limit=2&after={}", second.text_at("/next_cursor"))).is(200);
    assert_eq!((third.data().len(), third.json["has_more"].as_bool()), (1, Some(false)));
    assert!(third.json["next_cursor"].is_null());
    let back = world.get(&format!("/v1/api_keys?limit=1&before={}", second.text_at("/next_cursor"))).is(200);
    assert_eq!(ids(&back), made[2..3]);
    let further = world.get(&format!("/v1/api_keys?limit=9&before={}", back.text_at("/next_cursor"))).is(200);
    assert_eq!(ids(&further), made[..2]);
    world
        .get(&format!("/v1/api_keys?after={0}&before={0}", back.text_at("/next_cursor")))
        .is_problem(422, "after_and_before");
}
