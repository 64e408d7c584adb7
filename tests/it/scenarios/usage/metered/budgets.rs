//! Budgets: who is told at which amount, what a hard cap refuses, and how usage is invoiced early and only once.

use serde_json::{Value, json};

use super::{Seller, per_unit};

/// A number that the database counts.
#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

impl Seller {
    /// Lets the budgets be looked at: usage came in.
    fn look(&self, at: &str) {
        self.world.advance_to(at);
    }

    /// The events told of budgets: `budget.alert 400`.
    fn events(&self) -> Vec<String> {
        self.world.relay_events();
        let feed = self.world.get("/v1/events?limit=1000").is(200);
        let of_budgets = feed.data().iter().filter(|e| e["type"].as_str().unwrap().starts_with("budget."));
        let row = |e: &Value| {
            format!("{} {}", e["type"].as_str().unwrap(), e["data"]["threshold"].as_str().unwrap())
        };
        of_budgets.map(row).collect()
    }
}

#[test]
fn each_alert_is_emitted_once_a_period() {
    let seller = Seller::open();
    let subscription = seller.sell_calls(per_unit("0.10"), json!({}));
    let body = json!({ "subscription_id": subscription, "limit": "500.00", "alert_percents": ["80", "100"], "alerts_at": ["450"] });
    let budget = seller.world.post("/v1/budgets", body).is(201);
    assert_eq!(budget.json["alerts"], json!(["400", "450", "500"]));
    seller.look("2026-01-20T00:00:00Z");
    seller.calls("2026-01-10T00:00:00Z", "3999");
    seller.look("2026-01-20T01:00:00Z");
    assert_eq!(seller.events(), [""; 0]);
    seller.calls("2026-01-10T00:00:00Z", "601");
    seller.look("2026-01-20T02:00:00Z");
    seller.look("2026-01-20T03:00:00Z");
    assert_eq!(seller.events(), ["budget.alert 400", "budget.alert 450"]);
    seller.calls("2026-01-11T00:00:00Z", "400");
    seller.look("2026-01-21T00:00:00Z");
    assert_eq!(seller.events()[2..], ["budget.alert 500", "budget.exhausted 500"]);
    seller.look("2026-02-20T00:00:00Z");
    seller.calls("2026-02-10T00:00:00Z", "4000");
    seller.look("2026-02-20T01:00:00Z");
    assert_eq!(seller.events()[4..], ["budget.alert 400"]);
    let found = seller.world.get(&format!("/v1/budgets/{}", budget.id())).is(200);
    assert_eq!((found.text_at("/used"), found.json["exhausted"].clone()), ("400".to_owned(), json!(false)));
}

#[test]
fn a_hard_cap_takes_the_metered_features_away_until_the_next_period() {
    let seller = Seller::open();
    let meter = seller.meter("call");
    let price = json!({ "code": "calls", "kind": "usage", "meter_id": meter, "model": per_unit("0.10") });
    let feature = json!({ "code": "calls", "type": "metered", "meter_id": meter, "limit": "10000" });
    let subscription = seller.sell_with(json!([price]), json!([feature]));
    seller
        .world
        .post("/v1/budgets", json!({ "subscription_id": subscription, "limit": "50", "hard_cap": true }))
        .is(201);
    let entitlement = || {
        let found = seller.world.get(&format!("/v1/customers/{}/entitlements", seller.customer)).is(200);
        let one = &found.data()[0];
        let text = |name: &str| one[name].as_str().unwrap().to_owned();
        format!("{} used {} left {}", one["allowed"], text("used"), text("remaining"))
    };
    seller.look("2026-01-20T00:00:00Z");
    seller.calls("2026-01-10T00:00:00Z", "499");
    seller.look("2026-01-20T01:00:00Z");
    assert_eq!(entitlement(), "true used 499 left 9501");
    seller.calls("2026-01-10T00:00:00Z", "1");
    seller.look("2026-01-20T02:00:00Z");
    assert_eq!(entitlement(), "false used 500 left 9500");
    seller.look("2026-02-01T00:00:00Z");
    assert_eq!(entitlement(), "true used 0 left 10000");
}

#[test]
fn usage_that_is_voided_lifts_the_cap_again() {
    let seller = Seller::open();
    let subscription = seller.sell_calls(per_unit("0.10"), json!({}));
    let body = json!({ "subscription_id": subscription, "limit": "50", "hard_cap": true });
    let budget = seller.world.post("/v1/budgets", body).is(201).id();
    let seen = || {
        let found = seller.world.get(&format!("/v1/budgets/{budget}")).is(200);
        (found.text_at("/used"), found.json["exhausted"].as_bool().unwrap())
    };
    seller.look("2026-01-20T00:00:00Z");
    seller.calls("2026-01-10T00:00:00Z", "700");
    seller.look("2026-01-20T01:00:00Z");
    assert_eq!(seen(), ("70".to_owned(), true));
    let voided = json!({ "source": "test", "id": "call-1" });
    seller.world.post("/v1/usage/events/void", voided).is(200);
    seller.look("2026-01-20T02:00:00Z");
    assert_eq!(seen(), ("0".to_owned(), false));
}

