//! How does money come in, or not? Each story has a customer who owes something.
//!
//! What is on this shelf, what is not, and its laws: [`domain::payments`](billwright::domain::payments).

mod adaptive;
mod by_hand;
mod cash;
mod collection;
mod crashes;
mod debits;
mod debits_crossed;
mod disputes;
mod failovers;
mod given_back_once;
mod keys;
mod paying_out;
mod preferred;
mod refusals;
mod retrying;
mod simulated;
mod standing_still;
mod stripe;
mod wrong_books;

use std::collections::BTreeMap;
use std::sync::Arc;

use billwright::adapters::gateway::Gateways;
use billwright::domain::billing::Line;
use billwright::domain::calendar::Period;
use billwright::domain::catalog::TaxTerms;
use billwright::domain::ids::{CustomerId, EntityId, InvoiceId};
use billwright::domain::invoicing::{Applied, Invoice, Status, Totals};
use billwright::domain::money::{Currency, Money};
use billwright::domain::subscriptions::Collection;
use billwright::platform::random;
use billwright::storage::customers::locks;
use billwright::storage::{StorageError, invoicing};
use billwright::workflows::verify_books;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde_json::{Value, json};

use crate::harness::{Tenant, World, gateways};

/// A tenant with customers who owe money. When it is dropped, its books must be right.
pub struct Shop {
    pub world: World,
}

impl Drop for Shop {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.books_are_right();
        }
    }
}

impl Shop {
    pub fn open() -> Shop {
        Shop { world: World::new() }
    }

    /// A customer.
    pub fn customer(&self) -> String {
        customer_of(&self.world, &self.world.tenant).to_string()
    }

    /// A customer with a card that does what its token says.
    pub fn customer_with(&self, token: &str) -> String {
        let customer = self.customer();
        self.attach(&customer, token);
        customer
    }

    /// Attaches a card and makes it the one that is charged.
    pub fn attach(&self, customer: &str, token: &str) -> String {
        let body = json!({ "customer_id": customer, "kind": "card", "token": token, "make_default": true });
        self.world.post("/v1/payment_methods", body).is(201).id()
    }

    /// Closes a month of the books.
    pub fn close(&self, month: &str) {
        let listed = self.world.get("/v1/accounting_periods").is(200);
        let is_it = |period: &&Value| period["start"].as_str().unwrap().starts_with(month);
        let period = listed.data().iter().find(is_it).unwrap_or_else(|| panic!("{}", listed.text));
        let path = format!("/v1/accounting_periods/{}/close", period["id"].as_str().unwrap());
        self.world.post(&path, json!({ "accept": ["lines_at_once_have_a_rule"] })).is(200);
    }

    /// When what a kind of source posted counts, and for when it was meant.
    pub fn counted_on(&self, kind: &str) -> Vec<(String, Value)> {
        let listed = self.world.get("/v1/ledger/entries?limit=500").is(200);
        let of_kind = listed.data().iter().filter(|entry| entry["source"]["kind"] == kind);
        let days = |entry: &Value| {
            (entry["effective_on"].as_str().unwrap().to_owned(), entry["original_on"].clone())
        };
        let mut found: Vec<(String, Value)> = of_kind.map(days).collect();
        found.sort_by_key(|(day, _)| day.clone());
        found.dedup();
        found
    }

    /// An issued invoice of so many cents, collected automatically.
    pub fn invoice(&self, customer: &str, cents: i64) -> String {
        let id = draft_of(&self.world, &self.world.tenant, (customer.parse().unwrap(), cents));
        self.world.post(&format!("/v1/invoices/{id}/finalize"), json!({})).is(200).id()
    }

    /// `open`, `paid` …, and what is still due.
    pub fn standing(&self, invoice: &str) -> (String, String) {
        let reply = self.world.get(&format!("/v1/invoices/{invoice}")).is(200);
        (reply.text_at("/status"), reply.text_at("/amount_due"))
    }

    /// The payments of an invoice, oldest first: status, decline code, and days since the beginning of 2026.
    pub fn attempts(&self, invoice: &str) -> Vec<(String, String, i64)> {
        let reply = self.world.get(&format!("/v1/payments?invoice_id={invoice}&limit=1000")).is(200);
        let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let attempt = |p: &Value| {
            let at: DateTime<Utc> = p["created_at"].as_str().unwrap().parse().unwrap();
            let text = |name: &str| p[name].as_str().unwrap_or_default().to_owned();
            (text("status"), text("decline_code"), (at - start).num_days())
        };
        reply.data().iter().rev().map(attempt).collect()
    }

    /// The statuses of the payments of an invoice, oldest first.
    pub fn statuses(&self, invoice: &str) -> Vec<String> {
        self.attempts(invoice).into_iter().map(|a| a.0).collect()
    }

    /// The balance of every account that has moved, in USD, those at zero left out.
    pub fn balances(&self) -> BTreeMap<String, String> {
        let reply = self.world.get("/v1/ledger/balances").is(200);
        let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        let rows = reply.data().iter().map(|row| (text(row, "account"), text(row, "balance")));
        rows.filter(|(_, balance)| balance != "0.00").collect()
    }

