//! Subscriptions started from a plan with a flat `base` at 31.00, a per-unit `seat` at 12.50 and a one-time `setup` at 99.

use super::*;
use crate::domain::calendar::Interval;
use crate::domain::catalog::{Billing, Price, PriceKind, PriceModel, TaxBehavior};
use crate::domain::ids::{CustomerId, EntityId, PlanId, PriceId};
use crate::domain::subscriptions::items::{ItemRequest, LARGEST_QUANTITY};
use crate::domain::subscriptions::trial::TrialRequest;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn price(n: u128, code: &str, kind: PriceKind, model: PriceModel) -> Price {
    let amounts = BTreeMap::from([(currency("USD"), model)]);
    Price {
        tax_behavior: TaxBehavior::default(),
        id: price_id(n),
        code: code.into(),
        description: code.into(),
        kind,
        billing: Billing::InAdvance,
        metering: None,
        add_on: false,
        amounts,
    }
}

fn price_id(n: u128) -> PriceId {
    PriceId::from_uuid(Uuid::from_u128(n))
}

fn plan() -> PlanVersion {
    PlanVersion {
        plan_id: PlanId::from_uuid(Uuid::nil()),
        version: 3,
        currency: currency("USD"),
        interval: Interval::new(Unit::Month, 1).unwrap(),
        published_at: at("2026-01-01T00:00:00Z"),
        prices: vec![
            price(1, "base", PriceKind::Recurring, PriceModel::Flat { amount: d("31.00") }),
            price(2, "seat", PriceKind::Recurring, PriceModel::PerUnit { unit_amount: d("12.50") }),
            price(3, "setup", PriceKind::OneTime, PriceModel::Flat { amount: d("99") }),
        ],
        features: Vec::new(),
        derived: Vec::new(),
    }
}

fn customer() -> Customer {
    Customer {
        entity_id: EntityId::from_uuid(uuid::Uuid::nil()),
        tax_exemptions: Vec::new(),
        id: CustomerId::from_uuid(Uuid::nil()),
        external_id: None,
        name: "Ada".into(),
        email: None,
        currency: currency("USD"),
        time_zone: Some(Zone::parse("America/New_York").unwrap()),
        address: None,
        tax_ids: vec![],
        payment_terms_days: None,
        default_payment_method_id: None,
        metadata: Metadata::new(),
        version: 1,
        created_at: at("2026-01-01T00:00:00Z"),
        parent_id: None,
        pays: crate::domain::customers::Pays::Itself,
        payer_id: None,
        invoice_grouping: crate::domain::customers::Grouping::Consolidated,
    }
}

fn request() -> StartRequest {
    StartRequest {
        external_id: None,
        selection: Selection::default(),
        currency: None,
        start_at: None,
        end_at: None,
        anchor_day: None,
        trial: TrialRequest::NONE,
        terms: None,
        collection: Collection::SendInvoice,
        invoice_separately: false,
        metadata: Metadata::new(),
    }
}

/// The request with a quantity or items.
fn asking(quantity: Option<Decimal>, items: Option<Vec<ItemRequest>>) -> StartRequest {
    StartRequest { selection: Selection { quantity, items }, ..request() }
}

fn item(n: u128, quantity: Option<&str>) -> ItemRequest {
    ItemRequest { price_id: price_id(n), quantity: quantity.map(d), price_override: None }
}

fn start_on(plan: &PlanVersion, request: StartRequest) -> Result<(Subscription, Timeline), Refused> {
    let chosen = request.choose(plan).unwrap();
    let customer = customer();
    let basis = Basis { customer: &customer, plan, zone: Zone::UTC, now: at("2026-01-31T04:30:00Z") };
    let mut n = 100;
    request.start(&chosen, basis, || {
        n += 1;
        Uuid::from_u128(n)
    })
}

fn start(request: StartRequest) -> Result<(Subscription, Timeline), Refused> {
    start_on(&plan(), request)
}

fn quantities(timeline: &Timeline) -> Vec<(&str, Decimal)> {
    timeline.versions.iter().map(|v| (&*v.terms.description, v.quantity)).collect()
}

