//! Which registrations, rates, places and dates are refused, and what is said to do? "27-01-01" is the year 27: written YYYY-MM-DD.

use super::*;
use crate::domain::ids::TaxRateId;
use crate::domain::refusal::Invalid;
use crate::domain::tax::rates::Rate;
use crate::domain::tax::registered::{NewRegistration, OwnRate, check_dates};
use crate::domain::tax::settings::Settings;

/// `/kind unknown_kind` of each fault.
fn faults(checked: Result<(), Invalid>) -> Vec<String> {
    let errors = checked.err().map(|invalid| invalid.errors).unwrap_or_default();
    errors.iter().map(|error| format!("{} {}", error.pointer, error.code)).collect()
}

fn own_rate(jurisdiction: &str, kind: &str, [from, to]: [&str; 2]) -> Vec<String> {
    let rate = Rate {
        jurisdiction: jurisdiction.to_owned(),
        kind: kind.to_owned(),
        rate: 20.into(),
        valid_from: day(from),
        valid_to: (!to.is_empty()).then(|| day(to)),
        source: "a law".to_owned(),
    };
    let id = TaxRateId::from_uuid(uuid::Uuid::nil());
    faults(OwnRate { id, rate, created_at: Default::default() }.check(&[]))
}

#[test]
fn a_rate_of_a_kind_or_place_that_nothing_is_taxed_at_is_refused() {
    let kind = |jurisdiction: &str, kind: &str| own_rate(jurisdiction, kind, ["2027-01-01", ""]);
    for (jurisdiction, fitting) in [
        ("DE", "standard"),
        ("DE", "reduced"),
        ("FR", "super_reduced"),
        ("RE", "standard"),
        ("US-NY", "sales"),
        ("US-CT", "saas_business"),
        ("US-AK", "sales"),
        ("CA", "gst"),
        ("CA-ON", "hst"),
        ("CA-AB", "hst"),
        ("CA-BC", "pst"),
        ("CA-QC", "qst"),
        ("IN", "reduced"),
        ("ES-CN", "standard"),
        ("AT-JM", "standard"),
        ("BR", "standard"),
    ] {
        assert_eq!(kind(jurisdiction, fitting), [""; 0], "{jurisdiction} {fitting}");
    }
    for (jurisdiction, unknown) in [
        ("DE", "xyz"),
        ("DE", "qst"),
        ("DE", "sales"),
        ("CA", "hst"),
        ("CA", "standard"),
        ("CA-ON", "qst"),
        ("US-NY", "standard"),
        ("IN", "gst"),
    ] {
        assert_eq!(kind(jurisdiction, unknown), ["/kind unknown_kind"], "{jurisdiction} {unknown}");
    }
    assert_eq!(kind("US", "sales"), ["/state state_required"]);
    assert_eq!(kind("DE-BY", "standard"), ["/state no_tax_of_its_own"]);
    assert_eq!(kind("IN-KA", "standard"), ["/state no_tax_of_its_own"]);
    assert_eq!(kind("MC", "standard"), ["/country no_tax_of_its_own"]);
}

#[test]
fn a_date_outside_the_years_of_tax_law_is_refused() {
    let dated = |dates| own_rate("DE", "standard", dates);
    assert_eq!(dated(["27-01-01", ""]), ["/valid_from date_out_of_range"]);
    assert_eq!(dated(["-4000-01-01", ""]), ["/valid_from date_out_of_range"]);
    assert_eq!(dated(["2027-01-01", "2201-01-01"]), ["/valid_to date_out_of_range"]);
    assert_eq!(dated(["2027-01-01", "2027-01-01"]), ["/valid_to empty_period"]);
    assert_eq!(dated(["1900-01-01", "2200-12-31"]), [""; 0]);
    let mut found = Faults::none();
    check_dates([Some(day("2026-06-02")), Some(day("2026-06-01"))], "/exemptions/0", &mut found);
    assert_eq!(faults(found.into_result()), ["/exemptions/0/valid_to empty_period"]);
}

#[test]
fn nobody_is_registered_twice_at_once_in_one_place_nor_in_two_one_stop_shops() {
    let dated = |place, scheme, from: &str, to: &str| Registration {
        valid_from: (!from.is_empty()).then(|| day(from)),
        valid_to: (!to.is_empty()).then(|| day(to)),
        ..registration(place, scheme)
    };
    let there = [
        dated("US-NY", Scheme::Standard, "2026-01-01", "2027-01-01"),
        dated("FR", Scheme::Oss, "2026-01-01", ""),
        dated("GB", Scheme::Standard, "", ""),
    ];
    let beside = |new: Registration| faults(new.check_beside(&there, ""));
    let twice = ["/valid_from overlapping_registrations"];
    assert_eq!(beside(dated("US-NY", Scheme::Standard, "2026-12-31", "")), twice);
    assert_eq!(beside(dated("US-NY", Scheme::Standard, "", "2026-01-02")), twice);
    assert_eq!(beside(dated("US-NY", Scheme::Standard, "2027-01-01", "")), [""; 0]);
    assert_eq!(beside(dated("US-NY", Scheme::Standard, "", "2026-01-01")), [""; 0]);
    assert_eq!(beside(dated("US-TX", Scheme::Standard, "2026-01-01", "")), [""; 0]);
    assert_eq!(beside(dated("IE", Scheme::Oss, "2026-06-01", "")), twice);
    assert_eq!(beside(dated("IE", Scheme::Oss, "", "2026-01-01")), [""; 0]);
    assert_eq!(beside(dated("FR", Scheme::Standard, "", "")), [""; 0]);
    assert_eq!(beside(dated("GB", Scheme::Standard, "2026-01-01", "2026-02-01")), twice);
}

#[test]
fn a_state_is_one_of_its_country_and_the_refusal_names_one() {
    let place = |country: &str, state: &str| Place {
        country: country.to_owned(),
        state: Some(state.to_owned()),
        postal_code: None,
    };
    let detail = |country: &str, state: &str| {
        let settings = Settings { place: Some(place(country, state)), ..Settings::default() };
        let mut errors = settings.check().unwrap_err().errors;
        assert_eq!(errors.len(), 1, "{errors:?}");
        let error = errors.remove(0);
        let new = NewRegistration {
            country: country.to_owned(),
            state: Some(state.to_owned()),
            number: None,
            scheme: Scheme::Standard,
            valid_from: None,
            valid_to: None,
        };
        let registration = new.registration("").unwrap_err().errors.remove(0);
        (error.code, error.detail, registration.code)
    };
    for country in ["FR", "DE", "US", "IT", "BR"] {
        let (code, said, of_registration) = detail(country, "XX");
        assert_eq!((code.as_str(), of_registration.as_str()), ("unknown_subdivision", "unknown_subdivision"));
        let example = said.rsplit(' ').next().unwrap();
        let known = rust_iso3166::iso3166_2::from_code(&format!("{country}-{example}"));
        assert!(known.is_some(), "{said}");
    }
    let (code, said, of_registration) = detail("FR", "");
    assert_eq!((code.as_str(), of_registration.as_str()), ("blank", "blank"));
    assert!(said.contains("leave it out"), "{said}");
    for (country, state) in [("FR", "IDF"), ("FR", "FR-974"), ("ES", "CN"), ("US", "NY")] {
        let settings = Settings { place: Some(place(country, state)), ..Settings::default() };
        assert_eq!(faults(settings.check()), [""; 0], "{country} {state}");
    }
}
