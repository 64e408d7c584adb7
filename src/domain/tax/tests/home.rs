//! What does a seller charge at home, whatever it lists elsewhere? A French one, in France, 20 % of 100.00: 20.00.

use super::*;

/// A registration that holds from one day to another.
fn dated(place: &str, scheme: Scheme, [from, to]: [Option<&str>; 2]) -> Registration {
    Registration { valid_from: from.map(day), valid_to: to.map(day), ..registration(place, scheme) }
}

#[test]
fn a_seller_charges_its_own_tax_at_home_whatever_else_it_lists_and_whenever() {
    let lists = [
        dated("FR", Scheme::Oss, [Some("2027-01-01"), None]),
        dated("FR", Scheme::Oss, [None, Some("2026-01-01")]),
        dated("FR", Scheme::Standard, [Some("2027-01-01"), None]),
        registration("US-NY", Scheme::Standard),
        registration("GB", Scheme::Standard),
    ];
    for listed in lists {
        let french = Seller { registrations: Some(vec![listed.clone()]), ..seller("FR") };
        assert_eq!(saas(&french, &consumer("FR")), "FR S 20 standard_rated", "{listed:?}");
        assert_eq!(saas(&french, &consumer("DE")), "FR S 20 standard_rated", "{listed:?}");
        let above = Seller { sales_across_borders: 10_001.into(), ..french };
        assert_eq!(saas(&above, &consumer("DE")), "DE S 19 standard_rated", "{listed:?}");
    }
    let elsewhere = [("US-NY", Scheme::Standard)];
    for (home, rate) in [("GB", "20"), ("CH", "8.1"), ("AU", "10"), ("ES 35001", "7")] {
        let taxed = saas(&registered(home, &elsewhere), &consumer(home));
        assert!(taxed.contains(&format!(" {rate} standard_rated")), "{home}: {taxed}");
    }
    assert_eq!(
        saas(&registered("IN-KA", &elsewhere), &consumer("IN-KA")),
        "IN S 9 standard_rated + IN-KA S 9 standard_rated"
    );
    assert_eq!(
        saas(&registered("IN-KA", &[("IN-KA", Scheme::Standard)]), &consumer("IN-DL")),
        "IN S 18 standard_rated"
    );
    // An empty list says: nowhere.
    assert_eq!(saas(&registered("FR", &[]), &consumer("FR")), "FR O 0 not_collecting");
    assert_eq!(saas(&registered("FR", &[]), &consumer("DE")), "DE O 0 not_collecting");
}

#[test]
fn a_state_of_the_united_states_needs_its_registration_at_home_too_once_any_is_listed() {
    let oss = registered("US-NY", &[("IE", Scheme::Oss)]);
    assert_eq!(saas(&oss, &consumer("US-NY")), "US-NY O 0 not_collecting");
    assert_eq!(saas(&seller("US-NY"), &consumer("US-NY")), "US-NY S 4 standard_rated");
}

#[test]
fn any_registration_in_canada_carries_the_federal_tax_and_each_province_its_own() {
    let listed = |home: &str, places: &[&str], buyer: &str| {
        let places: Vec<_> = places.iter().map(|place| (*place, Scheme::Standard)).collect();
        saas(&registered(home, &places), &consumer(buyer))
    };
    assert_eq!(listed("CA-ON", &["CA-ON"], "CA-ON"), "CA-ON S 13 standard_rated");
    assert_eq!(listed("CA-ON", &["CA-ON"], "CA-NS"), "CA-NS S 14 standard_rated");
    assert_eq!(listed("CA-ON", &["CA-ON"], "CA-QC"), "CA S 5 standard_rated");
    let both = "CA S 5 standard_rated + CA-QC S 9.975 standard_rated";
    assert_eq!(listed("CA-ON", &["CA-ON", "CA-QC"], "CA-QC"), both);
    assert_eq!(listed("CA-ON", &["CA-QC"], "CA-QC"), both);
    assert_eq!(listed("CA-ON", &["US-NY"], "CA-ON"), "CA-ON S 13 standard_rated");
    // At home the province's own tax goes with the federation's until one of Canada is listed.
    assert_eq!(listed("CA-QC", &["US-NY"], "CA-QC"), both);
    assert_eq!(listed("CA-QC", &["CA"], "CA-QC"), "CA S 5 standard_rated");
    for (province, rate) in [("CA-BC", 7), ("CA-MB", 7), ("CA-SK", 6)] {
        let taxes = format!("CA S 5 standard_rated + {province} S {rate} standard_rated");
        assert_eq!(listed("US-NY", &[province], province), taxes);
        assert_eq!(listed("US-NY", &["CA"], province), "CA S 5 standard_rated");
    }
    assert_eq!(listed("US-NY", &["CA-BC"], "CA-ON"), "CA-ON S 13 standard_rated");
    assert_eq!(listed("US-NY", &["GB"], "CA-ON"), "CA-ON O 0 not_collecting");
}

