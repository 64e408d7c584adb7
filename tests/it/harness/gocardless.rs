//! Who plays GoCardless? A stand-in that speaks the shapes of its API and keeps its own books: what a mandate's name says is what it does, a test moves
//! debits on, and the next calls fail as a test orders.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use ring::hmac;
use serde_json::{Value, json};

use super::stand_in;
use super::stripe::Fault;

#[derive(Default)]
struct Books {
    payments: Vec<Value>,
    refunds: Vec<Value>,
    events: Vec<Value>,
    mandates: HashMap<String, String>,
    /// What was made under a key.
    keys: HashMap<String, String>,
    heard: Vec<(String, HashMap<String, String>, Value)>,
    faults: VecDeque<Fault>,
}

/// GoCardless, until the process ends.
#[derive(Clone)]
pub struct Gocardless {
    pub url: String,
    books: Arc<Mutex<Books>>,
}

impl Gocardless {
    pub fn open() -> Gocardless {
        let books = Arc::new(Mutex::new(Books::default()));
        let own = Arc::clone(&books);
        let url = stand_in(move |stream| drop(serve(&own, stream)));
        Gocardless { url, books }
    }

    /// The next calls fail so, one after the other.
    pub fn fail(&self, faults: &[Fault]) {
        self.books.lock().unwrap().faults.extend(faults);
    }

    /// Each call: its line, its headers and its body.
    pub fn heard(&self) -> Vec<(String, HashMap<String, String>, Value)> {
        self.books.lock().unwrap().heard.clone()
    }

    /// Status and amount of each debit, oldest first.
    pub fn debits(&self) -> Vec<(String, i64)> {
        let shown = |payment: &Value| {
            (payment["status"].as_str().unwrap().to_owned(), payment["amount"].as_i64().unwrap())
        };
        self.books.lock().unwrap().payments.iter().map(shown).collect()
    }

    /// The newest debit stands so from now on, for a cause; gives the body that tells of it.
    pub fn turn(&self, status: &str, (action, cause): (&str, &str)) -> String {
        let mut books = self.books.lock().unwrap();
        let payment = books.payments.last_mut().unwrap();
        payment["status"] = json!(status);
        let (id, metadata) = (payment["id"].clone(), payment["metadata"].clone());
        let event = json!({ "id": format!("EV{}", books.events.len() + 1), "created_at": "2026-01-05T00:00:00.000Z",
            "resource_type": "payments", "action": action, "links": { "payment": id }, "resource_metadata": metadata,
            "details": { "origin": "bank", "cause": cause, "scheme": "sepa_core", "reason_code": "AM04" } });
        books.events.push(event.clone());
        json!({ "events": [event], "meta": { "webhook_id": "WB1" } }).to_string()
    }

    /// A mandate stands so from now on; gives the body that tells of it.
    pub fn end_mandate(&self, mandate: &str, status: &str) -> String {
        let mut books = self.books.lock().unwrap();
        books.mandates.insert(mandate.to_owned(), status.to_owned());
        let event = json!({ "id": format!("EV{}", books.events.len() + 1), "resource_type": "mandates", "action": status,
            "links": { "mandate": mandate }, "details": { "cause": "bank_account_closed" } });
        books.events.push(event.clone());
        json!({ "events": [event] }).to_string()
    }

    /// Somebody gives so much of the newest debit back at the dashboard; gives the body that tells of it.
    pub fn refund_there(&self, amount: i64) -> String {
        let mut books = self.books.lock().unwrap();
        let payment = books.payments.last().unwrap()["id"].clone();
        let id = format!("RF{}", books.refunds.len() + 1);
        books.refunds.push(json!({ "id": id, "amount": amount, "status": "created", "links": { "payment": payment }, "metadata": {} }));
        let event = json!({ "id": format!("EV{}", books.events.len() + 1), "resource_type": "refunds", "action": "created",
            "links": { "refund": id, "payment": payment } });
        books.events.push(event.clone());
        json!({ "events": [event] }).to_string()
    }

    /// The newest refund stands so from now on; gives the body that tells of it.
    pub fn turn_refund(&self, status: &str) -> String {
        let mut books = self.books.lock().unwrap();
        let refund = books.refunds.last_mut().unwrap();
        refund["status"] = json!(status);
        let id = refund["id"].clone();
        let event = json!({ "id": format!("EV{}", books.events.len() + 1), "resource_type": "refunds", "action": status,
            "links": { "refund": id } });
        books.events.push(event.clone());
        json!({ "events": [event] }).to_string()
    }

    /// What went back, each amount and the sum that was confirmed with it.
    pub fn refunds(&self) -> Vec<(i64, i64)> {
        let number = |refund: &Value, name: &str| refund[name].as_i64().unwrap();
        let shown = |refund: &Value| (number(refund, "amount"), number(refund, "total_amount_confirmation"));
        self.books.lock().unwrap().refunds.iter().map(shown).collect()
    }
}

