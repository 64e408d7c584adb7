//! Worked sales: who sells to whom, and what is levied. Of 100.00 from France to a consumer in France, 20.00.

mod abroad;
mod elsewhere;
mod home;
mod refused;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::assess::{Item, Rounding, assess};
use super::category::{Category, Reason};
use super::codes::TaxCode;
use super::parties::{
    Buyer, BuyerNumber, Registration, Scheme, Seller, Standing, TaxExemption, UnknownNumbers,
};
use super::place::{Place, Territory};
use super::rates::Rates;
use super::treatment::{Levy, Sale, Supply, Treatment};
use crate::domain::catalog::{TaxBehavior, TaxTerms};
use crate::domain::fields::Faults;
use crate::domain::money::{Currency, Money};

fn day(date: &str) -> NaiveDate {
    date.parse().unwrap()
}

/// `DE`, `US-NY`, `ES 35001`.
fn territory(place: &str) -> Territory {
    let (place, postal_code) =
        place.split_once(' ').map_or((place, None), |(place, code)| (place, Some(code)));
    let (country, state) =
        place.split_once('-').map_or((place, None), |(country, state)| (country, Some(state)));
    let place = Place {
        country: country.to_owned(),
        state: state.map(str::to_owned),
        postal_code: postal_code.map(str::to_owned),
    };
    let mut faults = Faults::none();
    let found = place.territory("", &mut faults);
    faults.into_result().unwrap();
    found.unwrap()
}

fn registration(place: &str, scheme: Scheme) -> Registration {
    let (country, region) =
        place.split_once('-').map_or((place, None), |(country, _)| (country, Some(place)));
    Registration {
        country: country.to_owned(),
        region: region.map(str::to_owned),
        number: None,
        scheme,
        valid_from: None,
        valid_to: None,
    }
}

fn seller(place: &str) -> Seller {
    Seller {
        territory: territory(place),
        registrations: None,
        sales_across_borders: Decimal::ZERO,
        unknown_numbers: UnknownNumbers::Charge,
    }
}

fn registered(place: &str, registrations: &[(&str, Scheme)]) -> Seller {
    let registrations = registrations.iter().map(|(place, scheme)| registration(place, *scheme)).collect();
    Seller { registrations: Some(registrations), ..seller(place) }
}

fn consumer(place: &str) -> Buyer {
    Buyer { territory: territory(place), numbers: Vec::new(), is_business: false, certificates: Vec::new() }
}

fn business(place: &str, standing: Standing) -> Buyer {
    let buyer = consumer(place);
    let country = buyer.territory.country.clone();
    let is_eu_vat = super::territory::MEMBER_STATES.contains(&country.as_str());
    let value = format!("{country}1");
    let number = BuyerNumber { country, value, is_eu_vat, is_northern_irish: false, standing };
    Buyer { numbers: vec![number], is_business: true, ..buyer }
}

fn treat(seller: &Seller, buyer: &Buyer, code: TaxCode, date: &str) -> Treatment {
    let rates = Rates::default();
    Sale { seller, buyer, rates: &rates }.treatment(Supply::on(code, day(date))).unwrap()
}

/// `DE S 19 standard_rated`, joined by ` + `.
fn levied(treatment: &Treatment) -> String {
    let each = |levy: &Levy| {
        let (category, reason): (&str, &str) = (levy.category.into(), levy.reason.into());
        format!("{} {category} {} {reason}", levy.jurisdiction, levy.rate.normalize())
    };
    treatment.levies.iter().map(each).collect::<Vec<_>>().join(" + ")
}

fn saas(seller: &Seller, buyer: &Buyer) -> String {
    levied(&treat(seller, buyer, TaxCode::Saas, "2026-06-01"))
}

#[test]
fn within_a_member_state_its_own_rate_is_charged_to_everybody() {
    assert_eq!(saas(&seller("FR"), &consumer("FR")), "FR S 20 standard_rated");
    assert_eq!(saas(&seller("FR"), &business("FR", Standing::Valid)), "FR S 20 standard_rated");
    assert_eq!(saas(&seller("PT"), &consumer("PT 9000-001")), "PT-30 S 22 standard_rated");
    assert_eq!(saas(&seller("FR"), &consumer("MC")), "FR S 20 standard_rated");
    assert_eq!(saas(&seller("FR"), &consumer("RE")), "RE S 8.5 standard_rated");
}

