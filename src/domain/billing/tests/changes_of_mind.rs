//! What if a customer changes its mind again and again, and billing runs whenever it likes? Quantities, prices and intervals
//! changed now, later or as of the past, several times a day and back again, cut by any basis, billed at once or with the
//! next invoice: in the end what was billed is what the final history is worth, and billing again finds nothing.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use rust_decimal::Decimal;
use strum::VariantArray;
use uuid::Uuid;

use super::history::{History, Offer, at, flat, in_advance, in_arrears, per_unit};
use crate::domain::billing::expected::Cursor;
use crate::domain::billing::segments;
use crate::domain::calendar::{Cycle, Interval, Unit, Zone};
use crate::domain::catalog::PriceModel;
use crate::domain::ids::ItemVersionId;
use crate::domain::laws::tried;
use crate::domain::money::{Currency, Money};
use crate::domain::proration::Basis;
use crate::domain::subscriptions::editing::{Edge, Next};
use crate::domain::subscriptions::undo::{GoesOn, SetEnd, Undo};
use crate::domain::subscriptions::when::next_boundary;
use crate::domain::subscriptions::{ItemVersion, PriceTerms};

/// What is requested; instants are parts of 10,000 of the life.
#[derive(Debug, Clone)]
struct Wish {
    /// When it is requested, as a part of what is left of the life.
    requested: i32,
    /// When it takes effect.
    at: i32,
    basis: Basis,
    waits: bool,
    change: Change,
}

#[derive(Debug, Clone)]
enum Change {
    Quantity(Decimal),
    Price(PriceModel),
    Interval(Unit),
    /// The item ends; a later wish for an earlier instant takes that back.
    End,
    /// Nothing but that billing runs.
    Bill,
    /// What was planned or requested later than that is taken back.
    Replace,
    /// All of it ends.
    Cancel,
    /// The cancellation is taken back, before or after it has taken effect.
    Uncancel,
}

/// A subscription with one item, and billing's place in it.
struct Life {
    history: History,
    cursor: Cursor,
    start: DateTime<Utc>,
    days: i64,
    now: DateTime<Utc>,
    minted: u128,
    canceled: Option<Undo>,
}

impl Life {
    fn begin((unit, days): (Unit, i64), zone: Zone, first: First) -> Life {
        let First { start, offer, quantity } = first;
        let cycle = Cycle::starting(start, None, Interval::new(unit, 1).unwrap(), zone).unwrap();
        let mut history = History::new(cycle, Currency::parse("USD").unwrap());
        history.start(offer, quantity, start);
        let cursor = segments::first_look(&history.timeline).unwrap();
        Life { history, cursor, start, days, now: start, minted: 1_000, canceled: None }
    }

    fn instant(&self, part: i32) -> DateTime<Utc> {
        self.start + TimeDelta::days(self.days) * part / 10_000
    }

    fn bill(&mut self, now: DateTime<Utc>) {
        if self.cursor.next_bill_at.is_some_and(|next| next <= now) {
            self.cursor = self.history.bill_from(self.cursor.settled_to, now).1;
        }
    }

    fn hear(&mut self, wish: &Wish) {
        let end = self.start + TimeDelta::days(self.days);
        self.now += (end - self.now) / 10_000 * wish.requested;
        self.bill(self.now);
        let at = match (&wish.change, &self.canceled) {
            (Change::Uncancel, Some(undo)) => undo.end - TimeDelta::microseconds(1),
            (Change::Uncancel, None) => return,
            _ => self.instant(wish.at),
        };
        let Some(held) = self.history.timeline.versions.iter().find(|v| v.is_in_force(at)).cloned() else {
            return;
        };
        if let Change::Bill = wish.change {
            return;
        }
        let cycle = self.wished_cycle(wish, &held, at);
        let at =
            self.canceled.as_ref().filter(|_| matches!(wish.change, Change::Uncancel)).map_or(at, |u| u.end);
        let soonest = at.max(self.now);
        let due_from = match (wish.waits, cycle) {
            (true, None) => next_boundary(self.history.timeline.cycle_of(&held), soonest).unwrap(),
            _ => soonest,
        };
        let before = self.history.timeline.clone();
        let due_from =
            if matches!(wish.change, Change::Uncancel) && !wish.waits { self.now } else { due_from };
        let edge = Edge { at, basis: wish.basis, due_from };
        self.edit(wish, (held, cycle), edge);
        if due_from <= self.now {
            self.history.timeline.postpone_no_longer_than(self.now);
        }
        let first = self.history.timeline.begins_to_be_due(&before).map_or(due_from, |at| at.min(due_from));
        self.cursor = segments::reopened(&before, self.cursor, (at, first)).unwrap();
        if due_from > self.now {
            self.let_something_else_be_billed();
        }
        self.bill(self.now);
    }

