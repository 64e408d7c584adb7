//! Do discounts add up, whatever the order, the lines and the changes? Worked numbers and laws.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::coverage::Place;
use super::draft::CouponDraft;
use super::give_back::give_back;
use super::redeem::Redemption;
use super::rhythm::Rhythm;
use super::take::{Charge, Taken, take};
use super::{AppliesTo, Coupon, Discount, Duration, Limits, Metadata, Off, Share};
use crate::domain::calendar::{Cycle, Interval, Unit, Zone};
use crate::domain::catalog::{Billing, PriceKind, PriceModel, TaxTerms};
use crate::domain::ids::{CouponId, CustomerId, DiscountId, ItemId, ItemVersionId, PriceId, SubscriptionId};
use crate::domain::money::{Currency, Money};
use crate::domain::refusal::Refusal;
use crate::domain::subscriptions::{Bounds, ItemVersion, PriceTerms, Timeline};

fn at(date: &str) -> DateTime<Utc> {
    let text = if date.contains('T') { date.to_owned() } else { format!("{date}T00:00:00Z") };
    text.parse().unwrap()
}

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("USD").unwrap())
}

/// A subscription with the monthly cycle from this day, and one price of each billing.
fn timeline(n: u128, start: &str, anchor_day: u32) -> Timeline {
    let interval = Interval::new(Unit::Month, 1).unwrap();
    let cycle = Cycle::starting(at(start), Some(anchor_day), interval, Zone::UTC).unwrap();
    let prices = [
        (PriceKind::Recurring, Billing::InAdvance),
        (PriceKind::Recurring, Billing::InArrears),
        (PriceKind::OneTime, Billing::InAdvance),
    ];
    let version = |(id, (kind, billing)): (u128, (PriceKind, Billing))| ItemVersion {
        id: ItemVersionId::from_uuid(Uuid::from_u128(100 * n + id)),
        item_id: ItemId::from_uuid(Uuid::from_u128(100 * n + id)),
        quantity: Decimal::ONE,
        terms: Arc::new(PriceTerms {
            own_tax_terms: TaxTerms::default(),
            price_id: PriceId::from_uuid(Uuid::from_u128(id)),
            code: "seat".into(),
            description: "Seat".into(),
            position: 0,
            kind,
            billing,
            model: PriceModel::Flat { amount: Decimal::ONE },
            metering: None,
        }),
        price_override: None,
        valid_from: at(start),
        valid_to: None,
        bounds: Bounds::default(),
    };
    let versions = (1_u128..).zip(prices).map(version).collect();
    let subscription_id = SubscriptionId::from_uuid(Uuid::from_u128(n));
    Timeline {
        subscription_id,
        currency: Currency::parse("USD").unwrap(),
        cycle,
        later_cycles: Vec::new(),
        versions,
    }
}

const ADVANCE: usize = 0;
const ARREARS: usize = 1;
const ONE_TIME: usize = 2;

fn place(bought: &Timeline, price: usize, start: &str) -> Place {
    let rhythm = Arc::new(Rhythm::of(bought).unwrap());
    Place::of((bought, &rhythm), &bought.versions[price], at(start)).unwrap()
}

fn discount(n: u128, off: Off, duration: Duration, redeemed: &str) -> Discount {
    Discount {
        id: DiscountId::from_uuid(Uuid::from_u128(n)),
        coupon_id: CouponId::from_uuid(Uuid::from_u128(n)),
        coupon_code: "X".into(),
        customer_id: CustomerId::from_uuid(Uuid::nil()),
        subscription_id: Some(SubscriptionId::from_uuid(Uuid::from_u128(1))),
        price_id: None,
        off: Arc::new(off),
        duration,
        prices: None,
        starts_at: at(redeemed),
        ended_at: None,
        created_at: at(redeemed),
    }
}

fn percent(percent: &str) -> Off {
    Off::Percent(percent.parse().unwrap())
}

fn amount(cents: i64) -> Off {
    Off::Amounts(BTreeMap::from([(usd(0).currency(), usd(cents))]))
}

/// What is taken off each of the charges, in cents.
fn off(discounts: &[Discount], charges: &[(Place, i64)], taken: &mut Taken) -> Vec<i64> {
    let charges: Vec<Charge> =
        charges.iter().map(|(place, cents)| Charge { amount: usd(*cents), place: place.clone() }).collect();
    let mut off = vec![0; charges.len()];
    for (n, share) in take(discounts, &charges, usd(0).currency(), taken).unwrap() {
        off[n] += share.amount.minor();
    }
    off
}

