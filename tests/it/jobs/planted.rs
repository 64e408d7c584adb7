//! One bad item beside a good one for every kind of due work there is: the bad one is a row that cannot be read.

use std::collections::BTreeMap;

use billwright::domain::ids::{
    BillRunId, BudgetId, CreditGrantId, CustomerId, InvoiceId, MigrationId, PaymentId, SubscriptionId,
};
use billwright::domain::work::Work;
use billwright::platform::clock;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::World;

/// No currency has this code.
const UNREADABLE: &str = "QQQ";

/// A tenant with work of every kind.
pub struct Planted {
    pub world: World,
    is_live: bool,
    pub now: DateTime<Utc>,
    /// The bad items, as `parked_work` names them.
    pub bad: BTreeMap<&'static str, String>,
    /// Where the good ones are read, and what is there when they are done.
    good: Vec<(String, &'static str, Value)>,
    product: String,
}

impl Planted {
    /// In a tenant that is alone in its database.
    pub fn in_world(world: World) -> Planted {
        let is_live = world.tenant.key.contains("live");
        let now = if is_live { clock::now() } else { world.now() };
        let product = world.post("/v1/products", json!({ "name": "Power" })).is(201).id();
        let mut planted = Planted { world, is_live, now, bad: BTreeMap::new(), good: Vec::new(), product };
        planted.invoices_to_finalize();
        planted.invoices_to_collect();
        planted.payments_to_resolve();
        planted.credits_to_expire();
        planted.refunds_to_make();
        planted.budgets_to_look_at();
        planted.steps_to_take();
        planted.plans_to_migrate();
        planted.runs_to_finish();
        planted.customers_to_bill();
        planted.balances_to_apply();
        planted.numbers_to_check();
        planted.sales_to_watch();
        planted.tax_by_providers();
        planted.transfers_to_value();
        planted
    }

    /// What of the good work is not done yet.
    pub fn undone(&self) -> Vec<String> {
        let is_done = |(path, pointer, expected): &&(String, &str, Value)| {
            self.world.get(path).is(200).json.pointer(pointer) == Some(expected)
        };
        let undone = self.good.iter().filter(|good| !is_done(good));
        undone.map(|(path, pointer, expected)| format!("{path} {pointer} {expected}")).collect()
    }

    /// What is parked: work and item.
    pub fn parked(&self) -> Vec<(String, String)> {
        let parked = self.world.get("/v1/parked_work?limit=100").is(200);
        let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
        parked.data().iter().map(|one| (text(one, "work"), text(one, "item_id"))).collect()
    }

    /// The bad items that are not parked.
    pub fn missing(&self) -> Vec<&'static str> {
        let parked = self.parked();
        let is_parked = |work: &str, item: &String| parked.contains(&(work.to_owned(), item.clone()));
        self.bad.iter().filter(|(work, item)| !is_parked(work, item)).map(|(work, _)| *work).collect()
    }

    /// How often an event was told.
    pub fn count_events(&self, type_: &str) -> usize {
        self.world.get(&format!("/v1/events?limit=1000&type={type_}")).is(200).data().len()
    }

    /// A moment from now, however long planting took so far.
    fn soon(&self) -> DateTime<Utc> {
        match self.is_live {
            true => clock::now() + TimeDelta::seconds(5),
            false => self.now + TimeDelta::seconds(5),
        }
    }

    pub fn sql(&self, sql: &str) {
        self.world.database.connect().batch_execute(sql).unwrap();
    }

