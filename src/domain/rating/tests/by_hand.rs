//! The amounts computed by hand or published by others: tiers at 0.10, 0.08 and 0.05 make 2,500 units cost 157.00 graduated.

use super::super::{Rated, rate};
use super::{cost, d, graduated, package, stairstep, volume};
use crate::domain::catalog::PriceModel;
use crate::domain::money::MoneyError;

/// Up to 100, up to 1,000, and above.
const A: [&str; 3] = ["100: 0.10", "1000: 0.08", "*: 0.05"];
/// The same with a flat amount for each tier.
const B: [&str; 3] = ["5: 7.00 + 10", "10: 6.50 + 20", "*: 6.00 + 30"];

#[track_caller]
fn costs(model: &PriceModel, table: &[(&str, &str)]) {
    for (quantity, amount) in table {
        assert_eq!(cost(model, quantity), d(amount), "{quantity} of {}", model.type_name());
    }
}

fn printed(model: &PriceModel, quantity: &str) -> String {
    let Rated { amount, unit_amount, quantity } = rate(model, d(quantity)).unwrap();
    assert_eq!(quantity * unit_amount, amount, "a line is its quantity times its unit amount");
    format!("{} x {} = {}", quantity.normalize(), unit_amount.normalize(), amount.normalize())
}

#[test]
fn a_flat_price_costs_the_same_for_any_quantity() {
    costs(&PriceModel::Flat { amount: d("31.00") }, &[("0", "31"), ("1", "31"), ("12", "31")]);
}

#[test]
fn a_price_per_unit_is_not_rounded_before_its_line() {
    let api_calls = PriceModel::PerUnit { unit_amount: d("0.0025") };
    costs(&api_calls, &[("0", "0"), ("1001", "2.5025"), ("0.5", "0.00125")]);
}

#[test]
fn graduated_units_each_cost_the_price_of_their_own_tier() {
    costs(
        &graduated(&A),
        &[
            ("0", "0.00"),
            ("100", "10.00"),
            ("101", "10.08"),
            ("1000", "82.00"),
            ("1001", "82.05"),
            ("2500", "157.00"),
            ("5000", "282.00"),
        ],
    );
}

#[test]
fn volume_units_all_cost_the_price_of_the_tier_reached() {
    costs(
        &volume(&A),
        &[
            ("0", "0.00"),
            ("100", "10.00"),
            ("101", "8.08"),
            ("1000", "80.00"),
            ("1001", "50.05"),
            ("2500", "125.00"),
            ("5000", "250.00"),
        ],
    );
}

#[test]
fn graduated_adds_the_flat_amount_of_each_tier_entered() {
    costs(
        &graduated(&B),
        &[
            ("1", "17.00"),
            ("5", "45.00"),
            ("6", "71.50"),
            ("10", "97.50"),
            ("11", "133.50"),
            ("20", "187.50"),
        ],
    );
}

#[test]
fn volume_adds_the_flat_amount_of_the_tier_reached() {
    costs(
        &volume(&B),
        &[("1", "17.00"), ("5", "45.00"), ("6", "59.00"), ("10", "85.00"), ("11", "96.00"), ("20", "150.00")],
    );
}

#[test]
fn a_package_begun_is_charged_whole() {
    costs(
        &package("5", "100"),
        &[
            ("0", "0"),
            ("0.001", "5"),
            ("1", "5"),
            ("100", "5"),
            ("100.5", "10"),
            ("101", "10"),
            ("1250", "65"),
        ],
    );
    costs(&package("1", "0.3"), &[("0.3", "1"), ("0.9", "3"), ("0.900000000001", "4")]);
}

#[test]
fn a_package_begun_by_the_smallest_part_of_the_largest_quantity_is_not_lost() {
    costs(
        &package("1", "3"),
        &[("999999999999", "333333333333"), ("999999999999.000000000001", "333333333334")],
    );
}

