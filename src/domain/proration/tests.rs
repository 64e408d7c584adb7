//! Proration in worked numbers, and in the one property that matters: parts sum to the whole.

use super::*;
use crate::domain::calendar::{Cycle, Interval, Unit};
use crate::domain::laws::tried;
use crate::domain::money::parse_decimal;
use proptest::prelude::*;
use strum::VariantArray;

fn at(text: &str) -> DateTime<Utc> {
    let text = if text.contains('T') { text.to_owned() } else { format!("{text}T00:00:00Z") };
    text.parse().unwrap()
}

fn period(start: &str, end: &str) -> Period {
    Period::new(at(start), at(end)).unwrap()
}

fn in_usd(basis: Basis, zone: Zone) -> Spec {
    Spec { starts_by: basis, ends_by: basis, zone, currency: Currency::parse("USD").unwrap() }
}

/// What a part costs in USD, counted in UTC.
fn cost(full: &str, part: Period, whole: Period, basis: Basis) -> String {
    let full = parse_decimal(full).unwrap();
    part_amount(full, &part, &whole, in_usd(basis, Zone::UTC)).unwrap().to_major_string()
}

fn fraction(whole: Period, until: &str, basis: Basis) -> (i64, i64) {
    let Share { numerator, denominator } = share(&whole, at(until), basis, Zone::UTC);
    (numerator, denominator)
}

#[test]
fn an_upgrade_on_the_16th_of_april_credits_5_and_charges_10() {
    let april = period("2026-04-01", "2026-05-01");
    for change in ["2026-04-16", "2026-04-16T12:30:17Z", "2026-04-16T23:59:59Z"] {
        let remaining = Period::new(at(change), april.end).unwrap();
        assert_eq!(cost("10", remaining, april, Basis::ByDay), "5.00");
        assert_eq!(cost("20", remaining, april, Basis::ByDay), "10.00");
        assert_eq!(fraction(april, change, Basis::ByDay), (15, 30));
    }
}

#[test]
fn by_the_second_the_same_upgrade_credits_4_83_and_charges_9_65() {
    let april = period("2026-04-01", "2026-05-01");
    let (before, after) =
        (period("2026-04-01", "2026-04-16T12:30:17Z"), period("2026-04-16T12:30:17Z", "2026-05-01"));
    assert_eq!(fraction(april, "2026-04-16T12:30:17Z", Basis::BySecond), (2_592_000 - 1_250_983, 2_592_000));
    assert_eq!(cost("10", before, april, Basis::BySecond), "5.17");
    assert_eq!(cost("10", after, april, Basis::BySecond), "4.83");
    assert_eq!(cost("-10", after, april, Basis::BySecond), "-4.83");
    assert_eq!(cost("20", after, april, Basis::BySecond), "9.65");
}

#[test]
fn a_stub_is_measured_in_the_period_before_the_anchor() {
    let stub = |start: &str, end: &str| {
        let monthly = Interval::new(Unit::Month, 1).unwrap();
        let cycle = Cycle::starting(at(start), Some(1), monthly, Zone::UTC).unwrap();
        let imagined = cycle.period(-1).unwrap();
        let Share { numerator, denominator } = share(&imagined, at(start), Basis::ByDay, Zone::UTC);
        (denominator - numerator, denominator, cost("31", period(start, end), imagined, Basis::ByDay))
    };
    assert_eq!(stub("2026-02-15", "2026-03-01"), (14, 28, "15.50".into()));
    assert_eq!(stub("2026-01-15", "2026-02-01"), (17, 31, "17.00".into()));
}

#[test]
fn a_period_across_two_months_has_the_days_it_has() {
    let whole = period("2026-01-15", "2026-02-15");
    assert_eq!(cost("31", period("2026-01-15", "2026-02-01"), whole, Basis::ByDay), "17.00");
    assert_eq!(cost("31", period("2026-02-01", "2026-02-15"), whole, Basis::ByDay), "14.00");
    assert_eq!(cost("31", period("2026-01-15", "2026-01-16"), whole, Basis::ByDay), "1.00");
    assert_eq!(cost("31", whole, whole, Basis::ByDay), "31.00");
}