#[test]
fn a_business_in_another_member_state_accounts_for_the_tax_itself_when_its_number_is_valid() {
    let treatment = treat(&seller("FR"), &business("DE", Standing::Valid), TaxCode::Saas, "2026-06-01");
    assert_eq!(levied(&treatment), "DE AE 0 reverse_charge");
    assert_eq!(treatment.levies[0].exemption_code.as_deref(), Some("VATEX-EU-AE"));
    assert_eq!(treatment.levies[0].mention.as_deref(), Some("Reverse charge"));
    for standing in [Standing::Invalid, Standing::Unknown] {
        let treatment = treat(&seller("FR"), &business("DE", standing), TaxCode::Saas, "2026-06-01");
        assert_eq!(levied(&treatment), "FR S 20 standard_rated", "{standing:?}");
        assert!(treatment.why.contains("VAT number"), "{}", treatment.why);
    }
    let trusting = Seller { unknown_numbers: UnknownNumbers::ReverseCharge, ..seller("FR") };
    assert_eq!(saas(&trusting, &business("DE", Standing::Unknown)), "DE AE 0 reverse_charge");
    assert_eq!(saas(&trusting, &business("DE", Standing::Invalid)), "FR S 20 standard_rated");
}

#[test]
fn a_consumer_in_another_member_state_pays_the_rate_of_the_seller_or_its_own() {
    let berlin = consumer("DE");
    assert_eq!(saas(&seller("FR"), &berlin), "FR S 20 standard_rated");
    let just_below = Seller { sales_across_borders: 10_000.into(), ..seller("FR") };
    assert_eq!(saas(&just_below, &berlin), "FR S 20 standard_rated");
    let above = Seller { sales_across_borders: Decimal::new(1_000_001, 2), ..seller("FR") };
    assert_eq!(saas(&above, &berlin), "DE S 19 standard_rated");
    assert_eq!(saas(&registered("FR", &[("FR", Scheme::Oss)]), &berlin), "DE S 19 standard_rated");
    assert_eq!(
        saas(&registered("FR", &[("FR", Scheme::Standard), ("DE", Scheme::Standard)]), &berlin),
        "DE S 19 standard_rated"
    );
    assert_eq!(saas(&registered("FR", &[("FR", Scheme::Oss)]), &consumer("FR")), "FR S 20 standard_rated");
    assert_eq!(saas(&registered("FR", &[]), &consumer("FR")), "FR O 0 not_collecting");
}

#[test]
fn special_territories_are_outside_the_vat_of_the_union() {
    let oss = registered("IE", &[("IE", Scheme::Oss)]);
    for place in [
        "ES 35001", "ES 38001", "ES 51001", "ES 52001", "FI 22100", "AX", "IT 23041", "DE 27498", "GR 63086",
        "GP", "GL",
    ] {
        let treatment = treat(&oss, &consumer(place), TaxCode::Saas, "2026-06-01");
        assert_eq!(treatment.levies[0].reason, Reason::NotSubjectToTax, "{place}");
        assert_eq!(treatment.levies[0].category, Category::O, "{place}");
        assert_eq!(treatment.levies[0].exemption_code.as_deref(), Some("VATEX-EU-O"), "{place}");
    }
    assert_eq!(saas(&oss, &consumer("AT 6991")), "AT-JM S 19 standard_rated");
    assert_eq!(
        saas(
            &registered("ES", &[("ES", Scheme::Standard), ("ES-CN", Scheme::Standard)]),
            &consumer("ES 35001")
        ),
        "ES-CN L 7 standard_rated"
    );
    assert_eq!(
        saas(&registered("DE", &[("CH", Scheme::Standard)]), &consumer("DE 78266")),
        "CH S 8.1 standard_rated"
    );
}

#[test]
fn what_leaves_the_union_is_outside_its_scope_and_goods_are_exported() {
    assert_eq!(saas(&seller("FR"), &business("CH", Standing::Valid)), "CH O 0 not_subject_to_tax");
    assert_eq!(saas(&seller("FR"), &consumer("US-NY")), "US-NY O 0 not_subject_to_tax");
    let goods = |buyer: &Buyer| levied(&treat(&seller("FR"), buyer, TaxCode::PhysicalGoods, "2026-06-01"));
    assert_eq!(goods(&consumer("JP")), "FR G 0 zero_rated");
    assert_eq!(goods(&business("IT", Standing::Valid)), "IT K 0 zero_rated");
}

