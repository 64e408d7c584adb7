//! What became of payers, by hand and by the thousand.

use rust_decimal::Decimal;

use super::population::payer;
use super::*;
use crate::domain::money::Currency;
use crate::domain::payments::retries::span::Span;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn usd() -> Currency {
    Currency::parse("USD").unwrap()
}

fn rules(terms: &Terms) -> Rules<'_> {
    Rules { terms, outcomes: None, zone: Zone::parse("UTC").unwrap() }
}

fn tally(terms: &Terms, outcomes: Option<&Outcomes>, payers: std::ops::Range<u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in payers {
        let case = payer(seed, at("2026-01-01T00:00:00Z"), usd());
        let lived = case.live(Rules { outcomes, ..rules(terms) });
        tally.count(&case, &lived);
    }
    tally
}

/// One invoice of 31.00 declined on the 1st and the 5th, and paid on the 8th.
fn recorded(at_best: bool) -> Case<Recorded> {
    let declined = |day: &str| RecordedAttempt {
        at: at(day),
        declined: Some((Arc::from("insufficient_funds"), Class::Insufficient)),
        same_method: true,
    };
    let paid = RecordedAttempt { declined: None, ..declined("2026-06-08T00:00:00Z") };
    let attempts = Arc::from([declined("2026-06-01T00:00:00Z"), declined("2026-06-05T00:00:00Z"), paid]);
    Case {
        payer: Recorded { attempts, at_best },
        invoices: vec![(at("2026-06-01T00:00:00Z"), Money::from_minor(3_100, usd()))],
        network: None,
        gateway: "stripe".to_owned(),
        country: None,
        seed: 0,
    }
}

#[test]
fn of_what_was_not_tried_the_worst_and_the_best_are_told() {
    let paid = |offsets: &[i64], at_best: bool| {
        let terms =
            Terms { offsets: offsets.iter().map(|days| Span::of_days(*days)).collect(), ..Terms::default() };
        let lived = recorded(at_best).live(rules(&terms));
        lived.stories[0].paid_at.map(|at| at.format("%d").to_string())
    };
    assert_eq!((paid(&[3, 3], false), paid(&[3, 3], true)), (None, Some("07".to_owned())));
    assert_eq!((paid(&[3, 5], false), paid(&[3, 5], true)), (Some("09".to_owned()), Some("09".to_owned())));
    assert_eq!((paid(&[2, 1], false), paid(&[2, 1], true)), (None, None), "declined then, as on the 5th");
}

#[test]
fn another_card_is_charged_when_it_comes() {
    let mut case = recorded(false);
    let mut attempts = case.payer.attempts.to_vec();
    attempts[2].same_method = false;
    case.payer.attempts = attempts.into();
    let lived = case.live(rules(&Terms { offsets: vec![Span::of_days(30)], ..Terms::default() }));
    assert_eq!(lived.stories[0].paid_at, Some(at("2026-06-08T00:00:00Z")));
    assert!(lived.stories[0].attempts[1].has_other_card);
}

#[test]
fn no_policy_that_may_be_made_breaks_a_limit() {
    let daily = Terms { offsets: vec![Span::of_days(1); 15], outage_offsets: vec![], ..Terms::default() };
    daily.check().unwrap();
    let twice_a_day =
        Terms { offsets: vec![Span::of_minutes(12 * 60); 30], outage_offsets: vec![], ..Terms::default() };
    // Refused when it is made; and lived through all the same, it is put off.
    twice_a_day.check().unwrap_err();
    for terms in [Terms::default(), daily, twice_a_day] {
        let tally = tally(&terms, None, 0..2_000);
        assert!(tally.paid > 500, "{tally:?}");
        assert_eq!((tally.over_15, tally.over_20, tally.over_35), (0, 0, 0));
    }
}

#[test]
fn what_was_learnt_recovers_more_with_as_many_steps() {
    let zone = Zone::parse("UTC").unwrap();
    let terms = Terms::default();
    let retries: Vec<Retry> = (1_000_000..1_006_000)
        .flat_map(|seed| {
            let case = payer(seed, at("2025-06-01T00:00:00Z"), usd());
            retries_of(&case, &case.live(rules(&terms)))
        })
        .collect();
    let outcomes = Outcomes::of(&retries, zone);
    let ladder = tally(&terms, None, 0..3_000);
    let adaptive = tally(&Terms { adaptive: true, ..terms }, Some(&outcomes), 0..3_000);
    assert_eq!(ladder.invoices, adaptive.invoices);
    assert_eq!((adaptive.over_15, adaptive.over_20), (0, 0));
    let more = adaptive.recovery() - ladder.recovery();
    assert!(more > Decimal::new(3, 2), "{} and {}", ladder.recovery(), adaptive.recovery());
}