fn faults(request: &StartRequest) -> Vec<(String, String)> {
    request.choose(&plan()).unwrap_err().errors.into_iter().map(|e| (e.pointer, e.code)).collect()
}

#[test]
fn without_items_every_price_is_taken_and_the_quantity_counts_units_only() {
    let (_, timeline) = start(asking(Some(d("7")), None)).unwrap();
    assert_eq!(quantities(&timeline), [("base", d("1")), ("seat", d("7")), ("setup", d("1"))]);
}

#[test]
fn items_choose_prices_in_the_plans_order_with_quantities_of_their_own() {
    let items = Some(vec![item(2, Some("0.5")), item(1, None)]);
    let (_, timeline) = start(asking(None, items)).unwrap();
    assert_eq!(quantities(&timeline), [("base", d("1")), ("seat", d("0.5"))]);
}

#[test]
fn it_starts_now_in_the_customers_zone_unless_told_otherwise() {
    let (subscription, timeline) = start(request()).unwrap();
    assert_eq!(subscription.start_at, at("2026-01-31T04:30:00Z"));
    // 23:30 on the 30th in New York.
    assert_eq!((subscription.cycle.anchor_day(), subscription.cycle.zone().name()), (30, "America/New_York"));
    assert!(timeline.versions.iter().all(|v| v.valid_from == subscription.start_at && v.valid_to.is_none()));
    assert_eq!((subscription.plan_version, subscription.currency), (3, currency("USD")));
}

#[test]
fn it_may_end_and_its_items_end_with_it() {
    let end = at("2026-06-30T04:00:00Z");
    let (subscription, timeline) = start(StartRequest { end_at: Some(end), ..request() }).unwrap();
    assert_eq!(subscription.end_at, Some(end));
    assert!(timeline.versions.iter().all(|v| v.valid_to == Some(end)));
}

#[test]
fn an_end_not_after_the_start_is_refused() {
    let start_at = Some(at("2026-06-30T04:00:00Z"));
    let refused = start(StartRequest { start_at, end_at: start_at, ..request() }).unwrap_err();
    assert_eq!((refused.code(), refused.pointer().as_deref()), ("end_before_start", Some("/end_at")));
}

#[test]
fn a_mistyped_year_is_refused() {
    let refused =
        start(StartRequest { start_at: Some(at("0226-06-30T04:00:00Z")), ..request() }).unwrap_err();
    assert_eq!(refused, Refused::OutOfRange { pointer: "/start_at" });
}

#[test]
fn a_currency_without_a_price_is_refused_naming_those_there_are() {
    let refused = start(StartRequest { currency: Some(currency("EUR")), ..request() }).unwrap_err();
    assert_eq!(refused.code(), "currency_not_priced");
    assert_eq!(refused.to_string(), "this plan has no price in EUR; it can be bought in USD");
}

#[test]
fn an_anchor_day_belongs_to_months() {
    let (subscription, _) = start(StartRequest { anchor_day: Some(31), ..request() }).unwrap();
    assert_eq!(subscription.cycle.anchor_day(), 31);
    let refused = start(StartRequest { anchor_day: Some(32), ..request() }).unwrap_err();
    assert_eq!(refused.code(), "anchor_out_of_range");
    let weekly = PlanVersion { interval: Interval::new(Unit::Week, 2).unwrap(), ..plan() };
    let refused = start_on(&weekly, StartRequest { anchor_day: Some(1), ..request() }).unwrap_err();
    assert_eq!(refused, Refused::AnchorNeedsMonths);
}

#[test]
fn a_price_of_its_own_is_kept_beside_the_published_one() {
    let own = PriceModel::Flat { amount: d("25") };
    let mut base = item(1, None);
    base.price_override = Some(own.clone());
    let (_, timeline) = start(asking(None, Some(vec![base]))).unwrap();
    assert_eq!(timeline.versions[0].model(), &own);
    assert_eq!(timeline.versions[0].terms.model, PriceModel::Flat { amount: d("31.00") });
}