#[test]
fn a_customer_whose_usage_cannot_be_priced_keeps_no_other_budget_and_no_clock_from_moving() {
    let seller = Seller::open();
    let subscription = seller.sell_calls(per_unit("1000000000"), json!({}));
    seller.world.post("/v1/budgets", json!({ "subscription_id": subscription, "limit": "50" })).is(201);
    let other =
        seller.world.post("/v1/customers", json!({ "name": "Other", "external_id": "other" })).is(201).id();
    let plan = seller.world.get("/v1/plans").is(200).data()[0]["id"].clone();
    let body = json!({ "customer_id": other, "plan_id": plan, "collection": "send_invoice" });
    let spared = seller.world.post("/v1/subscriptions", body).is(201).id();
    let body = json!({ "subscription_id": spared, "limit": "50" });
    let spared = seller.world.post("/v1/budgets", body).is(201).id();
    seller.look("2026-01-20T00:00:00Z");
    // 10^9 x 10^15 fits in no amount.
    seller.calls("2026-01-10T00:00:00Z", "1000000000000000");
    let body = json!({ "specversion": "1.0", "id": "o-1", "source": "test", "type": "call", "subject": "other",
                       "time": "2026-01-10T00:00:00Z", "data": { "units": "1" } });
    seller.world.post("/v1/usage/events", body).is(200);
    seller.look("2026-01-20T01:00:00Z");
    seller.look("2026-01-20T03:00:00Z");
    let found = seller.world.get(&format!("/v1/budgets/{spared}")).is(200);
    assert_eq!(found.text_at("/used"), "1000000000");
}

#[test]
fn usage_is_invoiced_early_at_a_threshold_and_the_periods_end_bills_the_rest() {
    let seller = Seller::open();
    let subscription = seller.sell_calls(per_unit("0.10"), json!({}));
    seller
        .world
        .post("/v1/budgets", json!({ "subscription_id": subscription, "invoice_at": "100.00" }))
        .is(201);
    seller.look("2026-01-10T00:00:00Z");
    seller.calls("2026-01-05T00:00:00Z", "999");
    seller.look("2026-01-10T01:00:00Z");
    assert_eq!(seller.invoices(), [""; 0]);
    seller.calls("2026-01-05T00:00:00Z", "51");
    seller.look("2026-01-10T02:00:00Z");
    seller.look("2026-01-10T03:00:00Z");
    seller.calls("2026-01-09T00:00:00Z", "70");
    seller.look("2026-01-11T00:00:00Z");
    seller.look("2026-02-02T00:00:00Z");
    assert_eq!(
        seller.invoices(),
        [
            "2026-01-10 105.00",
            "  01-01 02-01 Calls: 1050 x 0.1 = 105.00",
            "2026-02-01 7.00",
            "  01-01 02-01 Calls (70 units since last billed, 1120 in all): 1 x 7 = 7.00",
        ]
    );
}

#[test]
fn a_budget_in_units_watches_its_meter_and_one_that_is_ended_tells_nothing() {
    let seller = Seller::open();
    let subscription = seller.sell_calls(per_unit("0.10"), json!({}));
    let meters = seller.world.get("/v1/meters").is(200);
    let meter = meters.data()[0]["id"].clone();
    let body = json!({ "subscription_id": subscription, "meter_id": meter, "limit": "1000", "alert_percents": ["50"] });
    let budget = seller.world.post("/v1/budgets", body).is(201).id();
    seller.look("2026-01-20T00:00:00Z");
    seller.calls("2026-01-10T00:00:00Z", "500");
    seller.look("2026-01-20T01:00:00Z");
    assert_eq!(seller.events(), ["budget.alert 500"]);
    seller.world.delete(&format!("/v1/budgets/{budget}")).is(200);
    seller.calls("2026-01-10T00:00:00Z", "5000");
    seller.look("2026-01-20T02:00:00Z");
    assert_eq!(seller.events().len(), 1);
}

#[test]
fn budgets_that_make_no_sense_are_refused() {
    let seller = Seller::open();
    let subscription = seller.sell_calls(per_unit("0.10"), json!({}));
    let refused = |body: Value| seller.world.post("/v1/budgets", body).is(422).faults();
    assert_eq!(
        refused(json!({ "subscription_id": subscription })),
        [("/limit".to_owned(), "empty_budget".to_owned())]
    );
    assert_eq!(
        refused(json!({ "subscription_id": "sub_00000000000000000000000000", "limit": "1" })),
        [("/subscription_id".to_owned(), "unknown_subscription".to_owned())]
    );
}

