//! What does a commitment make of usage that is billed early, or replaced? It is compared once, at the period's end, with what was used.

use serde_json::json;

use super::{Committed, instant};

#[test]
fn usage_that_was_billed_early_counts_and_the_shortfall_waits_for_the_period_s_end() {
    let acme = Committed::monthly();
    let budget = json!({ "subscription_id": acme.subscription, "invoice_at": "10.00" });
    acme.seller.world.post("/v1/budgets", budget).is(201);
    acme.on("01-06").called("01-05", "12").on("01-07").called("01-06", "5").on("02-02");
    // 12.00 at once; 5.00 and what 17.00 fall short of 31.00 in the end.
    let billed = [
        "2026-01-06 12.00",
        "  01-01 02-01 Calls: 12 x 1 = 12.00",
        "2026-02-01 19.00",
        "  01-01 02-01 Calls (5 units since last billed, 17 in all): 1 x 5 = 5.00",
        "  01-01 02-01 Commitment: 1 x 14 = 14.00",
    ];
    assert_eq!(acme.bills(), billed);
    // What was billed early and never was is charged as shortfall.
    acme.without(1).on("03-02");
    assert_eq!(
        acme.bills()[5..],
        [
            "2026-03-01 31.00",
            "  01-01 02-01 Calls (-12 units since last billed, 5 in all): 1 x -12 = -12.00",
            "  02-01 03-01 Calls: 0 x 1 = 0.00",
            "  01-01 02-01 Adjustment: Commitment: 1 x 12 = 12.00",
            "  02-01 03-01 Commitment: 1 x 31 = 31.00",
        ]
    );
}

#[test]
fn usage_billed_early_beyond_the_commitment_leaves_no_shortfall() {
    let acme = Committed::monthly();
    let budget = json!({ "subscription_id": acme.subscription, "invoice_at": "10.00" });
    acme.seller.world.post("/v1/budgets", budget).is(201);
    acme.on("01-06").called("01-05", "20").on("01-16").called("01-15", "15").on("02-02");
    // 20.00 and 15.00 of 31.00.
    assert_eq!(
        acme.charges(),
        ["01-01 02-01 Calls 15.00", "01-01 02-01 Calls 20.00", "01-01 02-01 Commitment 0.00"]
    );
}

#[test]
fn a_range_that_is_replaced_moves_the_shortfall_and_moves_it_back_when_that_is_reverted() {
    for (units, total) in [("20", "31.00"), ("50", "50.00"), ("0", "31.00")] {
        let acme = Committed::with(
            |meter| json!([super::calls(meter), super::commitment("31.00")]),
            json!({ "end_at": instant("02-01") }),
        );
        acme.on("01-20").called("01-05", "8").on("02-05");
        assert_eq!(acme.total(), "31.00");
        let range = json!({ "meter_id": acme.meter, "customer_id": acme.seller.customer, "from": instant("01-04"), "to": instant("01-07") });
        let backfill = acme.seller.world.post("/v1/usage/backfills", range).is(201).id();
        let path = format!("/v1/usage/backfills/{backfill}");
        let event = json!({ "specversion": "1.0", "id": "again", "source": "test", "type": "call", "subject": "acme",
                            "time": instant("01-06"), "data": { "units": units } });
        acme.seller.world.post(&format!("{path}/events"), json!([event])).is(200);
        acme.seller.world.post(&format!("{path}/close"), json!({})).is(200);
        acme.on("02-06");
        // The greater of 31.00 and what was used.
        assert_eq!(acme.total(), total, "{units} instead of 8");
        acme.seller.world.post(&format!("{path}/revert"), json!({})).is(200);
        acme.on("02-07");
        assert_eq!(acme.total(), "31.00", "8 again instead of {units}");
    }
}