    /// What falls due later is on no invoice of something else, neither what is charged nor what is given back.
    fn let_something_else_be_billed(&mut self) {
        let (found, cursor) = self.history.bill_from(self.cursor.settled_to, self.now);
        assert!(found.is_empty(), "billed before it is due: {found:?}");
        self.cursor = cursor;
    }

    fn wished_cycle(&self, wish: &Wish, held: &ItemVersion, at: DateTime<Utc>) -> Option<Cycle> {
        let Change::Interval(unit) = wish.change else { return None };
        let zone = self.history.timeline.cycle_of(held).zone();
        Some(Cycle::starting(at, None, Interval::new(unit, 1).unwrap(), zone).unwrap())
    }

    fn edit(&mut self, wish: &Wish, (held, cycle): (ItemVersion, Option<Cycle>), edge: Edge) {
        let end = self.canceled.as_ref().map(|undo| undo.end);
        let timeline = &mut self.history.timeline;
        match wish.change {
            Change::Replace => {
                let end = end.map(|end| (end, Basis::ByDay));
                return timeline.let_go_on(held.item_id, edge, (end, self.now));
            }
            Change::Cancel if end.is_none() => {
                let before = timeline.clone();
                timeline.end_item(held.item_id, edge).unwrap();
                let (agreed, resumes_at, phases) = (None, None, Vec::new());
                let set = SetEnd { end: edge.at, ends_by: edge.basis, agreed, resumes_at, phases };
                self.canceled = Some(Undo::of(set, &before, timeline));
                return;
            }
            Change::Uncancel => {
                let Some(undo) = self.canceled.take() else { return };
                let (end, has_ended) = (undo.end, undo.end <= self.now);
                undo.restore(
                    timeline,
                    GoesOn { end, until: None, due_from: edge.due_from, has_ended, resumes: None },
                );
                return;
            }
            _ => {}
        }
        let begins_by = timeline.end_item(held.item_id, edge).unwrap();
        let mut next = Next {
            item_id: held.item_id,
            quantity: held.quantity,
            terms: Arc::clone(&held.terms),
            price_override: None,
            phase_no: held.bounds.phase_no,
            until: end,
        };
        match &wish.change {
            Change::Quantity(quantity) => next.quantity = *quantity,
            Change::Price(model) => {
                next.terms = Arc::new(PriceTerms { model: model.clone(), ..(*held.terms).clone() })
            }
            Change::Interval(_) => {
                next.phase_no = i16::try_from(timeline.later_cycles.len()).unwrap() + 1;
                timeline.later_cycles.extend(cycle.map(|cycle| (next.phase_no, cycle)));
            }
            Change::End | Change::Bill | Change::Replace | Change::Cancel | Change::Uncancel => return,
        }
        let basis = if cycle.is_some() { Basis::ByDay } else { begins_by };
        self.minted += 1;
        timeline.begin_item(
            ItemVersionId::from_uuid(Uuid::from_u128(self.minted)),
            next,
            Edge { basis, ..edge },
        );
    }

    /// Lets the item end for good, with the period it is in then, and bills what is left of it.
    fn come_to_its_end(&mut self) -> DateTime<Utc> {
        let last = self.instant(10_000);
        let held = self.history.timeline.versions.iter().find(|v| v.is_in_force(last)).cloned();
        if let Some(held) = held {
            let cycle = self.history.timeline.cycle_of(&held);
            let at = next_boundary(cycle, last).unwrap();
            let before = self.history.timeline.clone();
            let edge = Edge { at, basis: Basis::ByDay, due_from: at };
            self.history.timeline.end_item(held.item_id, edge).unwrap();
            self.cursor = segments::reopened(&before, self.cursor, (at, at)).unwrap();
        }
        let last = self.start + TimeDelta::days(self.days + 1200);
        self.bill(last);
        last
    }
}