#[test]
fn busy_budgets_are_looked_at_together_and_each_finds_its_own() {
    use diesel::prelude::*;

    let seller = Seller::open();
    let first = seller.sell_calls(per_unit("0.10"), json!({}));
    let plan = seller.world.get("/v1/plans").is(200).data()[0]["id"].clone();
    let meter = seller.world.get("/v1/meters").is(200).data()[0]["id"].clone();
    let mut budgets = Vec::new();
    for n in 0..20_u32 {
        let name = format!("busy-{n}");
        let customer =
            seller.world.post("/v1/customers", json!({ "name": name, "external_id": name })).is(201).id();
        let body = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice" });
        let subscription = seller.world.post("/v1/subscriptions", body).is(201).id();
        for budget in [
            json!({ "subscription_id": subscription, "limit": "1.00", "hard_cap": true, "alerts_at": ["0.50", "0.90"] }),
            json!({ "subscription_id": subscription, "limit": "7", "meter_id": meter }),
        ] {
            budgets.push((seller.world.post("/v1/budgets", budget).is(201).id(), n));
        }
    }
    let early = json!({ "subscription_id": first, "invoice_at": "30.00" });
    seller.world.post("/v1/budgets", early).is(201);
    seller.look("2026-01-20T00:00:00Z");
    let used = |n: u32| {
        json!({ "specversion": "1.0", "id": format!("busy-{n}"), "source": "test", "type": "call",
        "subject": format!("busy-{n}"), "time": "2026-01-10T00:00:00Z", "data": { "units": n.to_string() } })
    };
    let events: Vec<Value> = (0..20).map(used).collect();
    seller.world.post("/v1/usage/events", json!(events)).is(200);
    seller.calls("2026-01-10T00:00:00Z", "310");
    seller.look("2026-01-20T01:00:00Z");
    for (budget, n) in &budgets {
        let found = seller.world.get(&format!("/v1/budgets/{budget}")).is(200);
        let used: rust_decimal::Decimal = found.text_at("/used").parse().unwrap();
        let (used_so, exhausted) = match found.json["meter_id"].is_null() {
            true => (rust_decimal::Decimal::new(i64::from(*n), 1), *n >= 10),
            false => (rust_decimal::Decimal::from(*n), *n >= 7),
        };
        assert_eq!((used, &found.json["exhausted"]), (used_so, &json!(exhausted)), "{}", found.text);
    }
    let emitted = seller.events();
    let count = |event: &str| emitted.iter().filter(|one| *one == event).count();
    assert_eq!(
        ["budget.alert 0.5", "budget.alert 0.9", "budget.exhausted 1", "budget.exhausted 7"].map(count),
        [15, 11, 10, 13]
    );
    assert_eq!(seller.invoices()[0], "2026-01-20 31.00");
    // A row has the number of the transaction that wrote it last: all in one but the one of which usage was invoiced.
    let transactions = format!(
        "SELECT count(DISTINCT xmin::text) AS n FROM budgets WHERE tenant_id = '{}'",
        seller.world.tenant.id.uuid()
    );
    let row: Count =
        diesel::sql_query(transactions).get_result(&mut seller.world.database.connect()).unwrap();
    assert!(row.n <= 2, "{} transactions", row.n);
}

#[test]
fn a_budget_whose_usage_could_not_be_invoiced_early_is_still_due_and_has_told_nothing() {
    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;

    let seller = Seller::of(crate::harness::World::own_database("2026-01-01T00:00:00Z"));
    let subscription = seller.sell_calls(per_unit("0.10"), json!({}));
    let body = json!({ "subscription_id": subscription, "invoice_at": "100.00", "alerts_at": ["50"] });
    seller.world.post("/v1/budgets", body).is(201);
    seller.look("2026-01-10T00:00:00Z");
    let mut database = seller.world.database.connect();
    // As if the process died after the look and before the invoice.
    database
        .batch_execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'; \
             CREATE TRIGGER refuse BEFORE INSERT ON invoices FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
        .unwrap();
    seller.calls("2026-01-05T00:00:00Z", "1050");
    seller.look("2026-01-10T01:00:00Z");
    assert_eq!((seller.events(), seller.invoices()), (vec![], vec![]));
    let due = "SELECT count(*) AS n FROM budgets WHERE next_check_at IS NOT NULL";
    assert_eq!(diesel::sql_query(due).get_result::<Count>(&mut database).unwrap().n, 1);
    database.batch_execute("DROP TRIGGER refuse ON invoices").unwrap();
    seller.look("2026-01-11T00:00:00Z");
    assert_eq!(seller.events(), ["budget.alert 50"]);
    assert_eq!(seller.invoices()[0], "2026-01-11 105.00");
}