    /// How often the simulator has been charged for this invoice, and what it took in all.
    pub fn charges(&self, invoice: &str) -> (i64, i64) {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            count: i64,
            #[diesel(sql_type = BigInt)]
            taken: i64,
        }
        let id: InvoiceId = invoice.parse().unwrap();
        let row: Row = diesel::sql_query(
            "SELECT count(*) AS count, coalesce(sum(c.amount) FILTER (WHERE c.decline_code IS NULL), 0)::bigint AS taken \
             FROM simulator.charges c JOIN payments p ON p.id::text = c.idempotency_key WHERE p.invoice_id::text = $1",
        )
        .bind::<Text, _>(id.uuid().to_string())
        .get_result(&mut self.world.database.connect())
        .unwrap();
        (row.count, row.taken)
    }

    /// What the simulator took of this tenant's customers, less what it gave back, in cents: its own books, not ours.
    pub fn taken(&self) -> i64 {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            taken: i64,
        }
        let row: Row = diesel::sql_query(
            "SELECT coalesce(sum(c.amount), 0)::bigint AS taken FROM simulator.charges c WHERE c.outcome = 'succeeded' AND c.idempotency_key IN \
             (SELECT id::text FROM payments WHERE tenant_id::text = $1 UNION ALL SELECT id::text FROM refunds WHERE tenant_id::text = $1)",
        )
        .bind::<Text, _>(self.world.tenant.id.uuid().to_string())
        .get_result(&mut self.world.database.connect())
        .unwrap();
        row.taken
    }

    /// So much real time passes that no call begun until now can be alive, for everyone but the call itself.
    pub fn calls_die(&self) {
        let tenant = self.world.tenant.id.uuid();
        let sql = format!(
            "UPDATE gateway_claims SET calls_until = calls_until - interval '1 hour' WHERE tenant_id = '{tenant}'"
        );
        self.world.database.connect().batch_execute(&sql).unwrap();
    }

    /// The types of the events told so far that tell of payments and refunds, in their order.
    pub fn event_types(&self) -> Vec<String> {
        self.world.relay_events();
        let reply = self.world.get("/v1/events?limit=1000").is(200);
        let types = reply.data().iter().map(|event| event["type"].as_str().unwrap().to_owned());
        types
            .filter(|t| t.starts_with("payment.") || t.starts_with("refund.") || t == "invoice.paid")
            .collect()
    }

    /// Moves the tenant's clock on.
    pub fn wait(&self, span: TimeDelta) {
        self.world.advance_to(&(self.world.now() + span).to_rfc3339());
    }

    pub fn gateways(&self) -> Gateways {
        gateways(&self.world.db)
    }

    #[track_caller]
    pub fn books_are_right(&self) {
        let report = verify_books::run(&mut self.world.session(), self.world.tenant.id).unwrap();
        assert!(report.is_right(), "{:#?}", report.differences);
    }
}

/// Adds a customer of this tenant.
pub fn customer_of(world: &World, tenant: &Tenant) -> CustomerId {
    let id = random::mint("2026-01-01T00:00:00Z".parse().unwrap());
    let (tenant, at) = (tenant.id.uuid(), "'2026-01-01T00:00:00Z'");
    let details = r#"{"name": "Ada", "email": null, "address": null, "tax_ids": []}"#;
    let sql = format!(
        "INSERT INTO customers (tenant_id, id, name, currency, created_at) VALUES ('{tenant}', '{id}', 'Ada', 'USD', {at}); \
         INSERT INTO buyer_versions (tenant_id, customer_id, version, details, recorded_at) \
         VALUES ('{tenant}', '{id}', 1, '{details}', {at})"
    );
    world.database.connect().batch_execute(&sql).unwrap();
    CustomerId::from_uuid(id)
}

/// Adds a draft of two lines, for a period and for once, as a billing run that leaves drafts would.
pub fn draft_of(world: &World, tenant: &Tenant, owed: (CustomerId, i64)) -> InvoiceId {
    let (customer_id, cents) = owed;
    let now: DateTime<Utc> = tenant.client.get("/v1/test_clock").is(200).text_at("/now").parse().unwrap();
    let usd = Currency::parse("USD").unwrap();
    let money = |minor| Money::from_minor(minor, usd);
    let line = |line_no: i32, minor: i64, deferred: bool| Line {
        line_no,
        subscription_id: None,
        item_version_id: None,
        period: Period::new(now, now + TimeDelta::days(31)).unwrap(),
        concerns: None,
        revision: 0,
        deferred,
        quantity: 1.into(),
        unit_amount: money(minor).to_decimal(),
        amount: money(minor),
        discount: money(0),
        tax: money(0),
        tax_included: money(0),
        tax_terms: TaxTerms::default(),
        description: Arc::from("Seats"),
        measured: None,
        grounds: None,
        by_hand: None,
    };
    let lines = [line(1, cents - cents / 3, true), line(2, cents / 3, false)];
    let id = InvoiceId::from_uuid(random::mint(now));
    let draft = Invoice {
        id,
        customer_id,
        entity_id: EntityId::first_of(tenant.id),
        subscription_id: None,
        bill_run_id: None,
        number: None,
        status: Status::Draft,
        collection: Collection::Automatic,
        currency: usd,
        billing_date: now.date_naive(),
        buyer_version: None,
        seller_version: None,
        totals: Totals::of(usd, &lines).unwrap(),
        amount_paid: money(0),
        applied: Applied::nothing(usd),
        created_at: now,
        issued_at: None,
        due_at: None,
        closed_at: None,
        next_attempt_at: None,
        attempt_count: 0,
        finalizes_at: None,
        waits_for: None,
    };
    let written = world.session().transaction("plant_draft", |tx| {
        let held = locks::account(tx, tenant.id, customer_id)?;
        invoicing::insert(tx, &held, std::slice::from_ref(&draft))?;
        invoicing::insert_lines(tx, &held, &lines.each_ref().map(|line| (id, line)))
    });
    written.map_err(|e: StorageError| e.to_string()).unwrap();
    id
}
