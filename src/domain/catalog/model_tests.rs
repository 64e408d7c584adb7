//! Models that may be published, and what is said of those that may not: two tiers up to 100 are refused at the second's `up_to`.

use super::*;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn tier(up_to: Option<&str>, unit_amount: &str) -> Tier {
    Tier { up_to: up_to.map(d), unit_amount: d(unit_amount), flat_amount: Decimal::ZERO }
}

fn step(up_to: Option<&str>, flat_amount: &str) -> Tier {
    Tier { up_to: up_to.map(d), unit_amount: Decimal::ZERO, flat_amount: d(flat_amount) }
}

fn faults(model: &PriceModel) -> Vec<(String, String)> {
    let mut faults = Faults::none();
    model.check("/model", Currency::parse("USD").unwrap(), &mut faults);
    let errors = faults.into_result().err().map(|invalid| invalid.errors).unwrap_or_default();
    errors.into_iter().map(|e| (e.pointer, e.code)).collect()
}

fn tier_faults(tiers: Vec<Tier>) -> Vec<(String, String)> {
    let found = faults(&PriceModel::Graduated { tiers: tiers.clone() });
    assert_eq!(found, faults(&PriceModel::Volume { tiers }), "both models have the same tiers");
    found
}

fn at(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

#[test]
fn rising_tiers_the_last_of_them_open_may_be_published() {
    assert_eq!(tier_faults(vec![tier(None, "0.10")]), []);
    assert_eq!(tier_faults(vec![tier(Some("0"), "0"), tier(Some("0.5"), "1"), tier(None, "0.25")]), []);
    assert_eq!(
        faults(&PriceModel::Stairstep { tiers: vec![step(Some("1000"), "50"), step(None, "500")] }),
        []
    );
    assert_eq!(faults(&PriceModel::Package { amount: d("5"), size: d("0.5") }), []);
}

#[test]
fn tiers_that_overlap_or_stand_still_are_refused_at_their_bound() {
    let found = tier_faults(vec![
        tier(Some("100"), "3"),
        tier(Some("100"), "2"),
        tier(Some("50"), "1"),
        tier(None, "1"),
    ]);
    assert_eq!(
        found,
        [at("/model/tiers/1/up_to", "tiers_not_rising"), at("/model/tiers/2/up_to", "tiers_not_rising")]
    );
}

#[test]
fn only_the_last_tier_is_open_and_it_must_be() {
    assert_eq!(
        tier_faults(vec![tier(None, "3"), tier(Some("100"), "2")]),
        [at("/model/tiers/0/up_to", "open_tier_not_last"), at("/model/tiers/1/up_to", "last_tier_not_open")]
    );
    assert_eq!(tier_faults(vec![]), [at("/model/tiers", "no_tiers")]);
}

#[test]
fn all_that_is_wrong_with_tiers_is_reported_at_once() {
    let negative = Tier { up_to: Some(d("-1")), unit_amount: d("-0.10"), flat_amount: d("-5") };
    let dear = Tier { up_to: None, unit_amount: d("999999999999999999"), flat_amount: Decimal::ZERO };
    assert_eq!(
        tier_faults(vec![negative, dear]),
        [
            at("/model/tiers/0/up_to", "negative_up_to"),
            at("/model/tiers/0/unit_amount", "negative_amount"),
            at("/model/tiers/0/flat_amount", "negative_amount"),
            at("/model/tiers/1/unit_amount", "amount_out_of_range"),
        ]
    );
}

#[test]
fn more_than_a_hundred_tiers_are_refused() {
    let mut tiers: Vec<Tier> = (1..=100).map(|n| tier(Some(&n.to_string()), "1")).collect();
    tiers.push(tier(None, "1"));
    assert_eq!(tier_faults(tiers), [at("/model/tiers", "too_many")]);
}

#[test]
fn a_step_has_no_amount_per_unit() {
    let stairs = PriceModel::Stairstep { tiers: vec![step(Some("10"), "50"), tier(None, "5")] };
    assert_eq!(faults(&stairs), [at("/model/tiers/1/unit_amount", "unit_amount_not_used")]);
}

#[test]
fn a_package_of_nothing_and_a_negative_amount_are_both_refused() {
    let nothing = PriceModel::Package { amount: d("-5"), size: d("0") };
    assert_eq!(
        faults(&nothing),
        [at("/model/amount", "negative_amount"), at("/model/size", "size_not_positive")]
    );
    assert_eq!(faults(&PriceModel::Package { amount: d("5"), size: d("-100") }).len(), 1);
}

#[test]
fn what_was_stored_before_there_were_tiers_is_read_as_it_was() {
    let read = |json: &str| serde_json::from_str::<PriceModel>(json).unwrap();
    assert_eq!(read(r#"{"type":"flat","amount":"31.00"}"#), PriceModel::Flat { amount: d("31.00") });
    let seat = PriceModel::PerUnit { unit_amount: d("12.50") };
    assert_eq!(read(r#"{"type":"per_unit","unit_amount":"12.50"}"#), seat);
}

fn matrix(dimensions: &[&str], cells: &[(&str, &str)]) -> PriceModel {
    let cell =
        |(value, amount): &(&str, &str)| Cell { values: vec![(*value).to_owned()], unit_amount: d(amount) };
    PriceModel::Matrix {
        dimensions: dimensions.iter().map(|name| (*name).to_owned()).collect(),
        cells: cells.iter().map(cell).collect(),
        default_unit_amount: None,
    }
}

#[test]
fn a_matrix_prices_each_combination_once() {
    assert_eq!(faults(&matrix(&["model"], &[("large", "0.002"), ("small", "0")])), []);
    assert_eq!(
        faults(&matrix(&["model"], &[("large", "0.002"), ("large", "-1")])),
        [at("/model/cells/1/unit_amount", "negative_amount"), at("/model/cells/1/values", "cell_repeated")]
    );
    assert_eq!(faults(&matrix(&["model"], &[])), [at("/model/cells", "no_cells")]);
    assert_eq!(faults(&matrix(&["a", "a"], &[("x", "1")])), [at("/model/dimensions", "dimension_repeated")]);
    assert_eq!(
        faults(&matrix(&["a", "b", "c", "d"], &[("x", "1")])),
        [at("/model/dimensions", "bad_dimensions")]
    );
}

#[test]
fn a_percentage_has_bounds_that_can_both_hold() {
    let percentage = |percent: &str, least: &str, most: &str| PriceModel::Percentage {
        percent: d(percent),
        fixed_amount: Decimal::ZERO,
        per_event_minimum: Some(d(least)),
        per_event_maximum: Some(d(most)),
    };
    assert_eq!(faults(&percentage("2.9", "1", "1")), []);
    assert_eq!(
        faults(&percentage("-1", "2", "1")),
        [
            at("/model/percent", "percent_out_of_range"),
            at("/model/per_event_minimum", "minimum_above_maximum"),
        ]
    );
}

#[test]
fn every_model_is_read_back_as_it_was_stored() {
    let tiers = vec![
        Tier { up_to: Some(d("100")), unit_amount: d("0.10"), flat_amount: d("5") },
        tier(None, "0.0825"),
    ];
    let models = [
        PriceModel::Flat { amount: d("31.00") },
        PriceModel::PerUnit { unit_amount: d("0.0025") },
        PriceModel::Package { amount: d("5.00"), size: d("100") },
        PriceModel::Graduated { tiers: tiers.clone() },
        PriceModel::Volume { tiers },
        PriceModel::Stairstep { tiers: vec![step(Some("1000"), "50"), step(None, "500")] },
        PriceModel::Percentage {
            percent: d("2.9"),
            fixed_amount: d("0.30"),
            per_event_minimum: None,
            per_event_maximum: Some(d("10")),
        },
        matrix(&["model"], &[("large", "0.002")]),
        PriceModel::Dynamic { markup_percent: d("20") },
        PriceModel::Commitment { amount: d("100"), prices: vec!["calls".to_owned()], pooled: false },
    ];
    let names: Vec<&str> = models.iter().map(PriceModel::type_name).collect();
    assert_eq!(names, PriceModel::TYPES);
    for model in models {
        let stored = serde_json::to_value(&model).unwrap();
        assert_eq!(stored["type"], model.type_name());
        assert_eq!(serde_json::from_value::<PriceModel>(stored).unwrap(), model);
    }
}
