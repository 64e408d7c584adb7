//! Which lines share an invoice? Those of one customer, currency and billing date; 31.00 and 12.00 due on 1 March make one
//! invoice of 43.00.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::super::super::billing::tests::history::{
    History, at, flat, in_advance, in_arrears, once, per_unit,
};
use crate::domain::calendar::Zone;
use crate::domain::ids::SubscriptionId;
use crate::domain::invoicing::Totals;
use crate::domain::invoicing::assemble::{Charges, Draft, assemble};
use crate::domain::money::{Currency, Money};
use crate::domain::subscriptions::Collection;

/// A subscription in USD, its dates in UTC, sharing its customer's automatic invoices.
fn charges(number: u128, mut history: History, as_of: &str) -> Charges {
    Charges {
        subscription_id: SubscriptionId::from_uuid(Uuid::from_u128(number)),
        currency: history.timeline.currency,
        collection: Collection::Automatic,
        invoice_separately: false,
        apart: None,
        zone: history.timeline.cycle.zone(),
        missing: history.bill(at(as_of)),
    }
}

fn monthly(amount: &str, start: &str) -> History {
    let mut history = History::monthly(start, None);
    history.start(in_advance(flat(amount)), Decimal::ONE, at(start));
    history
}

/// `2026-03-01 USD 1: 31.00, 2: 12.00 = 43.00`.
fn rows(drafts: &[Draft]) -> Vec<String> {
    let row = |draft: &Draft| {
        let lines: Vec<_> =
            draft.lines.iter().map(|l| format!("{}: {}", l.line_no, l.amount.to_major_string())).collect();
        format!(
            "{} {} {} = {}",
            draft.billing_date,
            draft.currency,
            lines.join(", "),
            draft.totals.total.to_major_string()
        )
    };
    drafts.iter().map(row).collect()
}

#[test]
fn two_subscriptions_due_on_one_date_share_an_invoice() {
    let drafts = assemble(vec![
        charges(1, monthly("31.00", "2026-03-01"), "2026-04-01"),
        charges(2, monthly("12.00", "2026-03-01"), "2026-03-01"),
    ]);
    assert_eq!(
        rows(&drafts.unwrap()),
        ["2026-03-01 USD 1: 31.00, 2: 12.00 = 43.00", "2026-04-01 USD 1: 31.00 = 31.00"]
    );
}

#[test]
fn missed_periods_make_an_invoice_for_each_billing_date() {
    let mut history = monthly("31.00", "2026-01-01");
    history.start(in_arrears(per_unit("2.50")), Decimal::from(4), at("2026-01-01"));
    history.start(once(flat("9.00")), Decimal::ONE, at("2026-01-01"));
    let expected = [
        "2026-01-01 USD 1: 31.00, 2: 9.00 = 40.00",
        "2026-02-01 USD 1: 31.00, 2: 10.00 = 41.00",
        "2026-03-01 USD 1: 31.00, 2: 10.00 = 41.00",
    ];
    assert_eq!(rows(&assemble(vec![charges(1, history, "2026-03-15")]).unwrap()), expected);
}

#[test]
fn a_subscription_invoiced_alone_shares_nothing() {
    let mut alone = charges(2, monthly("12.00", "2026-03-01"), "2026-03-01");
    alone.invoice_separately = true;
    let drafts = assemble(vec![charges(1, monthly("31.00", "2026-03-01"), "2026-03-01"), alone]).unwrap();
    assert_eq!(rows(&drafts), ["2026-03-01 USD 1: 31.00 = 31.00", "2026-03-01 USD 1: 12.00 = 12.00"]);
    assert_eq!(
        drafts.iter().map(|d| d.subscription_id).collect::<Vec<_>>(),
        [None, Some(SubscriptionId::from_uuid(Uuid::from_u128(2)))]
    );
}

#[test]
fn currencies_and_ways_of_paying_do_not_mix() {
    let mut euros = History::new(monthly("1", "2026-03-01").timeline.cycle, Currency::parse("EUR").unwrap());
    euros.start(in_advance(flat("20.00")), Decimal::ONE, at("2026-03-01"));
    let mut by_letter = charges(3, monthly("5.00", "2026-03-01"), "2026-03-01");
    by_letter.collection = Collection::SendInvoice;
    let all = vec![
        charges(1, monthly("31.00", "2026-03-01"), "2026-03-01"),
        charges(2, euros, "2026-03-01"),
        by_letter,
    ];
    let expected = [
        "2026-03-01 EUR 1: 20.00 = 20.00",
        "2026-03-01 USD 1: 31.00 = 31.00",
        "2026-03-01 USD 1: 5.00 = 5.00",
    ];
    assert_eq!(rows(&assemble(all).unwrap()), expected);
}

#[test]
fn the_billing_date_is_the_date_where_the_customer_is() {
    let mut late = charges(1, monthly("31.00", "2026-03-01"), "2026-03-01");
    late.zone = Zone::parse("America/New_York").unwrap();
    assert_eq!(rows(&assemble(vec![late]).unwrap()), ["2026-02-28 USD 1: 31.00 = 31.00"]);
}

#[test]
fn nothing_missing_makes_no_invoice() {
    let mut history = monthly("31.00", "2026-03-01");
    history.bill(at("2026-03-01"));
    assert_eq!(assemble(vec![charges(1, history, "2026-03-01")]).unwrap(), []);
}

#[test]
fn totals_are_the_sum_of_the_lines_in_visible_steps() {
    let usd = Currency::parse("USD").unwrap();
    let mut lines =
        assemble(vec![charges(1, monthly("31.00", "2026-03-01"), "2026-03-01")]).unwrap().remove(0).lines;
    lines[0].discount = Money::from_minor(100, usd);
    lines[0].tax = Money::from_minor(600, usd);
    let steps = Totals::of(usd, &lines)
        .unwrap()
        .steps()
        .map(|(name, amount)| format!("{name} {}", amount.to_major_string()));
    assert_eq!(steps, ["subtotal 31.00", "discount_total 1.00", "tax_total 6.00", "total 36.00"]);
}
