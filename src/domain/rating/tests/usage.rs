//! What measured usage costs, by hand: 3.00 USD per million tokens, percentages with bounds, matrices, included units.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::{d, graduated};
use crate::domain::catalog::{Cell, Metering, PriceModel, Rounding};
use crate::domain::ids::MeterId;
use crate::domain::money::Currency;
use crate::domain::rating::usage::{Measured, UsagePrice};
use crate::domain::usage::{Aggregation, Group, Meter, Usage};

fn meter(dimensions: &[&str]) -> Meter {
    Meter {
        id: MeterId::from_uuid(Uuid::nil()),
        code: "used".to_owned(),
        name: "Used".to_owned(),
        event_type: "used".to_owned(),
        aggregation: Aggregation::Sum,
        value_property: Some("value".to_owned()),
        price_property: Some("price".to_owned()),
        filters: Vec::new(),
        dimensions: dimensions.iter().map(|name| (*name).to_owned()).collect(),
        created_at: chrono::DateTime::UNIX_EPOCH,
    }
}

fn metering() -> Metering {
    Metering::by(MeterId::from_uuid(Uuid::nil()))
}

fn group(dimensions: &[&str], quantity: &str) -> Group {
    let dimensions = dimensions.iter().map(|value| (*value).to_owned()).collect();
    Group { dimensions, quantity: d(quantity), events: 4, priced: d("7.50") }
}

fn used(quantity: &str) -> Measured {
    Measured { usage: Usage { groups: vec![group(&[], quantity)] }, values: Vec::new() }
}

#[track_caller]
fn printed((model, metering): (&PriceModel, &Metering), measured: &Measured) -> String {
    let (meter, currency) = (meter(&["model", "region"]), Currency::parse("USD").unwrap());
    let rated = UsagePrice { model, metering, meter: &meter, currency }.rate(measured).unwrap();
    assert_eq!(
        rated.quantity * rated.unit_amount,
        rated.amount,
        "a line is its quantity times its unit amount"
    );
    format!(
        "{} x {} = {}",
        rated.quantity.normalize(),
        rated.unit_amount.normalize(),
        rated.amount.normalize()
    )
}

fn per_unit(amount: &str) -> PriceModel {
    PriceModel::PerUnit { unit_amount: d(amount) }
}

fn percentage(percent: &str, fixed: &str, bounds: (Option<&str>, Option<&str>)) -> PriceModel {
    PriceModel::Percentage {
        percent: d(percent),
        fixed_amount: d(fixed),
        per_event_minimum: bounds.0.map(d),
        per_event_maximum: bounds.1.map(d),
    }
}

#[test]
fn a_price_per_million_divides_what_was_measured() {
    let per_million = Metering { divide_by: Some(d("1000000")), ..metering() };
    assert_eq!(printed((&per_unit("3.00"), &per_million), &used("7988")), "0.007988 x 3 = 0.023964");
}

#[test]
fn quantities_are_converted_then_rounded_then_freed_of_what_is_included() {
    let minutes =
        |round| Metering { divide_by: Some(d("60")), round: Some(round), included: d("100"), ..metering() };
    let price = per_unit("0.02");
    assert_eq!(printed((&price, &minutes(Rounding::Up)), &used("8048")), "35 x 0.02 = 0.7");
    assert_eq!(printed((&price, &minutes(Rounding::Down)), &used("8048")), "34 x 0.02 = 0.68");
    assert_eq!(printed((&price, &minutes(Rounding::Nearest)), &used("8009")), "33 x 0.02 = 0.66");
    assert_eq!(printed((&price, &minutes(Rounding::Nearest)), &used("8010")), "34 x 0.02 = 0.68");
    assert_eq!(printed((&price, &minutes(Rounding::Up)), &used("8040")), "34 x 0.02 = 0.68");
    assert_eq!(printed((&price, &minutes(Rounding::Up)), &used("12")), "0 x 0.02 = 0");
}

