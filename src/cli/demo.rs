//! `billwright demo`: a server with a sample business in it, made once, through the API itself.
//!
//! A test tenant whose clock starts six months ago: a catalogue of three plans, ten customers who pay, fail to pay and pay by
//! invoice, and half a year lived through by advancing the clock to today.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Utc};
use serde_json::{Value, json};

use crate::adapters::https;
use crate::domain::calendar::Zone;
use crate::domain::money::Currency;
use crate::platform::clock;
use crate::platform::secrets::Secret;
use crate::storage::tenants::Mode;
use crate::storage::{Session, StorageError};
use crate::workflows::tenants::create_tenant::{self, NewTenant};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Months the sample business has been in business.
const MONTHS: u32 = 6;

/// The sample tenant's key, kept beside the data so that a second start can print it again.
const KEY_FILE: &str = "demo-api-key";

/// A sample customer: name, currency, zone, what its card does, plan, seats, day of the month it starts.
type Sample = (&'static str, &'static str, &'static str, Option<&'static str>, &'static str, u32, u64);

const CUSTOMERS: [Sample; 10] = [
    ("Ada Analytics", "USD", "America/New_York", Some("tok_success"), "team", 12, 0),
    ("Bertrand SARL", "EUR", "Europe/Paris", Some("tok_success"), "starter", 1, 30),
    ("Curie Labs", "EUR", "Europe/Paris", None, "team", 40, 14),
    ("Dijkstra BV", "EUR", "Europe/Amsterdam", Some("tok_async_success"), "starter", 1, 3),
    ("Euler AG", "USD", "Europe/Zurich", Some("tok_decline"), "team", 3, 9),
    ("Franklin Inc", "USD", "America/Los_Angeles", Some("tok_hard_decline"), "starter", 1, 20),
    ("Galois KK", "JPY", "Asia/Tokyo", Some("tok_success"), "starter", 1, 5),
    ("Hopper LLC", "USD", "America/Chicago", Some("tok_timeout_charged"), "team", 7, 11),
    ("Ibn Sina Trading", "USD", "Asia/Dubai", None, "enterprise", 1, 1),
    ("Johnson Orbital", "USD", "Pacific/Auckland", Some("tok_success"), "enterprise", 1, 30),
];

/// Makes the sample tenant when there is none, and prints how to look at it.
pub(super) fn run(database: &str, data_dir: &Path, listen: SocketAddr) -> Result<(), Failure> {
    let base = format!("http://{listen}/v1");
    let file = data_dir.join(KEY_FILE);
    let key = match std::fs::read_to_string(&file) {
        Ok(key) => Secret::new(key.trim()),
        Err(_) => {
            tracing::info!(months = MONTHS, "making a sample business and living through its last months");
            let key = tenant(database)?;
            fill(&Api::new(&base, &key)?)?;
            write_private(&file, key.expose())?;
            key
        }
    };
    print_tour(listen, key.expose());
    Ok(())
}

fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut open =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    open.write_all(text.as_bytes())
}

/// The first of the month, six months ago.
fn beginning() -> Result<DateTime<Utc>, Failure> {
    let today = clock::now().date_naive();
    let first = NaiveDate::from_ymd_opt(today.year(), today.month(), 1).ok_or("no such month")?;
    Ok(first
        .checked_sub_months(Months::new(MONTHS))
        .ok_or("no such month")?
        .and_time(NaiveTime::MIN)
        .and_utc())
}

fn tenant(database: &str) -> Result<Secret, Failure> {
    let new = NewTenant {
        name: "Sample Business".to_owned(),
        zone: Zone::UTC,
        currency: Currency::parse("USD")?,
        mode: Mode::Test,
        test_clock: Some(beginning()?),
    };
    let mut session = Session::open(database)?;
    let created = session.transaction("create_demo_tenant", |tx| {
        create_tenant::run(tx, &new).map_err(|e| StorageError::Internal(e.to_string()))
    })?;
    Ok(created.api_key)
}

