//! Plans that may be published and plans that may not.

use super::super::Rounding;
use super::*;
use crate::domain::calendar::Unit;
use crate::domain::catalog::{Billing, Metering, PriceKind, PriceModel, TaxBehavior};
use crate::domain::ids::MeterId;
use chrono::TimeZone;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use uuid::Uuid;

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn flat(amount: &str) -> PriceModel {
    PriceModel::Flat { amount: amount.parse::<Decimal>().unwrap() }
}

fn price(code: &str, model: PriceModel) -> PriceDraft {
    PriceDraft {
        tax_behavior: TaxBehavior::default(),
        code: code.into(),
        description: None,
        kind: PriceKind::Recurring,
        billing: Billing::InAdvance,
        metering: None,
        add_on: false,
        minimum: BTreeMap::new(),
        model,
        currencies: BTreeMap::new(),
    }
}

fn publish(prices: Vec<PriceDraft>) -> Result<PlanVersion, Invalid> {
    let at = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap();
    let publication = Publication { plan_id: PlanId::from_uuid(Uuid::nil()), version: 1, at };
    let interval = Interval::new(Unit::Month, 1).unwrap();
    let mut n = 0;
    VersionDraft {
        currency: currency("USD"),
        interval,
        prices,
        features: Vec::new(),
        derive: Vec::new(),
        derived: Vec::new(),
    }
    .publish(publication, || {
        n += 1;
        PriceId::from_uuid(Uuid::from_u128(n))
    })
}

fn faults(prices: Vec<PriceDraft>) -> Vec<(String, String)> {
    publish(prices).unwrap_err().errors.into_iter().map(|e| (e.pointer, e.code)).collect()
}

#[test]
fn prices_keep_their_order_and_get_an_id_each() {
    let version = publish(vec![price("base", flat("31.00")), price("setup", flat("0"))]).unwrap();
    let seen: Vec<(&str, &str, u128)> = version
        .prices
        .iter()
        .map(|p| (p.code.as_str(), p.description.as_str(), p.id.uuid().as_u128()))
        .collect();
    assert_eq!(seen, [("base", "base", 1), ("setup", "setup", 2)]);
}

#[test]
fn a_plan_without_prices_is_refused() {
    assert_eq!(faults(vec![]), [("/prices".to_owned(), "no_prices".to_owned())]);
}

#[test]
fn a_repeated_code_and_a_negative_amount_are_both_named() {
    let found = faults(vec![price("base", flat("1")), price("base", flat("2")), price("odd", flat("-1.00"))]);
    let named: Vec<&str> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(named, ["/prices/1/code", "/prices/2/model/amount"]);
}

#[test]
fn a_one_time_price_is_charged_in_advance_only() {
    let mut setup = price("setup", flat("99"));
    (setup.kind, setup.billing) = (PriceKind::OneTime, Billing::InArrears);
    assert_eq!(faults(vec![setup]), [("/prices/0/billing".to_owned(), "one_time_in_arrears".to_owned())]);
}

#[test]
fn further_currencies_are_priced_beside_the_plans_own() {
    let mut base = price("base", flat("31.00"));
    base.currencies.insert(currency("EUR"), flat("29.00"));
    let version = publish(vec![base.clone()]).unwrap();
    assert_eq!(PlanVersion::currencies(&version.prices), [currency("EUR"), currency("USD")]);
    base.currencies.insert(currency("USD"), flat("-1"));
    let named: Vec<String> = faults(vec![base]).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(named, ["/prices/0/currencies/USD", "/prices/0/currencies/USD/model/amount"]);
}

#[test]
fn a_price_is_of_one_type_in_all_its_currencies() {
    let mut base = price("base", flat("31.00"));
    base.currencies.insert(currency("EUR"), PriceModel::PerUnit { unit_amount: Decimal::TEN });
    assert_eq!(faults(vec![base])[0].1, "model_types_differ");
}

#[test]
fn an_amount_the_currency_cannot_count_is_refused() {
    let mut base = price("base", flat("1"));
    base.currencies.insert(currency("CLF"), flat("999999999999999"));
    assert_eq!(
        faults(vec![base]),
        [("/prices/0/currencies/CLF/model/amount".to_owned(), "amount_out_of_range".to_owned())]
    );
}