#[test]
fn overage_is_the_price_of_what_is_above_the_included_units() {
    let overage = Metering { included: d("1000"), ..metering() };
    assert_eq!(printed((&per_unit("0.02"), &overage), &used("1500")), "500 x 0.02 = 10");
    let tiers = graduated(&["100: 0.10", "1000: 0.08", "*: 0.05"]);
    assert_eq!(printed((&tiers, &overage), &used("3500")), "1 x 157 = 157");
}

#[test]
fn a_percentage_adds_its_fixed_part_for_each_event() {
    assert_eq!(
        printed((&percentage("2.9", "0.30", (None, None)), &metering()), &used("1000")),
        "1 x 30.2 = 30.2"
    );
    assert_eq!(
        printed((&percentage("2.9", "0", (None, None)), &metering()), &used("1000")),
        "1000 x 0.029 = 29"
    );
}

#[test]
fn bounds_hold_for_each_event() {
    let price = percentage("1", "0", (Some("0.50"), Some("10.00")));
    let events = Measured { values: vec![d("20"), d("600"), d("5000")], ..used("5620") };
    assert_eq!(printed((&price, &metering()), &events), "1 x 16.5 = 16.5");
}

#[test]
fn a_matrix_prices_each_combination_by_its_cell_and_the_rest_by_its_default() {
    let cell = |region: &str, model: &str, amount| Cell {
        values: vec![region.to_owned(), model.to_owned()],
        unit_amount: d(amount),
    };
    // The matrix names the dimensions in an order of its own.
    let matrix = |default: Option<&str>| PriceModel::Matrix {
        dimensions: vec!["region".to_owned(), "model".to_owned()],
        cells: vec![cell("eu", "large", "0.002"), cell("us", "large", "0.003")],
        default_unit_amount: default.map(d),
    };
    let groups = vec![
        group(&["large", "eu"], "7000"),
        group(&["large", "us"], "1000"),
        group(&["small", "eu"], "988"),
    ];
    let usage = Measured { usage: Usage { groups }, values: Vec::new() };
    assert_eq!(printed((&matrix(Some("0.001")), &metering()), &usage), "1 x 17.988 = 17.988");
    assert_eq!(printed((&matrix(None), &metering()), &usage), "1 x 17 = 17");
    let one = Measured { usage: Usage { groups: vec![group(&["large", "eu"], "7000")] }, values: Vec::new() };
    assert_eq!(printed((&matrix(None), &metering()), &one), "7000 x 0.002 = 14");
}

#[test]
fn a_dynamic_price_is_what_the_events_say_and_a_markup() {
    let dynamic = |markup| PriceModel::Dynamic { markup_percent: d(markup) };
    assert_eq!(printed((&dynamic("20"), &metering()), &used("3")), "1 x 9 = 9");
    assert_eq!(printed((&dynamic("0"), &metering()), &used("3")), "1 x 7.5 = 7.5");
}

#[test]
fn what_is_above_the_maximum_of_a_period_is_not_charged() {
    let usd = Currency::parse("USD").unwrap();
    let capped = Metering { maximum: [(usd, d("50.00"))].into(), ..metering() };
    assert_eq!(printed((&per_unit("0.10"), &capped), &used("499")), "499 x 0.1 = 49.9");
    assert_eq!(printed((&per_unit("0.10"), &capped), &used("900")), "1 x 50 = 50");
}

#[test]
fn a_unit_begun_counts_however_many_digits_the_quotient_would_have() {
    let thirds = Metering { divide_by: Some(d("3")), round: Some(Rounding::Up), ..metering() };
    let price = |measured: &str| {
        let meter = meter(&[]);
        let currency = Currency::parse("USD").unwrap();
        UsagePrice { model: &per_unit("1"), metering: &thirds, meter: &meter, currency }
            .payable(d(measured))
            .unwrap()
    };
    assert_eq!(price("999999999999999.000000000001"), Decimal::from(333_333_333_333_334_i64));
    assert_eq!(price("999999999999999"), Decimal::from(333_333_333_333_333_i64));
}
