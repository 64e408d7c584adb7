//! What is levied across a border, and what is not? Goods of 100.00 from France to Belfast: 20.00; software: nothing.

use super::*;

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
