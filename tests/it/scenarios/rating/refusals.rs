//! Prices that cannot be published: every fault is named at once, with its place, and nothing is written.

use serde_json::{Value, json};

use super::Seller;

/// The pointers and codes a model is refused with.
fn refused(model: Value) -> Vec<(String, String)> {
    let seller = Seller::open();
    let before = seller.world.rows_of(seller.world.tenant.id);
    let reply = seller.offer(model).is(422);
    assert_eq!(seller.world.rows_of(seller.world.tenant.id), before, "something was written");
    reply.faults()
}

#[track_caller]
fn is_refused(model: Value, expected: &[(&str, &str)]) {
    let found = refused(model);
    let found: Vec<(&str, &str)> = found.iter().map(|(p, c)| (p.as_str(), c.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn tiers_that_overlap_and_do_not_end_open_are_refused_together() {
    let tiers = json!([{ "up_to": "100", "unit_amount": "0.10" }, { "up_to": "100", "unit_amount": "-0.08" },
                       { "up_to": "50", "unit_amount": "0.05" }]);
    is_refused(
        json!({ "type": "graduated", "tiers": tiers }),
        &[
            ("/prices/0/model/tiers/1/up_to", "tiers_not_rising"),
            ("/prices/0/model/tiers/1/unit_amount", "negative_amount"),
            ("/prices/0/model/tiers/2/up_to", "tiers_not_rising"),
            ("/prices/0/model/tiers/2/up_to", "last_tier_not_open"),
        ],
    );
}

#[test]
fn tiers_that_cannot_be_read_are_refused_together() {
    let tiers = json!([{ "up_to": 100, "unit_amount": "0.10" }, { "up_to": null, "unit_amount": "cheap" }]);
    is_refused(
        json!({ "type": "volume", "tiers": tiers }),
        &[
            ("/prices/0/model/tiers/0/up_to", "wrong_type"),
            ("/prices/0/model/tiers/1/unit_amount", "bad_decimal"),
        ],
    );
    is_refused(json!({ "type": "volume", "tiers": [] }), &[("/prices/0/model/tiers", "no_tiers")]);
}

#[test]
fn a_package_without_a_size_is_refused() {
    is_refused(
        json!({ "type": "package", "amount": "5.00", "size": "0" }),
        &[("/prices/0/model/size", "size_not_positive")],
    );
}

#[test]
fn a_model_that_does_not_exist_is_refused() {
    is_refused(json!({ "type": "auction" }), &[("/prices/0/model/type", "model_not_supported")]);
}

#[test]
fn a_quantity_too_dear_for_any_line_is_refused_before_the_first_bill() {
    let seller = Seller::open();
    let tiers = json!([{ "up_to": null, "unit_amount": "1000000" }]);
    let plan = seller.offer(json!({ "type": "graduated", "tiers": tiers })).is(201).id();
    let refused = seller.ask(&plan, json!({ "quantity": "1000000000000" })).is(422);
    assert_eq!(refused.text_at("/errors/0/pointer"), "/quantity");
    assert_eq!(refused.text_at("/errors/0/code"), "amount_out_of_range");
}
