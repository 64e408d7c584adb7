//! A cut is no new period: wherever a period is cut, and however often it was billed in between, its usage comes to what it would have
//! come to uncut, in every model and by every aggregation.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use rust_decimal::Decimal;
use strum::VariantArray;
use uuid::Uuid;

use super::history::{History, Offer, at, d, in_arrears};
use crate::domain::billing::piece::Reading;
use crate::domain::billing::segments::{self, ToMeasure, Window};
use crate::domain::calendar::Period;
use crate::domain::catalog::{Billing, Metering, PriceKind, PriceModel, Rounding, Tier};
use crate::domain::ids::{ItemVersionId, MeterId};
use crate::domain::rating::usage::Measured;
use crate::domain::usage::{Aggregation, Group, Meter, Usage};

/// Minutes after 1 January, and a value.
type Samples = Vec<(i64, i64)>;

fn instant(minutes: i64) -> DateTime<Utc> {
    at("2026-01-01") + TimeDelta::minutes(minutes)
}

fn meter(aggregation: Aggregation) -> Arc<Meter> {
    Arc::new(Meter {
        id: MeterId::from_uuid(Uuid::from_u128(7)),
        code: "calls".to_owned(),
        name: "Calls".to_owned(),
        event_type: "call".to_owned(),
        aggregation,
        value_property: Some("units".to_owned()),
        price_property: Some("price".to_owned()),
        filters: Vec::new(),
        dimensions: Vec::new(),
        created_at: at("2026-01-01"),
    })
}

/// What a meter says of the events in some stretches of time, read one by one.
fn measured(samples: &Samples, aggregation: Aggregation, stretches: &[Period]) -> Measured {
    let within = |minutes: i64| stretches.iter().any(|stretch| stretch.contains(instant(minutes)));
    let mut of_it: Vec<(i64, i64)> =
        samples.iter().copied().filter(|(minutes, _)| within(*minutes)).collect();
    of_it.sort_unstable();
    let values: Vec<Decimal> = of_it.iter().map(|(_, value)| Decimal::from(*value)).collect();
    let sum: Decimal = values.iter().sum();
    let count = Decimal::from(values.len());
    let quantity = match aggregation {
        Aggregation::Sum => sum,
        Aggregation::Count => count,
        Aggregation::Max => values.iter().max().copied().unwrap_or_default(),
        Aggregation::Latest => values.last().copied().unwrap_or_default(),
        Aggregation::UniqueCount => Decimal::from(of_it.iter().map(|e| e.1).collect::<BTreeSet<_>>().len()),
        Aggregation::Average => (sum / count.max(Decimal::ONE)).round_dp(12),
        Aggregation::WeightedSum => held(samples, stretches),
    };
    let group =
        Group { dimensions: vec![], quantity, events: i64::try_from(values.len()).unwrap(), priced: sum };
    Measured { usage: Usage { groups: vec![group] }, values }
}

/// Value × minutes, minute by minute.
fn held(samples: &Samples, stretches: &[Period]) -> Decimal {
    let mut samples = samples.clone();
    samples.sort_unstable();
    let mut sum = 0;
    for (n, (from, value)) in samples.iter().enumerate() {
        let until = samples.get(n + 1).map_or(31 * 1440, |next| next.0);
        let span = Period { start: instant(*from), end: instant(until.max(*from)) };
        let both = stretches.iter().filter_map(|stretch| stretch.intersect(&span));
        sum += value * both.map(|part| (part.end - part.start).num_minutes()).sum::<i64>();
    }
    Decimal::from(sum)
}

