//! What follows on each failure, and on each sequence of them: a table.

use proptest::prelude::*;
use uuid::Uuid;

use super::policy::FinalAction;
use super::span::Span;
use super::*;
use crate::domain::money::Currency;
use crate::domain::payments::networks::Failure;

fn day(days: i64) -> DateTime<Utc> {
    "2026-06-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::days(days)
}

fn card(n: u128) -> PaymentMethodId {
    PaymentMethodId::from_uuid(Uuid::from_u128(n))
}

fn usd() -> Money {
    Money::from_minor(3_100, Currency::parse("USD").unwrap())
}

fn tried(method: u128, class: Class) -> Tried {
    Tried { method: Some(card(method)), class, wait: None, not_reached: false, once: false }
}

/// What follows on these failures at noon of a day, with these methods, the first of which is the default.
fn decide(terms: &Terms, tried: &[Tried], methods: &[u128], now: DateTime<Utc>) -> Decision {
    let methods: Vec<PaymentMethodId> = methods.iter().map(|n| card(*n)).collect();
    let zone = Zone::parse("UTC").unwrap();
    let cards = BTreeMap::new();
    Situation {
        terms,
        tried,
        methods: &methods,
        elsewhere: &[],
        cards: &cards,
        amount: usd(),
        learned: None,
        zone,
        seed: 0,
        now,
    }
    .decide()
}

fn shown(decision: &Decision) -> String {
    match decision {
        Decision::Try(next) => {
            let method = next.method.map(|method| format!(" with {}", method.uuid().as_u128()));
            format!("{} {}{}", next.at.format("%m-%dT%H:%M"), next.reason, method.unwrap_or_default())
        }
        Decision::Stop { why, final_at } => {
            let at = final_at.map(|at| format!(", last {}", at.format("%m-%dT%H:%M")));
            format!("stop {}{}", why.into_str(), at.unwrap_or_default())
        }
    }
}

fn after(tried: &[Tried], methods: &[u128]) -> String {
    shown(&decide(&Terms::default(), tried, methods, day(0)))
}

#[test]
fn a_soft_decline_is_tried_again_after_1_3_5_and_7_days_and_then_no_more() {
    let mut at = day(0);
    let mut failures = Vec::new();
    let mut days = vec![0];
    loop {
        failures.push(tried(1, Class::Insufficient));
        match decide(&Terms::default(), &failures, &[1], at) {
            Decision::Try(next) => {
                assert_eq!(next.reason.step().map(usize::from), Some(failures.len()));
                at = next.at;
                days.push((at - day(0)).num_days());
            }
            Decision::Stop { why, final_at } => {
                assert_eq!((why, final_at), (Stopped::Exhausted, Some(at)));
                break;
            }
        }
    }
    assert_eq!(days, [0, 1, 4, 9, 16]);
}

#[test]
fn each_class_is_followed_by_what_the_table_says() {
    use Class::*;
    let table = [
        (Outage, "06-01T00:05 outage_retry 1"),
        (Later, "06-02T00:00 retry_step 1"),
        (Insufficient, "06-02T00:00 retry_step 1"),
        (FixData, "stop no_method, last 06-17T00:00"),
        (Authenticate, "stop no_method, last 06-17T00:00"),
        (Fraud, "stop no_method, last 06-17T00:00"),
        (Never, "stop no_method, last 06-17T00:00"),
    ];
    for (class, follows) in table {
        assert_eq!(after(&[tried(1, class)], &[1]), follows, "{class:?}");
    }
}

#[test]
fn an_outage_uses_up_no_step_until_its_own_tries_are_used_up() {
    let mut failures = vec![tried(1, Class::Later)];
    let mut seen = Vec::new();
    for _ in 0..5 {
        failures.push(tried(1, Class::Outage));
        seen.push(after(&failures, &[1]));
    }
    assert_eq!(
        seen,
        [
            "06-01T00:05 outage_retry 1",
            "06-01T00:30 outage_retry 2",
            "06-01T02:00 outage_retry 3",
            "06-04T00:00 retry_step 2",
            "06-06T00:00 retry_step 3",
        ]
    );
}

