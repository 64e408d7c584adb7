//! Does it matter in which order things happened? Not to the money: whatever was changed and billed in between, what was
//! billed in the end is what the final timeline is worth. Nor is anything ever billed twice.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::history::{History, Offer, flat, per_unit};
use crate::domain::billing::piece::Key;
use crate::domain::calendar::{Cycle, Interval, Unit, Zone};
use crate::domain::catalog::{Billing, PriceKind, PriceModel, Tier};
use crate::domain::laws::tried;
use crate::domain::money::{Currency, Money};

/// Something that happens to a subscription. Instants are parts of 10,000 of its life.
#[derive(Debug, Clone)]
enum Happening {
    Bill(Moment),
    ChangeQuantity { item: u16, moment: Moment, quantity: Decimal },
    End { item: u16, moment: Moment },
    Resume { item: u16 },
    Start { offer: Offer, quantity: Decimal, moment: Moment },
}

/// An instant of a life, perhaps moved to the boundary of the period it lies in.
#[derive(Debug, Clone, Copy)]
struct Moment {
    part: i32,
    at_boundary: bool,
}

#[derive(Debug, Clone)]
struct Life {
    cycle: Cycle,
    currency: Currency,
    start: DateTime<Utc>,
    days: i64,
    first: (Offer, Decimal),
    happenings: Vec<Happening>,
}

impl Life {
    fn instant(&self, moment: Moment) -> DateTime<Utc> {
        let at = self.start + TimeDelta::days(self.days) * moment.part / 10_000;
        if !moment.at_boundary {
            return at;
        }
        self.cycle.boundary(self.cycle.index_at(at).unwrap()).unwrap().max(self.start)
    }

    /// After everything that can have been billed is due: a year and more after its end.
    fn end_of_all(&self) -> DateTime<Utc> {
        self.start + TimeDelta::days(self.days + 366 + 31)
    }

    fn live(&self) -> History {
        let mut history = History::new(self.cycle, self.currency);
        history.start(self.first.0.clone(), self.first.1, self.start);
        for happening in &self.happenings {
            match happening.clone() {
                Happening::Bill(moment) => {
                    let as_of = self.instant(moment);
                    history.bill(as_of);
                    assert!(
                        history.bill(as_of).is_empty(),
                        "billing again for the same date found something"
                    );
                }
                Happening::ChangeQuantity { item, moment, quantity } => {
                    history.change_quantity(item, self.instant(moment), quantity)
                }
                Happening::End { item, moment } => history.end(item, self.instant(moment)),
                Happening::Resume { item } => history.resume(item),
                Happening::Start { offer, quantity, moment } => {
                    history.start(offer, quantity, self.instant(moment));
                }
            }
        }
        history
    }
}

fn moments() -> impl Strategy<Value = Moment> {
    (0..=10_000_i32, any::<bool>()).prop_map(|(part, at_boundary)| Moment { part, at_boundary })
}

fn quantities() -> impl Strategy<Value = Decimal> {
    prop_oneof![4 => (0..50_i64).prop_map(Decimal::from), 1 => (0..100_000_i64).prop_map(|n| Decimal::new(n, 3))]
}

/// Up to 10 at 1.25 and 5.00, up to 20.5 at 0.80, above at 0.0333.
fn tiers() -> Vec<Tier> {
    let tier = |up_to, unit, flat| Tier {
        up_to,
        unit_amount: Decimal::new(unit, 4),
        flat_amount: Decimal::new(flat, 2),
    };
    vec![
        tier(Some(Decimal::TEN), 12_500, 500),
        tier(Some(Decimal::new(205, 1)), 8_000, 0),
        tier(None, 333, 0),
    ]
}

fn models() -> impl Strategy<Value = PriceModel> {
    prop_oneof![
        Just(flat("31.00")),
        Just(flat("0")),
        Just(flat("9.99")),
        Just(per_unit("12.50")),
        Just(per_unit("0.0025")),
        Just(PriceModel::Package { amount: Decimal::new(500, 2), size: Decimal::TEN }),
        Just(PriceModel::Graduated { tiers: tiers() }),
        Just(PriceModel::Volume { tiers: tiers() }),
        Just(PriceModel::Stairstep { tiers: tiers() }),
    ]
}

fn offers() -> impl Strategy<Value = Offer> {
    let kinds = prop_oneof![4 => Just(PriceKind::Recurring), 1 => Just(PriceKind::OneTime)];
    let billings = prop_oneof![Just(Billing::InAdvance), Just(Billing::InArrears)];
    (kinds, billings, models()).prop_map(|(kind, billing, model)| Offer {
        kind,
        billing,
        metering: None,
        model,
    })
}