#[test]
fn a_stairstep_costs_the_step_reached() {
    let stairs = stairstep(&["1000: 0 + 50", "5000: 0 + 200", "*: 0 + 500"]);
    costs(&stairs, &[("0", "50"), ("1", "50"), ("1000", "50"), ("1000.5", "200"), ("1001", "200")]);
    costs(&stairs, &[("5000", "200"), ("5001", "500"), ("1000000", "500")]);
}

#[test]
fn included_units_are_a_first_tier_at_nothing_and_overage_the_price_after_it() {
    let overage = graduated(&["1000: 0", "*: 0.02"]);
    costs(&overage, &[("0", "0"), ("1000", "0"), ("1001", "0.02"), ("1500", "10.00")]);
}

#[test]
fn what_other_billing_systems_publish_comes_out_here() {
    let zuora = ["1000: 0.10", "10000: 0.05", "*: 0.01"];
    costs(&graduated(&zuora), &[("15000", "600")]);
    costs(&volume(&zuora), &[("15000", "150")]);
    costs(&volume(&["*: 0.0006 + 10"]), &[("65000", "49")]);
}

#[test]
fn a_bound_belongs_to_the_tier_it_ends_and_fractions_above_it_to_the_next() {
    let fine = ["0.5: 1", "1.5: 2", "*: 4"];
    costs(&graduated(&fine), &[("0.5", "0.5"), ("0.75", "1"), ("1.5", "2.5"), ("1.75", "3.5")]);
    costs(
        &volume(&fine),
        &[("0.5", "0.5"), ("0.500000000001", "1.000000000002"), ("1.5", "3"), ("1.75", "7")],
    );
}

#[test]
fn nothing_at_all_lies_in_the_first_tier_and_costs_its_flat_amount() {
    costs(&graduated(&B), &[("0", "10")]);
    costs(&volume(&B), &[("0", "10")]);
    costs(&stairstep(&["1000: 0 + 50", "*: 0 + 200"]), &[("0", "50")]);
}

#[test]
fn a_first_tier_up_to_nothing_makes_nothing_free() {
    let tiers = ["0: 0", "5: 7.00 + 10", "*: 6.00 + 30"];
    costs(&graduated(&tiers), &[("0", "0"), ("0.5", "13.5"), ("1", "17.00"), ("5", "45.00"), ("6", "81")]);
    costs(&volume(&tiers), &[("0", "0"), ("1", "17.00"), ("6", "66")]);
    costs(&stairstep(&["0: 0", "1000: 0 + 50", "*: 0 + 200"]), &[("0", "0"), ("1", "50"), ("1001", "200")]);
}

#[test]
fn a_single_open_tier_is_a_price_per_unit() {
    costs(&graduated(&["*: 12.50"]), &[("0", "0"), ("7", "87.50")]);
    costs(&volume(&["*: 12.50"]), &[("0", "0"), ("7", "87.50")]);
}

#[test]
fn a_line_shows_units_where_they_have_one_price_and_the_whole_where_they_have_several() {
    assert_eq!(printed(&PriceModel::Flat { amount: d("31.00") }, "7"), "1 x 31 = 31");
    assert_eq!(printed(&PriceModel::PerUnit { unit_amount: d("12.50") }, "7"), "7 x 12.5 = 87.5");
    assert_eq!(printed(&package("5.00", "100"), "1250"), "13 x 5 = 65");
    assert_eq!(printed(&volume(&A), "1001"), "1001 x 0.05 = 50.05");
    assert_eq!(printed(&volume(&B), "6"), "1 x 59 = 59");
    assert_eq!(printed(&graduated(&A), "2500"), "1 x 157 = 157");
    assert_eq!(printed(&graduated(&A), "50"), "1 x 5 = 5");
    assert_eq!(printed(&stairstep(&["1000: 0 + 50", "*: 0 + 200"]), "1001"), "1 x 200 = 200");
}

#[test]
fn a_quantity_too_large_to_price_is_refused() {
    let dear = PriceModel::PerUnit { unit_amount: d("999999999999999") };
    assert!(matches!(rate(&dear, d("999999999999999")), Err(MoneyError::Overflow)));
}
