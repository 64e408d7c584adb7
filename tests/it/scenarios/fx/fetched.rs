//! Are the bank's rates fetched when some are missing, and only then? And what when the bank answers badly: an error, nothing recorded, and
//! once more at the next tick.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use billwright::adapters::fx::Ecb;
use billwright::domain::fx::published::missing_days;
use billwright::jobs::{JOBS, Runner, Sources};
use billwright::platform::clock;
use billwright::workflows::fx::fetch_exchange_rates;
use billwright::workflows::payments::gateways;
use chrono::{DateTime, Utc};

use super::bank::{Answer, Bank, DAY, NINETY_DAYS, xml};
use super::lookup;
use crate::harness::World;

/// On Friday evening.
const FRIDAY: &str = "2026-03-20T18:00:00Z";

fn fetch(world: &World, bank: &Bank, now: &str) -> Result<usize, String> {
    let ecb = Ecb::at(&bank.url).within(Duration::from_millis(1_500));
    let now: DateTime<Utc> = now.parse().unwrap();
    fetch_exchange_rates::run(&mut world.session(), &ecb, now).map_err(|e| e.to_string())
}

/// The file of all days that must have been published by an instant.
fn history(now: &str) -> String {
    let days = missing_days(now.parse().unwrap(), &BTreeSet::new());
    let days: Vec<String> = days.iter().rev().map(ToString::to_string).collect();
    xml(&days.iter().map(|day| (day.as_str(), "1.0876")).collect::<Vec<_>>())
}

#[test]
fn the_days_file_is_fetched_when_it_is_missing_and_the_longer_one_when_more_is() {
    let world = World::own_database("2026-03-20T00:00:00Z");
    let bank = Bank::open();
    bank.answer(DAY, Answer::File(xml(&[("2026-03-20", "1.0876")])));
    bank.answer(NINETY_DAYS, Answer::File(history(FRIDAY)));
    let days = history(FRIDAY).matches("currency").count();
    assert_eq!(fetch(&world, &bank, FRIDAY), Ok(days));
    assert_eq!(bank.calls(), [DAY, NINETY_DAYS]);
    // Nothing is missing until Monday at a quarter past four in Frankfurt.
    for now in [FRIDAY, "2026-03-22T12:00:00Z", "2026-03-23T15:14:00Z"] {
        assert_eq!((fetch(&world, &bank, now), bank.calls().len()), (Ok(0), 0), "{now}");
    }
    // Late: still Friday's. Then Monday's, and the day after only the file of the day.
    assert_eq!(fetch(&world, &bank, "2026-03-23T15:20:00Z"), Ok(0));
    assert_eq!(bank.calls(), [DAY, NINETY_DAYS]);
    bank.answer(DAY, Answer::File(xml(&[("2026-03-23", "1.0900")])));
    assert_eq!(fetch(&world, &bank, "2026-03-23T16:20:00Z"), Ok(1));
    assert_eq!(bank.calls(), [DAY]);
    let found = lookup(&world, "from=EUR&to=USD&date=2026-03-23");
    assert_eq!(found, "direct 1.09 of 2026-03-23 by ecb: -");
    assert_eq!(lookup(&world, "from=EUR&to=USD&date=2026-03-22"), "direct 1.0876 of 2026-03-20 by ecb: -");
}

#[test]
fn a_bank_that_answers_badly_costs_an_error_and_a_moment_and_leaves_nothing_behind() {
    let world = World::own_database("2026-03-20T00:00:00Z");
    let bank = Bank::open();
    let whole = xml(&[("2026-03-20", "1.0876")]);
    let huge = format!("{whole}{}", " ".repeat(5 << 20));
    let faults = [
        (Answer::Status(500), "status 500"),
        (Answer::Status(404), "status 404"),
        (Answer::CutOff(whole.clone()), "cannot be fetched"),
        (Answer::File(whole[..whole.len() / 2].to_owned()), "no file of exchange rates"),
        (Answer::File("<html>Down for maintenance</html>".to_owned()), "there is no rate in it"),
        (Answer::File(String::new()), "first column"),
        (Answer::File(whole.replace("2026-03-20", "yesterday")), "is no day"),
        (Answer::File(huge), "larger than one may be"),
        (Answer::Endless, "larger than one may be"),
        (Answer::Silence, "cannot be fetched"),
    ];
    for (fault, reason) in faults {
        let begun = Instant::now();
        let shown = format!("{fault:.60?}");
        bank.answer(DAY, fault);
        let refused = fetch(&world, &bank, FRIDAY).unwrap_err();
        assert!(refused.contains(reason), "{shown}: {refused}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{shown} took {:?}", begun.elapsed());
        assert_eq!(world.get("/v1/exchange_rates?source=ecb").is(200).data().len(), 0, "{shown}");
    }
    // The day's file is there again: it is recorded, though the longer one is not.
    bank.answer(DAY, Answer::File(whole));
    bank.answer(NINETY_DAYS, Answer::Status(503));
    assert!(fetch(&world, &bank, FRIDAY).unwrap_err().contains("status 503"));
    assert_eq!(lookup(&world, "from=EUR&to=USD&date=2026-03-20"), "direct 1.0876 of 2026-03-20 by ecb: -");
    bank.answer(NINETY_DAYS, Answer::File(history(FRIDAY)));
    assert_eq!(fetch(&world, &bank, FRIDAY), Ok(history(FRIDAY).matches("currency").count() - 1));
}

#[test]
fn nobody_listens_there() {
    let world = World::own_database("2026-03-20T00:00:00Z");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let ecb = Ecb::at(&format!("http://127.0.0.1:{port}/"));
    let refused = fetch_exchange_rates::run(&mut world.session(), &ecb, FRIDAY.parse().unwrap());
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains(&format!("http://127.0.0.1:{port}/eurofxref-daily.xml cannot be fetched")),
        "{refused}"
    );
}

#[test]
fn the_job_fetches_by_itself_where_it_is_given_an_address() {
    let world = World::live();
    let (now, bank) = (clock::now().to_rfc3339(), Bank::open());
    bank.answer(DAY, Answer::File(history(&now)));
    bank.answer(NINETY_DAYS, Answer::File(history(&now)));
    let place = JOBS.iter().position(|job| job.name == "exchange_rates").unwrap();
    let schedules = BTreeMap::from([("exchange_rates".to_owned(), "* * * * * *".parse().unwrap())]);
    let gateways = Arc::new(gateways::all(&world.db));
    let sources = Sources { ecb: Some(Ecb::at(&bank.url)), ..Sources::default() };
    let remotes = (&world.db, &gateways);
    let runner = Runner::start_with(&JOBS[place..=place], remotes, &schedules, sources).unwrap();
    let begun = Instant::now();
    while world.get("/v1/exchange_rates?source=ecb").is(200).data().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing was fetched: {:?}", bank.calls());
        std::thread::sleep(Duration::from_millis(100));
    }
    runner.stop();
}

#[test]
fn two_processes_at_once_record_each_rate_once() {
    let world = World::own_database("2026-03-20T00:00:00Z");
    let bank = Bank::open();
    bank.answer(DAY, Answer::File(xml(&[("2026-03-20", "1.0876")])));
    bank.answer(NINETY_DAYS, Answer::File(history(FRIDAY)));
    let added: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(|| fetch(&world, &bank, FRIDAY).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(added, history(FRIDAY).matches("currency").count());
}
