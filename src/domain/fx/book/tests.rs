//! Rates in examples from the law, and in properties over random books.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::*;
use crate::domain::fx::{ECB, MANUAL, Quote};
use crate::domain::ids::ExchangeRateId;
use crate::domain::laws::tried;
use crate::domain::money::Money;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

/// `EUR/USD 2026-03-20 1.0876`, recorded as the nth.
fn rate(n: u8, text: &str) -> Rate {
    let words: Vec<&str> = text.split(' ').collect();
    let (base, quote) = words[0].split_once('/').unwrap();
    let is_own = words.get(3) == Some(&"own");
    let source = if is_own { MANUAL } else { ECB };
    let quote = Quote {
        base: currency(base),
        quote: currency(quote),
        date: day(words[1]),
        value: words[2].parse().unwrap(),
        source: source.to_owned(),
    };
    let recorded_at = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(n.into());
    Rate { id: ExchangeRateId::from_uuid(Uuid::from_u128(n.into())), quote, is_own, recorded_at }
}

fn book(rates: &[&str]) -> Book {
    Book::new((1..).zip(rates).map(|(n, text)| rate(n, text)))
}

/// `Inverse 0.919455682236 2026-03-20`.
fn shown(book: &Book, pair: &str, day: Day, prefer: Prefer) -> String {
    let (from, to) = pair.split_once('/').unwrap();
    match book.find(Pair { from: currency(from), to: currency(to) }, day, prefer) {
        Ok(found) => {
            let date = found.date().map(|date| date.to_string()).unwrap_or_default();
            format!("{:?} {} {date}", found.way, found.ratio.shown().unwrap())
        }
        Err(error) => error.code().to_owned(),
    }
}

fn by(book: &Book, pair: &str, date: &str) -> String {
    shown(book, pair, Day::By(day(date)), Prefer::Own)
}

const FRIDAY: [&str; 3] =
    ["EUR/USD 2026-03-20 1.0876", "EUR/JPY 2026-03-20 162.50", "EUR/USD 2026-03-19 1.09"];

#[test]
fn the_last_known_rate_holds_over_the_weekend_the_other_way_and_by_way_of_the_euro() {
    let book = book(&FRIDAY);
    assert_eq!(by(&book, "EUR/USD", "2026-03-20"), "Direct 1.0876 2026-03-20");
    assert_eq!(by(&book, "EUR/USD", "2026-03-19"), "Direct 1.09 2026-03-19");
    assert_eq!(by(&book, "USD/EUR", "2026-03-22"), "Inverse 0.919455682236 2026-03-20");
    assert_eq!(by(&book, "USD/JPY", "2026-03-22"), "Cross 149.411548363 2026-03-20");
    assert_eq!(by(&book, "JPY/JPY", "1970-01-01"), "Same 1 ");
}

#[test]
fn two_weeks_are_the_most_and_nothing_is_known_before_the_first() {
    let book = book(&FRIDAY);
    assert_eq!(by(&book, "EUR/USD", "2026-04-03"), "Direct 1.0876 2026-03-20");
    assert_eq!(by(&book, "EUR/USD", "2026-04-04"), "no_exchange_rate");
    assert_eq!(by(&book, "EUR/USD", "2026-03-18"), "no_exchange_rate");
    assert_eq!(by(&book, "EUR/GBP", "2026-03-20"), "no_exchange_rate");
    let (from, to) = (currency("GBP"), currency("USD"));
    let refused =
        book.find(Pair { from, to }, Day::By(day("2026-03-20")), Prefer::Own).unwrap_err().to_string();
    assert!(refused.starts_with("no exchange rate from GBP to USD is known for 2026-03-20"), "{refused}");
    assert!(refused.contains("POST /v1/exchange_rates"), "{refused}");
}

#[test]
fn a_return_takes_the_next_day_of_publication() {
    // The first quarter of 2024 ended on Easter Sunday.
    let book = book(&["EUR/USD 2024-03-28 1.0811", "EUR/USD 2024-04-02 1.0749"]);
    let of_quarter = Day::From(day("2024-03-31"));
    assert_eq!(shown(&book, "EUR/USD", of_quarter, Prefer::Published), "Direct 1.0749 2024-04-02");
    assert_eq!(by(&book, "EUR/USD", "2024-03-31"), "Direct 1.0811 2024-03-28");
    let late = Day::From(day("2024-04-03"));
    assert_eq!(shown(&book, "USD/EUR", late, Prefer::Published), "no_exchange_rate");
}

