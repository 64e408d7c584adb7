//! What does VIES get to hear, and what is made of its answers? For live tenants, by a register that answers well or badly.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use billwright::adapters::tax_numbers::{Question, Registry, Vies};
use billwright::domain::customers::verification::{Answer, Evidence};
use billwright::jobs::{JOBS, Runner, Sources};
use billwright::platform::clock;
use billwright::storage::due;
use billwright::workflows::parked_work::Place;
use billwright::workflows::payments::gateways;
use billwright::workflows::tax::check_tax_numbers;
use billwright::workflows::tax::registers::Registers;
use serde_json::json;

use super::register::{Register, Reply};
use super::{checks, known};
use crate::harness::World;

const NUMBER: &str = "DE136695976";

fn ask(register: &Register, requester: Option<&str>) -> Answer {
    let vies = Vies::at(&format!("{}/rest-api/", register.url)).within(Duration::from_millis(1_500));
    vies.check(Question { number: NUMBER, requester, earlier: 0 })
}

fn reason(answer: &Answer) -> &str {
    match answer {
        Answer::Unknown { reason } => reason,
        Answer::Valid(_) | Answer::Invalid(_) => panic!("{answer:?}"),
    }
}

#[test]
fn vies_is_asked_with_the_sellers_own_number_and_without_one_it_does_not_know() {
    let register = Register::open();
    register.reply([Reply::valid()]);
    let evidence = Evidence {
        consultation: Some("WAPIAAAAZ1".to_owned()),
        name: Some("Difference GmbH".to_owned()),
        address: Some("Berlin".to_owned()),
    };
    assert_eq!(ask(&register, Some("FR88100000009")), Answer::Valid(evidence));
    let path = "/rest-api/check-vat-number";
    let question = json!({ "countryCode": "DE", "vatNumber": "136695976", "requesterMemberStateCode": "FR",
        "requesterNumber": "88100000009", "path": path });
    assert_eq!(register.questions(), [question]);
    register.reply([Reply::error("INVALID_REQUESTER_INFO"), Reply::valid()]);
    assert!(matches!(ask(&register, Some("FR88100000009")), Answer::Valid(_)));
    let without = json!({ "countryCode": "DE", "vatNumber": "136695976", "path": path });
    assert_eq!(register.questions()[1], without);
    register.reply([Reply::json(json!({ "valid": false }))]);
    assert!(matches!(ask(&register, None), Answer::Invalid(_)));
}

#[test]
fn whatever_goes_wrong_is_unknown_within_a_moment() {
    let register = Register::open();
    let whole = json!({ "valid": false }).to_string();
    let faults = [
        (Reply::error("MS_UNAVAILABLE"), "MS_UNAVAILABLE"),
        (Reply::error("MS_MAX_CONCURRENT_REQ"), "MS_MAX_CONCURRENT_REQ"),
        (Reply::Body(500, whole.clone()), "status 500"),
        (Reply::Body(302, whole.clone()), "status 302"),
        (Reply::Body(503, "<html>".to_owned()), "status 503"),
        (Reply::Body(200, String::new()), "cannot be read"),
        (Reply::CutOff(whole), "cannot be reached"),
        (Reply::Endless, "cannot be reached"),
        (Reply::Silence, "cannot be reached"),
        (Reply::HangUp, "cannot be reached"),
    ];
    for (fault, expected) in faults {
        let (begun, shown) = (Instant::now(), format!("{fault:?}"));
        register.reply([fault]);
        let answer = ask(&register, None);
        assert!(reason(&answer).contains(expected), "{shown}: {answer:?}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{shown} took {:?}", begun.elapsed());
    }
    let nobody = Vies::at("http://127.0.0.1:1");
    let answer = nobody.check(Question { number: NUMBER, requester: None, earlier: 0 });
    assert!(reason(&answer).contains("cannot be reached"), "{answer:?}");
}