/// A service period, its month, and its share of the month: by actual days and by months of 30 days.
const SERVICE_PERIODS: [[&str; 6]; 4] = [
    ["2021-01-27", "2021-02-01", "2021-01-01", "2021-02-01", "5/31", "4/30"],
    ["2021-02-27", "2021-03-01", "2021-02-01", "2021-03-01", "2/28", "4/30"],
    ["2020-02-01", "2020-03-01", "2020-02-01", "2020-03-01", "29/29", "30/30"],
    ["2021-04-21", "2021-04-30", "2021-04-01", "2021-05-01", "9/30", "9/30"],
];

#[test]
fn service_periods_have_the_days_of_the_published_table() {
    for [start, end, month, next, actual, thirty] in SERVICE_PERIODS {
        let month = period(month, next);
        for (basis, expected) in [(Basis::ByDay, actual), (Basis::Thirty360, thirty)] {
            let [from, to] = [start, end].map(|instant| fraction(month, instant, basis));
            assert_eq!(format!("{}/{}", to.0 - from.0, to.1), expected, "{start} {basis:?}");
        }
    }
}

#[test]
fn with_months_of_30_days_the_31st_is_free_and_a_february_is_made_up_for_at_its_end() {
    let (january, february) = (period("2026-01-01", "2026-02-01"), period("2026-02-01", "2026-03-01"));
    assert_eq!(cost("30", period("2026-01-30", "2026-01-31"), january, Basis::Thirty360), "0.00");
    assert_eq!(cost("30", period("2026-01-31", "2026-02-01"), january, Basis::Thirty360), "1.00");
    assert_eq!(cost("30", period("2026-02-28", "2026-03-01"), february, Basis::Thirty360), "3.00");
    assert_eq!(fraction(period("2026-01-15", "2027-01-15"), "2026-07-15", Basis::Thirty360), (180, 360));
}

#[test]
fn without_proration_who_is_there_at_the_start_pays_for_the_period() {
    let april = period("2026-04-01", "2026-05-01");
    let (before, after) = (period("2026-04-01", "2026-04-16"), period("2026-04-16", "2026-05-01"));
    assert_eq!(cost("10", before, april, Basis::None), "10.00");
    assert_eq!(cost("20", after, april, Basis::None), "0.00");
    assert_eq!(cost("10", april, april, Basis::None), "10.00");
}

#[test]
fn with_full_periods_coming_in_late_costs_the_whole_period_and_so_does_going() {
    let april = period("2026-04-01", "2026-05-01");
    assert_eq!(cost("20", period("2026-04-16", "2026-05-01"), april, Basis::FullPeriod), "20.00");
    assert_eq!(cost("20", period("2026-04-16", "2026-04-20"), april, Basis::FullPeriod), "20.00");
    assert_eq!(cost("10", period("2026-04-01", "2026-04-16"), april, Basis::FullPeriod), "10.00");
}

#[test]
fn each_end_of_a_part_is_cut_by_its_own_basis() {
    let april = period("2026-04-01", "2026-05-01");
    let middle = period("2026-04-11", "2026-04-21");
    let cut = |starts_by, ends_by| {
        let spec = Spec { starts_by, ends_by, ..in_usd(Basis::ByDay, Zone::UTC) };
        part_amount(parse_decimal("30").unwrap(), &middle, &april, spec).unwrap().to_major_string()
    };
    assert_eq!(cut(Basis::ByDay, Basis::ByDay), "10.00");
    assert_eq!(cut(Basis::ByDay, Basis::None), "20.00");
    assert_eq!(cut(Basis::FullPeriod, Basis::ByDay), "20.00");
    assert_eq!(cut(Basis::None, Basis::None), "0.00");
}