#[test]
fn an_own_rate_goes_before_the_published_one_of_its_day_but_not_where_the_law_names_who_publishes() {
    let book = book(&["EUR/USD 2026-03-20 1.0876", "USD/EUR 2026-03-20 0.90 own", "EUR/USD 2026-03-23 1.10"]);
    assert_eq!(by(&book, "USD/EUR", "2026-03-20"), "Direct 0.9 2026-03-20");
    assert_eq!(by(&book, "EUR/USD", "2026-03-22"), "Inverse 1.11111111111 2026-03-20");
    // A nearer day goes before.
    assert_eq!(by(&book, "EUR/USD", "2026-03-23"), "Direct 1.1 2026-03-23");
    let published = |date: &str| shown(&book, "EUR/USD", Day::By(day(date)), Prefer::Published);
    assert_eq!(published("2026-03-22"), "Direct 1.0876 2026-03-20");
    let own = Book::new([rate(1, "USD/EUR 2026-03-20 0.90 own")]);
    let used = shown(&own, "USD/EUR", Day::By(day("2026-03-20")), Prefer::Published);
    assert_eq!(used, "Direct 0.9 2026-03-20", "where nothing is published");
}

#[test]
fn a_correction_goes_before_what_it_corrects_in_whichever_order_they_are_read() {
    let (first, second) = (rate(1, "EUR/USD 2026-03-20 1.0876"), rate(2, "EUR/USD 2026-03-20 1.0867"));
    for rates in [[first.clone(), second.clone()], [second, first.clone()]] {
        assert_eq!(by(&Book::new(rates), "EUR/USD", "2026-03-20"), "Direct 1.0867 2026-03-20");
    }
    // As of the moment between the two.
    assert_eq!(by(&Book::new([first]), "EUR/USD", "2026-03-20"), "Direct 1.0876 2026-03-20");
}

/// Rates of four currencies over a month, own and published.
fn rates() -> impl Strategy<Value = Vec<Rate>> {
    let codes = || prop::sample::select(vec!["EUR", "USD", "JPY", "BHD"]);
    let one = (codes(), codes(), 1_u32..31, 1_i64..1_000_000, any::<bool>());
    let quote = |(base, quote, date, value, is_own): (&str, &str, u32, i64, bool)| {
        let date = NaiveDate::from_ymd_opt(2026, 6, date).unwrap();
        let (base, quote) = (currency(base), currency(quote));
        (base != quote).then(|| {
            let source = if is_own { MANUAL } else { ECB };
            (Quote { base, quote, date, value: Decimal::new(value, 4), source: source.to_owned() }, is_own)
        })
    };
    prop::collection::vec(one.prop_map(quote), 0..40).prop_map(|quotes| {
        let kept = |(n, (quote, is_own)): (u8, (Quote, bool))| {
            let recorded_at = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(n.into());
            Rate { id: ExchangeRateId::from_uuid(Uuid::from_u128(n.into())), quote, is_own, recorded_at }
        };
        (1..).zip(quotes.into_iter().flatten()).map(kept).collect()
    })
}

proptest! {
    #![proptest_config(tried())]

    /// By the naive reading: of all rates of the pair in the window, either way, none is nearer; of one day an own one wins.
    #[test]
    fn no_rate_of_the_pair_is_nearer_and_none_is_outside_the_window(rates in rates(), date in 1_u32..31) {
        let date = NaiveDate::from_ymd_opt(2026, 6, date).unwrap();
        let pair = Pair { from: currency("USD"), to: currency("EUR") };
        let is_of_pair = |rate: &&Rate| {
            let both = [rate.quote.base, rate.quote.quote];
            both.contains(&pair.from) && both.contains(&pair.to)
        };
        let in_window = |rate: &&Rate| (0..=14).contains(&(date - rate.quote.date).num_days());
        let nearest = rates.iter().filter(is_of_pair).filter(in_window).map(|rate| rate.quote.date).max();
        match Book::new(rates.clone()).find(pair, Day::By(date), Prefer::Own) {
            Ok(found) => {
                prop_assert_eq!(found.date(), nearest);
                let own = rates.iter().any(|r| r.is_own && is_of_pair(&r) && Some(r.quote.date) == nearest);
                prop_assert_eq!(found.legs[0].rate.is_own, own);
            }
            Err(_) => prop_assert_eq!(nearest, None),
        }
    }

    /// What was known does not depend on the order in which it is read, and there and back are one ratio turned over.
    #[test]
    fn the_order_of_reading_does_not_matter_and_both_ways_use_the_same_rate(rates in rates(), minor in -100_000_i64..100_000) {
        let date = Day::By(day("2026-06-20"));
        let turned: Vec<Rate> = rates.iter().rev().cloned().collect();
        let (one, other) = (Book::new(rates), Book::new(turned));
        prop_assert_eq!(&one, &other);
        let find = |from: &str, to: &str| one.find(Pair { from: currency(from), to: currency(to) }, date, Prefer::Own);
        if let (Ok(there), Ok(back)) = (find("USD", "JPY"), find("JPY", "USD")) {
            prop_assert_eq!(there.date(), back.date());
            let amount = Money::from_minor(minor, currency("USD"));
            let is_zero = there.ratio.convert(amount, currency("JPY")).map(Money::is_negative);
            prop_assert!(is_zero.is_err() || is_zero == Ok(false) || minor < 0);
        }
    }
}