#[test]
fn a_price_of_its_own_may_count_units_where_the_plan_does_not() {
    let mut base = item(1, Some("4"));
    base.price_override = Some(PriceModel::PerUnit { unit_amount: d("9") });
    let (_, timeline) = start(asking(None, Some(vec![base]))).unwrap();
    assert_eq!(quantities(&timeline), [("base", d("4"))]);
}

#[test]
fn what_is_wrong_with_items_is_reported_all_at_once() {
    let mut negative = item(2, Some("-1"));
    negative.price_override = Some(PriceModel::PerUnit { unit_amount: d("-1") });
    let items = Some(vec![item(9, None), negative, item(1, Some("2")), item(1, None)]);
    let named: Vec<(String, String)> = faults(&asking(None, items));
    let named: Vec<(&str, &str)> = named.iter().map(|(p, c)| (p.as_str(), c.as_str())).collect();
    assert_eq!(
        named,
        [
            ("/items/0/price_id", "price_not_in_plan"),
            ("/items/1/quantity", "negative_quantity"),
            ("/items/1/price_override/model/unit_amount", "negative_amount"),
            ("/items/2/quantity", "quantity_not_used"),
            ("/items/3/price_id", "price_repeated"),
        ]
    );
}

#[test]
fn an_empty_list_of_items_is_not_every_price() {
    assert_eq!(faults(&asking(None, Some(vec![])))[0].1, "no_items");
}

#[test]
fn quantities_reach_to_a_million_millions() {
    assert_eq!(LARGEST_QUANTITY, d("1000000000000"));
    assert!(start(asking(Some(LARGEST_QUANTITY), None)).is_ok());
    let beyond = asking(Some(LARGEST_QUANTITY + d("0.000000000001")), None);
    assert_eq!(faults(&beyond), [("/quantity".to_owned(), "quantity_too_large".to_owned())]);
}

#[test]
fn a_quantity_nothing_counts_is_refused_and_one_is_no_quantity() {
    let flat_only = Some(vec![item(1, None)]);
    let seven = asking(Some(d("7")), flat_only.clone());
    assert_eq!(faults(&seven)[0].1, "quantity_not_used");
    assert!(start(asking(Some(d("1.0")), flat_only)).is_ok());
}

#[test]
fn the_current_period_is_the_first_before_the_start_and_the_last_after_the_end() {
    let (start_at, end_at) = (Some(at("2026-02-10T05:00:00Z")), Some(at("2026-04-20T04:00:00Z")));
    let (subscription, _) =
        start(StartRequest { start_at, end_at, anchor_day: Some(15), ..request() }).unwrap();
    let shown = |now: &str| {
        let period = subscription.current_period(&[], at(now)).unwrap();
        (period.start.to_rfc3339(), period.end.to_rfc3339())
    };
    let stub = ("2026-02-10T05:00:00+00:00".to_owned(), "2026-02-15T05:00:00+00:00".to_owned());
    assert_eq!(shown("2026-01-01T00:00:00Z"), stub);
    assert_eq!(shown("2026-02-14T00:00:00Z"), stub);
    assert_eq!(shown("2026-03-01T00:00:00Z").1, "2026-03-15T04:00:00+00:00");
    let last = ("2026-04-15T04:00:00+00:00".to_owned(), "2026-04-20T04:00:00+00:00".to_owned());
    assert_eq!(shown("2026-04-16T00:00:00Z"), last);
    assert_eq!(shown("2027-01-01T00:00:00Z"), last);
}

#[test]
fn a_day_begins_where_the_customer_is() {
    let mut request = request();
    let day = |day| NaiveDate::from_ymd_opt(2026, 1, day);
    let paris = Zone::parse("Europe/Paris").unwrap();
    let days = Days { start: day(15), end: None, trial_end: day(20) };
    days.put_in(&mut request, paris).unwrap();
    assert_eq!(request.start_at, Some(at("2026-01-14T23:00:00Z")));
    assert_eq!(request.trial.end, Some(at("2026-01-19T23:00:00Z")));
    let never = Days { end: NaiveDate::from_ymd_opt(3000, 1, 1), ..Days::default() };
    assert_eq!(never.put_in(&mut request, paris), Err(Refused::OutOfRange { pointer: "/end_at" }));
}
