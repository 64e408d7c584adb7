//! Is what moved called by its name, and is it all that moved?

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::report::Report;
use super::{Kind, movements};
use crate::domain::calendar::{Cycle, Interval, Unit, Zone};
use crate::domain::catalog::{Billing, PriceKind, PriceModel, TaxTerms};
use crate::domain::ids::{CustomerId, ItemId, ItemVersionId, PlanId, PriceId, SubscriptionId};
use crate::domain::money::Currency;
use crate::domain::revenue::Days;
use crate::domain::subscriptions::timeline::Bounds;
use crate::domain::subscriptions::{ItemVersion, PriceTerms, Timeline};

fn at(day: &str) -> DateTime<Utc> {
    format!("{day}T00:00:00Z").parse().unwrap()
}

fn usd() -> Currency {
    "USD".parse().unwrap()
}

/// A price of a plan, each with the number of its plan: `11` and `12` are two versions of plan 1.
fn terms(price: u128, amount: i64) -> Arc<PriceTerms> {
    Arc::new(PriceTerms {
        price_id: PriceId::from_uuid(Uuid::from_u128(price)),
        code: Arc::from("seat"),
        description: Arc::from("Seats"),
        position: 0,
        kind: PriceKind::Recurring,
        billing: Billing::InAdvance,
        model: PriceModel::PerUnit { unit_amount: Decimal::from(amount) },
        metering: None,
        own_tax_terms: TaxTerms::default(),
    })
}

fn plan_of(price: PriceId) -> Option<PlanId> {
    Some(PlanId::from_uuid(Uuid::from_u128(price.uuid().as_u128() / 10)))
}

/// Quantities of a price from a day on, up to the next one's.
fn timeline(number: u128, unit: Unit, rows: &[(&str, i64, Arc<PriceTerms>)], end: Option<&str>) -> Timeline {
    let zone: Zone = "UTC".parse().unwrap();
    let cycle = Cycle::starting(at(rows[0].0), None, Interval::new(unit, 1).unwrap(), zone).unwrap();
    let versions = rows.iter().enumerate().map(|(n, (from, quantity, terms))| ItemVersion {
        id: ItemVersionId::from_uuid(Uuid::from_u128(number * 100 + n as u128)),
        item_id: ItemId::from_uuid(Uuid::from_u128(number)),
        quantity: Decimal::from(*quantity),
        terms: Arc::clone(terms),
        price_override: None,
        valid_from: at(from),
        valid_to: rows.get(n + 1).map(|next| at(next.0)).or(end.map(at)),
        bounds: Bounds::default(),
    });
    Timeline {
        subscription_id: SubscriptionId::from_uuid(Uuid::from_u128(number)),
        currency: usd(),
        cycle,
        later_cycles: Vec::new(),
        versions: versions.collect(),
    }
}

fn moved(timelines: &[&Timeline], before: &str) -> Vec<super::Movement> {
    let customer = CustomerId::from_uuid(Uuid::nil());
    movements(customer, (timelines, usd()), (at(before), &plan_of)).unwrap()
}

/// `2026-01-10 expansion 36.00`.
fn texts(timelines: &[&Timeline], before: &str) -> Vec<String> {
    let text = |one: super::Movement| {
        format!("{} {} {}", one.at.date_naive(), one.kind.into_str(), one.amount.to_major_string())
    };
    moved(timelines, before).into_iter().map(text).collect()
}

#[test]
fn seats_added_and_removed_a_dearer_version_and_another_plan() {
    let seats = timeline(
        1,
        Unit::Month,
        &[
            ("2026-01-01", 5, terms(11, 12)),
            ("2026-01-10", 8, terms(11, 12)),
            ("2026-02-10", 6, terms(11, 12)),
            ("2026-03-01", 6, terms(12, 13)),
            ("2026-03-20", 6, terms(21, 20)),
        ],
        Some("2026-05-01"),
    );
    assert_eq!(
        texts(&[&seats], "2026-12-31"),
        [
            "2026-01-01 new 60.00",
            "2026-01-10 expansion 36.00",
            "2026-02-10 contraction -24.00",
            "2026-03-01 price 6.00",
            "2026-03-20 expansion 42.00",
            "2026-05-01 churn -120.00",
        ]
    );
    assert_eq!(texts(&[&seats], "2026-02-10").len(), 2, "what comes later is not known then");
}