#[test]
fn a_hard_decline_ends_a_method_and_the_invoice_goes_on_with_the_next() {
    let dead = tried(1, Class::Never);
    assert_eq!(after(&[dead], &[1, 2, 3]), "06-01T00:00 backup_method with 2");
    // The backup has a ladder of its own: what ended the first used up none.
    assert_eq!(after(&[dead, tried(2, Class::Later)], &[1, 2, 3]), "06-02T00:00 retry_step 1 with 2");
    assert_eq!(after(&[dead, tried(2, Class::Fraud)], &[1, 2, 3]), "06-01T00:00 backup_method with 3");
    let all = [dead, tried(2, Class::FixData), tried(3, Class::Authenticate)];
    assert_eq!(after(&all, &[1, 2, 3]), "stop no_method, last 06-17T00:00");
    // Tried softly before: it goes on where it was.
    assert_eq!(after(&[tried(2, Class::Later), dead], &[2, 1]), "06-02T00:00 retry_step 1");
    assert_eq!(after(&[dead], &[]), "stop no_method, last 06-17T00:00");
}

#[test]
fn a_default_that_changed_while_an_attempt_was_under_way_is_tried_at_once() {
    assert_eq!(after(&[tried(1, Class::Later)], &[2, 1]), "06-01T00:00 new_method");
    assert_eq!(after(&[tried(1, Class::Later), tried(2, Class::Later)], &[2, 1]), "06-04T00:00 retry_step 2");
}

#[test]
fn an_attempt_that_never_reached_its_gateway_is_repeated_at_once_but_not_for_ever() {
    let lost = Tried { not_reached: true, ..tried(1, Class::Outage) };
    let times = |times| after(&vec![lost; times], &[1]);
    assert_eq!(times(1), "06-01T00:00 not_reached");
    assert_eq!(times(5), "06-01T00:00 not_reached");
    assert_eq!(times(6), "06-02T00:00 not_reached");
    assert_eq!(times(19), "06-02T00:00 not_reached");
    assert_eq!(times(20), "stop not_reached");
    // It used up nothing.
    assert_eq!(after(&[lost, lost, tried(1, Class::Later)], &[1]), "06-02T00:00 retry_step 1");
}

#[test]
fn nothing_follows_on_an_attempt_after_which_nothing_was_wanted() {
    assert_eq!(after(&[Tried { once: true, ..tried(1, Class::Later) }], &[1, 2]), "stop not_asked");
    assert_eq!(after(&[Tried { once: true, ..tried(1, Class::Never) }], &[1, 2]), "stop not_asked");
}

#[test]
fn the_networks_advice_puts_a_step_off_and_never_forward() {
    let advised = |hours| Tried { wait: Some(TimeDelta::hours(hours)), ..tried(1, Class::Later) };
    assert_eq!(after(&[advised(1)], &[1]), "06-02T00:00 retry_step 1");
    assert_eq!(after(&[advised(48)], &[1]), "06-03T00:00 retry_step 1 advice");
}

