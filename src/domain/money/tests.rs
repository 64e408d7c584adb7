//! Money in examples from standards and in properties over random amounts, weights and currencies.

use super::rounding::round_share_to_minor;
use super::{Currency, LARGEST, Money, MoneyError, allocate, parse_decimal, round_to_minor};
use proptest::prelude::*;

use crate::domain::laws::tried;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn usd(text: &str) -> Money {
    Money::parse_major(text, currency("USD")).unwrap()
}

fn decimal(text: &str) -> Decimal {
    parse_decimal(text).unwrap()
}

#[derive(serde::Deserialize)]
struct IsoList {
    minor_units: BTreeMap<String, Option<u32>>,
}

fn iso_list() -> IsoList {
    let file = include_str!("../../../tests/vectors/iso4217_minor_units.json");
    serde_json::from_str(file).unwrap()
}

#[test]
fn every_row_of_the_iso_list_has_its_decimals_or_is_refused_for_having_none() {
    let list = iso_list().minor_units;
    assert_eq!(list.len(), 178);
    for (code, decimals) in list {
        match (Currency::parse(&code), decimals) {
            (Ok(known), Some(decimals)) => {
                assert_eq!((known.code(), known.exponent()), (code.as_str(), decimals))
            }
            (refused, decimals) => {
                assert_eq!((refused, decimals), (Err(MoneyError::NoMinorUnit { code }), None));
            }
        }
    }
}

#[test]
fn no_code_outside_the_iso_list_is_a_currency() {
    let list = iso_list().minor_units;
    let letters = || b'A'..=b'Z';
    for (a, b) in letters().flat_map(|a| letters().map(move |b| (a, b))) {
        for code in letters().map(|c| [a, b, c].map(char::from).iter().collect::<String>()) {
            assert_eq!(
                Currency::parse(&code).is_ok(),
                list.get(&code).copied().flatten().is_some(),
                "{code}"
            );
        }
    }
    for code in ["", "usd", "Usd", "US", "USDX", " USD", "USD ", "840", "U$D", "ÄÖÜ"] {
        assert!(matches!(Currency::parse(code), Err(MoneyError::UnknownCurrency { .. })), "{code}");
    }
}

#[test]
fn a_withdrawn_currency_names_its_successor() {
    let refused = Currency::parse("HRK").unwrap_err();
    assert_eq!(refused.to_string(), "HRK was withdrawn from ISO 4217: use EUR");
}

#[test]
fn a_currency_travels_as_its_code() {
    assert_eq!(serde_json::to_string(&currency("EUR")).unwrap(), "\"EUR\"");
    assert_eq!(serde_json::from_str::<Currency>("\"JPY\"").unwrap(), currency("JPY"));
    assert!(serde_json::from_str::<Currency>("\"eur\"").is_err());
    assert!(serde_json::from_str::<Currency>("978").is_err());
}

#[test]
fn an_amount_is_written_with_the_decimals_of_its_currency() {
    for (minor, code, text) in [
        (-1999, "USD", "-19.99"),
        (5, "USD", "0.05"),
        (-5, "USD", "-0.05"),
        (0, "EUR", "0.00"),
        (500, "JPY", "500"),
        (1234, "BHD", "1.234"),
        (10_001, "CLF", "1.0001"),
        (i64::MAX, "USD", "92233720368547758.07"),
        (i64::MIN, "USD", "-92233720368547758.08"),
        (i64::MIN, "JPY", "-9223372036854775808"),
    ] {
        let amount = Money::from_minor(minor, currency(code));
        assert_eq!(amount.to_major_string(), text);
        let read = Money::parse_major(text, currency(code));
        assert_eq!(read, amount.within_bounds());
        assert_eq!(format!("{amount} {amount:?}"), format!("{text} {code} {text} {code}"));
    }
}

#[test]
fn fewer_decimals_than_the_currency_has_are_fine() {
    assert_eq!(usd("19.9"), usd("19.90"));
    assert_eq!(usd("007"), usd("7.00"));
    assert_eq!(usd("-0"), Money::zero(currency("USD")));
}

#[test]
fn more_decimals_than_the_currency_has_are_refused_even_when_zero() {
    for (text, code) in [("19.999", "USD"), ("19.990", "USD"), ("500.0", "JPY"), ("1.2345", "BHD")] {
        let refused = Money::parse_major(text, currency(code));
        assert_eq!(refused, Err(MoneyError::TooPrecise { input: text.into(), currency: currency(code) }));
    }
    let refused = Money::parse_major("19.999", currency("USD")).unwrap_err();
    assert_eq!(refused.to_string(), "\"19.999\" has more decimals than USD has: at most 2");
}