#[test]
fn an_item_is_not_ended_before_what_has_been_counted_of_it() {
    let april = period("2026-04-01", "2026-05-01");
    let noon = at("2026-04-16T12:00:00Z");
    let after = |came, hour: &str, wanted| ending(&april, (noon, came), (at(hour), wanted), Zone::UTC);
    assert_eq!(after(Basis::BySecond, "2026-04-16T13:00:00Z", Basis::ByDay), Basis::BySecond);
    assert_eq!(after(Basis::BySecond, "2026-04-17T00:00:00Z", Basis::ByDay), Basis::ByDay);
    assert_eq!(after(Basis::None, "2026-04-30T00:00:00Z", Basis::ByDay), Basis::None);
    assert_eq!(after(Basis::FullPeriod, "2026-04-20T00:00:00Z", Basis::ByDay), Basis::ByDay);
}

#[test]
fn a_day_of_23_hours_counts_as_a_day_by_days_and_as_23_hours_by_seconds() {
    let new_york = Zone::parse("America/New_York").unwrap();
    let march = period("2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z");
    let until = at("2026-03-09T04:00:00Z");
    let share_by = |basis| {
        let Share { numerator, denominator } = share(&march, until, basis, new_york);
        (numerator, denominator)
    };
    assert_eq!(share_by(Basis::ByDay), (8, 31));
    assert_eq!(share_by(Basis::BySecond), (8 * 86_400 - 3600, 31 * 86_400 - 3600));
}

#[test]
fn a_whole_shorter_than_a_day_is_used_up_at_its_end() {
    let hours = period("2026-04-16T10:00:00Z", "2026-04-16T13:00:00Z");
    for basis in [Basis::ByDay, Basis::Thirty360] {
        assert_eq!(cost("9", period("2026-04-16T10:00:00Z", "2026-04-16T12:00:00Z"), hours, basis), "0.00");
        assert_eq!(cost("9", period("2026-04-16T12:00:00Z", "2026-04-16T13:00:00Z"), hours, basis), "9.00");
    }
    assert_eq!(
        cost("9", period("2026-04-16T10:00:00Z", "2026-04-16T12:00:00Z"), hours, Basis::BySecond),
        "6.00"
    );
    let empty = period("2026-04-16", "2026-04-16");
    assert!(Basis::VARIANTS.iter().all(|basis| cost("9", empty, empty, *basis) == "0.00"));
}

#[test]
fn what_lies_outside_the_whole_costs_nothing() {
    let april = period("2026-04-01", "2026-05-01");
    for basis in Basis::VARIANTS.iter().copied() {
        assert_eq!(cost("10", period("2026-03-01", "2026-04-01"), april, basis), "0.00");
        assert_eq!(cost("10", period("2026-05-01", "2026-06-01"), april, basis), "0.00");
        assert_eq!(cost("10", period("2026-03-01", "2026-06-01"), april, basis), "10.00");
    }
}

#[test]
fn a_price_too_long_for_the_computation_is_refused() {
    let year = period("2026-01-01", "2027-01-01");
    let (basis, half) = (in_usd(Basis::BySecond, Zone::UTC), period("2026-01-01", "2026-07-01"));
    assert!(matches!(part_amount(Decimal::MAX, &half, &year, basis), Err(MoneyError::OutOfRange { .. })));
    assert_eq!(cost("9999999999999.999999999999", half, year, Basis::BySecond), "4958904109589.04");
}

#[test]
fn a_basis_travels_as_its_name() {
    for (basis, name) in
        Basis::VARIANTS.iter().copied().zip(["by_day", "by_second", "30_360", "none", "full_period"])
    {
        assert_eq!((basis.into_str(), name.parse()), (name, Ok(basis)));
        assert_eq!(serde_json::to_value(basis).unwrap(), name);
        assert_eq!(serde_json::from_value::<Basis>(name.into()).unwrap(), basis);
    }
    assert!("thirty360".parse::<Basis>().is_err());
}

fn any_zone() -> impl Strategy<Value = Zone> {
    let names = [
        "UTC",
        "America/New_York",
        "Pacific/Apia",
        "Australia/Lord_Howe",
        "America/St_Johns",
        "Asia/Kathmandu",
    ];
    prop::sample::select(names.map(|name| Zone::parse(name).unwrap()).to_vec())
}

