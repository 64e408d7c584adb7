//! Is it seen what does not come to its end: by the tenant at `/v1/health/work`, by those who look after the server at `/metrics`?

use diesel::connection::SimpleConnection;
use serde_json::json;

use crate::harness::World;

#[test]
fn what_is_stuck_is_told_to_its_tenant_and_counted_for_all() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    let other = world.another_tenant();
    let quiet = world.get("/v1/health/work").is(200);
    assert_eq!(quiet.json["parked"], json!([]));
    assert!(
        quiet.json["unfinished"].as_array().unwrap().iter().all(|kind| kind["count"] == 0),
        "{}",
        quiet.text
    );

    world.post("/v1/customers", json!({ "name": "Ada" })).is(201);
    let (tenant, id) = (world.tenant.id.uuid(), uuid::Uuid::from_u128(7));
    let plant = format!(
        "INSERT INTO bill_runs (tenant_id, id, as_of, issued_at, trigger, status, created_at) \
         VALUES ('{tenant}', '{id}', '2026-01-01', '2026-01-01', 'api', 'running', '2026-01-01T06:00:00Z'); \
         INSERT INTO parked_work (tenant_id, id, work, item_id, code, reason, parked_at, retry_at) \
         VALUES ('{tenant}', '{id}', 'collection', '{id}', 'internal', 'a test', '2026-01-01T07:00:00Z', '2026-02-01')"
    );
    world.database.connect().batch_execute(&plant).unwrap();
    let stuck = world.get("/v1/health/work").is(200);
    let unfinished = json!({ "kind": "bill_runs", "count": 1, "oldest_at": "2026-01-01T06:00:00Z" });
    assert_eq!(stuck.json["unfinished"][0], unfinished);
    assert_eq!(
        stuck.json["parked"],
        json!([{ "work": "collection", "count": 1, "oldest_at": "2026-01-01T07:00:00Z" }])
    );
    assert_eq!(stuck.json["oldest_event_at"], "2026-01-01T00:00:00Z");
    world.relay_events();
    assert_eq!(world.get("/v1/health/work").is(200).json["oldest_event_at"], json!(null));

    let elsewhere = other.client.get("/v1/health/work").is(200);
    assert_eq!(
        (&elsewhere.json["parked"], &elsewhere.json["unfinished"][0]["count"]),
        (&json!([]), &json!(0))
    );
    let metrics = world.get("/metrics").is(200).text;
    for line in [
        r#"unfinished_work{kind="bill_runs"} 1"#,
        r#"parked_work{work="collection"} 1"#,
        "outbox_oldest_seconds 0",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}
