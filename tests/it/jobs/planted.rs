//! One bad item beside a good one for every kind of due work there is: the bad one is a row that cannot be read.

mod money;
mod revenue;
mod subscriptions;
mod tax;
mod webhooks;

use std::collections::BTreeMap;

use billwright::domain::ids::InvoiceId;
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
        planted.last_actions_to_take();
        planted.events_to_process();
        planted.credits_to_expire();
        planted.refunds_to_make();
        planted.disputes_to_ask_about();
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
        planted.revenue_to_recognize();
        planted.endpoints_to_serve();
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
            let gateway = if self.is_live { "bank" } else { "simulator" };
            let card = json!({ "customer_id": customer, "kind": "card", "gateway": gateway, "token": token, "make_default": true });
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
