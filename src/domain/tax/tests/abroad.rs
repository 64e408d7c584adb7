//! What is levied across a border, and what is not? Goods of 100.00 from France to Belfast: 20.00; software: nothing.

use super::*;
use crate::domain::tax::calculate::{Calculation, Charge, calculate};
use crate::domain::tax::threshold::Counting;

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
    assert_eq!(
        saas(&registered("FR", &[("IN", Scheme::Standard)]), &somewhere("IN", None)),
        "IN S 18 standard_rated"
    );
}

fn calculated(sales: &str, amounts: &[(&str, TaxCode)], inclusive: bool) -> Calculation {
    let french = Seller { sales_across_borders: sales.parse().unwrap(), ..seller("FR") };
    let (buyer, rates) = (consumer("DE"), Rates::default());
    let sale = Sale { seller: &french, buyer: &buyer, rates: &rates };
    let behavior = if inclusive { TaxBehavior::Inclusive } else { TaxBehavior::Exclusive };
    let charge = |(amount, code): &(&str, TaxCode)| Charge {
        amount: eur(amount),
        terms: TaxTerms { code: *code, behavior },
    };
    let charges: Vec<Charge> = amounts.iter().map(charge).collect();
    let on = (Currency::parse("EUR").unwrap(), day("2026-06-01"));
    calculate(&sale, (&charges, &Counting::default()), on, Rounding::Document).unwrap()
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
    for electronic in [
        TaxCode::Saas,
        TaxCode::DigitalService,
        TaxCode::OnlineCourse,
        TaxCode::Telecom,
        TaxCode::PhysicalGoods,
    ] {
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
    assert_eq!(
        (saas(&american, &consumer("DE")).as_str(), goods.as_str()),
        ("DE S 19 standard_rated", "DE O 0 not_collecting")
    );
    let there = registered("US-NY", &[("IE", Scheme::Oss), ("DE", Scheme::Standard)]);
    let goods = levied(&treat(&there, &consumer("DE"), TaxCode::PhysicalGoods, "2026-06-01"));
    assert_eq!(goods, "DE S 19 standard_rated");
}

#[test]
fn goods_to_france_overseas_are_exported_and_services_taxed_by_the_departments_own_rate() {
    let goods =
        |buyer: &str| levied(&treat(&seller("FR"), &consumer(buyer), TaxCode::PhysicalGoods, "2026-06-01"));
    for (buyer, country, rate) in
        [("GP", "GP", "8.5"), ("FR 97200", "MQ", "8.5"), ("FR-974", "RE", "8.5"), ("RE", "RE", "8.5")]
    {
        assert_eq!(goods(buyer), "FR G 0 zero_rated", "{buyer}");
        assert_eq!(saas(&seller("FR"), &consumer(buyer)), format!("{country} S {rate} standard_rated"));
    }
    let within = levied(&treat(&seller("RE"), &consumer("RE"), TaxCode::PhysicalGoods, "2026-06-01"));
    assert_eq!(within, "RE S 8.5 standard_rated");
    for (postal, country) in [
        ("97150", "MF"),
        ("97133", "BL"),
        ("97500", "PM"),
        ("98800", "NC"),
        ("98600", "WF"),
        ("98700", "PF"),
        ("97300", "GF"),
        ("97600", "YT"),
    ] {
        let (by_post, by_country) = (consumer(&format!("FR {postal}")), consumer(country));
        for buyer in [&by_post, &by_country] {
            assert_eq!(saas(&seller("FR"), buyer), format!("{country} O 0 not_subject_to_tax"), "{postal}");
            let goods = treat(&seller("FR"), buyer, TaxCode::PhysicalGoods, "2026-06-01");
            assert_eq!(levied(&goods), "FR G 0 zero_rated", "{postal}");
        }
    }
    assert_eq!(saas(&seller("FR"), &consumer("FR-NC")), "NC O 0 not_subject_to_tax");
    assert_eq!(saas(&seller("FR"), &consumer("FR 98000")), "FR S 20 standard_rated");
    assert_eq!(saas(&seller("FR"), &consumer("FR 97100")), "GP S 8.5 standard_rated");
}

#[test]
fn goods_to_northern_ireland_stay_within_the_union_and_services_go_to_the_united_kingdom() {
    let sold = |seller: &Seller, buyer: &Buyer, code| levied(&treat(seller, buyer, code, "2026-06-01"));
    let goods = TaxCode::PhysicalGoods;
    let oss = registered("FR", &[("FR", Scheme::Oss)]);
    for belfast in [consumer("GB-NIR"), consumer("GB BT1 5GS")] {
        assert_eq!(sold(&oss, &belfast, goods), "GB S 20 standard_rated");
        assert_eq!(sold(&seller("FR"), &belfast, goods), "FR S 20 standard_rated");
        let above = Seller { sales_across_borders: 10_001.into(), ..seller("FR") };
        assert_eq!(sold(&above, &belfast, goods), "GB S 20 standard_rated");
        assert_eq!(saas(&oss, &belfast), "GB O 0 not_subject_to_tax");
        assert_eq!(
            saas(&registered("US-NY", &[("GB", Scheme::Standard)]), &belfast),
            "GB S 20 standard_rated"
        );
        assert_eq!(sold(&seller("GB"), &belfast, goods), "GB S 20 standard_rated");
        let number = BuyerNumber::read("eu_vat", "XI432525179", Standing::Valid).unwrap();
        let trader = Buyer { numbers: vec![number], is_business: true, ..belfast };
        let treatment = treat(&seller("FR"), &trader, goods, "2026-06-01");
        assert_eq!(levied(&treatment), "GB-NIR K 0 zero_rated");
        assert_eq!(treatment.levies[0].exemption_code.as_deref(), Some("VATEX-EU-IC"));
        assert_eq!(saas(&seller("FR"), &trader), "GB O 0 not_subject_to_tax");
    }
    assert_eq!(sold(&oss, &consumer("GB"), goods), "FR G 0 zero_rated");
    assert_eq!(saas(&seller("GB-NIR"), &consumer("GB")), "GB S 20 standard_rated");
}

#[test]
fn svalbard_and_jan_mayen_are_outside_the_tax_of_norway() {
    let norwegian = registered("NO", &[("NO", Scheme::Standard)]);
    for place in ["NO-21", "NO-22", "NO 9170", "SJ"] {
        assert_eq!(saas(&norwegian, &consumer(place)), "NO Z 0 zero_rated", "{place}");
        assert_eq!(saas(&seller("FR"), &consumer(place)), "SJ O 0 not_subject_to_tax", "{place}");
    }
    assert_eq!(saas(&norwegian, &consumer("NO-03")), "NO S 25 standard_rated");
}
