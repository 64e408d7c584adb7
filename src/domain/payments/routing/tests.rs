//! Which rule holds, whose share an invoice is, and what is charged first.

use std::sync::Arc;

use chrono::DateTime;
use uuid::Uuid;

use super::*;
use crate::domain::catalog::Metadata;
use crate::domain::ids::CustomerId;
use crate::domain::payments::Kind;

fn account(n: u128) -> GatewayAccountId {
    GatewayAccountId::from_uuid(Uuid::from_u128(n))
}

fn method(n: u128, at: u128, last4: &str) -> PaymentMethod {
    PaymentMethod {
        id: PaymentMethodId::from_uuid(Uuid::from_u128(n)),
        external_id: None,
        customer_id: CustomerId::from_uuid(Uuid::nil()),
        kind: Kind::Card,
        gateway: Arc::from("stripe"),
        gateway_account_id: Some(account(at)),
        token: "cus_1/pm_1".to_owned(),
        brand: Some("visa".to_owned()),
        last4: Some(last4.to_owned()),
        metadata: Metadata::new(),
        created_at: DateTime::UNIX_EPOCH,
        detached_at: None,
        fingerprint: None,
        is_disputed: false,
        mandate: None,
    }
}

fn rule(currency: &str, countries: &[&str], shares: &[(u128, u32)]) -> Rule {
    Rule {
        name: None,
        currencies: vec![currency.parse().unwrap()],
        countries: countries.iter().map(|country| (*country).to_owned()).collect(),
        amount_from: None,
        amount_below: None,
        accounts: shares
            .iter()
            .map(|(id, weight)| Share { account_id: account(*id), weight: *weight })
            .collect(),
    }
}

fn due(currency: &str, minor: i64, country: Option<&'static str>, seed: u128) -> Due<'static> {
    Due { amount: Money::from_minor(minor, currency.parse().unwrap()), country, seed }
}

fn shown(rulebook: &Rulebook, due: Due<'_>) -> Option<(u16, Vec<u128>)> {
    let routed = rulebook.route(due)?;
    Some((routed.route.rule, routed.accounts.iter().map(|id| id.uuid().as_u128()).collect()))
}

#[test]
fn the_first_rule_that_fits_holds_and_its_shares_spread_invoices_the_same_always_alike() {
    let small = Rule { amount_below: Some(Decimal::from(100)), ..rule("EUR", &[], &[(3, 1)]) };
    let rules = vec![rule("EUR", &["DE", "AT"], &[(1, 70), (2, 30)]), small];
    let rulebook = Rulebook { version: 4, rules };
    assert_eq!(shown(&rulebook, due("EUR", 5_000, Some("DE"), 42)), Some((1, vec![1, 2])));
    assert_eq!(shown(&rulebook, due("EUR", 5_000, Some("AT"), 83)), Some((1, vec![2, 1])));
    assert_eq!(shown(&rulebook, due("EUR", 9_999, Some("FR"), 0)), Some((2, vec![3])));
    assert_eq!(shown(&rulebook, due("EUR", 10_000, None, 0)), None);
    assert_eq!(shown(&rulebook, due("USD", 100, Some("DE"), 0)), None);
    let firsts: Vec<u128> =
        (0..100).map(|seed| shown(&rulebook, due("EUR", 100, Some("DE"), seed)).unwrap().1[0]).collect();
    assert_eq!(firsts.iter().filter(|first| **first == 1).count(), 70);
}

#[test]
fn an_account_without_a_share_is_only_the_next_one() {
    let rulebook = Rulebook { version: 1, rules: vec![rule("EUR", &[], &[(2, 0), (1, 5)])] };
    for seed in 0..5 {
        assert_eq!(shown(&rulebook, due("EUR", 1, None, seed)), Some((1, vec![1, 2])));
    }
}

#[test]
fn rules_that_cannot_be_are_refused_each_value_named() {
    let bad = Rule {
        countries: vec!["XQ".to_owned()],
        amount_from: Some(Decimal::from(5)),
        amount_below: Some(Decimal::from(5)),
        currencies: Vec::new(),
        ..rule("EUR", &[], &[(1, 0), (1, 0)])
    };
    let codes: Vec<String> = check(&[bad])
        .unwrap_err()
        .errors
        .into_iter()
        .map(|fault| format!("{} {}", fault.pointer, fault.code))
        .collect();
    assert_eq!(
        codes,
        [
            "/rules/0/countries/0 unknown_country",
            "/rules/0/currencies currency_needed",
            "/rules/0/amount_below out_of_range",
            "/rules/0/accounts given_twice",
            "/rules/0/accounts/0/weight out_of_range",
        ]
    );
    assert!(check(&[rule("EUR", &["DE"], &[(1, 1)])]).is_ok());
}

fn ids(candidates: &[Candidate]) -> Vec<u128> {
    candidates.iter().map(|candidate| candidate.method.id.uuid().as_u128()).collect()
}

#[test]
fn an_invoice_is_heard_before_its_subscription_before_the_customer_and_a_rule_only_moves_the_same_card() {
    // The default first, then the newest.
    let methods =
        [method(1, 10, "4242"), method(2, 20, "4242"), method(3, 20, "1111"), method(4, 10, "1111")];
    let id = |n| PaymentMethodId::from_uuid(Uuid::from_u128(n));
    assert_eq!(ids(&order(&methods, &[], None)), [1, 2, 3, 4]);
    let preferred = [(id(4), Chosen::Invoice), (id(3), Chosen::Subscription), (id(1), Chosen::Customer)];
    let ordered = order(&methods, &preferred, None);
    assert_eq!((ids(&ordered), ordered[0].chosen), (vec![4, 3, 1, 2], Some(Chosen::Invoice)));
    let route = Route { version: 1, rule: 1 };
    let routed = Routed { route, accounts: vec![account(20), account(10)] };
    let ordered = order(&methods, &[(id(1), Chosen::Customer)], Some(&routed));
    assert_eq!((ids(&ordered), ordered[0].chosen), (vec![2, 1, 3, 4], Some(Chosen::Route(route))));
    assert_eq!(ordered[2].chosen, None);
    // Where the rule leads nowhere that the card is, it is charged where it is.
    let nowhere = Routed { route, accounts: vec![account(30)] };
    let ordered = order(&methods, &[(id(1), Chosen::Customer)], Some(&nowhere));
    assert_eq!((ids(&ordered), ordered[0].chosen), (vec![1, 2, 3, 4], Some(Chosen::Customer)));
}

#[test]
fn what_is_tried_elsewhere_is_the_same_card_at_another_account_of_the_rule() {
    let methods =
        [method(1, 10, "4242"), method(2, 20, "4242"), method(3, 20, "1111"), method(5, 30, "4242")];
    let id = |n| PaymentMethodId::from_uuid(Uuid::from_u128(n));
    let routed = Routed { route: Route { version: 1, rule: 1 }, accounts: vec![account(10), account(20)] };
    let candidates = order(&methods, &[], Some(&routed));
    assert_eq!(elsewhere(&candidates, Some(id(1)), Some(&routed)), [id(2)]);
    assert_eq!(elsewhere(&candidates, Some(id(2)), Some(&routed)), [id(1)]);
    assert_eq!(elsewhere(&candidates, Some(id(3)), Some(&routed)), []);
    assert_eq!(elsewhere(&candidates, Some(id(5)), Some(&routed)), [], "it is at no account of the rule");
    assert_eq!(elsewhere(&candidates, Some(id(1)), None), []);
}