#[test]
fn discounts_are_taken_in_order_each_of_what_the_earlier_left() {
    let bought = timeline(1, "2026-01-01", 1);
    let quarter = discount(1, percent("25"), Duration::Forever, "2026-01-01");
    let ten = discount(2, amount(1_000), Duration::Forever, "2026-01-01");
    let january = place(&bought, ADVANCE, "2026-01-01");
    let charges = [(january.clone(), 6_000), (january, 4_000)];
    assert_eq!(off(&[quarter.clone(), ten.clone()], &charges, &mut Taken::default()), [2_100, 1_400]);
    assert_eq!(off(&[ten, quarter], &charges, &mut Taken::default()), [1_950, 1_300]);
}

#[test]
fn a_percentage_is_rounded_once_and_spread_by_largest_remainder() {
    let bought = timeline(1, "2026-01-01", 1);
    let tenth = discount(1, percent("10"), Duration::Forever, "2026-01-01");
    let charge = (place(&bought, ADVANCE, "2026-01-01"), 33);
    assert_eq!(off(&[tenth], &[charge.clone(), charge.clone(), charge], &mut Taken::default()), [4, 3, 3]);
}

#[test]
fn an_amount_is_used_up_period_by_period() {
    let bought = timeline(1, "2026-01-01", 1);
    let ten = [discount(1, amount(1_000), Duration::Forever, "2026-01-01")];
    let (january, used, february) = (
        place(&bought, ADVANCE, "2026-01-01"),
        place(&bought, ARREARS, "2026-01-01"),
        place(&bought, ADVANCE, "2026-02-01"),
    );
    let mut taken = Taken::default();
    assert_eq!(off(&ten, &[(january, 600)], &mut taken), [600]);
    assert_eq!(off(&ten, &[(used, 900), (february, 3_100)], &mut taken), [400, 1_000]);
}

#[test]
fn an_amount_for_all_subscriptions_is_at_most_that_much_an_invoice() {
    let (one, other) = (timeline(1, "2026-01-01", 1), timeline(2, "2026-01-01", 1));
    let ten =
        Discount { subscription_id: None, ..discount(1, amount(1_000), Duration::Forever, "2026-01-01") };
    let charges =
        [(place(&one, ADVANCE, "2026-01-01"), 3_000), (place(&other, ADVANCE, "2026-01-01"), 1_000)];
    assert_eq!(off(&[ten], &charges, &mut Taken::default()), [750, 250]);
}

#[test]
fn once_for_a_customer_is_one_invoice_and_whatever_else_is_charged_for_its_periods() {
    let (one, other) = (timeline(1, "2026-01-01", 1), timeline(2, "2026-01-01", 1));
    let half =
        [Discount { subscription_id: None, ..discount(1, percent("50"), Duration::Once, "2026-01-01") }];
    let mut taken = Taken::default();
    assert_eq!(off(&half, &[(place(&one, ADVANCE, "2026-01-01"), 1_000)], &mut taken), [500]);
    let later = [
        (place(&one, ARREARS, "2026-01-01"), 100),
        (place(&one, ADVANCE, "2026-02-01"), 1_000),
        (place(&other, ADVANCE, "2026-02-01"), 1_000),
    ];
    assert_eq!(off(&half, &later, &mut taken), [50, 0, 0]);
}

/// The months, from January on, in which a charge is covered.
fn months(discount: &Discount, bought: &Timeline, price: usize) -> String {
    let covered = |month: u32| {
        let start = at(&format!("2026-{month:02}-01")).max(bought.versions[price].valid_from);
        let rhythm = Arc::new(Rhythm::of(bought).unwrap());
        let place = Place::of((bought, &rhythm), &bought.versions[price], start).unwrap();
        if discount.covers(&place).unwrap().is_some() { 'x' } else { '.' }
    };
    (1..=8).map(covered).collect()
}

#[test]
fn periods_are_counted_from_the_first_that_falls_due_after_the_redemption() {
    let bought = timeline(1, "2026-01-15", 1);
    let three = |redeemed: &str| discount(1, percent("10"), Duration::Repeating(3), redeemed);
    let of_all = |redeemed: &str| Discount { subscription_id: None, ..three(redeemed) };
    for (discount, advance, arrears) in [
        (three("2026-01-15"), "xxx.....", "xxx....."), // with the subscription: the stub counts
        (three("2026-01-10"), "xxx.....", "xxx....."), // before it began
        (three("2026-01-20"), ".xxx....", "xxx....."),
        (three("2026-02-01"), ".xxx....", "xxx....."), // at the very instant both fall due
        (three("2026-02-01T00:00:01Z"), "..xxx...", ".xxx...."),
        (of_all("2026-01-10"), "xxxx....", "xxx....."), // the stub is not counted
        (of_all("2025-11-10"), "xx......", "x......."), // one of three, or two of them, were over
        (of_all("2025-06-10"), "........", "........"),
        (Discount { ended_at: Some(at("2026-03-01")), ..three("2026-01-15") }, "xx......", "x......."),
        (Discount { duration: Duration::Once, ..three("2026-01-15") }, "x.......", "x......."),
        (Discount { duration: Duration::Forever, ..three("2026-03-10") }, "...xxxxx", "..xxxxxx"),
    ] {
        let said = format!("{discount:?}");
        assert_eq!(
            (months(&discount, &bought, ADVANCE), months(&discount, &bought, ARREARS)),
            (advance.into(), arrears.into()),
            "{said}"
        );
    }
}