const NOT_NUMBERS: [&str; 27] = [
    "", " ", "-", ".", "-.", "+5", "1e5", "1E5", ".5", "5.", "-.5", "--5", "5-", "1,000", "1.2.3", "1_000",
    " 5", "5 ", "5\n", "0x10", "NaN", "inf", "-inf", "٣", "１", "$5", "−5",
];

#[test]
fn anything_but_plain_decimal_notation_is_refused() {
    for text in NOT_NUMBERS {
        let expected = MoneyError::NotANumber { input: text.into() };
        assert_eq!(Money::parse_major(text, currency("USD")), Err(expected.clone()), "{text}");
        assert_eq!(parse_decimal(text), Err(expected), "{text}");
    }
}

#[test]
fn a_refused_text_is_shown_back_shortened() {
    let refused = parse_decimal(&"x".repeat(1_000_000)).unwrap_err().to_string();
    assert!(refused.len() < 200, "{refused}");
}

#[test]
fn one_amount_is_at_most_ten_to_the_fifteenth_minor_units() {
    let out_of_range = Err(MoneyError::OutOfRange { currency: currency("USD") });
    for text in ["10000000000000.01", "-10000000000000.01", "92233720368547759", &"9".repeat(5000)] {
        assert_eq!(Money::parse_major(text, currency("USD")), out_of_range, "{text}");
    }
    assert_eq!(usd("10000000000000.00").minor(), LARGEST);
    assert_eq!(usd("-10000000000000.00").minor(), -LARGEST);
    let yen = Money::parse_major("1000000000000001", currency("JPY"));
    let said = "the amount is out of range: one amount is at most 1000000000000000 JPY";
    assert_eq!(yen.unwrap_err().to_string(), said);
    for value in [Decimal::MAX, decimal("10000000000000.005"), decimal("-10000000000000.005")] {
        assert_eq!(round_to_minor(value, currency("USD")), out_of_range, "{value}");
    }
    assert_eq!(round_to_minor(decimal("10000000000000.004"), currency("USD")), Ok(usd("10000000000000.00")));
}

#[test]
fn a_sum_beyond_64_bits_is_refused() {
    let out_of_range = Err(MoneyError::OutOfRange { currency: currency("USD") });
    let (least, most) =
        (Money::from_minor(i64::MIN, currency("USD")), Money::from_minor(i64::MAX, currency("USD")));
    assert_eq!(most.checked_add(usd("0.01")), out_of_range);
    assert_eq!(least.checked_sub(usd("0.01")), out_of_range);
    assert_eq!(least.negated(), out_of_range);
    assert_eq!(most.negated(), Ok(Money::from_minor(-i64::MAX, currency("USD"))));
}

#[test]
fn a_sum_may_pass_the_limit_on_its_way_if_the_result_is_within() {
    let most = Money::from_minor(i64::MAX, currency("USD"));
    let amounts = [most, most, most.negated().unwrap(), usd("-0.07")];
    assert_eq!(Money::sum(currency("USD"), amounts), Ok(Money::from_minor(i64::MAX - 7, currency("USD"))));
    assert_eq!(Money::sum(currency("JPY"), []), Ok(Money::zero(currency("JPY"))));
}

#[test]
fn currencies_do_not_mix() {
    let (five_usd, five_eur) = (usd("5"), Money::from_minor(500, currency("EUR")));
    let mixed = Err(MoneyError::MixedCurrencies { left: currency("USD"), right: currency("EUR") });
    assert_eq!(five_usd.checked_add(five_eur), mixed);
    assert_eq!(five_usd.checked_sub(five_eur), mixed);
    assert_eq!(Money::sum(currency("USD"), [five_usd, five_eur]), mixed);
    assert_ne!(five_usd, five_eur);
}

#[test]
fn a_price_keeps_up_to_15_digits_before_and_12_after_the_point() {
    for text in ["0.0025", "-1.10", "999999999999999.999999999999", "0", "0.000000000001"] {
        assert_eq!(decimal(text).to_string(), text);
    }
    assert_eq!(decimal("000000000000000000001"), Decimal::ONE);
    for text in ["1000000000000000", "0.0000000000001", "0.0000000000000"] {
        let refused = parse_decimal(text).unwrap_err();
        assert_eq!(refused, MoneyError::TooManyDigits { input: text.into() });
    }
    let refused = parse_decimal(&"1".repeat(16)).unwrap_err().to_string();
    assert_eq!(
        refused,
        "\"1111111111111111\" is too long: at most 15 digits before the point and 12 after it"
    );
}

