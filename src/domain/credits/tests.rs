//! Which credits pay what, and do they add up? Worked numbers and laws.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::draw;
use super::note::{self, Credited, Part, Taken, To, Wanted};
use super::purchase::low;
use super::usage::Usage;
use super::{AppliesTo, Buys, Funds, Grant, Metadata, Source, Status, TopUp};
use crate::domain::billing::Line;
use crate::domain::calendar::Period;
use crate::domain::ids::{CreditGrantId, CustomerId, EntityId, InvoiceId, MeterId, PriceId};
use crate::domain::invoicing::assemble::{Draft, Identity};
use crate::domain::invoicing::{Invoice, Status as InvoiceStatus, Totals};
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::subscriptions::Collection;

/// Both steps by which funds pay: the grants, then the balance.
fn apply(
    invoice: &mut Invoice,
    usage: &[Usage],
    funds: &mut Funds,
    now: DateTime<Utc>,
) -> Result<draw::Put, MoneyError> {
    let put = draw::credits(invoice, usage, funds, now)?;
    draw::balance(invoice, funds)?;
    Ok(put)
}

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("USD").unwrap())
}

fn at(day: u32) -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(2026, 1, day).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc()
}

fn invoice(total: i64) -> Invoice {
    let totals = Totals::untaxed(usd(total));
    let draft = Draft {
        subscription_id: None,
        currency: usd(0).currency(),
        collection: Collection::Automatic,
        billing_date: at(1).date_naive(),
        lines: vec![],
        totals,
    };
    let identity = Identity {
        id: InvoiceId::from_uuid(Uuid::from_u128(1)),
        customer_id: CustomerId::from_uuid(Uuid::from_u128(2)),
        entity_id: EntityId::from_uuid(Uuid::from_u128(3)),
        bill_run_id: None,
        now: at(1),
        finalizes_at: None,
    };
    draft.identified(identity).0
}

fn usage(price: u128, cents: i64) -> Usage {
    let meter_id = Some(MeterId::from_uuid(Uuid::from_u128(10 * price)));
    Usage { price_id: PriceId::from_uuid(Uuid::from_u128(price)), meter_id, net: usd(cents), at: None }
}

fn grant(n: u128, cents: i64) -> Grant {
    Grant {
        id: CreditGrantId::from_uuid(Uuid::from_u128(n)),
        customer_id: CustomerId::from_uuid(Uuid::from_u128(2)),
        source: Source::Purchased,
        name: "Credits".to_owned(),
        amount: usd(cents),
        price: usd(cents),
        remaining: usd(cents),
        closed_amount: usd(0),
        closed_price: usd(0),
        priority: 50,
        expires_at: None,
        status: Status::Active,
        invoice_id: None,
        top_up: false,
        applies_to: AppliesTo::default(),
        same_prices: BTreeSet::new(),
        metadata: Metadata::new(),
        created_at: at(1),
    }
}

fn funds(grants: Vec<Grant>, balance: i64) -> Funds {
    let balances = BTreeMap::from([(usd(0).currency(), usd(balance))]);
    Funds { grants, balances, top_ups: vec![], drew: vec![] }
}

/// What each grant pays, by its number, then the balance, then what is due.
fn paid(total: i64, lines: &[Usage], funds: &mut Funds) -> (Vec<(u128, i64)>, i64, i64) {
    let mut invoice = invoice(total);
    let draws = apply(&mut invoice, lines, funds, at(5)).unwrap();
    let draws = draws.draws.iter().map(|d| (d.grant_id.uuid().as_u128(), d.amount.minor())).collect();
    (draws, invoice.applied.balance.minor(), invoice.amount_due().unwrap().minor())
}

#[test]
fn usage_is_paid_from_grants_and_the_rest_from_the_balance() {
    let mut funds_held = funds(vec![grant(1, 3_000), grant(2, 1_000)], 500);
    assert_eq!(paid(6_500, &[usage(1, 4_500)], &mut funds_held), (vec![(1, 3_000), (2, 1_000)], 500, 2_000));
    assert_eq!(paid(6_500, &[usage(1, 4_500)], &mut funds_held), (vec![], 0, 6_500));
}