#[test]
fn sellers_from_outside_charge_where_they_are_registered() {
    let american =
        registered("US-NY", &[("US-NY", Scheme::Standard), ("IE", Scheme::Oss), ("GB", Scheme::Standard)]);
    assert_eq!(saas(&american, &consumer("DE")), "DE S 19 standard_rated");
    assert_eq!(saas(&american, &business("DE", Standing::Valid)), "DE AE 0 reverse_charge");
    assert_eq!(saas(&american, &consumer("GB")), "GB S 20 standard_rated");
    assert_eq!(saas(&american, &business("GB", Standing::Valid)), "GB AE 0 reverse_charge");
    assert_eq!(saas(&american, &consumer("IM")), "GB S 20 standard_rated");
    assert_eq!(saas(&american, &consumer("NO")), "NO O 0 not_collecting");
    assert_eq!(saas(&registered("US-NY", &[]), &consumer("DE")), "DE O 0 not_collecting");
}

#[test]
fn one_country_one_tax() {
    for (country, rate) in
        [("GB", "20"), ("CH", "8.1"), ("NO", "25"), ("AU", "10"), ("NZ", "15"), ("SG", "9"), ("JP", "10")]
    {
        assert_eq!(saas(&seller(country), &consumer(country)), format!("{country} S {rate} standard_rated"));
        let abroad = registered("US-NY", &[(country, Scheme::Standard)]);
        assert_eq!(saas(&abroad, &consumer(country)), format!("{country} S {rate} standard_rated"));
        let to_business = match country {
            "CH" => "CH S 8.1 standard_rated".to_owned(),
            _ => format!("{country} AE 0 reverse_charge"),
        };
        assert_eq!(saas(&abroad, &business(country, Standing::Valid)), to_business);
    }
    assert_eq!(saas(&seller("JP"), &consumer("AU")), "JP Z 0 zero_rated");
    assert_eq!(saas(&seller("GB"), &consumer("AU")), "AU O 0 not_subject_to_tax");
}

#[test]
fn canada_adds_provinces_beside_the_federation() {
    let ontario = seller("CA-ON");
    assert_eq!(saas(&ontario, &consumer("CA-ON")), "CA-ON S 13 standard_rated");
    assert_eq!(saas(&ontario, &consumer("CA-NS")), "CA-NS S 14 standard_rated");
    assert_eq!(saas(&ontario, &consumer("CA-AB")), "CA S 5 standard_rated");
    assert_eq!(saas(&ontario, &consumer("CA H2X 1Y4")), "CA S 5 standard_rated");
    assert_eq!(
        saas(&seller("CA-QC"), &consumer("CA-QC")),
        "CA S 5 standard_rated + CA-QC S 9.975 standard_rated"
    );
    let everywhere = registered("US-NY", &[("CA", Scheme::Standard), ("CA-BC", Scheme::Standard)]);
    assert_eq!(saas(&everywhere, &consumer("CA-BC")), "CA S 5 standard_rated + CA-BC S 7 standard_rated");
    let simplified = registered("US-NY", &[("CA", Scheme::Simplified)]);
    assert_eq!(saas(&simplified, &consumer("CA-ON")), "CA-ON S 13 standard_rated");
    assert_eq!(saas(&simplified, &business("CA-ON", Standing::Valid)), "CA-ON AE 0 reverse_charge");
}

#[test]
fn india_halves_its_tax_within_a_state() {
    assert_eq!(
        saas(&seller("IN-KA"), &consumer("IN-KA")),
        "IN S 9 standard_rated + IN-KA S 9 standard_rated"
    );
    assert_eq!(saas(&seller("IN-KA"), &consumer("IN-DL")), "IN S 18 standard_rated");
    assert_eq!(
        saas(&registered("US-NY", &[("IN", Scheme::Standard)]), &consumer("IN-DL")),
        "IN S 18 standard_rated"
    );
}