#[test]
fn halves_round_away_from_zero() {
    for (value, code, rounded) in [
        ("0.125", "USD", "0.13"),
        ("-0.125", "USD", "-0.13"),
        ("0.005", "USD", "0.01"),
        ("-0.005", "USD", "-0.01"),
        ("2.675", "USD", "2.68"),
        ("0.0049999", "USD", "0.00"),
        ("2.5", "JPY", "3"),
        ("-2.5", "JPY", "-3"),
        ("2.4999", "JPY", "2"),
        ("1.2345", "BHD", "1.235"),
        ("1.00005", "CLF", "1.0001"),
        ("19.99", "USD", "19.99"),
        ("500", "USD", "500.00"),
    ] {
        assert_eq!(round_to_minor(decimal(value), currency(code)).unwrap().to_major_string(), rounded);
    }
}

#[test]
fn twenty_percent_tax_depends_on_where_it_is_rounded() {
    let tax = |net: &str| round_to_minor(decimal(net) * decimal("0.2"), currency("USD")).unwrap();
    assert_eq!((Money::sum(currency("USD"), [tax("0.33"); 3]), tax("0.99")), (Ok(usd("0.21")), usd("0.20")));
    assert_eq!(
        (Money::sum(currency("USD"), [tax("10.03"); 3]), tax("30.09")),
        (Ok(usd("6.03")), usd("6.02"))
    );
}

#[test]
fn a_share_is_multiplied_first_and_rounded_once() {
    let share = |value: &str, share| round_share_to_minor(decimal(value), share, currency("USD"));
    assert_eq!(share("10", (1, 3)), Ok(usd("3.33")));
    assert_eq!(share("250", (29, 30)), Ok(usd("241.67")));
    assert_eq!(
        share("9999999999999.999999999999", (12_622_780_800, 12_622_780_800)),
        Ok(usd("10000000000000.00"))
    );
    assert_eq!(share("10", (1, 0)), Err(MoneyError::BadDenominator { denominator: 0 }));
    assert_eq!(share("10", (1, -3)), Err(MoneyError::BadDenominator { denominator: -3 }));
    assert_eq!(
        share("999999999999999", (i64::MAX, 1)),
        Err(MoneyError::OutOfRange { currency: currency("USD") })
    );
}

fn allocated(total: &str, weights: &[&str]) -> Vec<String> {
    let weights: Vec<Decimal> = weights.iter().map(|weight| decimal(weight)).collect();
    allocate(usd(total), &weights).unwrap().into_iter().map(Money::to_major_string).collect()
}

#[test]
fn a_bundle_price_is_split_by_standalone_prices_to_the_cent() {
    assert_eq!(allocated("15000", &["12000", "3000", "2400"]), ["10344.83", "2586.21", "2068.96"]);
    assert_eq!(allocated("100", &["50", "25", "75"]), ["33.33", "16.67", "50.00"]);
    assert_eq!(allocated("80", &["20", "30", "40"]), ["17.78", "26.67", "35.55"]);
}

#[test]
fn the_earlier_of_equal_parts_gets_the_cent_left_over() {
    assert_eq!(allocated("0.05", &["1", "1", "1"]), ["0.02", "0.02", "0.01"]);
    assert_eq!(allocated("-0.05", &["1", "1", "1"]), ["-0.02", "-0.02", "-0.01"]);
    assert_eq!(allocated("0.01", &["0", "0.5", "0.50"]), ["0.00", "0.01", "0.00"]);
}

#[test]
fn a_weight_of_zero_gets_nothing() {
    assert_eq!(allocated("10", &["0", "1", "-0"]), ["0.00", "10.00", "0.00"]);
}

#[test]
fn an_amount_without_takers_is_refused_and_nothing_needs_none() {
    let nobody = Err(MoneyError::NothingToSpreadOver { total: usd("1") });
    assert_eq!(allocate(usd("1"), &[]), nobody);
    assert_eq!(allocate(usd("1"), &[Decimal::ZERO]), nobody);
    assert_eq!(allocate(usd("0"), &[]), Ok(vec![]));
    assert_eq!(allocate(usd("0"), &[Decimal::ZERO]), Ok(vec![usd("0")]));
    assert_eq!(
        allocate(usd("1"), &[decimal("-1")]),
        Err(MoneyError::NegativeWeight { weight: decimal("-1") })
    );
}

