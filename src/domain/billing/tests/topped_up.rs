//! Is usage and the shortfall of its commitment one worth, whatever was taken back of either and whatever was recorded later?

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::history::{History, Offer, at, in_arrears, usd};
use super::usage::{calls, meter};
use crate::domain::billing::Line;
use crate::domain::billing::piece::{Key, Reading};
use crate::domain::billing::recorded::Recorded;
use crate::domain::billing::taken_back::{Act, How, Part, added_up, netted};
use crate::domain::billing::topped_up::{Side, Standing, waived_where_it_lies};
use crate::domain::catalog::PriceModel;
use crate::domain::laws::tried;
use crate::domain::money::Money;
use crate::domain::rating::usage::Measured;
use crate::domain::usage::{Group, Usage};

/// What happens next; numbers choose among what there is.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// One of the prices was used so much in all, in cents.
    Uses(usize, i64),
    Void(usize),
    /// Of a line of an invoice, so many percent of what is left.
    Credit(usize, usize, i64),
}

/// January: two prices of usage, a commitment for both, and the invoices, each line with what is left of it.
struct January {
    life: History,
    committed: i64,
    uses: [i64; 2],
    invoices: Vec<Vec<(Line, i64)>>,
}

fn committed(cents: i64) -> Offer {
    in_arrears(PriceModel::Commitment { amount: Decimal::new(cents, 2), prices: Vec::new(), pooled: false })
}

fn key(line: &Line) -> Key {
    Key { version: line.item_version_id.unwrap(), start: line.period.start }
}

impl January {
    fn new(cents: i64) -> January {
        let mut life = History::monthly("2026-01-01", None);
        for offer in [calls("0.01"), calls("0.01"), committed(cents)] {
            let item = life.start(offer, Decimal::ONE, at("2026-01-01"));
            life.end(item, at("2026-02-01"));
        }
        let mut january = January { life, committed: cents, uses: [0, 0], invoices: Vec::new() };
        (0..2).for_each(|price| january.uses(price, 0));
        january
    }

    fn uses(&mut self, price: usize, quantity: i64) {
        self.uses[price] = quantity;
        let quantity = Decimal::from(quantity);
        let group = Group { dimensions: vec![], quantity, events: 1, priced: Decimal::ZERO };
        let measured = Measured { usage: Usage { groups: vec![group] }, values: Vec::new() };
        let key = Key { version: self.life.timeline.versions[price].id, start: at("2026-01-01") };
        let reading = Reading { meter: meter(), measured, before: None, recorded_to: at("2026-02-01") };
        self.life.readings.insert(key, reading);
    }

    fn bill(&mut self) {
        let lines = self.life.bill(at("2026-02-01"));
        if !lines.is_empty() {
            let left = |line: Line| (line.clone(), line.amount.minor().max(0));
            self.invoices.push(lines.into_iter().map(|missing| left(missing.line)).collect());
        }
        assert!(self.life.bill(at("2026-02-01")).is_empty(), "billing again bills more");
    }

    /// What a charge was worth when it was billed last, as it is read back.
    fn worth(&self, charge: Key) -> Money {
        let lines =
            || self.invoices.iter().flatten().map(|(line, _)| line).filter(|line| key(line) == charge);
        let last = lines().next_back().and_then(|line| line.grounds.as_ref()?.taken_back);
        let sum = || Money::sum(usd(), lines().map(|line| line.amount)).unwrap();
        last.map_or_else(sum, |staying| Money::from_minor(staying.worth, usd()))
    }

    fn take_back(&mut self, how: How, parts: &[Part]) {
        let mut parts = netted(&added_up(parts.iter().copied()).unwrap()).unwrap();
        if how == How::Waived {
            parts = waived_where_it_lies(parts, &self.standing()).unwrap();
        }
        for part in parts.into_iter().filter(|part| !part.amount.is_zero()) {
            let worth = self.worth(part.key);
            let act = Act { how, amount: part.amount, discount: part.discount, worth, kept: None };
            let billed = self.life.recorded.iter_mut().find(|r| r.key == part.key).unwrap();
            billed.amount = billed.amount.checked_sub(part.amount).unwrap();
            billed.taken_back.add(act);
        }
    }

    fn standing(&self) -> Vec<Standing> {
        let shortfall = self.life.timeline.versions[2].id;
        let one = |r: &Recorded| {
            let side = if r.key.version == shortfall { Side::Shortfall } else { Side::Usage };
            let subscription_id = self.life.timeline.subscription_id;
            Standing { subscription_id, key: r.key, side, stays: r.amount }
        };
        self.life.recorded.iter().map(one).collect()
    }

