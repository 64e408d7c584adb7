//! What is due of subscriptions: budgets to look at, steps to take, plans to migrate, runs to finish, customers to bill.

use billwright::domain::ids::{BillRunId, BudgetId, MigrationId, SubscriptionId};
use billwright::domain::work::Work;
use serde_json::json;

use super::{Planted, base};

impl Planted {
    pub(super) fn budgets_to_look_at(&mut self) {
        let meter = json!({ "code": "calls", "name": "Calls", "event_type": "call", "aggregation": "sum", "value_property": "units" });
        let meter = self.world.post("/v1/meters", meter).is(201).id();
        let calls = json!([{ "code": "calls", "kind": "usage", "meter_id": meter, "model": { "type": "per_unit", "unit_amount": "0.10" } }]);
        let plan = self.plan("metered", calls);
        let [(good, customer), (bad, other)] = [(); 2].map(|()| {
            let customer = self.customer(None);
            let subscription = self.subscribe(&customer, &plan, json!({}));
            let body = json!({ "subscription_id": subscription, "alerts_at": ["1"] });
            let budget: BudgetId = self.world.post("/v1/budgets", body).is(201).id().parse().unwrap();
            (budget, customer)
        });
        // Whoever is spoiled is told of no more usage than that.
        for (n, customer) in [customer, other].iter().enumerate() {
            let event = json!({ "specversion": "1.0", "id": format!("e{n}"), "source": "app", "type": "call", "subject": customer,
                "data": { "units": 50 } });
            self.world.post("/v1/usage/events", event).is(200);
        }
        self.is_done("/v1/events?type=budget.alert".to_owned(), "/data/0/data/id", good.to_string());
        self.sql(&format!(
            "UPDATE subscriptions s SET time_zone = 'Nowhere' FROM budgets b WHERE b.id = '{}' AND s.id = b.subscription_id",
            bad.uuid()
        ));
        self.bad.insert(Work::Budgets.into_str(), bad.to_string());
    }

    pub(super) fn steps_to_take(&mut self) {
        let plan = self.plan("tried", base("31.00"));
        // Its end is told of three days ahead: at once.
        let [good, bad] = [(); 2].map(|()| {
            let id = self.subscribe(&self.customer(None), &plan, json!({ "trial_days": 1 }));
            id.parse::<SubscriptionId>().unwrap()
        });
        let warnings = "/v1/events?type=subscription.trial_will_end".to_owned();
        self.is_done(warnings, "/data/0/object_id", good.to_string());
        self.sql(&format!("UPDATE subscriptions SET time_zone = 'Nowhere' WHERE id = '{}'", bad.uuid()));
        self.bad.insert(Work::SubscriptionSteps.into_str(), bad.to_string());
    }

    pub(super) fn plans_to_migrate(&mut self) {
        let [(good, _), (bad, moved)] = ["one", "other"].map(|code| {
            let plan = self.plan(code, base("31.00"));
            let ids = [(); 2].map(|()| self.subscribe(&self.customer(None), &plan, json!({})));
            let dearer = json!({ "currency": "USD", "interval": "month", "prices": base("35.00") });
            self.world.post(&format!("/v1/plans/{plan}/versions"), dearer).is(201);
            let body = json!({ "effective_at": "period_end" });
            let migration = self.world.post(&format!("/v1/plans/{plan}/migrations"), body).is(200).id();
            let migration: MigrationId = migration.parse().unwrap();
            // As if one to a still later version had been begun, and the process had died right after.
            let dearer = json!({ "currency": "USD", "interval": "month", "prices": base("40.00") });
            self.world.post(&format!("/v1/plans/{plan}/versions"), dearer).is(201);
            self.sql(&format!(
                "UPDATE plan_migrations SET completed_at = NULL, to_version = 3 WHERE id = '{0}'; \
                 DELETE FROM plan_migration_subscriptions WHERE migration_id = '{0}'",
                migration.uuid()
            ));
            let path = format!("/v1/plans/{plan}/migrations/{migration}");
            ((migration, path.clone()), (ids, path))
        });
        self.is_done(good.1, "/moved", 2);
        // The first of the two is in the way; the other is moved all the same.
        let [first, _] = moved.0.map(|id| id.parse::<SubscriptionId>().unwrap());
        self.is_done(moved.1, "/moved", 1);
        self.sql(&format!("UPDATE subscriptions SET time_zone = 'Nowhere' WHERE id = '{}'", first.uuid()));
        self.bad.insert(Work::PlanMigrations.into_str(), bad.0.to_string());
    }

    pub(super) fn runs_to_finish(&mut self) {
        let [good, bad] = [(); 2].map(|()| {
            let run: BillRunId = self.world.post("/v1/bill_runs", json!({})).is(201).id().parse().unwrap();
            self.sql(&format!(
                "UPDATE bill_runs SET status = 'running', finished_at = NULL WHERE id = '{}'",
                run.uuid()
            ));
            run
        });
        self.is_done(format!("/v1/bill_runs/{good}"), "/status", "completed");
        self.sql(&format!("UPDATE bill_runs SET as_of = 'infinity' WHERE id = '{}'", bad.uuid()));
        self.bad.insert(Work::BillRuns.into_str(), bad.to_string());
    }

    pub(super) fn customers_to_bill(&mut self) {
        let start = json!({ "start_at": self.soon() });
        let ada = self.customer(None);
        let plan = self.plan("billed", base("31.00"));
        self.subscribe(&ada, &plan, start.clone());
        self.is_done(format!("/v1/invoices?customer_id={ada}"), "/data/0/total", "31.00");
        // No invoice can hold both.
        let dear = json!([{ "code": "base", "kind": "recurring", "billing": "in_advance",
            "model": { "type": "per_unit", "unit_amount": "90000.00" } }]);
        let (croesus, plan) = (self.customer(None), self.plan("dear", dear));
        for _ in 0..2 {
            let mut more = start.clone();
            more["quantity"] = "100000000".into();
            self.subscribe(&croesus, &plan, more);
        }
        self.bad.insert(Work::Billing.into_str(), croesus);
    }
}