#[test]
fn the_order_is_priority_then_expiry_then_given_before_bought_then_age() {
    let mut grants = vec![
        grant(1, 100),
        Grant { created_at: at(2), ..grant(2, 100) },
        Grant { source: Source::Promotional, created_at: at(3), ..grant(3, 100) },
        Grant { expires_at: Some(at(20)), created_at: at(4), ..grant(4, 100) },
        Grant { expires_at: Some(at(10)), created_at: at(4), ..grant(5, 100) },
        Grant { priority: 10, created_at: at(4), ..grant(6, 100) },
        Grant { priority: 90, expires_at: Some(at(6)), ..grant(7, 100) },
    ];
    grants.reverse();
    let (draws, ..) = paid(700, &[usage(1, 700)], &mut funds(grants, 0));
    let order: Vec<u128> = draws.iter().map(|d| d.0).collect();
    assert_eq!(order, [6, 5, 4, 3, 1, 2, 7]);
}

#[test]
fn what_is_over_pending_void_or_of_another_currency_pays_nothing() {
    let euros = Money::from_minor(100, Currency::parse("EUR").unwrap());
    let grants = vec![
        Grant { expires_at: Some(at(5)), ..grant(1, 100) },
        Grant { status: Status::Pending, ..grant(2, 100) },
        Grant { status: Status::Void, ..grant(3, 100) },
        Grant { amount: euros, remaining: euros, price: euros, ..grant(4, 100) },
    ];
    assert_eq!(paid(100, &[usage(1, 100)], &mut funds(grants, 0)), (vec![], 0, 100));
}

#[test]
fn a_grant_for_some_prices_or_meters_pays_for_those_only() {
    let of_price = AppliesTo { price_ids: [usage(1, 0).price_id].into(), ..AppliesTo::default() };
    let of_meter = AppliesTo { meter_ids: [usage(2, 0).meter_id.unwrap()].into(), ..AppliesTo::default() };
    let grants = vec![
        Grant { applies_to: of_price, ..grant(1, 1_000) },
        Grant { applies_to: of_meter, ..grant(2, 1_000) },
    ];
    let lines = [usage(1, 300), usage(2, 200), usage(3, 100)];
    assert_eq!(paid(600, &lines, &mut funds(grants, 0)), (vec![(1, 300), (2, 200)], 0, 100));
}

#[test]
fn credits_pay_no_more_than_the_usage_comes_to_after_what_was_taken_back_and_never_more_than_is_due() {
    let taken_back = [usage(1, 500), usage(1, -200)];
    assert_eq!(paid(1_000, &taken_back, &mut funds(vec![grant(1, 900)], 0)), (vec![(1, 300)], 0, 700));
    assert_eq!(paid(100, &[usage(1, 500)], &mut funds(vec![grant(1, 900)], 0)), (vec![(1, 100)], 0, 0));
}

#[test]
fn what_an_invoice_below_zero_owes_pays_the_next_one() {
    let mut funds_held = funds(vec![], 0);
    assert_eq!(paid(-700, &[], &mut funds_held), (vec![], 0, 0));
    assert_eq!(paid(1_000, &[], &mut funds_held), (vec![], 700, 300));
}

#[test]
fn a_grant_sold_below_its_amount_earns_its_price_in_proportion() {
    let sold = Grant { price: usd(9_000), ..grant(1, 10_000) };
    let mut funds_held = funds(vec![sold], 0);
    let draws = apply(&mut invoice(5_000), &[usage(1, 5_000)], &mut funds_held, at(5)).unwrap();
    assert_eq!((draws.draws[0].amount, draws.draws[0].earned), (usd(5_000), usd(4_500)));
    let (closed, unearned) = funds_held.grants[0].clone().close(Status::Expired).unwrap();
    assert_eq!((closed.closed_amount, unearned), (usd(5_000), usd(4_500)));
    let (back, owed) = closed.given_back(usd(2_000)).unwrap();
    assert_eq!((back.status, back.remaining, owed), (Status::Active, usd(2_000), usd(1_800)));
    assert_eq!(back.unearned().unwrap(), usd(1_800));
}

