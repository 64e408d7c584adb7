//! Usage in the engine: billed at the period's end, late usage as a difference, early usage held, commitments trued up.

use std::sync::Arc;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::history::{History, Offer, at, d, flat, in_advance, in_arrears, lines};
use crate::domain::billing::piece::{Key, Reading};
use crate::domain::catalog::{Billing, Metering, PriceKind, PriceModel};
use crate::domain::ids::MeterId;
use crate::domain::rating::usage::Measured;
use crate::domain::usage::{Aggregation, Group, Meter, Usage};

pub fn meter() -> Arc<Meter> {
    Arc::new(Meter {
        id: MeterId::from_uuid(Uuid::from_u128(7)),
        code: "calls".to_owned(),
        name: "Calls".to_owned(),
        event_type: "call".to_owned(),
        aggregation: Aggregation::Sum,
        value_property: Some("units".to_owned()),
        price_property: None,
        filters: Vec::new(),
        dimensions: Vec::new(),
        created_at: at("2026-01-01"),
    })
}

pub fn calls(unit_amount: &str) -> Offer {
    let metering = Some(Metering::by(meter().id));
    let model = PriceModel::PerUnit { unit_amount: d(unit_amount) };
    Offer { kind: PriceKind::Usage, billing: Billing::InArrears, metering, model }
}

fn commitment(amount: &str) -> Offer {
    in_arrears(PriceModel::Commitment { amount: d(amount), prices: Vec::new(), pooled: false })
}

/// The meter now says this of the period of item 0 that starts then.
fn used(life: &mut History, start: &str, quantity: &str) {
    let group = Group { dimensions: vec![], quantity: d(quantity), events: 1, priced: Decimal::ZERO };
    let measured = Measured { usage: Usage { groups: vec![group] }, values: Vec::new() };
    let key = Key { version: life.timeline.versions[0].id, start: at(start) };
    let reading = Reading { meter: meter(), measured, before: None, recorded_to: at(start) };
    life.readings.insert(key, reading);
}

fn months() -> History {
    let mut life = History::monthly("2026-01-01", None);
    life.start(calls("0.10"), Decimal::ONE, at("2026-01-01"));
    for month in ["2026-01-01", "2026-02-01", "2026-03-01"] {
        used(&mut life, month, "0");
    }
    life
}

#[test]
fn usage_is_billed_when_its_period_ends() {
    let mut life = months();
    used(&mut life, "2026-01-01", "1000");
    assert_eq!(lines(&life.bill(at("2026-01-31"))), [""; 0]);
    assert_eq!(lines(&life.bill(at("2026-02-01"))), ["2026-01-01 2026-02-01 rev 0 100.00 Item 0"]);
    assert_eq!(lines(&life.bill(at("2026-02-01"))), [""; 0]);
}

#[test]
fn usage_recorded_after_its_period_was_billed_is_a_difference_that_names_the_old_period() {
    let mut life = months();
    used(&mut life, "2026-01-01", "1000");
    life.bill(at("2026-02-01"));
    used(&mut life, "2026-01-01", "1010");
    assert_eq!(
        lines(&life.bill(at("2026-03-01"))),
        [
            "2026-01-01 2026-02-01 rev 1 1.00 Item 0 (10 units since last billed, 1010 in all)",
            "2026-02-01 2026-03-01 rev 0 0.00 Item 0 (0 units)",
        ]
        .map(|line| line.replace(" (0 units)", ""))
    );
}

#[test]
fn usage_billed_early_is_left_alone_until_its_period_ends_and_then_only_the_rest_is_billed() {
    let mut life = months();
    used(&mut life, "2026-01-01", "600");
    life.usage_early = true;
    assert_eq!(lines(&life.bill(at("2026-01-20"))), ["2026-01-01 2026-02-01 rev 0 60.00 Item 0"]);
    life.usage_early = false;
    used(&mut life, "2026-01-01", "900");
    assert_eq!(lines(&life.bill(at("2026-01-25"))), [""; 0]);
    assert_eq!(
        lines(&life.bill(at("2026-02-01"))),
        ["2026-01-01 2026-02-01 rev 1 30.00 Item 0 (300 units since last billed, 900 in all)"]
    );
}

#[test]
fn what_usage_falls_short_of_a_commitment_is_charged_at_the_periods_end() {
    let mut life = months();
    life.start(commitment("100.00"), Decimal::ONE, at("2026-01-01"));
    used(&mut life, "2026-01-01", "620");
    assert_eq!(
        lines(&life.bill(at("2026-02-01"))),
        ["2026-01-01 2026-02-01 rev 0 62.00 Item 0", "2026-01-01 2026-02-01 rev 0 38.00 Item 1"]
    );
    // 500 more, recorded late: 112.00 in all, so nothing of the commitment is left to charge.
    used(&mut life, "2026-01-01", "1120");
    used(&mut life, "2026-02-01", "1500");
    assert_eq!(
        lines(&life.bill(at("2026-03-01"))),
        [
            "2026-01-01 2026-02-01 rev 1 50.00 Item 0 (500 units since last billed, 1120 in all)",
            "2026-02-01 2026-03-01 rev 0 150.00 Item 0",
            "2026-01-01 2026-02-01 rev 1 -38.00 Adjustment: Item 1",
            "2026-02-01 2026-03-01 rev 0 0.00 Item 1",
        ]
    );
}

#[test]
fn a_commitment_of_half_a_month_is_half_the_amount() {
    let mut life = History::monthly("2026-04-01", None);
    life.start(calls("0.10"), Decimal::ONE, at("2026-04-01"));
    life.start(commitment("100.00"), Decimal::ONE, at("2026-04-16"));
    used(&mut life, "2026-04-01", "200");
    assert_eq!(
        lines(&life.bill(at("2026-05-01"))),
        ["2026-04-01 2026-05-01 rev 0 20.00 Item 0", "2026-04-16 2026-05-01 rev 0 30.00 Item 1"]
    );
}

#[test]
fn a_fee_billed_in_advance_does_not_count_towards_a_commitment() {
    let mut life = months();
    life.start(commitment("100.00"), Decimal::ONE, at("2026-01-01"));
    life.start(in_advance(flat("500.00")), Decimal::ONE, at("2026-01-01"));
    let billed = lines(&life.bill(at("2026-02-01")));
    assert!(billed.contains(&"2026-01-01 2026-02-01 rev 0 100.00 Item 1".to_owned()), "{billed:?}");
}

#[test]
fn usage_that_no_meter_measures_is_not_billed_as_nothing() {
    let mut life = months();
    life.readings.clear();
    assert!(life.try_worth(at("2026-02-01")).is_err());
}
