//! A small book with some of everything: 8 customers, 40 invoices in three currencies and every state, payments, credit notes, refunds, subscriptions.

use serde_json::{Value, json};

use crate::harness::{Chance, Client, World};

const NAMES: [(&str, Option<&str>, &str); 8] = [
    ("Anna Müller", Some("anna@mueller.example"), "gold"),
    ("=HYPERLINK(\"http://x\")", None, "gold"),
    ("Ann & Sons, Ltd", Some("Billing@Ann-Sons.example"), "silver"),
    ("Zoë", None, "silver"),
    ("Bertrand", Some("b@example.com"), "none"),
    ("-1+1", None, "none"),
    ("Curie \"Marie\"\nParis", Some("curie@example.com"), "gold"),
    ("anna müller", Some("second@example.com"), "none"),
];

/// A tenant with a book.
pub struct Book {
    pub world: World,
    pub customers: Vec<String>,
}

/// What happened to an invoice.
const FATES: [&str; 7] = ["draft", "open", "paid", "void", "uncollectible", "credited", "card"];

impl Book {
    pub fn open(seed: u64) -> Book {
        let world = World::of("2026-01-01T00:00:00Z", "Europe/Berlin", "EUR");
        let mut chance = Chance::of(seed);
        let customers: Vec<String> = NAMES.iter().enumerate().map(|named| customer(&world, named)).collect();
        for day in 2..12 {
            for _ in 0..4 {
                let whose = chance.pick(&customers).clone();
                let fate = *chance.pick(&FATES);
                invoice(&world, &mut chance, (&whose, fate));
            }
            world.advance_to(&format!("2026-01-{:02}T{:02}:30:00Z", day, chance.below(24))).is(200);
        }
        subscriptions(&world, &customers);
        Book { world, customers }
    }
}

fn customer(client: &Client, (n, (name, email, tier)): (usize, &(&str, Option<&str>, &str))) -> String {
    // A line break in a name is refused, as it should be.
    let name = name.replace('\n', " ");
    let metadata = if *tier == "none" { json!({}) } else { json!({ "tier": tier, "=1": "+1" }) };
    let body =
        json!({ "name": name, "email": email, "external_id": format!("crm-{n}"), "metadata": metadata });
    let id = client.post("/v1/customers", body).is(201).id();
    let card = json!({ "customer_id": id, "kind": "card", "token": if n % 2 == 0 { "tok_success" } else { "tok_decline" } });
    client.post("/v1/payment_methods", card).is(201);
    id
}

fn invoice(client: &Client, chance: &mut Chance, (whose, fate): (&str, &str)) {
    let currency = *chance.pick(&["EUR", "EUR", "USD", "JPY"]);
    let amount = match currency {
        "JPY" => format!("{}", chance.between(1, 40)),
        _ => format!("{}.{:02}", chance.between(0, 40), chance.between(1, 99)),
    };
    let lines = json!([{ "description": "=Setup", "amount": amount }]);
    let body =
        json!({ "customer_id": whose, "collection": "send_invoice", "currency": currency, "lines": lines });
    let id = client.post("/v1/invoices", body).is(201).id();
    let path = |verb: &str| format!("/v1/invoices/{id}/{verb}");
    if fate == "draft" {
        return;
    }
    client.post(&path("finalize"), json!({})).is(200);
    match fate {
        "paid" => drop(client.post(&path("pay"), json!({ "offline": { "reference": "bank" } })).is(200)),
        "card" => drop(client.post(&path("pay"), json!({}))),
        "void" => drop(client.post(&path("void"), json!({})).is(200)),
        "uncollectible" => drop(client.post(&path("mark_uncollectible"), json!({})).is(200)),
        "credited" => {
            client.post(&path("pay"), json!({}));
            client.post("/v1/credit_notes", json!({ "invoice_id": id, "reason": "=outage", "to": "refund" }));
        }
        _ => {}
    }
}

fn subscriptions(client: &Client, customers: &[String]) {
    let product = client.post("/v1/products", json!({ "name": "Engine" })).is(201).id();
    let prices =
        json!([{ "code": "base", "kind": "recurring", "model": { "type": "flat", "amount": "31.00" } }]);
    let plan = json!({ "code": "base", "name": "Base", "product_id": product, "currency": "EUR", "interval": "month", "prices": prices });
    let plan = client.post("/v1/plans", plan).is(201).id();
    for (n, customer) in customers.iter().enumerate() {
        let trial = if n % 3 == 0 { json!(14) } else { Value::Null };
        let body = json!({ "customer_id": customer, "plan_id": plan, "collection": "send_invoice", "trial_days": trial,
            "start_at": format!("2026-01-{:02}T00:00:00Z", 5 + 2 * n), "external_id": format!("sub-{n}"), "metadata": { "n": n.to_string() } });
        let id = client.post("/v1/subscriptions", body).is(201).id();
        if n == 1 {
            client.post(&format!("/v1/subscriptions/{id}/cancel"), json!({ "at": "now" }));
        }
    }
}

/// Every row that a list answers, page by page.
pub fn pages(client: &Client, path: &str, limit: u16) -> Vec<Value> {
    let (mut rows, mut after) = (Vec::new(), String::new());
    let sign = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = client.get(&format!("{path}{sign}limit={limit}{after}")).is(200);
        rows.extend(page.data().iter().cloned());
        match page.json["next_cursor"].as_str() {
            Some(cursor) => after = format!("&after={cursor}"),
            None => return rows,
        }
    }
}

/// The ids of rows.
pub fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}