/// The header of a body that is signed with a secret.
pub fn debit_signature(secret: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, body.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn serve(books: &Mutex<Books>, mut stream: TcpStream) -> std::io::Result<()> {
    let (line, headers, body) = hear(&mut stream)?;
    let (status, answer) = {
        let mut books = books.lock().unwrap();
        books.heard.push((line.clone(), headers.clone(), body.clone()));
        match books.faults.pop_front() {
            Some(Fault::CutBefore) => return Ok(()),
            Some(Fault::CutAfter) => {
                answer(&mut books, (&line, &headers), &body);
                return Ok(());
            }
            Some(Fault::Status(status)) => (status, json!({ "error": { "type": "gocardless" } })),
            Some(Fault::Pass) | None => answer(&mut books, (&line, &headers), &body),
        }
    };
    let text = answer.to_string();
    write!(
        stream,
        "HTTP/1.1 {status} So\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    )
}

fn hear(stream: &mut TcpStream) -> std::io::Result<(String, HashMap<String, String>, Value)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let line = line.trim().trim_end_matches(" HTTP/1.1").to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").map_or(0, |text| text.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((line, headers, serde_json::from_slice(&body).unwrap_or_default()))
}

fn answer(
    books: &mut Books,
    (line, headers): (&str, &HashMap<String, String>),
    body: &Value,
) -> (u16, Value) {
    let (method, target) = line.split_once(' ').unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query: HashMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let not_found = || {
        (
            404,
            json!({ "error": { "type": "invalid_api_usage", "errors": [{ "reason": "resource_not_found" }] } }),
        )
    };
    match (method, parts.as_slice()) {
        ("POST", [kind @ ("payments" | "refunds")]) => {
            let key = headers["idempotency-key"].clone();
            if let Some(id) = books.keys.get(&key) {
                let error = json!({ "reason": "idempotent_creation_conflict", "links": { "conflicting_resource_id": id } });
                return (409, json!({ "error": { "type": "invalid_state", "errors": [error] } }));
            }
            let made =
                if *kind == "payments" { debit(books, &body[*kind]) } else { refund(books, &body[*kind]) };
            if let Ok(made) = &made {
                books.keys.insert(key, made["id"].as_str().unwrap().to_owned());
            }
            match made {
                Ok(made) => (201, json!({ *kind: made })),
                Err(reason) => {
                    (422, json!({ "error": { "type": "invalid_state", "errors": [{ "reason": reason }] } }))
                }
            }
        }
        ("GET", ["mandates", id]) => match books.mandates.get(*id) {
            Some(status) => (200, json!({ "mandates": { "id": id, "status": status } })),
            None => (200, json!({ "mandates": { "id": id, "status": "active" } })),
        },
        ("GET", ["payments", id]) => match books.payments.iter().find(|payment| payment["id"] == *id) {
            Some(payment) => (200, json!({ "payments": payment })),
            None => not_found(),
        },
        ("GET", ["payments"]) => listed(("payments", &books.payments), ("mandate", &query)),
        ("GET", ["refunds"]) => listed(("refunds", &books.refunds), ("payment", &query)),
        ("GET", ["events"]) => {
            let of_action: Vec<Value> =
                books.events.iter().filter(|e| e["action"] == query["action"].as_str()).cloned().collect();
            listed(("events", &of_action), ("payment", &query))
        }
        _ => not_found(),
    }
}

fn debit(books: &mut Books, wanted: &Value) -> Result<Value, &'static str> {
    let mandate = wanted["links"]["mandate"].as_str().unwrap();
    if mandate == "MDdead" || books.mandates.contains_key(mandate) {
        return Err("mandate_is_inactive");
    }
    let mut payment = wanted.clone();
    payment["id"] = json!(format!("PM{}", books.payments.len() + 1));
    payment["status"] = json!("pending_submission");
    payment["created_at"] = json!(billwright::platform::clock::now().to_rfc3339());
    books.payments.push(payment.clone());
    Ok(payment)
}

fn refund(books: &mut Books, wanted: &Value) -> Result<Value, &'static str> {
    let of_payment = |refund: &&Value| {
        refund["links"] == wanted["links"] && refund["status"] != "failed" && refund["status"] != "bounced"
    };
    let before: i64 =
        books.refunds.iter().filter(of_payment).map(|refund| refund["amount"].as_i64().unwrap()).sum();
    if wanted["total_amount_confirmation"] != json!(before + wanted["amount"].as_i64().unwrap()) {
        return Err("total_amount_confirmation_invalid");
    }
    let mut refund = wanted.clone();
    refund["id"] = json!(format!("RF{}", books.refunds.len() + 1));
    refund["status"] = json!("created");
    books.refunds.push(refund.clone());
    Ok(refund)
}

/// Pages of two, newest first.
fn listed((kind, all): (&str, &[Value]), (link, query): (&str, &HashMap<String, String>)) -> (u16, Value) {
    let wanted = |object: &&Value| object["links"][link] == query[link].as_str();
    let newest: Vec<&Value> = all.iter().rev().filter(wanted).collect();
    let after = query.get("after").and_then(|id| newest.iter().position(|o| o["id"] == id.as_str()));
    let rest = &newest[after.map_or(0, |place| place + 1)..];
    let page = &rest[..rest.len().min(2)];
    let cursor = page.last().filter(|_| rest.len() > 2).map(|last| last["id"].clone());
    (200, json!({ kind: page, "meta": { "cursors": { "after": cursor, "before": null }, "limit": 2 } }))
}
