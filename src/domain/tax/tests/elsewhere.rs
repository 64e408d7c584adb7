//! What is declared in a one-stop shop that is in another country than its seller? From New York with an establishment in Dublin, to Berlin: 19.00 of
//! Germany, in the shop of Ireland; to Cork: 23.00, in Ireland's own return.

use super::*;

/// A seller with a one-stop shop in Ireland, under a number.
fn in_irish_shop(seller: &str, number: Option<&str>) -> Seller {
    let mut seller = registered(seller, &[("IE", Scheme::Oss)]);
    for registration in seller.registrations.iter_mut().flatten() {
        registration.number = number.map(str::to_owned);
    }
    seller
}

/// `DE S 19 standard_rated shop`: what is levied, and whether the one-stop shop declares it.
fn declared(seller: &Seller, buyer: &Buyer, code: TaxCode) -> String {
    let treatment = treat(seller, buyer, code, "2026-06-01");
    let place = if treatment.levies.iter().any(|levy| levy.one_stop_shop) { "shop" } else { "no shop" };
    format!("{} {place}", levied(&treatment))
}

#[test]
fn the_scheme_of_who_is_not_established_in_the_union_is_of_services_to_every_member_state() {
    for number in [None, Some("EU372000041")] {
        let american = in_irish_shop("US-NY", number);
        assert_eq!(declared(&american, &consumer("DE"), TaxCode::Saas), "DE S 19 standard_rated shop");
        assert_eq!(declared(&american, &consumer("IE"), TaxCode::Saas), "IE S 23 standard_rated shop");
        let goods = declared(&american, &consumer("DE"), TaxCode::PhysicalGoods);
        assert_eq!(goods, "DE O 0 not_collecting no shop");
    }
}

#[test]
fn who_is_established_in_ireland_declares_sales_there_in_its_own_return() {
    let american = in_irish_shop("US-NY", Some("IE 6388047V"));
    assert_eq!(american.identified_in(day("2026-06-01")), Some("IE"));
    for (code, germany) in [
        (TaxCode::Saas, "DE S 19 standard_rated shop"),
        (TaxCode::PhysicalGoods, "DE S 19 standard_rated shop"),
    ] {
        assert_eq!(declared(&american, &consumer("DE"), code), germany);
        assert_eq!(declared(&american, &consumer("IE"), code), "IE S 23 standard_rated no shop");
    }
    // Of another country's number nothing is known: it is taken for the scheme of who is not established there.
    let elsewhere = in_irish_shop("US-NY", Some("DE136695976"));
    assert_eq!(declared(&elsewhere, &consumer("IE"), TaxCode::Saas), "IE S 23 standard_rated shop");
}

#[test]
fn a_union_scheme_of_another_member_state_leaves_out_home_and_itself() {
    let french = in_irish_shop("FR", None);
    assert_eq!(declared(&french, &consumer("FR"), TaxCode::Saas), "FR S 20 standard_rated no shop");
    assert_eq!(declared(&french, &consumer("IE"), TaxCode::Saas), "IE S 23 standard_rated no shop");
    assert_eq!(declared(&french, &consumer("DE"), TaxCode::Saas), "DE S 19 standard_rated shop");
    // What is taxed where it is sold is declared there, too.
    let service =
        declared(&registered("FR", &[("FR", Scheme::Oss)]), &consumer("DE"), TaxCode::ProfessionalService);
    assert_eq!(service, "FR S 20 standard_rated no shop");
    // Whoever is established where it is identified declares its sales there as ever.
    let irish = in_irish_shop("IE", None);
    assert_eq!(declared(&irish, &consumer("IE"), TaxCode::Saas), "IE S 23 standard_rated no shop");
    assert_eq!(declared(&irish, &consumer("FR"), TaxCode::Saas), "FR S 20 standard_rated shop");
}