fn happenings() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => moments().prop_map(Happening::Bill),
        3 => (0..3_u16, moments(), quantities()).prop_map(|(item, moment, quantity)| Happening::ChangeQuantity { item, moment, quantity }),
        1 => (0..3_u16, moments()).prop_map(|(item, moment)| Happening::End { item, moment }),
        1 => (0..3_u16).prop_map(|item| Happening::Resume { item }),
        1 => (offers(), quantities(), moments()).prop_map(|(offer, quantity, moment)| Happening::Start { offer, quantity, moment }),
    ]
}

/// Intervals, with lives long enough for several periods and short enough to compute.
fn intervals() -> impl Strategy<Value = (Interval, i64)> {
    let choices = [
        (Unit::Day, 1, 12),
        (Unit::Day, 10, 90),
        (Unit::Week, 1, 80),
        (Unit::Month, 1, 400),
        (Unit::Month, 2, 500),
        (Unit::Quarter, 1, 600),
        (Unit::Year, 1, 1100),
    ];
    proptest::sample::select(
        choices.map(|(unit, count, days)| (Interval::new(unit, count).unwrap(), days)).to_vec(),
    )
}

/// Zones with 23 and 25 hour days, a missing midnight, a missing day, half hours.
fn zones() -> impl Strategy<Value = Zone> {
    let names = [
        "UTC",
        "America/New_York",
        "Europe/Paris",
        "Asia/Kolkata",
        "Pacific/Apia",
        "America/Santiago",
        "America/St_Johns",
    ];
    proptest::sample::select(names.map(|name| Zone::parse(name).unwrap()).to_vec())
}

fn lives() -> impl Strategy<Value = Life> {
    // Minutes since 20 December 2011, ten days before the date line moved over Apia.
    let starts = (0..60 * 24 * 120_i64)
        .prop_map(|minutes| super::history::at("2011-12-20") + TimeDelta::minutes(minutes));
    let anchors = proptest::option::of(1..=31_u32);
    let currencies =
        proptest::sample::select(["USD", "JPY", "KWD"].map(|code| Currency::parse(code).unwrap()).to_vec());
    let happenings = prop::collection::vec(happenings(), 1..12);
    ((intervals(), zones(), anchors), starts, currencies, (offers(), quantities()), happenings).prop_map(
        |(((interval, days), zone, anchor), start, currency, first, happenings)| {
            let by_month = !matches!(interval.unit, Unit::Day | Unit::Week);
            let cycle = Cycle::starting(start, anchor.filter(|_| by_month), interval, zone).unwrap();
            Life { cycle, currency, start, days, first, happenings }
        },
    )
}

proptest! {
    #![proptest_config(tried())]

    #[test]
    fn what_is_billed_in_the_end_is_what_the_final_timeline_is_worth(life in lives()) {
        let mut history = life.live();
        let end = life.end_of_all();
        history.bill(end);

        let mut billed: HashMap<Key, Money> = history.recorded.iter().map(|r| (r.key, r.amount)).collect();
        for segment in history.worth(end) {
            let amount = billed.remove(&segment.key());
            prop_assert_eq!(amount, Some(segment.amount), "for {:?} of {:?}", segment.period, segment.version);
        }
        prop_assert!(billed.values().all(|left| left.is_zero()), "billed and worth nothing: {:?}", billed);
        let worth = Money::sum(life.currency, history.worth(end).iter().map(|s| s.amount)).unwrap();
        prop_assert_eq!(history.net(), worth);
        history.explain_all();
    }

    #[test]
    fn cutting_an_item_into_versions_of_the_same_quantity_costs_nothing(
        life in lives(), cuts in prop::collection::vec(moments(), 1..6)
    ) {
        let mut life = life;
        life.first.0.kind = PriceKind::Recurring;
        let end = life.end_of_all();
        let sum = |history: &History| Money::sum(life.currency, history.worth(end).iter().map(|s| s.amount)).unwrap();
        let mut history = History::new(life.cycle, life.currency);
        let item = history.start(life.first.0.clone(), life.first.1, life.start);
        // Ended on a boundary: what is due does then not depend on where it is cut.
        history.end(item, life.cycle.boundary(life.cycle.index_at(life.start).unwrap() + 4).unwrap().min(end));
        let whole = sum(&history);
        for cut in cuts {
            history.change_quantity(item, life.instant(cut), life.first.1);
        }
        prop_assert_eq!(sum(&history), whole);
    }
}