/// Fills the tenant the way a client would.
fn fill(api: &Api) -> Result<(), Failure> {
    let product = api.post("products", &json!({"name": "Sample Analytics"}))?;
    let plan = |code: &str, name: &str, interval: &str, prices: Value| {
        let body = json!({"code": code, "name": name, "product_id": product["id"], "currency": "USD", "interval": interval,
            "interval_count": 1, "prices": prices});
        api.post("plans", &body)
    };
    let flat = |amount: &str| json!({"type": "flat", "amount": amount});
    let starter = json!([{"code": "base", "description": "Starter plan", "kind": "recurring", "model": flat("29.00"),
        "currencies": {"EUR": {"model": flat("27.00")}, "JPY": {"model": flat("4400")}}}]);
    let seats = |amount: &str| json!({"type": "per_unit", "unit_amount": amount});
    let team = json!([
        {"code": "base", "description": "Team plan", "kind": "recurring", "model": flat("49.00"),
            "currencies": {"EUR": {"model": flat("45.00")}}},
        {"code": "seats", "description": "Seats", "kind": "recurring", "model": seats("12.50"),
            "currencies": {"EUR": {"model": seats("11.50")}}},
        {"code": "setup", "description": "Set-up", "kind": "one_time", "model": flat("99.00"),
            "currencies": {"EUR": {"model": flat("90.00")}}},
    ]);
    let enterprise = json!([
        {"code": "licence", "description": "Enterprise licence", "kind": "recurring", "model": flat("12000.00")},
        {"code": "support", "description": "Premium support", "kind": "recurring", "billing": "in_arrears", "model": flat("1800.00")},
    ]);
    let plans = [
        ("starter", plan("starter", "Starter", "month", starter)?),
        ("team", plan("team", "Team", "month", team)?),
        ("enterprise", plan("enterprise", "Enterprise", "quarter", enterprise)?),
    ];
    let begin = beginning()?;
    for (name, currency, zone, token, plan, seats, day) in CUSTOMERS {
        let customer =
            api.post("customers", &json!({"name": name, "currency": currency, "time_zone": zone}))?;
        if let Some(token) = token {
            api.post("payment_methods", &json!({"customer_id": customer["id"], "kind": "card", "gateway": "simulator", "token": token}))?;
        }
        let plan_id = plans.iter().find(|p| p.0 == plan).map(|p| p.1["id"].clone());
        let start = begin.checked_add_days(Days::new(day)).ok_or("no such day")?;
        let collection = if token.is_some() { "automatic" } else { "send_invoice" };
        let body = json!({"customer_id": customer["id"], "plan_id": plan_id, "quantity": seats.to_string(), "start_at": start,
            "collection": collection});
        api.post("subscriptions", &body)?;
    }
    api.post("test_clock/advance", &json!({"to": clock::now()}))?;
    Ok(())
}

/// A client of our own API.
struct Api {
    http: reqwest::blocking::Client,
    base: String,
    key: String,
}

impl Api {
    fn new(base: &str, key: &Secret) -> Result<Api, Failure> {
        let http = https::client().tls_certs_only([]).timeout(Duration::from_secs(300)).build()?;
        Ok(Api { http, base: base.to_owned(), key: key.expose().to_owned() })
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let answer =
            self.http.post(format!("{}/{path}", self.base)).bearer_auth(&self.key).json(body).send()?;
        let status = answer.status();
        let answer: Value = answer.json()?;
        if status.is_success() {
            Ok(answer)
        } else {
            Err(format!("POST {path} answered {status}: {answer}").into())
        }
    }
}

/// Says how to look at it. Nobody may listen: the server goes on all the same.
fn print_tour(listen: SocketAddr, key: &str) {
    let next_month = (clock::now() + chrono::TimeDelta::days(31)).format("%Y-%m-%dT00:00:00Z");
    let tour = format!(
        "\nBillwright is at http://{listen}  (guides and API reference: http://{listen}/docs/)\n\
        API key of the sample business: {key}\n\n\
        Try:\n\
        \x20 curl -s -H 'Authorization: Bearer {key}' 'http://{listen}/v1/invoices?limit=2'\n\
        \x20 curl -s -H 'Authorization: Bearer {key}' 'http://{listen}/v1/ledger/balances'\n\
        \x20 curl -s -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{{\"to\":\"{next_month}\"}}' \
        'http://{listen}/v1/test_clock/advance'\n\n\
        Stop the server with Ctrl-C.\n"
    );
    let _unheard = std::io::stdout().write_all(tour.as_bytes());
}
