//! What if a plan gets dearer for those who have it? A dry run tells who moves, when, and what each and all will pay more.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use billwright::domain::ids::{ApiKeyId, MigrationId};
use billwright::domain::proration::Basis;
use billwright::domain::subscriptions::when::Effective;
use billwright::jobs::{JOBS, Runner};
use billwright::storage::Db;
use billwright::storage::subscriptions::plan_migrations;
use billwright::workflows::payments::gateways;
use billwright::workflows::subscriptions::migrate_plan::{self, Request};
use serde_json::{Value, json};

use super::{Life, base, seat, setup};
use crate::harness::Reply;

/// A plan of 31.00 and 12.50 a seat with three subscriptions, and its version 2 at 35.00 and 10.00 a seat.
struct Dearer {
    life: Life,
    plan: String,
    others: Vec<String>,
}

impl Dearer {
    fn published() -> Dearer {
        let life = Life::of("2026-01-01", |seller| {
            (seller.plan("month", json!([base("31.00"), seat("12.50")])), json!({ "quantity": "4" }))
        });
        let plan = life.read().text_at("/plan_id");
        life.advance_to("2026-01-11");
        let subscribe = |more: Value| {
            let customer = life.customer();
            let mut body = json!({ "customer_id": customer, "plan_id": plan, "collection": "automatic" });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            life.world.post("/v1/subscriptions", body).is(201).id()
        };
        let others = vec![subscribe(json!({})), subscribe(json!({ "quantity": "2" }))];
        let version = json!({ "currency": "USD", "interval": "month", "prices": [base("35.00"), seat("10.00"), setup("50.00")] });
        life.world.post(&format!("/v1/plans/{plan}/versions"), version).is(201);
        Dearer { life, plan, others }
    }

    fn migrate(&self, body: Value) -> Reply {
        self.life.world.post(&format!("/v1/plans/{}/migrations", self.plan), body)
    }
}

#[test]
fn a_dry_run_tells_who_moves_when_and_what_each_and_all_pay_more_and_the_migration_does_it() {
    let dearer = Dearer::published();
    let life = &dearer.life;
    let planned = json!({ "quantity": "5", "effective_at": "2026-03-20T00:00:00Z" });
    life.world.post(&format!("/v1/subscriptions/{}/change", dearer.others[1]), planned).is(200);
    let before = life.world.rows_of(life.world.tenant.id);
    let dry_run = dearer.migrate(json!({ "dry_run": true })).is(200);
    assert_eq!(life.world.rows_of(life.world.tenant.id), before, "a dry run wrote something");
    let row = |s: &Value| {
        let refused = s["refused"]["code"].as_str().unwrap_or("moves");
        format!(
            "{} {} -> {} {} {refused}",
            s["effective_at"], s["old_amount"], s["new_amount"], s["difference"]
        )
    };
    let rows =
        |reply: &Reply| reply.json["subscriptions"].as_array().unwrap().iter().map(row).collect::<Vec<_>>();
    let expected = [
        "\"2026-02-01T00:00:00Z\" \"81.00\" -> \"75.00\" \"-6.00\" moves",
        "\"2026-02-11T00:00:00Z\" \"43.50\" -> \"45.00\" \"1.50\" moves",
        "null \"56.00\" -> \"56.00\" \"0.00\" later_changes",
    ];
    assert_eq!(rows(&dry_run), expected);
    let totals = json!([{ "currency": "USD", "subscriptions": 2, "old_amount": "124.50", "new_amount": "120.00", "difference": "-4.50" }]);
    assert_eq!((&dry_run.json["totals"], &dry_run.json["id"]), (&totals, &Value::Null));

    let done = dearer.migrate(json!({})).is(200);
    assert_eq!((rows(&done), &done.json["totals"]), (rows(&dry_run), &totals));
    let path = format!("/v1/plans/{}/migrations/{}", dearer.plan, done.id());
    let read = life.world.get(&path).is(200);
    assert_eq!((rows(&read), read.json["completed_at"].is_string()), (rows(&dry_run), true));
    // Done again it finds nothing but the one that stays.
    assert_eq!(rows(&dearer.migrate(json!({})).is(200)), expected[2..]);
    life.advance_to("2026-02-01");
    assert_eq!(life.read().json["plan_version"], 2);
    let invoices = life.invoices(&life.customer);
    assert_eq!(
        invoices[1],
        "INV-000004 paid USD billed 2026-02-01 due 2026-02-01\n\
         2026-02-01 to 2026-03-01  1 x 35.00 = 35.00  Base\n\
         2026-02-01 to 2026-03-01  4 x 10.00 = 40.00  Seat\n\
         total 75.00 paid 75.00 due 0.00"
    );
}

#[test]
fn a_migration_moves_only_those_named_at_an_instant_that_is_cut_by_the_day() {
    let dearer = Dearer::published();
    let life = &dearer.life;
    let body = json!({ "from_version": 1, "to_version": 2, "effective_at": "2026-01-16T00:00:00Z", "subscription_ids": [life.subscription] });
    let done = dearer.migrate(body).is(200);
    assert_eq!(
        (&done.json["moved"], &done.json["subscriptions"][0]["effective_at"]),
        (&json!(1), &json!("2026-01-16T00:00:00Z"))
    );
    life.advance_to("2026-02-01");
    // 16 of 31 days of January: 16.00 and 25.81 back, 18.06 and 20.65 for them.
    assert_eq!(life.total(), "152.90");
}