    fn void(&mut self, n: usize) {
        let parts: Vec<Part> = self.invoices[n].iter().map(|(line, left)| part(line, *left)).collect();
        self.invoices[n].iter_mut().for_each(|(_, left)| *left = 0);
        if parts.iter().any(|part| part.amount.is_positive()) {
            self.take_back(How::Waived, &parts);
        }
    }

    fn credit(&mut self, n: usize, line: usize, percent: i64) {
        let n = n % self.invoices.len();
        let line = line % self.invoices[n].len();
        let (line_of, left) = self.invoices[n][line].clone();
        let stays = self.life.recorded.iter().find(|r| r.key == key(&line_of)).unwrap().amount.minor();
        let amount = left.min(stays) * percent / 100;
        if amount > 0 {
            self.invoices[n][line].1 -= amount;
            self.take_back(
                How::Credited,
                &[Part { amount: Money::from_minor(amount, usd()), ..part(&line_of, 0) }],
            );
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Uses(price, quantity) => self.uses(price, quantity),
            Step::Void(n) => self.void(n % self.invoices.len()),
            Step::Credit(n, line, percent) => self.credit(n, line, percent),
        }
        self.bill();
    }

    fn net(&self) -> i64 {
        self.life.net().minor()
    }

    fn worth_in_all(&self) -> i64 {
        self.committed.max(self.uses.iter().sum())
    }
}

/// So much of a line, or, where it gives back, all of it.
fn part(line: &Line, left: i64) -> Part {
    let amount = if line.amount.is_negative() { line.amount } else { Money::from_minor(left, usd()) };
    Part { key: key(line), amount, discount: Money::zero(usd()), is_first: line.revision == 0 }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let uses = || (0..2_usize, 0..3_000_i64).prop_map(|(price, quantity)| Step::Uses(price, quantity));
    let credit =
        (0..9_usize, 0..9_usize, 1..=100_i64).prop_map(|(n, l, percent)| Step::Credit(n, l, percent));
    prop::collection::vec(prop_oneof![uses(), uses(), (0..9_usize).prop_map(Step::Void), credit], 1..10)
}

proptest! {
    #![proptest_config(tried())]

    #[test]
    fn what_stays_of_usage_and_shortfall_is_never_below_nothing_nor_above_their_worth(
        cents in 0..3_000_i64, steps in steps()
    ) {
        let mut january = January::new(cents);
        january.bill();
        for step in steps {
            january.step(step);
            prop_assert!((0..=january.worth_in_all()).contains(&january.net()), "{} of {} after {step:?}", january.net(), january.worth_in_all());
            prop_assert!(january.life.recorded.iter().all(|r| !r.amount.is_negative()));
        }
    }

    #[test]
    fn what_is_wholly_void_is_never_billed_again_below_the_commitment(
        uses in prop::collection::vec((0..2_usize, 0..1_000_i64), 1..5), later in prop::collection::vec((0..2_usize, 0..=1_000_i64), 1..6)
    ) {
        let mut january = January::new(2_000);
        for (price, quantity) in uses {
            january.step(Step::Uses(price, quantity));
        }
        let mut n = 0;
        while n < january.invoices.len() && n < 50 {
            january.step(Step::Void(n));
            n += 1;
        }
        prop_assert_eq!(january.net(), 0, "all is void");
        for (price, quantity) in later {
            january.step(Step::Uses(price, quantity));
            prop_assert_eq!(january.net(), 0, "after {} of {}", quantity, price);
        }
    }

    #[test]
    fn what_was_credited_of_usage_or_shortfall_stays_credited_below_the_commitment(
        first in 0..1_000_i64, of_usage in 0..=100_i64, of_shortfall in 0..=100_i64, later in prop::collection::vec((0..2_usize, 0..=1_000_i64), 1..6)
    ) {
        let mut january = January::new(2_000);
        january.step(Step::Uses(0, first));
        january.step(Step::Credit(0, 0, of_usage));
        january.step(Step::Credit(0, 2, of_shortfall));
        let left = january.net();
        for (price, quantity) in later {
            january.step(Step::Uses(price, quantity));
            if january.uses[0] >= first {
                prop_assert_eq!(january.net(), left);
            }
        }
    }
}

#[test]
fn late_usage_in_place_of_a_shortfall_that_was_waived_is_waived_and_what_is_above_the_commitment_is_charged()
{
    let mut january = January::new(2_000);
    january.step(Step::Uses(0, 800));
    assert_eq!(january.net(), 2_000);
    january.step(Step::Void(0));
    assert_eq!(january.net(), 0);
    let after: Vec<i64> = [(0, 1_500), (0, 2_500), (0, 0), (1, 1_500), (1, 2_500), (0, 800)]
        .into_iter()
        .map(|(price, quantity)| {
            january.step(Step::Uses(price, quantity));
            january.net()
        })
        .collect();
    assert_eq!(after, [0, 500, 0, 0, 500, 1_300]);
}