fn business(world: &World) -> String {
    let body = json!({ "name": "Difference GmbH", "address": { "country": "DE" },
        "tax_ids": [{ "type": "eu_vat", "value": NUMBER }] });
    world.post("/v1/customers", body).is(201).id()
}

#[test]
fn the_job_asks_for_live_tenants_where_the_server_is_told_where_vies_is() {
    let (world, register) = (World::live(), Register::open());
    register.reply([Reply::valid()]);
    let customer = business(&world);
    let place = JOBS.iter().position(|job| job.name == "tax_numbers").unwrap();
    let schedules = BTreeMap::from([("tax_numbers".to_owned(), "* * * * * *".parse().unwrap())]);
    let gateways = Arc::new(gateways::all(&world.db));
    let sources = Sources { registers: Registers::with_vies(Some(&register.url)), ..Sources::default() };
    let remotes = (&world.db, &gateways);
    let runner = Runner::start_with(&JOBS[place..=place], remotes, &schedules, sources).unwrap();
    let begun = Instant::now();
    while !known(&world, &customer).starts_with("valid ") {
        assert!(begun.elapsed() < Duration::from_secs(60), "nobody asked: {:?}", register.questions());
        std::thread::sleep(Duration::from_millis(100));
    }
    runner.stop();
    assert!(known(&world, &customer).ends_with(" WAPIAAAAZ1"));
}

#[test]
fn without_a_register_nobody_is_asked_and_nothing_is_held_up() {
    let world = World::live();
    let customer = business(&world);
    let verify = format!("/v1/customers/{customer}/tax_ids/verify");
    world.post(&verify, json!({})).is_problem(409, "no_register");
    let place = Place { tenant_id: world.tenant.id, now: clock::now() };
    check_tax_numbers::run(&mut world.session(), &Registers::default(), place).unwrap();
    assert_eq!((known(&world, &customer), checks(&world, &customer)), ("unknown - -".to_owned(), vec![]));
    let next = world.session().read(|tx| due::TAX_NUMBERS.next(tx, place.tenant_id)).unwrap().unwrap();
    assert_eq!((next - place.now).num_minutes(), 5, "it is looked at again, should the server be told later");
}

/// A register that takes its time and counts.
#[derive(Default)]
struct Slow {
    questions: AtomicU32,
}

impl Registry for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn check(&self, _: Question<'_>) -> Answer {
        self.questions.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(300));
        Answer::Valid(Evidence::default())
    }
}

/// A slow register, and where it is asked.
fn slowly(world: &World) -> (Arc<Slow>, Registers, Place) {
    let slow = Arc::new(Slow::default());
    let registers = Registers::with_live(slow.clone());
    (slow, registers, Place { tenant_id: world.tenant.id, now: clock::now() })
}

#[test]
fn of_two_processes_at_once_one_asks() {
    let world = World::live();
    let customer = business(&world);
    let (slow, registers, place) = slowly(&world);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| check_tax_numbers::run(&mut world.session(), &registers, place).unwrap());
        }
    });
    assert_eq!(slow.questions.load(Ordering::Relaxed), 1);
    assert_eq!(checks(&world, &customer).len(), 1);
    assert!(known(&world, &customer).starts_with("valid "));
}

#[test]
fn what_the_caller_says_while_the_register_is_asked_stands() {
    let world = World::live();
    let customer = business(&world);
    let (slow, registers, place) = slowly(&world);
    std::thread::scope(|scope| {
        scope.spawn(|| check_tax_numbers::run(&mut world.session(), &registers, place).unwrap());
        while slow.questions.load(Ordering::Relaxed) == 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        let word = json!({ "tax_ids": [{ "type": "eu_vat", "value": NUMBER, "status": "invalid" }] });
        world.patch(&format!("/v1/customers/{customer}"), word).is(200);
    });
    assert!(known(&world, &customer).starts_with("invalid "));
    assert_eq!(checks(&world, &customer).len(), 1, "kept as evidence all the same");
}
