//! When does a commitment begin, and what is it then? After a trial, for a term, by a ramp, as a new version of its plan says.

use serde_json::{Value, json};

use super::{Committed, calls, commitment, instant};

#[test]
fn what_is_used_in_a_trial_is_free_and_counts_towards_nothing() {
    let prices = |meter: &str| json!([calls(meter), commitment("31.00")]);
    let acme = Committed::with(prices, json!({ "trial_days": 14 }));
    acme.on("01-25").called("01-10", "10").called("01-20", "8").on("02-16");
    // 31 days from the 15th on: 31.00 − 8.00 = 23.00.
    assert_eq!(
        acme.bills(),
        ["2026-02-15 31.00", "  01-15 02-15 Calls: 8 x 1 = 8.00", "  01-15 02-15 Commitment: 1 x 23 = 23.00"]
    );
}

#[test]
fn who_leaves_before_the_term_ends_owes_the_commitment_so_far_and_a_fee_that_is_of_fixed_prices_alone() {
    let base = json!({ "code": "base", "description": "Base", "kind": "recurring", "model": { "type": "flat", "amount": "10.00" } });
    let prices = |meter: &str| json!([base, calls(meter), commitment("31.00")]);
    let fee = json!({ "type": "remaining", "percent": "50" });
    let terms = json!({ "terms": { "term": { "interval": "year" }, "early_termination_fee": fee } });
    let acme = Committed::with(prices, terms);
    acme.on("01-20").called("01-05", "8");
    acme.command("cancel", json!({ "effective_at": "period_end" }));
    acme.on("03-02");
    // 31.00 − 8.00 = 23.00; half of 11 months at 10.00: 55.00. Usage was never fixed, and its commitment is of usage.
    assert_eq!(
        acme.bills(),
        [
            "2026-01-01 10.00",
            "  01-01 02-01 Base: 1 x 10 = 10.00",
            "2026-02-01 86.00",
            "  01-01 02-01 Calls: 8 x 1 = 8.00",
            "  01-01 02-01 Commitment: 1 x 23 = 23.00",
            "  02-01 02-01 Early termination fee: 50% of 110.00 to 2027-01-01: 1 x 55 = 55.00",
        ]
    );
}

/// Someone whose commitment is 31.00, then 56.00 from 1 February, then 84.00 from the 15th on.
fn ramp() -> Committed {
    let prices = |meter: &str| json!([calls(meter), commitment("31.00")]);
    Committed::by(prices, |plan| {
        let [calls, least] = [&plan.prices[0], &plan.prices[1]];
        let phase = |day: &str, amount: &str| {
            let own = json!({ "price_id": least, "price_override": { "model": { "type": "commitment", "amount": amount } } });
            json!({ "at": instant(day), "items": [{ "price_id": calls }, own] })
        };
        json!({ "phases": [phase("02-01", "56.00"), phase("02-15", "84.00")] })
    })
}

#[test]
fn a_ramp_commits_to_more_by_the_phase_and_a_phase_within_a_month_to_its_days() {
    let acme = ramp();
    acme.on("01-20").called("01-05", "8").on("02-12").called("02-10", "20");
    acme.on("02-25").called("02-20", "50").on("03-02");
    // January: 31.00 − 8.00. February: 14 days at 2.00 are 28.00, of which 20.00 were used; 14 at 3.00 are 42.00, and 50.00 were.
    assert_eq!(
        acme.charges(),
        [
            "01-01 02-01 Calls 8.00",
            "01-01 02-01 Commitment 23.00",
            "02-01 02-15 Calls 20.00",
            "02-01 02-15 Commitment 8.00",
            "02-15 03-01 Calls 50.00",
            "02-15 03-01 Commitment 0.00",
        ]
    );
    assert_eq!(acme.total(), "109.00");
}

/// 31.00 a month for `acme`, and its plan's version 2: 62.00.
fn dearer() -> Committed {
    let acme = Committed::monthly();
    let prices = json!([calls(&acme.meter), commitment("62.00")]);
    let version = json!({ "currency": "USD", "interval": "month", "prices": prices });
    acme.seller.world.post(&format!("/v1/plans/{}/versions", acme.plan.id), version).is(201);
    acme
}

impl Committed {
    fn migrate(&self, effective_at: Value) {
        let path = format!("/v1/plans/{}/migrations", self.plan.id);
        let body = json!({ "effective_at": effective_at, "subscription_ids": [self.subscription] });
        assert_eq!(self.seller.world.post(&path, body).is(200).json["moved"], 1);
    }
}

#[test]
fn a_new_version_commits_those_who_start_with_it_and_a_migration_the_others_from_their_next_period_on() {
    let acme = dearer();
    let beta = acme.seller.world.post("/v1/customers", json!({ "name": "Beta" })).is(201).id();
    let body = json!({ "customer_id": beta, "plan_id": acme.plan.id, "collection": "send_invoice", "end_at": instant("02-01") });
    acme.seller.world.post("/v1/subscriptions", body).is(201);
    acme.on("01-20").called("01-05", "8");
    acme.migrate(json!("period_end"));
    acme.on("02-20").called("02-10", "10").on("03-02");
    // Beta used nothing of 62.00. Acme: 31.00 − 8.00 in January, 62.00 − 10.00 in February.
    assert_eq!(
        acme.charges(),
        [
            "01-01 02-01 Calls 0.00",
            "01-01 02-01 Calls 8.00",
            "01-01 02-01 Commitment 23.00",
            "01-01 02-01 Commitment 62.00",
            "02-01 03-01 Calls 10.00",
            "02-01 03-01 Commitment 52.00",
        ]
    );
}

#[test]
fn a_migration_within_a_month_commits_to_each_version_for_its_days() {
    let acme = dearer();
    acme.on("01-17").called("01-05", "20");
    acme.migrate(json!(instant("01-17")));
    acme.on("01-25").called("01-20", "10").on("02-02");
    // 16 days at 1.00 are 16.00, and 20.00 were used; 15 at 2.00 are 30.00, and 10.00 were.
    assert_eq!(
        acme.charges(),
        [
            "01-01 01-17 Calls 20.00",
            "01-01 01-17 Commitment 0.00",
            "01-17 02-01 Calls 10.00",
            "01-17 02-01 Commitment 20.00",
        ]
    );
}
