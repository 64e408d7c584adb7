//! Each limit on its boundary: the last try that is allowed, and the first that is not.

use super::*;
use crate::domain::money::Currency;

fn day(days: i64) -> DateTime<Utc> {
    "2026-06-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::days(days)
}

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("USD").unwrap())
}

fn failure(at: DateTime<Utc>, class: Class, network_code: Option<&str>) -> Failure {
    Failure { at, class: Some(class), network_code: network_code.map(str::to_owned), amount: usd(3_100) }
}

/// A card that was declined so often, the first time on 1 June, and then every so many hours.
fn card(network: &str, times: i64, hours: i64) -> Card {
    let at = |n| day(0) + TimeDelta::hours(n * hours);
    Card {
        network: Some(network.to_owned()),
        gateway: "simulator".to_owned(),
        failures: (0..times).map(|n| failure(at(n), Class::Insufficient, Some("51"))).collect(),
    }
}

#[test]
fn visa_allows_the_20th_new_try_in_30_days_and_puts_off_the_21st() {
    // One decline and 19 new tries: the next is the 20th.
    assert_eq!(card("visa", 20, 24).allowed(usd(3_100), day(20)), Some(day(20)));
    // One decline and 20 new tries: the first of the 20 was on day 1.
    assert_eq!(card("visa", 21, 24).allowed(usd(3_100), day(21)), Some(day(31)));
    let late = day(31) - TimeDelta::seconds(1);
    assert_eq!(card("visa", 21, 24).allowed(usd(3_100), late), Some(day(31)));
}

#[test]
fn a_stripe_account_has_15() {
    let of_stripe = |times| Card { gateway: "stripe".to_owned(), ..card("visa", times, 24) };
    assert_eq!(of_stripe(15).allowed(usd(3_100), day(15)), Some(day(15)));
    assert_eq!(of_stripe(16).allowed(usd(3_100), day(16)), Some(day(31)));
}

#[test]
fn visa_allows_none_after_a_decline_of_category_1_for_ever() {
    for code in ["41", "43", "14", "R1"] {
        let failures = vec![failure(day(0), Class::Never, Some(code))];
        let card = Card { failures, ..card("visa", 0, 1) };
        assert_eq!(card.allowed(usd(3_100), day(400)), None, "{code}");
    }
    let unnamed = Card { failures: vec![failure(day(0), Class::Never, None)], ..card("visa", 0, 1) };
    assert_eq!(unnamed.allowed(usd(3_100), day(400)), None);
    let of_mastercard = Card { network: Some("mastercard".to_owned()), ..unnamed };
    assert_eq!(of_mastercard.allowed(usd(3_100), day(1)), Some(day(1)));
}

#[test]
fn mastercard_allows_10_in_24_hours_and_puts_off_the_11th() {
    let after = |times: i64, minutes: i64| {
        let at = |n| day(0) + TimeDelta::minutes(n * minutes);
        let failures = (0..times).map(|n| failure(at(n), Class::Later, Some("05"))).collect();
        Card { failures, ..card("mastercard", 0, 1) }
    };
    assert_eq!(
        after(9, 60).allowed(usd(1), day(0) + TimeDelta::hours(9)),
        Some(day(0) + TimeDelta::hours(9))
    );
    assert_eq!(after(10, 60).allowed(usd(1), day(0) + TimeDelta::hours(10)), Some(day(1)));
    assert_eq!(after(10, 60).allowed(usd(1), day(1)), Some(day(1)));
}

#[test]
fn mastercard_allows_35_in_30_days_and_puts_off_the_36th() {
    let at = day(0) + TimeDelta::hours(34 * 20);
    assert_eq!(card("mastercard", 34, 20).allowed(usd(3_100), at), Some(at));
    let at = day(0) + TimeDelta::hours(35 * 20);
    assert_eq!(card("mastercard", 35, 20).allowed(usd(3_100), at), Some(day(30)));
    assert_eq!(card("mastercard", 35, 20).allowed(usd(999), at), Some(day(30)));
}

#[test]
fn what_nobody_knows_yet_counts_and_a_card_of_an_unknown_network_has_no_limit() {
    let mut pending = card("visa", 20, 24);
    pending.failures.push(Failure {
        class: None,
        network_code: None,
        ..failure(day(20), Class::Later, None)
    });
    assert_eq!(pending.allowed(usd(3_100), day(21)), Some(day(31)));
    assert_eq!(Card { network: None, ..card("visa", 99, 1) }.allowed(usd(1), day(5)), Some(day(5)));
    assert_eq!(card("jcb", 99, 1).allowed(usd(1), day(5)), Some(day(5)));
}

#[test]
fn a_ladder_that_tries_more_often_than_a_network_allows_breaks_its_limit() {
    let days = |count: usize, each| vec![TimeDelta::days(each); count];
    assert_eq!(broken_by(&days(4, 2), 3), None);
    assert_eq!(broken_by(&days(15, 1), 0), None);
    assert!(broken_by(&days(16, 1), 0).is_some());
    assert!(broken_by(&days(15, 1), 1).is_some());
    assert_eq!(broken_by(&[TimeDelta::hours(1); 9], 0), None);
    assert_eq!(broken_by(&[TimeDelta::hours(1); 10], 0).map(|limit| limit.network), Some("mastercard"));
    assert_eq!(broken_by(&days(30, 3), 0), None);
}
