//! Every model sold and invoiced: 2,500 graduated units for 157.00, 1,001 units by volume for 50.05, 13 packages for 65.00.

use serde_json::json;

use super::{Seller, graduated, tiers};

#[test]
fn a_graduated_plan_bills_each_unit_at_its_own_tier() {
    let seller = Seller::open();
    assert_eq!(seller.sell(graduated(), "2500"), ["Calls (2500 units): 1 x 157.00 = 157.00"]);
}

#[test]
fn a_volume_plan_bills_every_unit_at_the_tier_reached() {
    let seller = Seller::open();
    let model = json!({ "type": "volume", "tiers": tiers() });
    assert_eq!(seller.sell(model, "1001"), ["Calls: 1001 x 0.05 = 50.05"]);
}

#[test]
fn a_package_plan_bills_a_package_begun() {
    let seller = Seller::open();
    let model = json!({ "type": "package", "amount": "5.00", "size": "100" });
    assert_eq!(seller.sell(model, "1250"), ["Calls (1250 units): 13 x 5.00 = 65.00"]);
}

#[test]
fn a_stairstep_plan_bills_the_step_reached() {
    let seller = Seller::open();
    let steps = json!([{ "up_to": "1000", "flat_amount": "50.00" }, { "up_to": "5000", "flat_amount": "200.00" },
                       { "up_to": null, "flat_amount": "500.00" }]);
    let model = json!({ "type": "stairstep", "tiers": steps });
    assert_eq!(seller.sell(model, "1001"), ["Calls (1001 units): 1 x 200.00 = 200.00"]);
}

#[test]
fn included_units_cost_nothing_and_overage_its_price() {
    let seller = Seller::open();
    let tiers = json!([{ "up_to": "1000", "unit_amount": "0" }, { "up_to": null, "unit_amount": "0.02" }]);
    let lines = seller.sell(json!({ "type": "graduated", "tiers": tiers }), "1500");
    assert_eq!(lines, ["Calls (1500 units): 1 x 10.00 = 10.00"]);
}

#[test]
fn a_fraction_above_a_bound_is_billed_in_the_next_tier() {
    let seller = Seller::open();
    assert_eq!(seller.sell(graduated(), "100.5"), ["Calls (100.5 units): 1 x 10.040 = 10.04"]);
}

#[test]
fn every_period_is_billed_by_the_same_tiers() {
    let seller = Seller::open();
    seller.sell(graduated(), "2500");
    seller.world.advance_to("2026-02-02T00:00:00Z");
    assert_eq!(seller.lines(), ["Calls (2500 units): 1 x 157.00 = 157.00"; 2]);
}

#[test]
fn a_first_part_of_a_month_pays_its_share_of_the_whole_months_tiers() {
    let seller = Seller::open();
    let plan = seller.offer(graduated()).is(201).id();
    let start =
        json!({ "quantity": "2500", "start_at": "2026-01-17T00:00:00Z", "anchor": { "day_of_month": 1 } });
    seller.ask(&plan, start).is(201);
    seller.world.advance_to("2026-02-02T00:00:00Z");
    // 15 of 31 days: 157.00 × 15 ÷ 31 = 75.967…
    assert_eq!(
        seller.lines(),
        ["Calls (2500 units): 1 x 157.00 = 75.97", "Calls (2500 units): 1 x 157.00 = 157.00"]
    );
}

#[test]
fn a_plan_shows_its_tiers_as_they_were_written() {
    let seller = Seller::open();
    let plan = seller.offer(graduated()).is(201);
    assert_eq!(plan.json["prices"][0]["model"], graduated());
    let read = seller.world.get(&format!("/v1/plans/{}", plan.id())).is(200);
    assert_eq!(read.json["prices"][0]["model"], graduated());
}