#[test]
fn a_one_time_charge_belongs_to_the_period_in_which_it_falls_due() {
    let bought = timeline(1, "2026-01-01", 1);
    let once = discount(1, percent("10"), Duration::Once, "2026-01-20");
    let covered = |day: &str| once.covers(&place(&bought, ONE_TIME, day)).unwrap();
    assert_eq!((covered("2026-01-19"), covered("2026-01-25"), covered("2026-02-02")), (None, Some(0), None));
}

#[test]
fn a_discount_is_of_its_price_and_of_its_coupons_prices() {
    let bought = timeline(1, "2026-01-01", 1);
    let price = |n: u128| PriceId::from_uuid(Uuid::from_u128(n));
    let all = discount(1, percent("10"), Duration::Forever, "2026-01-01");
    let covers = |d: &Discount| d.covers(&place(&bought, ADVANCE, "2026-01-01")).unwrap().is_some();
    assert!(covers(&all));
    assert!(covers(&Discount { price_id: Some(price(1)), ..all.clone() }));
    assert!(!covers(&Discount { price_id: Some(price(2)), ..all.clone() }));
    assert!(!covers(&Discount { prices: Some(Arc::new([price(3)].into())), ..all.clone() }));
    let other = SubscriptionId::from_uuid(Uuid::from_u128(9));
    assert!(!covers(&Discount { subscription_id: Some(other), ..all }));
}

/// SEMANTICS.md §16, the rule "credit prorated discounts": a year of 1,200 with 720 off.
#[test]
fn what_is_taken_back_takes_back_its_discount_in_proportion() {
    for (months, charged_back) in [(3, 54_000), (8, 24_000), (0, 72_000), (12, 0)] {
        let back = give_back(&[share(1, 72_000)], usd(120_000), usd(10_000 * months)).unwrap();
        let back: i64 = back.iter().map(|s| -s.amount.minor()).sum();
        assert_eq!(back, charged_back, "{months} months");
    }
}

fn share(discount: u128, cents: i64) -> Share {
    Share {
        discount_id: DiscountId::from_uuid(Uuid::from_u128(discount)),
        subscription_id: SubscriptionId::from_uuid(Uuid::from_u128(1)),
        period_no: 0,
        amount: usd(cents),
    }
}

fn coupon() -> Coupon {
    let draft = CouponDraft {
        code: "LAUNCH".to_owned(),
        name: None,
        percent_off: None,
        amounts_off: BTreeMap::from([(usd(0).currency(), usd(100))]),
        duration: Duration::Once,
        applies_to: AppliesTo::default(),
        limits: Limits {
            max_redemptions: Some(2),
            max_redemptions_per_customer: Some(1),
            redeem_by: Some(at("2026-02-01")),
        },
        active: None,
        metadata: Metadata::new(),
    };
    draft.create(CouponId::from_uuid(Uuid::nil()), at("2026-01-01")).unwrap()
}

#[test]
fn a_coupon_is_redeemed_within_its_limits() {
    let redemption = Redemption {
        now: at("2026-01-10"),
        by_customer: 0,
        currency: None,
        subscription_start: None,
        billed_now: false,
        takes_something: true,
    };
    let refused = |coupon: Coupon, redemption| coupon.redeem(redemption).unwrap_err().code();
    let (redeemed, from) = coupon().redeem(redemption).unwrap();
    assert_eq!((redeemed.redemptions, from), (1, at("2026-01-10")));
    assert_eq!(refused(Coupon { active: false, ..coupon() }, redemption), "coupon_inactive");
    assert_eq!(refused(coupon(), Redemption { now: at("2026-02-02"), ..redemption }), "coupon_expired");
    assert_eq!(refused(Coupon { redemptions: 2, ..coupon() }, redemption), "coupon_used_up");
    assert_eq!(refused(coupon(), Redemption { by_customer: 1, ..redemption }), "coupon_used_by_customer");
    let euros = Some(Currency::parse("EUR").unwrap());
    assert_eq!(refused(coupon(), Redemption { currency: euros, ..redemption }), "coupon_currency");
    let nothing = Redemption { takes_something: false, ..redemption };
    assert_eq!(refused(coupon(), nothing), "coupon_takes_nothing_off");
    let later = Redemption { subscription_start: Some(at("2026-03-01")), ..redemption };
    assert_eq!(coupon().redeem(later).unwrap().1, at("2026-03-01"));
    let billed = Redemption { billed_now: true, ..redemption };
    assert_eq!(coupon().redeem(billed).unwrap().1, at("2026-01-10T00:00:00.000001Z"));
}