#[test]
fn states_without_a_sales_tax_charge_none_and_say_so() {
    for state in ["US-AK", "US-DE", "US-MT", "US-NH", "US-OR"] {
        let registered = registered("US-NY", &[(state, Scheme::Standard)]);
        for code in [TaxCode::Saas, TaxCode::PhysicalGoods, TaxCode::ProfessionalService] {
            let treatment = treat(&registered, &consumer(state), code, "2026-06-01");
            assert_eq!(levied(&treatment), format!("{state} O 0 not_subject_to_tax"));
            assert!(treatment.why.contains("no sales tax"), "{}", treatment.why);
        }
        assert_eq!(saas(&seller(state), &consumer(state)), format!("{state} O 0 not_subject_to_tax"));
    }
}

#[test]
fn an_electronic_book_is_5_percent_in_india_and_a_union_territorys_half_has_its_own_name() {
    let sold = |home: &str, buyer: &str, code| treat(&seller(home), &consumer(buyer), code, "2026-06-01");
    let book = |home: &str, buyer: &str| levied(&sold(home, buyer, TaxCode::Ebook));
    assert_eq!(book("IN-KA", "IN-KA"), "IN S 2.5 reduced_rated + IN-KA S 2.5 reduced_rated");
    assert_eq!(book("IN-KA", "IN-DL"), "IN S 5 reduced_rated");
    let before = treat(&seller("IN-KA"), &consumer("IN-DL"), TaxCode::Ebook, "2018-07-26");
    assert_eq!(levied(&before), "IN S 18 standard_rated");
    let halves = |place: &str| -> Vec<String> {
        sold(place, place, TaxCode::Saas).levies.iter().map(|levy| levy.name.to_string()).collect()
    };
    for territory in ["IN-AN", "IN-CH", "IN-DH", "IN-LA", "IN-LD"] {
        assert_eq!(halves(territory), ["CGST", "UTGST"], "{territory}");
    }
    for state in ["IN-KA", "IN-DL", "IN-PY", "IN-JK"] {
        assert_eq!(halves(state), ["CGST", "SGST"], "{state}");
    }
}

#[test]
fn a_registration_in_a_part_of_a_country_with_one_tax_is_one_in_the_country() {
    let above = |registrations: &[(&str, Scheme)]| Seller {
        sales_across_borders: 10_001.into(),
        ..registered("US-NY", registrations)
    };
    assert_eq!(saas(&above(&[("DE-BY", Scheme::Standard)]), &consumer("DE")), "DE S 19 standard_rated");
    assert_eq!(
        saas(&above(&[("PT-11", Scheme::Standard)]), &consumer("PT 9000-001")),
        "PT-30 S 22 standard_rated"
    );
    assert_eq!(saas(&above(&[("GB-NIR", Scheme::Standard)]), &consumer("GB")), "GB S 20 standard_rated");
    assert_eq!(saas(&above(&[("ES-CN", Scheme::Standard)]), &consumer("ES")), "ES O 0 not_collecting");
    assert_eq!(saas(&above(&[("ES", Scheme::Standard)]), &consumer("ES 35001")), "ES-CN O 0 not_collecting");
    assert_eq!(saas(&above(&[("US-TX", Scheme::Standard)]), &consumer("US-NY")), "US-NY O 0 not_collecting");
}

#[test]
fn what_is_exempt_says_so() {
    let mention = |buyer: &Buyer, code| {
        let treatment = treat(&seller("FR"), buyer, code, "2026-06-01");
        (levied(&treatment), treatment.levies[0].mention.as_deref().unwrap_or_default().to_owned())
    };
    let certificate =
        TaxExemption { certificate: None, jurisdiction: "FR".to_owned(), valid_from: None, valid_to: None };
    let certified = Buyer { certificates: vec![certificate], ..consumer("FR") };
    let exempt = |mention: &str, reason: &str| (format!("FR E 0 {reason}"), mention.to_owned());
    assert_eq!(mention(&consumer("FR"), TaxCode::FinancialService), exempt("Exempt", "product_exempt"));
    assert_eq!(
        mention(&certified, TaxCode::Saas),
        exempt("Exempt: the buyer has a certificate", "customer_exempt")
    );
}