fn any_spec() -> impl Strategy<Value = Spec> {
    let currencies = ["JPY", "USD", "BHD", "CLF"].map(|code| Currency::parse(code).unwrap());
    (prop::sample::select(Basis::VARIANTS), any_zone(), prop::sample::select(currencies.to_vec()))
        .prop_map(|(basis, zone, currency)| Spec { starts_by: basis, ends_by: basis, zone, currency })
}

/// Bases by which one item goes and the next comes in without either paying twice.
fn meeting() -> impl Strategy<Value = Basis> {
    prop::sample::select(
        Basis::VARIANTS.iter().copied().filter(|basis| *basis != Basis::FullPeriod).collect::<Vec<_>>(),
    )
}

fn any_instant() -> impl Strategy<Value = DateTime<Utc>> {
    let seconds = at("1990-01-01").timestamp()..at("2050-01-01").timestamp();
    (seconds, 0..1_000_000_000_u32).prop_map(|(s, ns)| DateTime::from_timestamp(s, ns).unwrap())
}

/// A period of up to six years, from any instant.
fn any_whole() -> impl Strategy<Value = Period> {
    (any_instant(), prop_oneof![0..200_000_i64, 0..200_000_000_i64])
        .prop_map(|(start, seconds)| Period::new(start, start + chrono::TimeDelta::seconds(seconds)).unwrap())
}

/// Prices as they are read, and products of them, which have more digits.
fn any_price() -> impl Strategy<Value = Decimal> {
    (-100_000_000_000_i64..100_000_000_000, 0..=20_u32)
        .prop_map(|(digits, scale)| Decimal::new(digits, scale))
}

proptest! {
    #![proptest_config(tried())]

    #[test]
    fn a_period_split_anywhere_any_number_of_times_sums_to_the_whole(
        (full, whole, spec) in (any_price(), any_whole(), any_spec()),
        cuts in prop::collection::vec((0..1_000_000_u32, meeting()), 0..8),
    ) {
        let length = (whole.end - whole.start).num_milliseconds();
        let cut = |(cut, basis)| (whole.start + chrono::TimeDelta::milliseconds(length / 1_000_000 * i64::from(cut)), basis);
        let mut ends: Vec<_> = cuts.into_iter().map(cut).chain([(whole.start, Basis::None), (whole.end, Basis::None)]).collect();
        ends.sort_by_key(|end| end.0);
        let part = |ends: &[(DateTime<Utc>, Basis)]| {
            let spec = Spec { starts_by: ends[0].1, ends_by: ends[1].1, ..spec };
            part_amount(full, &Period { start: ends[0].0, end: ends[1].0 }, &whole, spec).unwrap()
        };
        let expected = if whole.is_empty() { Money::zero(spec.currency) } else { rounding::round_to_minor(full, spec.currency).unwrap() };
        prop_assert_eq!(Money::sum(spec.currency, ends.windows(2).map(part)), Ok(expected));
    }

    #[test]
    fn a_share_grows_from_0_to_1(
        (whole, spec) in (any_whole(), any_spec()),
        mut percents in prop::array::uniform2(-10..=110_i64),
    ) {
        percents.sort_unstable();
        let length = whole.end - whole.start;
        let [earlier, later] = percents
            .map(|percent| whole.start + chrono::TimeDelta::seconds(length.num_seconds() * percent / 100))
            .map(|until| share(&whole, until, spec.ends_by, spec.zone));
        prop_assert_eq!(earlier.denominator, later.denominator);
        prop_assert!(0 <= earlier.numerator && earlier.numerator <= later.numerator);
        prop_assert!(later.numerator <= later.denominator && later.denominator > 0);
    }

    #[test]
    fn a_credit_mirrors_its_charge((full, whole, spec) in (any_price(), any_whole(), any_spec()), until in any_instant()) {
        let part = Period { start: whole.start, end: until.clamp(whole.start, whole.end) };
        let charge = part_amount(full, &part, &whole, spec).unwrap();
        prop_assert_eq!(part_amount(-full, &part, &whole, spec), charge.negated());
    }
}