fn offs() -> impl Strategy<Value = Vec<Off>> {
    let one = prop_oneof![
        (1_i64..=10_000).prop_map(|basis| Off::Percent(Decimal::new(basis, 2))),
        (1_i64..5_000).prop_map(amount),
    ];
    prop::collection::vec(one, 1..4)
}

proptest! {
    /// No line falls below zero, no amount takes off more of a period than it says, and nothing is given to a line of nothing.
    #[test]
    fn no_line_falls_below_zero_and_no_amount_takes_more_than_it_says(
        offs in offs(),
        invoices in prop::collection::vec(prop::collection::vec((1_u32..5, 1_i64..5_000, any::<bool>()), 1..6), 1..5),
        of_all in any::<bool>(),
    ) {
        let bought = timeline(1, "2026-01-01", 1);
        let discounts: Vec<Discount> = (1..).zip(offs).map(|(n, off)| {
            let one = discount(n, off, Duration::Forever, "2026-01-01");
            if of_all { Discount { subscription_id: None, ..one } } else { one }
        }).collect();
        let mut taken = Taken::default();
        let mut by_period: BTreeMap<(DiscountId, i32), i64> = BTreeMap::new();
        for lines in invoices {
            let charges: Vec<Charge> = lines.iter().map(|&(month, cents, advance)| Charge {
                amount: usd(cents),
                place: place(&bought, if advance { ADVANCE } else { ARREARS }, &format!("2026-{month:02}-01")),
            }).collect();
            let shares = take(&discounts, &charges, usd(0).currency(), &mut taken).unwrap();
            let mut off = vec![0; charges.len()];
            let mut of_invoice: BTreeMap<DiscountId, i64> = BTreeMap::new();
            for (n, share) in &shares {
                prop_assert!(share.amount.is_positive());
                off[*n] += share.amount.minor();
                *by_period.entry((share.discount_id, share.period_no)).or_default() += share.amount.minor();
                *of_invoice.entry(share.discount_id).or_default() += share.amount.minor();
            }
            for (off, charge) in off.iter().zip(&charges) {
                prop_assert!(*off <= charge.amount.minor());
            }
            for discount in discounts.iter().filter(|_| of_all) {
                if let Off::Amounts(amounts) = &*discount.off {
                    let most = amounts.values().next().unwrap().minor();
                    prop_assert!(of_invoice.get(&discount.id).copied().unwrap_or(0) <= most);
                }
            }
        }
        for discount in &discounts {
            if let Off::Amounts(amounts) = &*discount.off {
                let most = amounts.values().next().unwrap().minor();
                prop_assert!(by_period.iter().filter(|(k, _)| k.0 == discount.id).all(|(_, taken)| *taken <= most));
            }
        }
    }

    /// Whatever is taken back, in whatever steps: what stays off never exceeds what stays charged, and at nothing it is nothing.
    #[test]
    fn what_stays_off_shrinks_with_what_stays_charged_and_ends_at_nothing(
        shares in prop::collection::vec(1_i64..5_000, 1..4),
        more in 0_i64..10_000,
        mut steps in prop::collection::vec(0_i64..20_000, 0..6),
    ) {
        let mut shares: Vec<Share> = (1..).zip(shares).map(|(n, cents)| share(n, cents)).collect();
        let mut charged = more + shares.iter().map(|s| s.amount.minor()).sum::<i64>();
        steps.retain(|step| *step < charged);
        steps.sort_unstable_by(|a, b| b.cmp(a));
        for now in steps.into_iter().chain([0]) {
            for (share, back) in shares.clone().iter().zip(give_back(&shares, usd(charged), usd(now)).unwrap()) {
                prop_assert!(!back.amount.is_positive());
                let place = shares.iter().position(|s| s.discount_id == share.discount_id).unwrap();
                shares[place].amount = share.amount.checked_add(back.amount).unwrap();
            }
            charged = now;
            let off: i64 = shares.iter().map(|s| s.amount.minor()).sum();
            prop_assert!(off <= charged && shares.iter().all(|s| !s.amount.is_negative()));
        }
        prop_assert!(shares.iter().all(|s| s.amount.is_zero()));
    }
}