#[test]
fn the_largest_amount_is_split_by_the_longest_weights_exactly() {
    let most = Money::from_minor(i64::MAX, currency("USD"));
    let weights =
        ["999999999999999.999999999999", "0.000000000001", "999999999999999.999999999999"].map(decimal);
    let parts = allocate(most, &weights).unwrap();
    assert_eq!(Money::sum(currency("USD"), parts.clone()), Ok(most));
    assert_eq!(parts[1], usd("0.00"));
    assert_eq!(parts[0].minor() - parts[2].minor(), 1);
    let least = Money::from_minor(i64::MIN, currency("USD"));
    assert_eq!(allocate(least, &[Decimal::ONE, Decimal::ZERO]), Ok(vec![least, usd("0")]));
    let uneven = [Decimal::MAX, Decimal::new(1, 28)];
    assert_eq!(allocate(most, &uneven), Err(MoneyError::WeightsOutOfRange));
}

fn any_currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["JPY", "USD", "BHD", "CLF"]).prop_map(currency)
}

fn any_weight() -> impl Strategy<Value = Decimal> {
    (0..=999_999_999_999_999_999_i64, 0..=12_u32).prop_map(|(digits, scale)| Decimal::new(digits, scale))
}

proptest! {
    #![proptest_config(tried())]

    #[test]
    fn what_is_written_can_be_read(minor in -LARGEST..=LARGEST, currency in any_currency()) {
        let amount = Money::from_minor(minor, currency);
        prop_assert_eq!(Money::parse_major(&amount.to_major_string(), currency), Ok(amount));
        prop_assert_eq!(round_to_minor(amount.to_decimal(), currency), Ok(amount));
        prop_assert_eq!(amount.to_decimal().to_string(), amount.to_major_string());
    }

    #[test]
    fn no_text_makes_reading_panic(text in "\\PC{0,30}", number in "-?[0-9]{0,40}\\.?[0-9]{0,40}") {
        for text in [text, number] {
            let _ = (Money::parse_major(&text, currency("USD")), parse_decimal(&text), Currency::parse(&text));
        }
    }

    #[test]
    fn rounding_moves_by_at_most_half_a_minor_unit(digits in any::<i64>(), scale in 0..=12_u32, currency in any_currency()) {
        let value = Decimal::new(digits, scale);
        if let Ok(rounded) = round_to_minor(value, currency) {
            prop_assert!((rounded.to_decimal() - value).abs() <= Decimal::new(5, currency.exponent() + 1));
            prop_assert_eq!(round_to_minor(-value, currency), rounded.negated());
        }
    }

    #[test]
    fn parts_sum_to_the_whole_each_within_one_unit_of_its_share(
        minor in any::<i64>(),
        weights in prop::collection::vec(prop_oneof![Just(Decimal::ZERO), any_weight()], 1..12),
    ) {
        let total = Money::from_minor(minor, currency("USD"));
        if weights.iter().all(Decimal::is_zero) {
            return Ok(());
        }
        let parts = allocate(total, &weights).unwrap();
        prop_assert_eq!(Money::sum(currency("USD"), parts.clone()), Ok(total));
        let whole: Vec<i128> = weights.iter().map(|weight| weight.mantissa() * 10_i128.pow(12 - weight.scale())).collect();
        let sum: i128 = whole.iter().sum();
        for (part, weight) in parts.iter().zip(&whole) {
            prop_assert!(*weight != 0 || part.is_zero());
            let off = Wide::product(part.minor(), sum).distance(Wide::product(minor, *weight));
            prop_assert!(off < sum.unsigned_abs() || sum == 0, "{part:?} is a whole unit or more off its share");
        }
        if let Ok(mirrored) = total.negated() {
            let negated: Result<Vec<Money>, _> = parts.into_iter().map(Money::negated).collect();
            prop_assert_eq!(allocate(mirrored, &weights), negated);
        }
    }

    #[test]
    fn equal_weights_differ_by_one_unit_at_most_the_larger_first(minor in 0..i64::MAX, count in 1..20_usize) {
        let parts = allocate(Money::from_minor(minor, currency("USD")), &vec![Decimal::ONE; count]).unwrap();
        prop_assert!(parts.is_sorted_by_key(|part| -part.minor()));
        prop_assert!(parts[0].minor() - parts[count - 1].minor() <= 1);
    }
}

/// A product of 64 and 128 bits as two halves, to check exactness without the code under test.
struct Wide {
    high: i128,
    low: i128,
}

impl Wide {
    fn product(unit: i64, weight: i128) -> Self {
        let half = 1_i128 << 63;
        let (high, low) = (weight / half * i128::from(unit), weight % half * i128::from(unit));
        Self { high: high + low.div_euclid(half), low: low.rem_euclid(half) }
    }

    fn distance(&self, other: Self) -> u128 {
        let high = self.high - other.high;
        ((high << 63) + (self.low - other.low)).unsigned_abs()
    }
}
