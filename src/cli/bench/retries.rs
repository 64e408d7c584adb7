//! `billwright bench retries`: what do retry policies recover, and does any try a card too often? 100,000 declined invoices of made-up payers live
//! through each policy in simulated time; the payers are described in `docs/retries.md`.
//!
//! Worked number: a quarter of the declined payers have money from the 1st of a month on. Steps of 1, 3, 5 and 7 days meet the 1st by chance; a
//! policy that has learnt of 20,000 other payers waits for it.

use std::thread;

use chrono::{DateTime, Utc};
use clap::Args;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Fallible, number, start};
use crate::cli::Outcome;
use crate::domain::calendar::Zone;
use crate::domain::money::Currency;
use crate::domain::payments::rehearsal::{Rules, Tally, population, retries_of};
use crate::domain::payments::retries::forecast::{Outcomes, Retry};
use crate::domain::payments::retries::policy::Terms;
use crate::domain::payments::retries::span::Span;
use crate::platform::clock::Stopwatch;

/// Payers of whom an adaptive policy has learnt: others than those that are counted.
const LEARNT_OF: u64 = 20_000;
const OTHERS: u64 = 1_000_000_000;

/// Have declined invoices live through retry policies, and compare what they recover
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  billwright bench retries --invoices 100000 --json")]
pub(super) struct Retries {
    /// Declined invoices that live through each policy
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(100..=10_000_000))]
    invoices: u64,
    /// Print one JSON line at the end
    #[arg(long)]
    json: bool,
}

struct Measured {
    policy: &'static str,
    tally: Tally,
    seconds: Decimal,
}

impl Retries {
    /// Lives through all of it; no database is needed.
    pub(super) fn run(self) -> Outcome {
        let measured = self.measure()?;
        self.print(&measured);
        Ok(())
    }

    fn measure(&self) -> Fallible<Vec<Measured>> {
        let (first, currency) = (start()?, Currency::parse("USD")?);
        let zone = Zone::parse("UTC")?;
        eprintln!("learning of {LEARNT_OF} other payers …");
        let outcomes = learn((first, currency), zone);
        let mut measured = Vec::new();
        for (policy, terms) in policies() {
            eprintln!("{policy}: {} invoices …", self.invoices);
            let begun = Stopwatch::start();
            let rules = Rules { terms: &terms, outcomes: Some(&outcomes), zone };
            let tally = self.live((first, currency), rules);
            measured.push(Measured { policy, tally, seconds: super::seconds(begun.elapsed()) });
        }
        Ok(measured)
    }

    /// Payers by their numbers until there are as many invoices, on two threads.
    fn live(&self, made: (DateTime<Utc>, Currency), rules: Rules<'_>) -> Tally {
        let share = |odd: u64| {
            let mut tally = Tally::default();
            for seed in (odd..).step_by(2) {
                if tally.invoices >= self.invoices / 2 {
                    break;
                }
                let case = population::payer(seed, made.0, made.1);
                tally.count(&case, &case.live(rules));
            }
            tally
        };
        thread::scope(|scope| {
            let other = scope.spawn(|| share(1));
            let tally = share(0);
            other.join().map_or_else(|panic| std::panic::resume_unwind(panic), |other| tally.plus(other))
        })
    }

    fn print(&self, measured: &[Measured]) {
        if self.json {
            println!(
                "{}",
                json!({ "bench": "retries", "measured": "declined invoices of made-up payers that live through each policy in simulated time", "invoices": self.invoices, "policies": measured.iter().map(line).collect::<Vec<_>>() })
            );
            return;
        }
        println!("policy        recovered  retries/paid  days to pay  tries left  over 15/20/35  seconds");
        for Measured { policy, tally, seconds } in measured {
            println!(
                "{policy:<12}  {:>9}  {:>12}  {:>11}  {:>10}  {:>13}  {seconds:>7}",
                tally.recovery(),
                tally.retries_per_paid(),
                tally.days_to_pay(),
                tally.retries_left_per_card(),
                format!("{}/{}/{}", tally.over_15, tally.over_20, tally.over_35),
            );
        }
    }
}

fn line(Measured { policy, tally, seconds }: &Measured) -> Value {
    let classes = tally.classes.iter().map(|(class, of_class)| {
        json!({ "class": class.into_str(), "invoices": of_class.invoices, "paid": of_class.paid, "retries": of_class.retries })
    });
    let by_retry = tally.paid_by_retry.iter().map(|(retry, paid)| json!({ "retry": retry, "paid": paid }));
    json!({
        "policy": policy,
        "recovery": number(tally.recovery()),
        "retries_per_paid": number(tally.retries_per_paid()),
        "days_to_pay": number(tally.days_to_pay()),
        "retries_left_per_card": number(tally.retries_left_per_card()),
        "visa_cards_over_15_at_stripe": tally.over_15,
        "visa_cards_over_20": tally.over_20,
        "mastercards_over_35": tally.over_35,
        "classes": classes.collect::<Vec<_>>(),
        "paid_by_retry": by_retry.collect::<Vec<_>>(),
        "seconds": number(*seconds),
    })
}

fn policies() -> [(&'static str, Terms); 5] {
    let days = |days: &[i64]| days.iter().map(|day| Span::of_days(*day)).collect::<Vec<_>>();
    let ladder = Terms::default();
    [
        ("built in", ladder.clone()),
        ("weekly", Terms { offsets: days(&[7, 7, 7, 7]), ..ladder.clone() }),
        ("daily", Terms { offsets: days(&[1; 12]), ..ladder.clone() }),
        (
            "paydays",
            Terms { offsets: days(&[1; 4]), paydays: vec![1, 15], local_hour: Some(9), ..ladder.clone() },
        ),
        ("adaptive", Terms { adaptive: true, ..ladder }),
    ]
}

fn learn(made: (DateTime<Utc>, Currency), zone: Zone) -> Outcomes {
    let terms = Terms::default();
    let rules = Rules { terms: &terms, outcomes: None, zone };
    let retries: Vec<Retry> = (OTHERS..OTHERS + LEARNT_OF)
        .flat_map(|seed| {
            let case = population::payer(seed, made.0, made.1);
            retries_of(&case, &case.live(rules))
        })
        .collect();
    Outcomes::of(&retries, zone)
}
