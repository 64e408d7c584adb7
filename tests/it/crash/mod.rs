//! What is left when the server dies in the middle of its work, again and again? The same books as if it had not.
//!
//! A business of 120 subscriptions is billed and collected; the server is killed 22 times on the way, at random moments of
//! billing, collecting, moving the clock and starting up. Then every invoice is there once, and every customer has been
//! charged once for it.

mod backups;
mod business;
mod changes;
mod clocks;
mod closing;
mod gateways;
mod giving_back;
pub mod machine;
mod proof;
mod providers;
mod senders;
mod silence;
mod stopped;
mod stumbles;
mod webhooks;

use std::thread;
use std::time::Duration;

use chrono::{Months, TimeDelta};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use business::Business;
use machine::Machine;

const ROUNDS: u32 = 22;
/// What is asked for in a round: a slow machine gets less far before it is killed.
const ROUND: TimeDelta = TimeDelta::days(7);
/// The longest that a round works before it ends badly, in milliseconds.
const LONGEST: u64 = 500;

/// Set when the tests are compiled to repeat a run that failed: `CRASH_SEED=42 scripts/test crash`.
fn seed() -> u64 {
    let chosen = option_env!("CRASH_SEED").and_then(|seed| seed.parse().ok());
    chosen.unwrap_or_else(|| u64::from(billwright::platform::random::cheap_u32()))
}

/// When to kill: sooner more often than later, so that a fast machine is met at work, too.
fn moment(dice: &mut StdRng) -> Duration {
    let part: u64 = dice.random_range(50..1000);
    Duration::from_millis(LONGEST * part * part / 1_000_000)
}

#[test]
fn a_server_killed_again_and_again_bills_and_charges_everyone_once() {
    let seed = seed();
    println!("CRASH_SEED={seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let mut machine = Machine::started();
    let business = Business::seeded(&machine);
    let mut interrupted = 0;
    for _ in 0..ROUNDS {
        let work = business.advance_in_background(&machine, business.now(&machine) + ROUND);
        thread::sleep(moment(&mut dice));
        machine.kill();
        interrupted += u32::from(!work.join().unwrap());
        if dice.random_ratio(1, 4) {
            // Dead again before it has got up.
            machine.spawn();
            thread::sleep(Duration::from_millis(dice.random_range(1..600)));
            machine.kill();
        }
        machine.start();
    }
    let end = business.now(&machine) + ROUND;
    println!("{interrupted} of {ROUNDS} rounds were interrupted at work, which is at {end}");
    assert!(interrupted >= ROUNDS / 8, "only {interrupted} kills met work: the rounds are too short");

    business.advance(&machine, end);
    proof::nothing_is_left_to_do(&machine, &business, end);
    proof::nothing_is_lost_or_doubled(&machine, &business, end);

    let a_month_later = end + Months::new(1);
    let bills = [0, 1].map(|_| business.bill_in_background(&machine, a_month_later));
    let billed: u64 = bills.into_iter().map(|bill| bill.join().unwrap()).sum();
    assert_eq!(billed, business::SUBSCRIPTIONS, "two processes at once bill as much as one");
    proof::nothing_is_lost_or_doubled(&machine, &business, a_month_later);
    machine.stop();
}