#[test]
fn low_credits_are_reported_once_and_topped_up_unless_that_is_on_its_way() {
    let rule = TopUp {
        customer_id: CustomerId::from_uuid(Uuid::from_u128(2)),
        threshold: usd(2_000),
        buys: Some(Buys { amount: usd(10_000), price: usd(9_000), expires_after_days: Some(30) }),
    };
    let with = |cents: i64, pending: i64| {
        let mut funds_held = funds(vec![grant(1, 5_000)], 0);
        funds_held.grants[0].remaining = usd(cents);
        if pending > 0 {
            funds_held.grants.push(Grant { status: Status::Pending, top_up: true, ..grant(2, pending) });
        }
        funds_held.top_ups.push(rule.clone());
        funds_held
    };
    let lows = |before: Funds, after: Funds| -> Vec<(bool, bool)> {
        low(&before, &after, at(5)).unwrap().iter().map(|low| (low.crossed, low.buys.is_some())).collect()
    };
    assert_eq!(lows(with(5_000, 0), with(2_000, 0)), []);
    assert_eq!(lows(with(5_000, 0), with(1_999, 0)), [(true, true)]);
    assert_eq!(lows(with(1_999, 0), with(1_999, 0)), []);
    assert_eq!(lows(with(1_999, 10_000), with(1_500, 10_000)), [(false, false)]);
    assert_eq!(lows(with(1_999, 100), with(1_500, 100)), [(false, true)]);
}

proptest! {
    /// Whatever is drawn, given back, and ended: a grant is always its parts, and its price is always earned, owed or closed.
    #[test]
    fn a_grant_is_always_its_parts_and_so_is_its_price(
        amount in 1_i64..10_000,
        price in 0_i64..20_000,
        steps in prop::collection::vec((0_u8..4, 1_i64..5_000), 0..20),
    ) {
        let mut funds_held = funds(vec![Grant { price: usd(price), ..grant(1, amount) }], 0);
        let (mut earned, mut closed) = (0, 0);
        for (step, cents) in steps {
            match step {
                0 | 1 => {
                    let draws = apply(&mut invoice(cents), &[usage(1, cents)], &mut funds_held, at(5)).unwrap();
                    earned += draws.draws.iter().map(|d| d.earned.minor()).sum::<i64>();
                }
                2 => {
                    let used = funds_held.grants[0].used().unwrap().minor();
                    let (back, owed) = funds_held.grants[0].clone().given_back(usd(cents.min(used))).unwrap();
                    earned -= owed.minor();
                    funds_held.grants[0] = back;
                }
                _ => if let Ok((ended, unearned)) = funds_held.grants[0].clone().close(Status::Expired) {
                    closed += unearned.minor();
                    funds_held.grants[0] = ended;
                },
            }
            let grant = &funds_held.grants[0];
            prop_assert_eq!(grant.earned().unwrap().minor(), earned);
            prop_assert_eq!(grant.closed_price.minor(), closed);
            prop_assert_eq!(grant.unearned().unwrap().minor(), price - earned - closed);
            prop_assert!(!grant.remaining.is_negative() && !grant.used().unwrap().is_negative());
            prop_assert!(grant.remaining.is_positive() || grant.status != Status::Expired || grant.unearned().unwrap().is_zero());
        }
    }

    /// What credits and balance pay, and what is left due, are the invoice; no fund falls below zero.
    #[test]
    fn what_is_paid_and_what_is_due_are_the_invoice(
        total in -5_000_i64..5_000,
        lines in prop::collection::vec(-1_000_i64..3_000, 0..4),
        grants in prop::collection::vec(1_i64..2_000, 0..4),
        balance in 0_i64..3_000,
    ) {
        let grants: Vec<Grant> = (1..).zip(grants).map(|(n, cents)| grant(n, cents)).collect();
        let held: i64 = grants.iter().map(|g| g.remaining.minor()).sum();
        let lines: Vec<Usage> = lines.into_iter().map(|cents| usage(1, cents)).collect();
        let mut funds_held = funds(grants, balance);
        let (draws, from_balance, due) = paid(total, &lines, &mut funds_held);
        let drawn: i64 = draws.iter().map(|d| d.1).sum();
        prop_assert_eq!(drawn + from_balance + due, total.max(0));
        prop_assert_eq!(funds_held.grants.iter().map(|g| g.remaining.minor()).sum::<i64>(), held - drawn);
        let left = funds_held.balances[&usd(0).currency()].minor();
        prop_assert_eq!(left, balance - from_balance - total.min(0));
        prop_assert!(left >= 0 && due >= 0 && drawn <= lines.iter().map(|l| l.net.minor()).sum::<i64>().max(0));
    }
}