#[test]
fn a_plan_can_be_bought_in_the_currencies_all_its_prices_have() {
    let mut base = price("base", flat("31.00"));
    base.currencies.insert(currency("EUR"), flat("29.00"));
    let version = publish(vec![base, price("support", flat("10"))]).unwrap();
    assert_eq!(PlanVersion::currencies(&version.prices), [currency("USD")]);
}

fn usage(code: &str, model: PriceModel) -> PriceDraft {
    let metering = Some(Metering::by(MeterId::from_uuid(Uuid::nil())));
    PriceDraft { kind: PriceKind::Usage, billing: Billing::InArrears, metering, ..price(code, model) }
}

fn commitment(code: &str, prices: &[&str]) -> PriceDraft {
    let prices = prices.iter().map(|code| (*code).to_owned()).collect();
    let model = PriceModel::Commitment { amount: Decimal::ONE_HUNDRED, prices, pooled: false };
    PriceDraft { billing: Billing::InArrears, ..price(code, model) }
}

#[test]
fn a_usage_price_has_a_meter_and_is_billed_in_arrears() {
    let mut unmetered = usage("calls", flat("1"));
    unmetered.metering = None;
    assert_eq!(faults(vec![unmetered]), [("/prices/0/meter_id".to_owned(), "missing_field".to_owned())]);
    let mut early = usage("calls", flat("1"));
    early.billing = Billing::InAdvance;
    assert_eq!(faults(vec![early]), [("/prices/0/billing".to_owned(), "usage_in_advance".to_owned())]);
    let mut sold = usage("calls", flat("1"));
    sold.kind = PriceKind::Recurring;
    assert_eq!(faults(vec![sold]), [("/prices/0/meter_id".to_owned(), "meter_not_used".to_owned())]);
    let dynamic = price("calls", PriceModel::Dynamic { markup_percent: Decimal::ZERO });
    assert_eq!(faults(vec![dynamic]), [("/prices/0/kind".to_owned(), "model_needs_usage".to_owned())]);
}

#[test]
fn a_quantity_is_divided_so_that_the_quotient_ends_or_is_rounded() {
    let by = |divide_by: &str, round| {
        let mut calls = usage("calls", PriceModel::PerUnit { unit_amount: Decimal::ONE });
        let metering = calls.metering.as_mut().unwrap();
        (metering.divide_by, metering.round) = (Some(divide_by.parse().unwrap()), round);
        publish(vec![calls]).map_or_else(|e| e.errors[0].code.clone(), |_| "published".to_owned())
    };
    assert_eq!([by("1000000", None), by("60", Some(Rounding::Up))], ["published", "published"]);
    assert_eq!([by("60", None), by("0", None)], ["inexact_division", "out_of_range"]);
}

#[test]
fn a_minimum_becomes_a_commitment_of_its_own_after_its_price() {
    let mut calls = usage("calls", PriceModel::PerUnit { unit_amount: Decimal::ONE });
    calls.minimum.insert(currency("USD"), Decimal::ONE_HUNDRED);
    let version = publish(vec![calls, price("base", flat("31"))]).unwrap();
    let codes: Vec<&str> = version.prices.iter().map(|p| p.code.as_str()).collect();
    assert_eq!(codes, ["calls", "calls_minimum", "base"]);
    let model = &version.prices[1].amounts[&currency("USD")];
    assert_eq!(
        *model,
        PriceModel::Commitment {
            amount: Decimal::ONE_HUNDRED,
            prices: vec!["calls".to_owned()],
            pooled: false
        }
    );
}

#[test]
fn a_commitment_counts_prices_of_its_plan_that_are_billed_in_arrears() {
    let calls = || usage("calls", PriceModel::PerUnit { unit_amount: Decimal::ONE });
    assert!(publish(vec![calls(), commitment("least", &["calls"])]).is_ok());
    let found = faults(vec![price("base", flat("31")), commitment("least", &["base", "calls"])]);
    assert_eq!(
        found,
        [
            ("/prices/1/model/prices/0".to_owned(), "price_does_not_count".to_owned()),
            ("/prices/1/model/prices/1".to_owned(), "unknown_price".to_owned()),
        ]
    );
    let mut early = commitment("least", &[]);
    early.billing = Billing::InAdvance;
    assert_eq!(faults(vec![calls(), early])[0].1, "commitment_in_arrears");
}
