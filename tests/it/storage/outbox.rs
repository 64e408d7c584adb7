//! Does an event reach the feed whatever way it was written?

use billwright::domain::events::{Event, EventType};
use billwright::domain::ids::EventId;
use billwright::platform::random;
use billwright::storage::{StorageError, events};
use serde_json::json;
use uuid::Uuid;

use crate::harness::World;

fn event(world: &World, n: u128) -> Event {
    let now = world.now();
    let data = json!({ "n": n.to_string(), "text": "tab\t, newline\n, \\N and \"quotes\"" });
    Event {
        id: EventId::from_uuid(random::mint(now)),
        type_: EventType::CustomerCreated,
        object_id: Uuid::from_u128(n),
        data,
        occurred_at: now,
    }
}

#[test]
fn many_events_written_by_copy_are_relayed_in_their_order_like_few_written_by_insert() {
    let world = World::new();
    for batch in [1..=3_u128, 4..=60] {
        let written: Vec<Event> = batch.map(|n| event(&world, n)).collect();
        let tenant = world.tenant.id;
        let record = |tx: &mut billwright::storage::Tx<'_>| events::record(tx, tenant, &written);
        world.session().transaction::<_, StorageError>("record", record).unwrap();
    }
    assert_eq!(world.relay_events(), 60);
    let events = world.get("/v1/events?limit=1000").is(200);
    for (n, event) in (1..).zip(events.data()) {
        assert_eq!(event["sequence"], n);
        assert_eq!(
            event["data"],
            json!({ "n": n.to_string(), "text": "tab\t, newline\n, \\N and \"quotes\"" })
        );
    }
}

#[test]
fn a_backlog_of_many_batches_is_relayed_whole() {
    let world = World::new();
    let tenant = world.tenant.id.uuid();
    let fill = format!(
        "INSERT INTO outbox (tenant_id, id, type, object_id, data, occurred_at) \
         SELECT '{tenant}', gen_random_uuid(), 'customer.created', gen_random_uuid(), '{{}}', now() FROM generate_series(1, 12001)"
    );
    diesel::connection::SimpleConnection::batch_execute(&mut world.database.connect(), &fill).unwrap();
    assert_eq!(world.relay_events(), 12_001);
    let last = world.get("/v1/events?after_sequence=12000").is(200);
    assert_eq!((last.data().len(), last.json["has_more"].as_bool()), (1, Some(false)));
}