/// An invoice of these lines (amount, discount, tax), paid in full with money.
fn billed(lines: &[(i64, i64, i64)]) -> (Invoice, Vec<Line>) {
    let line = |(no, &(amount, discount, tax)): (i32, &(i64, i64, i64))| Line {
        tax_included: usd(0),
        tax_terms: crate::domain::catalog::TaxTerms::default(),
        line_no: no,
        subscription_id: None,
        item_version_id: None,
        period: Period::new(at(1), at(1)).unwrap(),
        concerns: None,
        revision: 0,
        deferred: no % 2 == 0,
        quantity: Decimal::ONE,
        unit_amount: usd(amount).to_decimal(),
        amount: usd(amount),
        discount: usd(discount),
        tax: usd(tax),
        description: "Seat".into(),
        measured: None,
        grounds: None,
        by_hand: None,
    };
    let lines: Vec<Line> = (1_i32..).zip(lines).map(line).collect();
    let totals = Totals::of(usd(0).currency(), &lines).unwrap();
    let paid = if totals.total.is_positive() { totals.total } else { usd(0) };
    (Invoice { totals, amount_paid: paid, status: InvoiceStatus::Paid, ..invoice(0) }, lines)
}

proptest! {
    /// Credited in any parts, in any order: never a part below zero, never more than there is, and at the end exactly nothing.
    #[test]
    fn credited_in_any_parts_an_invoice_comes_to_exactly_nothing(
        lines in prop::collection::vec((1_i64..5_000, 0_i64..100, 0_i64..30), 1..5),
        steps in prop::collection::vec((any::<bool>(), 1_i32..6, 1_i64..3_000), 0..8),
    ) {
        let lines: Vec<(i64, i64, i64)> =
            lines.iter().map(|(a, d, t)| (*a, a * d / 100, a * (100 - d) / 100 * t / 100)).collect();
        let (invoice, lines) = billed(&lines);
        let zero = Taken::nothing(usd(0).currency());
        let mut before: HashMap<i32, Taken> = HashMap::new();
        let mut money_back = usd(0);
        let steps = steps.into_iter().map(Some).chain([None]);
        for step in steps {
            let wanted = match step {
                None => Wanted::Whole,
                Some((true, line_no, cents)) => Wanted::Lines(vec![(line_no, Part::Amount(usd(cents)))]),
                Some((false, _, cents)) => Wanted::Amount(usd(cents)),
            };
            let known = Credited { invoice: &invoice, lines: &lines, before: &before, given_back: &HashMap::new(), tax_left: &HashMap::new(), is_replaced: false, money_back, refundable: usd(0) };
            let left = known.left_in_all().unwrap();
            let Ok(note) = known.note(&wanted) else { continue };
            let total = note::total(&invoice, &note).unwrap();
            prop_assert!(total.is_positive() && total.minor() <= left.minor());
            if let Wanted::Amount(amount) = wanted {
                prop_assert_eq!(total, amount);
            }
            let to = known.destination(total, To::CreditBalance).unwrap();
            prop_assert_eq!((to.balance, to.invoice, to.credits, to.refund), (total, usd(0), usd(0), usd(0)));
            money_back = money_back.checked_add(to.balance).unwrap();
            for line in note {
                let taken = line.taken;
                prop_assert!(!taken.amount.is_negative() && !taken.discount.is_negative() && !taken.tax.is_negative());
                let sum = before.entry(line.invoice_line_no).or_insert(zero);
                sum.amount = sum.amount.checked_add(taken.amount).unwrap();
                sum.discount = sum.discount.checked_add(taken.discount).unwrap();
                sum.tax = sum.tax.checked_add(taken.tax).unwrap();
            }
        }
        for line in &lines {
            let taken = before.get(&line.line_no).copied().unwrap_or(zero);
            // A rest of 0.01 of which 0.01 is discount is nothing, and nothing can be credited of it.
            let left = (line.amount.minor() - taken.amount.minor(), line.discount.minor() - taken.discount.minor());
            prop_assert!(left.0 >= 0 && left.1 >= 0 && taken.tax == line.tax);
            prop_assert_eq!(left.0, left.1);
        }
    }
}
