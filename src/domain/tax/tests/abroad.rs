//! What is levied across a border, and what is not? Goods of 100.00 from France to Belfast: 20.00; software: nothing.

use super::*;
use crate::domain::tax::calculate::{Calculation, Charge, calculate};

/// The place of a buyer of whom not even the state need be known.
fn somewhere(country: &str, state: Option<&str>) -> Buyer {
    let place = Place { country: country.to_owned(), state: state.map(str::to_owned), postal_code: None };
    Buyer::consumer(place.territory_of_buyer("", &mut Faults::none()).unwrap())
}

#[test]
fn a_state_matters_only_to_a_seller_that_charges_tax_in_its_country() {
    for country in ["US", "CA", "IN"] {
        for state in [None, Some("New York"), Some("ZZ")] {
            let buyer = somewhere(country, state);
            let taxed = saas(&seller("FR"), &buyer);
            assert_eq!(taxed, format!("{country} O 0 not_subject_to_tax"), "{state:?}");
            let taxed = saas(&registered("FR", &[("FR", Scheme::Oss)]), &buyer);
            assert_eq!(taxed, format!("{country} O 0 not_subject_to_tax"), "{state:?}");
        }
    }
    let in_new_york = registered("FR", &[("US-NY", Scheme::Standard)]);
    let buyer = somewhere("US", None);
    let treatment = treat(&in_new_york, &buyer, TaxCode::Saas, "2026-06-01");
    assert_eq!(levied(&treatment), "FR S 20 standard_rated");
    assert!(treatment.why.contains("state is not known"), "{}", treatment.why);
    let rates = Rates::default();
    let check = |seller: &Seller| {
        Sale { seller, buyer: &buyer, rates: &rates }.check_subdivision(day("2026-06-01")).is_ok()
    };
    assert!(!check(&in_new_york) && !check(&seller("US-NY")) && check(&seller("FR")));
    assert_eq!(saas(&seller("US-NY"), &buyer), "US-NY S 4 standard_rated");
    assert_eq!(saas(&seller("CA-ON"), &somewhere("CA", None)), "CA-ON S 13 standard_rated");
    assert_eq!(saas(&registered("FR", &[("IN", Scheme::Standard)]), &somewhere("IN", None)), "IN S 18 standard_rated");
}

fn calculated(sales: &str, amounts: &[(&str, TaxCode)], inclusive: bool) -> Calculation {
    let french = Seller { sales_across_borders: sales.parse().unwrap(), ..seller("FR") };
    let (buyer, rates) = (consumer("DE"), Rates::default());
    let sale = Sale { seller: &french, buyer: &buyer, rates: &rates };
    let charge = |(amount, code): &(&str, TaxCode)| Charge { amount: eur(amount), inclusive, code: *code };
    let charges: Vec<Charge> = amounts.iter().map(charge).collect();
    let on = (Currency::parse("EUR").unwrap(), day("2026-06-01"));
    calculate(&sale, &charges, on, Rounding::Document).unwrap()
}

#[test]
fn the_sale_that_crosses_the_threshold_is_taxed_by_the_buyers_rate_already() {
    let tax = |sales: &str, amount: &str| {
        let calculation = calculated(sales, &[(amount, TaxCode::Saas)], false);
        levied(&calculation.lines[0].treatment)
    };
    assert_eq!(tax("9950", "100.00"), "DE S 19 standard_rated");
    assert_eq!(tax("9950", "50.00"), "FR S 20 standard_rated");
    assert_eq!(tax("9950", "50.01"), "DE S 19 standard_rated");
    assert_eq!(tax("10000", "0.01"), "DE S 19 standard_rated");
    assert_eq!(tax("0", "10000.01"), "DE S 19 standard_rated");
    assert_eq!(tax("9950", "-100.00"), "FR S 20 standard_rated");
    // 60.00 with 20 % in it is 50.00 net.
    let inclusive = calculated("9950", &[("60.00", TaxCode::Saas)], true);
    assert_eq!(inclusive.tax_total, eur("10.00"));
    let inclusive = calculated("9950", &[("119.00", TaxCode::Saas)], true);
    assert_eq!((inclusive.tax_total, inclusive.lines[0].assessed.net), (eur("19.00"), eur("100.00")));
}

#[test]
fn services_by_people_to_consumers_in_another_member_state_are_taxed_where_the_seller_is() {
    let sold = |seller: &Seller, buyer: &Buyer, code| levied(&treat(seller, buyer, code, "2026-06-01"));
    let people = TaxCode::ProfessionalService;
    let oss = registered("FR", &[("FR", Scheme::Oss), ("DE", Scheme::Standard)]);
    let above = Seller { sales_across_borders: 10_001.into(), ..seller("FR") };
    for french in [&seller("FR"), &oss, &above] {
        assert_eq!(sold(french, &consumer("DE"), people), "FR S 20 standard_rated");
        assert_eq!(sold(french, &consumer("DE"), TaxCode::FinancialService), "FR E 0 product_exempt");
        assert_eq!(sold(french, &consumer("CH"), people), "CH O 0 not_subject_to_tax");
        assert_eq!(sold(french, &business("DE", Standing::Valid), people), "DE AE 0 reverse_charge");
    }
    for electronic in [TaxCode::Saas, TaxCode::DigitalService, TaxCode::OnlineCourse, TaxCode::Telecom, TaxCode::PhysicalGoods] {
        assert_eq!(sold(&oss, &consumer("DE"), electronic), "DE S 19 standard_rated");
    }
    let american = registered("US-NY", &[("IE", Scheme::Oss)]);
    assert_eq!(sold(&american, &consumer("DE"), people), "DE O 0 not_subject_to_tax");
    // They do not count to the threshold.
    let calculation = calculated("9950", &[("100.00", people), ("50.00", TaxCode::Saas)], false);
    assert_eq!(calculation.tax_total, eur("30.00"));
}

#[test]
fn the_one_stop_shop_of_a_seller_from_outside_the_union_is_of_services_only() {
    let american = registered("US-NY", &[("IE", Scheme::Oss)]);
    let goods = levied(&treat(&american, &consumer("DE"), TaxCode::PhysicalGoods, "2026-06-01"));
    assert_eq!((saas(&american, &consumer("DE")).as_str(), goods.as_str()), ("DE S 19 standard_rated", "DE O 0 not_collecting"));
    let there = registered("US-NY", &[("IE", Scheme::Oss), ("DE", Scheme::Standard)]);
    let goods = levied(&treat(&there, &consumer("DE"), TaxCode::PhysicalGoods, "2026-06-01"));
    assert_eq!(goods, "DE S 19 standard_rated");
}