/// Lets the meter say what billing will ask for.
fn read(life: &mut History, samples: &Samples, aggregation: Aggregation, as_of: DateTime<Utc>) {
    let (from, readings) = (life.first_start(), Default::default());
    let window =
        Window { from, as_of, recorded: &life.recorded, readings: &readings, usage_early: life.usage_early };
    let periods = segments::usage_periods(&life.timeline, window).unwrap();
    let reading = |ToMeasure { key, part, earlier, .. }: ToMeasure<'_>| {
        let whole: Vec<Period> = earlier.iter().copied().chain([part]).collect();
        let before = (!earlier.is_empty()).then(|| measured(samples, aggregation, &earlier));
        let measured = measured(samples, aggregation, &whole);
        (key, Reading { meter: meter(aggregation), measured, before, recorded_to: as_of })
    };
    life.readings = periods.into_iter().map(reading).collect();
}

fn price(model: PriceModel, fields: Metering) -> Offer {
    Offer { kind: PriceKind::Usage, billing: Billing::InArrears, metering: Some(fields), model }
}

/// Cuts the item that runs, with no time in between or with some.
fn cut(life: &mut History, at: DateTime<Utc>, gap: TimeDelta) {
    let number = u128::try_from(life.timeline.versions.len()).unwrap();
    let last = life.timeline.versions.iter_mut().find(|v| v.is_in_force(at) && v.valid_from < at);
    let Some(last) = last else { return };
    let mut next = last.clone();
    last.valid_to = Some(at);
    next.id = ItemVersionId::from_uuid(Uuid::from_u128(1_000 + number));
    next.valid_from = at + gap;
    life.timeline.versions.push(next);
}

fn tier(up_to: Option<&str>, unit_amount: &str, flat_amount: &str) -> Tier {
    Tier { up_to: up_to.map(d), unit_amount: d(unit_amount), flat_amount: d(flat_amount) }
}

fn models() -> impl Strategy<Value = PriceModel> {
    let tiers =
        || vec![tier(Some("40"), "0.335", "3"), tier(Some("900"), "0.105", "0"), tier(None, "0.015", "7")];
    let percentage = |least: Option<&str>| PriceModel::Percentage {
        percent: d("2.9"),
        fixed_amount: d("0.305"),
        per_event_minimum: least.map(d),
        per_event_maximum: None,
    };
    prop_oneof![
        Just(PriceModel::Flat { amount: d("31") }),
        Just(PriceModel::PerUnit { unit_amount: d("0.015") }),
        Just(PriceModel::Package { amount: d("5"), size: d("100") }),
        Just(PriceModel::Graduated { tiers: tiers() }),
        Just(PriceModel::Volume { tiers: tiers() }),
        Just(PriceModel::Stairstep { tiers: tiers() }),
        Just(percentage(None)),
        Just(percentage(Some("1"))),
        Just(PriceModel::Dynamic { markup_percent: d("12.5") }),
        Just(PriceModel::Matrix { dimensions: vec![], cells: vec![], default_unit_amount: Some(d("0.025")) }),
    ]
}

fn metering() -> impl Strategy<Value = Metering> {
    (0..3_u8, 0..2_i64, 0..2_i64, any::<bool>()).prop_map(|(divide, included, maximum, allow_negative)| {
        let plain = Metering::by(meter(Aggregation::Sum).id);
        let usd = super::history::usd();
        Metering {
            divide_by: (divide > 0).then(|| d("7")),
            round: (divide > 0).then_some(if divide == 1 { Rounding::Up } else { Rounding::Nearest }),
            included: Decimal::from(included * 100),
            maximum: (maximum > 0).then(|| (usd, d("25.50"))).into_iter().collect(),
            allow_negative,
            ..plain
        }
    })
}

/// Aggregation, and what was recorded.
fn used() -> impl Strategy<Value = (Aggregation, Samples)> {
    let values = prop_oneof![4 => 0_i64..400, 1 => -200_i64..0];
    let samples = prop::collection::vec((0_i64..31 * 1440, values), 0..25);
    (prop::sample::select(Aggregation::VARIANTS), samples)
}