#[test]
fn a_customer_churns_with_the_last_subscription_and_may_come_back() {
    let first = timeline(1, Unit::Month, &[("2026-01-01", 1, terms(11, 10))], Some("2026-02-01"));
    let second = timeline(2, Unit::Year, &[("2026-01-15", 1, terms(21, 120))], Some("2026-03-01"));
    let third = timeline(3, Unit::Week, &[("2026-04-01", 1, terms(31, 7))], None);
    assert_eq!(
        texts(&[&first, &second, &third], "2026-12-31"),
        [
            "2026-01-01 new 10.00",
            "2026-01-15 expansion 10.00",
            "2026-02-01 contraction -10.00",
            "2026-03-01 churn -10.00",
            "2026-04-01 reactivation 30.33",
        ]
    );
}

#[test]
fn each_month_opens_with_what_the_one_before_closed_with() {
    let ada = timeline(1, Unit::Month, &[("2026-01-05", 10, terms(11, 10))], None);
    let grown = timeline(
        2,
        Unit::Month,
        &[("2026-01-20", 2, terms(11, 10)), ("2026-02-03", 5, terms(11, 10))],
        Some("2026-02-25"),
    );
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let mut report =
        Report::new(Days { from: day("2026-01-01"), to: day("2026-04-01") }, "UTC".parse().unwrap());
    report.add(usd(), &moved(&[&ada], "2026-04-01"));
    report.add(usd(), &moved(&[&grown], "2026-04-01"));
    let months: Vec<String> = report
        .months()
        .map(|(_, month)| {
            let moved =
                [Kind::New, Kind::Expansion, Kind::Churn].map(|kind| month.moved_by(kind).to_major_string());
            format!(
                "{} + {} = {} of {:?}, {:?}",
                month.opening.to_major_string(),
                moved.join(" "),
                month.closing.to_major_string(),
                month.customers,
                month.net_retention().map(|share| share.to_string())
            )
        })
        .collect();
    assert_eq!(
        months,
        [
            "0.00 + 120.00 0.00 0.00 = 120.00 of (0, 2), None",
            "120.00 + 0.00 30.00 -50.00 = 100.00 of (2, 1), Some(\"0.8333\")",
            "100.00 + 0.00 0.00 0.00 = 100.00 of (1, 1), Some(\"1\")",
        ]
    );
    let left: Vec<String> = report
        .cohorts()
        .map(|(_, [came, month], left)| {
            format!("{came} {month} {} {}", left.customers, left.amount.to_major_string())
        })
        .collect();
    assert_eq!(
        left,
        [
            "2026-01-01 2026-01-01 2 120.00",
            "2026-01-01 2026-02-01 1 100.00",
            "2026-01-01 2026-03-01 1 100.00"
        ]
    );
}

#[test]
fn who_came_within_a_month_is_not_among_those_who_stayed_or_went() {
    let base = timeline(1, Unit::Month, &[("2026-01-05", 1, terms(11, 100))], None);
    let grows = timeline(
        2,
        Unit::Month,
        &[("2026-02-02", 30, terms(21, 1)), ("2026-02-20", 100, terms(21, 1))],
        None,
    );
    let goes = timeline(3, Unit::Month, &[("2026-02-02", 30, terms(31, 1))], Some("2026-02-20"));
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let mut report =
        Report::new(Days { from: day("2026-02-01"), to: day("2026-03-01") }, "UTC".parse().unwrap());
    for one in [&base, &grows, &goes] {
        report.add(usd(), &moved(&[one], "2026-03-01"));
    }
    let (_, february) = report.months().next().unwrap();
    assert_eq!(
        (february.closing.to_major_string(), february.happened_to(Kind::Churn)),
        ("200.00".to_owned(), 1)
    );
    let shares = [
        february.net_retention(),
        february.gross_retention(),
        february.revenue_churn(),
        february.customer_churn(),
    ];
    assert_eq!(shares.map(|share| share.unwrap().to_string()), ["1", "1", "0", "0"]);
    assert_eq!(february.lifetime_value(), None, "of those who were there nobody went");
}
