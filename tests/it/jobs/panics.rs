//! What does a panic end? The item or the chore that panicked, for this time; never the job, and never another.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use billwright::domain::work::Work;
use billwright::jobs::{Chore, Does, Job, Runner};
use billwright::storage::Db;
use billwright::workflows::Error;
use billwright::workflows::parked_work::{self, Place};
use billwright::workflows::payments::gateways;
use uuid::Uuid;

use super::parked::{every_second, wait_until_empty};
use crate::harness::World;

static DONE: AtomicU32 = AtomicU32::new(0);

const PANICKING: &[Job] = &[Job {
    name: "housekeeping",
    cron: "* * * * * *",
    does: Does::Chores(&[
        Chore { takes_on: "nothing", run: |_, _| panic!("the first chore is a bad one") },
        Chore {
            takes_on: "nothing",
            run: |_, _| {
                DONE.fetch_add(1, Ordering::SeqCst);
                Ok(())
            },
        },
    ]),
}];

#[test]
fn a_chore_that_panics_ends_neither_the_next_one_nor_the_job() {
    let world = World::own_database("2026-01-01T00:00:00Z");
    let db = Db::start(&world.database.url, 1).unwrap();
    let gateways = Arc::new(gateways::all(&db));
    let runner = Runner::start(PANICKING, (&db, &gateways), &every_second()).unwrap();
    wait_until_empty(|| (DONE.load(Ordering::SeqCst)..3).collect::<Vec<u32>>());
    runner.stop();
}

#[test]
fn an_item_that_panics_in_its_transaction_is_parked_and_the_next_one_is_done() {
    let world = World::new();
    let mut session = world.session();
    let place = Place { tenant_id: world.tenant.id, now: world.now() };
    let (bad, good) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let mut done = Vec::new();
    let attempted =
        parked_work::each(&mut session, (Work::Collection, place), [bad, good], |session, item| {
            session.transaction("panic", |_| {
                assert!(item != bad, "it is a bad one");
                Ok::<(), Error>(())
            })?;
            done.push(item);
            Ok(())
        });
    let attempted = attempted.unwrap();
    assert_eq!((attempted.done, attempted.parked, done), (1, 1, vec![good]));
    let parked = world.get("/v1/parked_work").is(200);
    assert_eq!(parked.text_at("/data/0/code"), "internal");
    assert!(parked.text_at("/data/0/reason").contains("it is a bad one"), "{}", parked.text);
}
