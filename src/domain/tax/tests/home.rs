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
