//! What is a buyer abroad charged, on an invoice as in a what-if? Software of 31.00 from France to somewhere in the United States: no tax.

use serde_json::json;

use super::invoices::Shop;
use super::{sale, taxes};

#[test]
fn a_buyer_whose_state_is_unknown_pays_no_tax_of_a_seller_that_charges_none_in_its_country() {
    let shop = Shop::open();
    for state in [json!(null), json!("New York"), json!("ZZ")] {
        let customer = shop.customer(json!({ "address": { "country": "US", "state": state } }));
        shop.subscribe(&customer, &shop.plan);
        let id = shop.ids(&customer).remove(0);
        let invoice = shop.world.get(&format!("/v1/invoices/{id}")).is(200).json;
        assert_eq!(invoice["tax_total"], "0.00", "{state}");
        assert_eq!(invoice["lines"][0]["taxes"][0]["reason"], "not_subject_to_tax", "{state}");
    }
    let french = json!({ "country": "FR" });
    assert_eq!(taxes(&shop.world, sale("US", french)), ["US O 0 % 0.00 not_subject_to_tax", "0.00"]);
}