    /// The one id that a statement finds.
    fn id(&self, sql: &str) -> Uuid {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = SqlUuid)]
            id: Uuid,
        }
        let row: Row = diesel::sql_query(sql).get_result(&mut self.world.database.connect()).unwrap();
        row.id
    }

    /// Makes a row unreadable, and keeps its item as a bad one.
    fn spoil(&mut self, work: Work, table: &str, id: Uuid) {
        self.sql(&format!("UPDATE {table} SET currency = '{UNREADABLE}' WHERE id = '{id}'"));
        self.bad.insert(work.into_str(), work.item(id));
    }

    fn customer(&self, token: Option<&str>) -> String {
        let customer = self.world.post("/v1/customers", json!({ "name": "Ada" })).is(201).id();
        if let Some(token) = token {
            let card =
                json!({ "customer_id": customer, "kind": "card", "token": token, "make_default": true });
            self.world.post("/v1/payment_methods", card).is(201);
        }
        customer
    }

    fn plan(&self, code: &str, prices: Value) -> String {
        let body = json!({ "code": code, "name": code, "product_id": self.product, "currency": "USD", "interval": "month", "prices": prices });
        self.world.post("/v1/plans", body).is(201).id()
    }

    fn subscribe(&self, customer: &str, plan: &str, more: Value) -> String {
        let mut body = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.world.post("/v1/subscriptions", body).is(201).id()
    }

    /// A draft by hand of 50.00.
    fn draft(&self, customer: &str, collection: &str) -> InvoiceId {
        let body = json!({ "customer_id": customer, "collection": collection, "lines": [{ "description": "Set-up", "amount": "50.00" }] });
        self.world.post("/v1/invoices", body).is(201).id().parse().unwrap()
    }

    fn open(&self, customer: &str, collection: &str) -> InvoiceId {
        let id = self.draft(customer, collection);
        self.world.post(&format!("/v1/invoices/{id}/finalize"), json!({})).is(200);
        id
    }

    fn is_done(&mut self, path: String, pointer: &'static str, expected: impl Into<Value>) {
        self.good.push((path, pointer, expected.into()));
    }

    fn invoices_to_finalize(&mut self) {
        let [good, bad] = [(); 2].map(|()| self.draft(&self.customer(None), "send_invoice"));
        for id in [good, bad] {
            self.sql(&format!(
                "UPDATE invoices SET finalizes_at = '{}' WHERE id = '{}'",
                self.now.to_rfc3339(),
                id.uuid()
            ));
        }
        self.is_done(format!("/v1/invoices/{good}"), "/status", "open");
        self.spoil(Work::Finalization, "invoices", bad.uuid());
    }

    /// Live tenants have no register here: of theirs only the bad one is looked at.
    fn numbers_to_check(&mut self) {
        let [good, bad] = [(); 2].map(|()| {
            let number = json!([{ "type": "eu_vat", "value": "DE100000008" }]);
            self.world.post("/v1/customers", json!({ "name": "Ada", "tax_ids": number })).is(201).id()
        });
        if !self.is_live {
            self.is_done(format!("/v1/customers/{good}"), "/tax_ids/0/status", "valid");
        }
        let bad = bad.parse::<CustomerId>().unwrap().uuid();
        let number = self.id(&format!("SELECT id FROM tax_numbers WHERE customer_id = '{bad}'"));
        self.sql(&format!("UPDATE customers SET currency = '{UNREADABLE}' WHERE id = '{bad}'"));
        self.bad.insert(Work::TaxNumbers.into_str(), Work::TaxNumbers.item(number));
    }

    /// A tenant has one look at its sales, and it is a bad one: an invoice to Ohio in a currency that there is not.
    fn sales_to_watch(&mut self) {
        self.world.patch("/v1/tax/settings", json!({ "rounding": "line" })).is(200);
        let tenant = self.world.tenant.id.uuid();
        self.sql(&format!(
            "INSERT INTO invoice_line_taxes (tenant_id, invoice_id, line_no, tax_no, jurisdiction, name, category, rate, portion, reason, taxable, \
                 amount, one_stop_shop, across_borders) \
             SELECT tenant_id, id, 1, 1, 'US-OH', 'Sales tax', 'O', 0, 100, 'not_collecting', 5000, 0, false, false FROM invoices \
             WHERE currency = '{UNREADABLE}' AND status = 'open'"
        ));
        self.bad.insert(Work::TaxNexus.into_str(), Work::TaxNexus.item(tenant));
    }

    /// A question that cannot be read, a document of no invoice, and a provider, removed, of which nobody knows where its buyers are.
    fn tax_by_providers(&mut self) {
        let tenant = self.world.tenant.id.uuid();
        let [question, document, provider] = [1_u128, 2, 3].map(Uuid::from_u128);
        let now = self.now.to_rfc3339();
        self.sql(&format!(
            "INSERT INTO tax_questions (tenant_id, id, provider_id, customer_id, question, next_ask_at, created_at) \
                 VALUES ('{tenant}', '{question}', '{provider}', '{provider}', '5', '{now}', '{now}'); \
             INSERT INTO tax_documents (tenant_id, id, kind, invoice_id, provider_id, wanted, recorded, next_tell_at, created_at) \
                 VALUES ('{tenant}', '{document}', 'invoice', '{document}', '{provider}', 'committed', 'nothing', '{now}', '{now}'); \
             INSERT INTO tax_providers (tenant_id, id, name, kind, base_url, countries, on_outage, timeout_ms, deleted_at, \
                     next_compare_at, created_at) \
                 VALUES ('{tenant}', '{provider}', 'P', 'generic', 'https://tax.test', '5', 'wait', 500, '{now}', '{now}', '{now}')"
        ));
        for (work, id) in
            [(Work::TaxQuestions, question), (Work::TaxDocuments, document), (Work::TaxComparison, provider)]
        {
            self.bad.insert(work.into_str(), work.item(id));
        }
    }

    fn invoices_to_collect(&mut self) {
        let [good, bad] = [(); 2].map(|()| self.open(&self.customer(Some("tok_success")), "automatic"));
        self.is_done(format!("/v1/invoices/{good}"), "/status", "paid");
        self.spoil(Work::Collection, "invoices", bad.uuid());
    }

    fn payments_to_resolve(&mut self) {
        let [good, bad] = [(); 2].map(|()| {
            let invoice = self.open(&self.customer(Some("tok_timeout")), "send_invoice");
            self.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({}));
            invoice
        });
        self.sql(&format!(
            "UPDATE payments SET next_check_at = '{}' WHERE status = 'processing'",
            self.now.to_rfc3339()
        ));
        self.is_done(format!("/v1/invoices/{good}"), "/status", "paid");
        let payment = self.id(&format!("SELECT id FROM payments WHERE invoice_id = '{}'", bad.uuid()));
        self.spoil(Work::PaymentResolution, "payments", PaymentId::from_uuid(payment).uuid());
    }

    fn credits_to_expire(&mut self) {
        let [good, bad] = [(); 2].map(|()| {
            let body = json!({ "customer_id": self.customer(None), "amount": "100.00", "currency": "USD", "source": "promotional",
                "expires_at": self.soon() });
            self.world.post("/v1/credit_grants", body).is(201).id().parse::<CreditGrantId>().unwrap()
        });
        self.is_done(format!("/v1/credit_grants/{good}"), "/status", "expired");
        self.spoil(Work::CreditExpiry, "credit_grants", bad.uuid());
    }

    fn refunds_to_make(&mut self) {
        let [_, bad] = [(); 2].map(|()| {
            let invoice = self.open(&self.customer(Some("tok_success")), "send_invoice");
            self.world.post(&format!("/v1/invoices/{invoice}/pay"), json!({})).is(200);
            let note = json!({ "invoice_id": invoice, "amount": "10.00", "reason": "late", "to": "refund" });
            self.world.post("/v1/credit_notes", note).is(201);
            self.id(&format!(
                "SELECT r.id FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE p.invoice_id = '{}'",
                invoice.uuid()
            ))
        });
        self.is_done("/v1/events?type=refund.succeeded".to_owned(), "/data/0/type", "refund.succeeded");
        self.spoil(Work::Refunds, "refunds", bad);
    }

    fn budgets_to_look_at(&mut self) {
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

    fn steps_to_take(&mut self) {
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

    fn plans_to_migrate(&mut self) {
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

    fn runs_to_finish(&mut self) {
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

    fn customers_to_bill(&mut self) {
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

    /// The last: from then on balances pay by themselves.
    fn balances_to_apply(&mut self) {
        let [(good, _), (bad, croesus)] = [(); 2].map(|()| {
            let customer = self.customer(None);
            let invoice = self.open(&customer, "send_invoice");
            let money = json!({ "customer_id": customer, "amount": "30.00", "currency": "USD" });
            self.world.post("/v1/payments", money).is(201);
            (invoice, customer)
        });
        self.is_done(format!("/v1/invoices/{good}"), "/amount_due", "20.00");
        self.sql(&format!(
            "UPDATE invoices SET currency = '{UNREADABLE}' WHERE id = '{}'; \
             UPDATE credit_balances b SET currency = '{UNREADABLE}' FROM invoices i WHERE i.id = '{0}' AND b.customer_id = i.customer_id",
            bad.uuid()
        ));
        self.bad.insert(Work::Balances.into_str(), croesus);
        self.world.patch("/v1/billing_settings", json!({ "apply_balance": "oldest_first" })).is(200);
    }

    fn transfers_to_value(&mut self) {
        let [good, bad] = [(); 2].map(|()| {
            let customer = self.customer(None);
            let invoice = self.open(&customer, "send_invoice");
            self.sql(&format!(
                "UPDATE ledger_transfers SET functional_currency = NULL WHERE source_id = '{}'; \
                 INSERT INTO functional_waits SELECT tenant_id, customer_id, issued_at, issued_at, 'a test' FROM invoices WHERE id = '{0}'",
                invoice.uuid()
            ));
            (invoice, customer)
        });
        self.is_done(
            format!("/v1/ledger/entries?source_id={}", good.0),
            "/data/0/functional_currency",
            "USD",
        );
        self.sql(&format!(
            "UPDATE ledger_transfers SET currency = '{UNREADABLE}' WHERE source_id = '{}'",
            bad.0.uuid()
        ));
        self.bad.insert(Work::FunctionalAmounts.into_str(), bad.1);
    }

    /// What a text column of a row holds.
    pub fn text(&self, sql: &str) -> String {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            text: String,
        }
        let row: Row = diesel::sql_query(sql).get_result(&mut self.world.database.connect()).unwrap();
        row.text
    }
}

impl Drop for Planted {
    /// What cannot be read can be read again: at its end a story is read whole.
    fn drop(&mut self) {
        let mended =
            ["invoices", "payments", "credit_grants", "refunds", "credit_balances", "ledger_transfers"]
                .map(|table| format!("UPDATE {table} SET currency = 'USD' WHERE currency = '{UNREADABLE}';"));
        self.sql(&format!(
            "{} UPDATE subscriptions SET time_zone = 'UTC' WHERE time_zone = 'Nowhere'",
            mended.join(" ")
        ));
    }
}

fn base(amount: &str) -> Value {
    json!([{ "code": "base", "kind": "recurring", "billing": "in_advance", "model": { "type": "flat", "amount": amount } }])
}