#[test]
fn a_state_taxes_what_it_taxes_where_the_seller_is_registered() {
    let states = ["US-NY", "US-CA", "US-TX", "US-OR"].map(|state| (state, Scheme::Standard));
    let american = registered("US-NY", &states);
    assert_eq!(saas(&american, &consumer("US-NY")), "US-NY S 4 standard_rated");
    assert_eq!(saas(&american, &consumer("US-CA")), "US-CA E 0 product_exempt");
    assert_eq!(saas(&american, &consumer("US-TX")), "US-TX S 6.25 portion_product_exempt");
    assert_eq!(saas(&american, &consumer("US-PA")), "US-PA O 0 not_collecting");
    assert_eq!(saas(&seller("US-NY"), &consumer("US-NY")), "US-NY S 4 standard_rated");
    let certified = Buyer {
        certificates: vec![TaxExemption {
            certificate: None,
            jurisdiction: "US-NY".to_owned(),
            valid_from: None,
            valid_to: Some(day("2026-07-01")),
        }],
        ..consumer("US-NY")
    };
    let on = |date| levied(&treat(&american, &certified, TaxCode::Saas, date));
    assert_eq!(
        (on("2026-06-30"), on("2026-07-01")),
        ("US-NY E 0 customer_exempt".into(), "US-NY S 4 standard_rated".into())
    );
}

#[test]
fn products_have_rates_of_their_own_with_their_dates() {
    let ebook = |country: &str, date: &str| {
        levied(&treat(&seller(country), &consumer(country), TaxCode::Ebook, date))
    };
    assert_eq!(ebook("FR", "2026-06-01"), "FR S 5.5 reduced_rated");
    assert_eq!(ebook("GB", "2026-06-01"), "GB Z 0 zero_rated");
    assert_eq!(ebook("GB", "2020-04-30"), "GB S 20 standard_rated");
    assert_eq!(saas(&seller("FR"), &consumer("FR")), "FR S 20 standard_rated");
    let nothing = levied(&treat(&seller("FR"), &consumer("FR"), TaxCode::VoucherMultiPurpose, "2026-06-01"));
    assert_eq!(nothing, "FR O 0 not_subject_to_tax");
}

fn eur(amount: &str) -> Money {
    let value: Decimal = amount.parse().unwrap();
    crate::domain::money::round_to_minor(value, Currency::parse("EUR").unwrap()).unwrap()
}

fn taxes(amounts: &[&str], inclusive: bool, rounding: Rounding) -> Vec<String> {
    let treatment = treat(&seller("FR"), &consumer("FR"), TaxCode::Saas, "2026-06-01");
    let behavior = if inclusive { TaxBehavior::Inclusive } else { TaxBehavior::Exclusive };
    let levies = treatment.within(behavior).levies;
    let item = |amount: &&str| Item { amount: eur(amount), levies: levies.clone() };
    let items: Vec<Item> = amounts.iter().map(item).collect();
    let assessed = assess(Currency::parse("EUR").unwrap(), &items, rounding).unwrap();
    assessed.iter().map(|line| line.tax.to_decimal().to_string()).collect()
}

#[test]
fn lines_that_contain_their_tax_move_no_cent_of_those_that_do_not() {
    let treatment = treat(&seller("FR"), &consumer("FR"), TaxCode::Saas, "2026-06-01");
    let item = |behavior| Item { amount: eur("0.03"), levies: treatment.clone().within(behavior).levies };
    let both = [TaxBehavior::Exclusive, TaxBehavior::Inclusive].map(item);
    let items: Vec<Item> = both.iter().cycle().take(40).cloned().collect();
    for rounding in [Rounding::Document, Rounding::Total] {
        let assessed = assess(Currency::parse("EUR").unwrap(), &items, rounding).unwrap();
        let tax = |behavior: usize| -> Decimal {
            assessed.iter().skip(behavior).step_by(2).map(|line| line.tax.to_decimal()).sum()
        };
        assert_eq!((tax(0), tax(1)), (Decimal::new(12, 2), Decimal::new(10, 2)), "{rounding:?}");
    }
}

#[test]
fn tax_is_rounded_once_for_the_document_and_spread_to_its_lines() {
    assert_eq!(taxes(&["0.33"; 3], false, Rounding::Document), ["0.07", "0.07", "0.06"]);
    assert_eq!(taxes(&["0.33"; 3], false, Rounding::Line), ["0.07", "0.07", "0.07"]);
    assert_eq!(taxes(&["10.03"; 3], false, Rounding::Document), ["2.01", "2.01", "2.00"]);
    assert_eq!(taxes(&["10.03"; 3], false, Rounding::Line), ["2.01", "2.01", "2.01"]);
    assert_eq!(taxes(&["100.00", "-33.33"], false, Rounding::Document), ["20.00", "-6.67"]);
    assert_eq!(taxes(&["-0.33"; 3], false, Rounding::Document), ["-0.06", "-0.07", "-0.07"]);
    assert_eq!(taxes(&["119.00"], true, Rounding::Document), ["19.83"]);
}