fn wishes(bases: Vec<Basis>) -> impl Strategy<Value = Wish> {
    let quantities =
        prop_oneof![(0..20_i64).prop_map(Decimal::from), (0..20_000_i64).prop_map(|n| Decimal::new(n, 3))];
    let change = prop_oneof![
        5 => quantities.prop_map(Change::Quantity),
        2 => prop_oneof![Just(per_unit("3.33")), Just(flat("29.99")), Just(per_unit("0.017"))].prop_map(Change::Price),
        2 => prop::sample::select(vec![Unit::Week, Unit::Month, Unit::Quarter, Unit::Year]).prop_map(Change::Interval),
        1 => Just(Change::End),
        2 => Just(Change::Replace),
        2 => Just(Change::Cancel),
        2 => Just(Change::Uncancel),
        3 => Just(Change::Bill),
    ];
    // Few instants, so that several changes fall on the same one, and most near each other.
    let at = prop_oneof![0..=9_999_i32, (0..20_i32).prop_map(|n| n * 500), (4_990..5_010_i32)];
    (prop_oneof![Just(0), 0..4_000_i32], at, prop::sample::select(bases), any::<bool>(), change)
        .prop_map(|(requested, at, basis, waits, change)| Wish { requested, at, basis, waits, change })
}

/// What a life begins with.
#[derive(Debug, Clone)]
struct First {
    start: DateTime<Utc>,
    offer: Offer,
    quantity: Decimal,
}

/// An interval and how long a life has it, a zone, and what it begins with.
type Beginning = ((Unit, i64), Zone, First);

fn lives() -> impl Strategy<Value = Beginning> {
    let units = prop::sample::select(vec![
        (Unit::Day, 20),
        (Unit::Week, 60),
        (Unit::Month, 300),
        (Unit::Quarter, 500),
        (Unit::Year, 900),
    ]);
    let zones = prop::sample::select(
        ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "America/St_Johns", "America/Caracas"]
            .map(|name| Zone::parse(name).unwrap())
            .to_vec(),
    );
    let starts = (0..60 * 24 * 400_i64).prop_map(|minutes| at("2011-10-01") + TimeDelta::minutes(minutes));
    let offers = prop_oneof![
        Just(in_advance(per_unit("10.00"))),
        Just(in_arrears(per_unit("7.77"))),
        Just(in_advance(flat("31.00")))
    ];
    let firsts = (starts, offers, (0..9_i64).prop_map(Decimal::from))
        .prop_map(|(start, offer, quantity)| First { start, offer, quantity });
    (units, zones, firsts)
}

proptest! {
    #![proptest_config(tried())]

    #[test]
    fn what_was_billed_in_the_end_is_what_the_final_history_is_worth(
        (interval, zone, first) in lives(),
        wishes in prop::collection::vec(wishes(Basis::VARIANTS.to_vec()), 1..10),
    ) {
        let mut life = Life::begin(interval, zone, first);
        for wish in &wishes {
            life.hear(wish);
        }
        let last = life.come_to_its_end();
        let worth = Money::sum(life.history.net().currency(), life.history.worth(last).iter().map(|s| s.amount)).unwrap();
        prop_assert_eq!(life.history.net(), worth);
        life.history.explain_all();
        let again = life.history.bill(last);
        prop_assert!(again.is_empty(), "billing again found {:?}", again);
    }
}

proptest! {
    #![proptest_config(tried())]

    #[test]
    fn changes_that_change_nothing_cost_nothing_by_whatever_basis(
        (interval, zone, first) in lives(),
        wishes in prop::collection::vec(wishes(vec![Basis::ByDay, Basis::BySecond, Basis::Thirty360, Basis::None]), 1..8),
    ) {
        let quiet = {
            let mut life = Life::begin(interval, zone, first.clone());
            life.come_to_its_end();
            life.history.net()
        };
        let mut life = Life::begin(interval, zone, first.clone());
        for wish in &wishes {
            let change = match &wish.change {
                Change::Replace => Change::Replace,
                _ => Change::Quantity(first.quantity),
            };
            life.hear(&Wish { change, ..wish.clone() });
        }
        life.come_to_its_end();
        prop_assert_eq!(life.history.net(), quiet);
    }
}