proptest! {
    #[test]
    fn a_period_cut_anywhere_comes_to_what_it_would_have_come_to_uncut(
        (model, metering) in (models(), metering()),
        (aggregation, samples) in used(),
        cuts in prop::collection::btree_set(1_i64..31 * 1440, 1..5),
    ) {
        let (start, end) = (at("2026-01-01"), at("2026-02-01"));
        let mut whole = History::monthly("2026-01-01", None);
        whole.start(price(model.clone(), metering.clone()), Decimal::ONE, start);
        read(&mut whole, &samples, aggregation, end);
        whole.bill(end);
        let mut pieces = History::monthly("2026-01-01", None);
        pieces.start(price(model, metering), Decimal::ONE, start);
        for &minutes in &cuts {
            // Told later than they took effect, billed early, billed late: the way there does not matter.
            cut(&mut pieces, instant(minutes), TimeDelta::zero());
            pieces.usage_early = minutes % 3 == 0;
            let as_of = instant((minutes + minutes % 700).min(31 * 1440 - 1));
            let known: Samples = samples.iter().copied().filter(|(at, _)| instant(*at) <= as_of).collect();
            read(&mut pieces, &known, aggregation, as_of);
            pieces.bill(as_of);
        }
        pieces.usage_early = false;
        read(&mut pieces, &samples, aggregation, end);
        pieces.bill(end);
        prop_assert_eq!(pieces.net(), whole.net());
        pieces.explain_all();
    }

    #[test]
    fn a_minimum_that_is_cut_is_one_minimum(
        (_, samples) in used(),
        cuts in prop::collection::btree_set(1_i64..31 * 1440, 1..5),
    ) {
        let commitment = || in_arrears(PriceModel::Commitment { amount: d("31"), prices: vec![], pooled: false });
        let plain = || price(PriceModel::PerUnit { unit_amount: d("0.015") }, Metering::by(meter(Aggregation::Sum).id));
        let net = |cuts: Vec<i64>| {
            let mut life = History::monthly("2026-01-01", None);
            life.start(plain(), Decimal::ONE, at("2026-01-01"));
            life.start(commitment(), Decimal::ONE, at("2026-01-01"));
            for minutes in cuts {
                cut(&mut life, instant(minutes), TimeDelta::zero());
                cut(&mut life, instant(minutes), TimeDelta::zero());
                read(&mut life, &samples, Aggregation::Sum, instant(minutes));
                life.bill(instant(minutes));
            }
            read(&mut life, &samples, Aggregation::Sum, at("2026-02-01"));
            life.bill(at("2026-02-01"));
            life.explain_all();
            life.net()
        };
        prop_assert_eq!(net(cuts.into_iter().collect()), net(vec![]));
    }

    #[test]
    fn what_flows_back_is_given_back_only_where_the_price_says_so(
        (model, metering) in (models(), metering()),
        (aggregation, samples) in used(),
    ) {
        let mut life = History::monthly("2026-01-01", None);
        let gives_back = metering.allow_negative;
        life.start(price(model, metering), Decimal::ONE, at("2026-01-01"));
        let back: Samples = samples.iter().map(|(at, value)| (*at, -value.abs())).collect();
        read(&mut life, &back, aggregation, at("2026-02-01"));
        life.bill(at("2026-02-01"));
        prop_assert!(gives_back || !life.net().is_negative());
        life.explain_all();
    }
}

#[test]
fn what_is_used_in_a_break_does_not_count_and_included_units_are_had_once() {
    let mut life = History::monthly("2026-01-01", None);
    let included = Metering { included: d("100"), ..Metering::by(meter(Aggregation::Sum).id) };
    life.start(price(PriceModel::PerUnit { unit_amount: d("1") }, included), Decimal::ONE, at("2026-01-01"));
    cut(&mut life, at("2026-01-06"), TimeDelta::minutes(1));
    let samples = vec![(4 * 1440, 100), (5 * 1440, 900), (19 * 1440, 100)];
    read(&mut life, &samples, Aggregation::Sum, at("2026-02-01"));
    assert_eq!(
        life.table("2026-02-01"),
        ["2026-01-01 2026-01-06 0.00", "2026-01-06T00:01Z 2026-02-01 100.00"]
    );
}