#[test]
fn a_networks_limit_puts_a_step_off_and_one_that_allows_none_ends_the_method() {
    let failure = |n: i64| Failure {
        at: day(n - 20),
        class: Some(Class::Later),
        network_code: Some("05".to_owned()),
        amount: usd(),
    };
    let visa = Card {
        network: Some("visa".to_owned()),
        gateway: "simulator".to_owned(),
        failures: (0..=20).map(failure).collect(),
    };
    let terms = Terms::default();
    let zone = Zone::parse("UTC").unwrap();
    let (soft, methods) = ([tried(1, Class::Later)], [card(1), card(2)]);
    let mut cards = BTreeMap::from([(card(1), visa)]);
    let at = |cards: &BTreeMap<PaymentMethodId, Card>| {
        let situation = Situation {
            terms: &terms,
            tried: &soft,
            methods: &methods,
            elsewhere: &[],
            cards,
            amount: usd(),
            learned: None,
            zone,
            seed: 0,
            now: day(0),
        };
        shown(&situation.decide())
    };
    assert_eq!(at(&cards), "06-12T00:00 retry_step 1 network_limit");
    let mut stolen = failure(3);
    (stolen.class, stolen.network_code) = (Some(Class::Never), Some("43".to_owned()));
    cards.get_mut(&card(1)).unwrap().failures.push(stolen);
    assert_eq!(at(&cards), "06-02T00:00 retry_step 1 with 2");
}

#[test]
fn the_last_action_waits_as_long_as_the_steps_that_are_left() {
    let terms = Terms {
        final_action: FinalAction::CancelNow,
        offsets: vec![Span::of_days(2); 3],
        ..Terms::default()
    };
    let soft = tried(1, Class::Later);
    let dead = tried(1, Class::Never);
    assert_eq!(shown(&decide(&terms, &[soft, dead], &[1], day(0))), "stop no_method, last 06-05T00:00");
    assert_eq!(
        shown(&decide(&terms, &[soft, soft, soft, soft], &[1], day(0))),
        "stop exhausted, last 06-01T00:00"
    );
}

fn class() -> impl Strategy<Value = Class> {
    use strum::VariantArray;
    prop::sample::select(Class::VARIANTS.to_vec())
}

proptest! {
    #[test]
    fn an_invoice_is_never_tried_for_ever_nor_with_what_is_ended(answers in prop::collection::vec(class(), 80)) {
        let (mut at, mut method, mut failures) = (day(0), card(1), Vec::new());
        let methods = [1, 2, 3];
        let mut attempts = 0;
        for class in answers {
            attempts += 1;
            failures.push(Tried { method: Some(method), ..tried(1, class) });
            match decide(&Terms::default(), &failures, &methods, at) {
                Decision::Stop { .. } => break,
                Decision::Try(next) => {
                    prop_assert!(next.at >= at);
                    at = next.at;
                    method = next.method.unwrap_or(card(1));
                    let ended = failures.iter().any(|t| t.method == Some(method) && t.class.ends_method());
                    prop_assert!(!ended, "{failures:?}");
                }
            }
        }
        // A method each, the steps, and the tries after outages.
        prop_assert!(attempts <= 3 + 4 + 3 + 1, "{attempts}");
    }
}

#[test]
fn where_the_gateway_was_not_there_the_same_card_is_tried_elsewhere_once_and_never_after_a_no() {
    let cards = BTreeMap::new();
    let terms = Terms::default();
    let zone = Zone::parse("UTC").unwrap();
    let after = |tried: &[Tried]| {
        let (methods, elsewhere) = ([card(1), card(2)], [card(2)]);
        let situation = Situation {
            terms: &terms,
            tried,
            methods: &methods,
            elsewhere: &elsewhere,
            cards: &cards,
            amount: usd(),
            learned: None,
            zone,
            seed: 0,
            now: day(0),
        };
        shown(&situation.decide())
    };
    let lost = Tried { not_reached: true, ..tried(1, Class::Later) };
    assert_eq!(after(&[tried(1, Class::Outage)]), "06-01T00:00 other_gateway with 2");
    assert_eq!(after(&[lost]), "06-01T00:00 other_gateway with 2");
    assert_eq!(after(&[tried(1, Class::Outage), tried(2, Class::Outage)]), "06-01T00:30 outage_retry 2");
    assert_eq!(after(&[tried(1, Class::Insufficient)]), "06-02T00:00 retry_step 1");
    assert_eq!(after(&[tried(1, Class::Outage), tried(2, Class::Insufficient)]), "06-02T00:00 retry_step 1");
}