#[test]
fn a_migration_to_where_they_are_or_to_nowhere_is_refused() {
    let dearer = Dearer::published();
    dearer.migrate(json!({ "from_version": 2, "to_version": 2 })).is_problem(422, "same_version");
    dearer.migrate(json!({ "to_version": 3 })).is_problem(422, "unknown_plan_version");
    dearer.migrate(json!({ "effective_at": "soon" })).is_problem(422, "bad_instant");
    dearer
        .life
        .world
        .get(&format!("/v1/plans/{}/migrations/pmig_01jgejp8g0e3q9k0v6z4t1x2y3", dearer.plan))
        .is_problem(404, "not_found");
}

#[test]
fn a_migration_that_two_processes_come_to_the_end_of_emits_one_event() {
    let dearer = Dearer::published();
    let migration: MigrationId = dearer.migrate(json!({})).is(200).id().parse().unwrap();
    let (world, tenant) = (&dearer.life.world, dearer.life.world.tenant.id);
    let again = world.session().transaction("complete", |tx| {
        plan_migrations::complete(tx, tenant, (migration, chrono::DateTime::UNIX_EPOCH))
    });
    assert!(!again.unwrap(), "it was complete already");
    world.relay_events();
    assert_eq!(world.get("/v1/events?type=plan.migrated").is(200).data().len(), 1);
}

#[test]
fn a_migration_is_found_again_by_its_key_and_nobody_is_moved_twice() {
    let dearer = Dearer::published();
    let world = &dearer.life.world;
    let path = format!("/v1/plans/{}/migrations", dearer.plan);
    let migrate = || world.post_once("a", &path, json!({})).is(200);
    let first = migrate();
    world.lose_answers();
    assert_eq!(migrate().json, first.json);
    let changes = world.get(&format!("/v1/subscriptions/{}/changes", dearer.others[0])).is(200);
    assert_eq!(
        changes.data().iter().filter(|change| change["kind"] == "change").count(),
        1,
        "{}",
        changes.text
    );
}

#[test]
fn a_migration_of_nobody_or_of_those_who_have_another_plan_is_refused() {
    let dearer = Dearer::published();
    let life = &dearer.life;
    dearer.migrate(json!({ "subscription_ids": [] })).is_problem(422, "empty_list");
    let other = life.plan("month", json!([base("5.00")]));
    let customer = life.customer();
    let strangers =
        [life.subscribe(&customer, &other, json!({})), life.subscribe(&customer, &other, json!({}))];
    let only = json!({ "subscription_ids": [strangers[0], life.subscription, strangers[1]] });
    let refused = dearer.migrate(only).is_problem(422, "invalid");
    let place = ("/subscription_ids".to_owned(), "not_on_plan".to_owned());
    assert_eq!(refused.faults(), [place.clone(), place]);
    assert!(strangers.iter().all(|id| refused.text.contains(id.as_str())), "{}", refused.text);
    assert!(!refused.text.contains(&life.subscription), "{}", refused.text);
}

/// Reads a migration until it is complete.
fn completed(dearer: &Dearer, id: &str) -> Reply {
    let path = format!("/v1/plans/{}/migrations/{id}", dearer.plan);
    for _ in 0..600 {
        let read = dearer.life.world.get(&path).is(200);
        if !read.json["completed_at"].is_null() {
            return read;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("it is never complete");
}

#[test]
fn a_migration_that_nobody_waits_for_is_begun_once_for_a_key_and_done() {
    let dearer = Dearer::published();
    let world = &dearer.life.world;
    let path = format!("/v1/plans/{}/migrations", dearer.plan);
    let begin = || world.post_once("later", &path, json!({ "wait": false })).is(202);
    let begun = begin();
    assert_eq!((&begun.json["completed_at"], &begun.json["moved"]), (&Value::Null, &json!(0)));
    assert_eq!(begin().json, begun.json);
    let done = completed(&dearer, &begun.id());
    assert_eq!((&done.json["moved"], &done.json["refused"]), (&json!(3), &json!(0)), "{}", done.text);
    // A dry run is waited for.
    let dry_run = dearer.migrate(json!({ "dry_run": true, "wait": false })).is(200);
    assert_eq!(dry_run.json["subscriptions"], json!([]));
}

#[test]
fn a_migration_whose_server_died_is_done_by_the_job() {
    let dearer = Dearer::published();
    let (world, tenant) = (&dearer.life.world, dearer.life.world.tenant.id);
    let request = Request {
        plan_id: dearer.plan.parse().unwrap(),
        from_version: None,
        to_version: None,
        effective_at: ("period_end".to_owned(), Effective::PeriodEnd),
        proration: Basis::ByDay,
        only: None,
        by: ApiKeyId::from_uuid(uuid::Uuid::nil()),
    };
    let begun = world.session().transaction("begin", |tx| migrate_plan::begin(tx, tenant, &request)).unwrap();
    let db = Db::start(&world.database.url, 1).unwrap();
    let gateways = Arc::new(gateways::all(&db));
    let job = JOBS.iter().position(|job| job.name == "plan_migrations").unwrap();
    let often = BTreeMap::from([("plan_migrations".to_owned(), "* * * * * *".parse().unwrap())]);
    let runner = Runner::start(&JOBS[job..=job], (&db, &gateways), &often).unwrap();
    let done = completed(&dearer, &begun.migration.id.to_string());
    runner.stop();
    assert_eq!(done.json["moved"], 3, "{}", done.text);
}
