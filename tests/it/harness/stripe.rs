//! Who plays Stripe? A stand-in that speaks the shapes of its API and keeps its own books: what a payment method's name says is what it does, and
//! the next calls fail as a test orders.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use ring::hmac;
use serde_json::{Value, json};

use super::stand_in;

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not at all: it is the one after it that fails.
    Pass,
    /// The connection is cut, and nothing has been done.
    CutBefore,
    /// It is done, and then the connection is cut.
    CutAfter,
    /// This status, and nothing has been done.
    Status(u16),
}

/// A call as it came.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    pub line: String,
    pub headers: HashMap<String, String>,
    pub form: HashMap<String, String>,
}

#[derive(Default)]
struct Books {
    intents: Vec<Value>,
    refunds: Vec<Value>,
    disputes: Vec<Value>,
    warnings: Vec<Value>,
    answers: HashMap<String, (u16, Value)>,
    heard: Vec<Heard>,
    faults: VecDeque<Fault>,
    is_silent: bool,
}

/// Stripe, until the process ends.
#[derive(Clone)]
pub struct Stripe {
    pub url: String,
    books: Arc<Mutex<Books>>,
}

impl Stripe {
    pub fn open() -> Stripe {
        let books = Arc::new(Mutex::new(Books::default()));
        let own = Arc::clone(&books);
        let url = stand_in(move |stream| drop(serve(&own, stream)));
        Stripe { url, books }
    }

    /// The next calls fail so, one after the other.
    pub fn fail(&self, faults: &[Fault]) {
        self.books.lock().unwrap().faults.extend(faults);
    }

    /// Whether it answers any call.
    pub fn answer(&self, answers: bool) {
        self.books.lock().unwrap().is_silent = !answers;
    }

    /// A day passes at Stripe: it knows keys no longer.
    pub fn forget_keys(&self) {
        self.books.lock().unwrap().answers.clear();
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.books.lock().unwrap().heard.clone()
    }

    /// Status and amount of each intent, oldest first.
    pub fn intents(&self) -> Vec<(String, i64)> {
        let shown = |intent: &Value| {
            (intent["status"].as_str().unwrap().to_owned(), intent["amount"].as_i64().unwrap())
        };
        self.books.lock().unwrap().intents.iter().map(shown).collect()
    }

    /// What went back, each amount.
    pub fn refunds(&self) -> Vec<i64> {
        self.books.lock().unwrap().refunds.iter().map(|r| r["amount"].as_i64().unwrap()).collect()
    }

    /// Changes fields of the newest intent.
    pub fn change(&self, fields: Value) -> Value {
        let mut books = self.books.lock().unwrap();
        let intent = books.intents.last_mut().unwrap();
        for (name, value) in fields.as_object().unwrap() {
            intent[name] = value.clone();
        }
        intent.clone()
    }

    /// Somebody gives so much of the newest intent back at the dashboard; gives its name.
    pub fn refund_there(&self, amount: i64) -> String {
        let mut books = self.books.lock().unwrap();
        let intent = books.intents.last().unwrap()["id"].clone();
        let id = format!("re_{}", books.refunds.len() + 1);
        let refund = json!({ "id": id, "object": "refund", "amount": amount, "status": "succeeded",
            "payment_intent": intent, "metadata": {} });
        books.refunds.push(refund);
        id
    }

    /// The payer's bank disputes so much of the newest intent: the gateway takes it, and keeps 15.00.
    pub fn dispute(&self, amount: i64) -> String {
        let mut books = self.books.lock().unwrap();
        let intent = books.intents.last().unwrap()["id"].clone();
        let id = format!("dp_{}", books.disputes.len() + 1);
        let taken = json!({ "amount": -amount, "fee": 1_500, "net": -amount - 1_500, "currency": "usd", "type": "adjustment",
            "reporting_category": "dispute" });
        let created = billwright::platform::clock::now().timestamp();
        let dispute = json!({ "id": id, "object": "dispute", "amount": amount, "currency": "usd", "payment_intent": intent,
            "reason": "fraudulent", "status": "needs_response", "created": created, "balance_transactions": [taken],
            "evidence_details": { "due_by": created + 604_800, "has_evidence": false } });
        books.disputes.push(dispute);
        id
    }

    /// The newest dispute stands so from now on; won, its money comes back.
    pub fn decide(&self, status: &str) {
        let mut books = self.books.lock().unwrap();
        let dispute = books.disputes.last_mut().unwrap();
        dispute["status"] = json!(status);
        if status == "won" {
            let back = json!({ "amount": dispute["amount"], "fee": 0, "currency": "usd", "reporting_category": "dispute_reversal" });
            dispute["balance_transactions"].as_array_mut().unwrap().push(back);
        }
    }

    /// The issuer takes the newest intent for fraud.
    pub fn warn(&self) {
        let mut books = self.books.lock().unwrap();
        let intent = books.intents.last().unwrap()["id"].clone();
        let id = format!("issfr_{}", books.warnings.len() + 1);
        let created = billwright::platform::clock::now().timestamp();
        books.warnings.push(json!({ "id": id, "object": "radar.early_fraud_warning", "payment_intent": intent, "actionable": true,
            "fraud_type": "made_with_stolen_card", "created": created }));
    }

    /// Changes fields of the newest refund.
    pub fn change_refund(&self, fields: Value) -> Value {
        let mut books = self.books.lock().unwrap();
        let refund = books.refunds.last_mut().unwrap();
        for (name, value) in fields.as_object().unwrap() {
            refund[name] = value.clone();
        }
        refund.clone()
    }

    /// An event about the charge of the newest intent.
    pub fn event_of_charge(&self, id: &str, type_: &str) -> String {
        let intent = self.books.lock().unwrap().intents.last().unwrap()["id"].clone();
        let charge = json!({ "object": "charge", "id": "ch_1", "payment_intent": intent, "metadata": {} });
        json!({ "id": id, "object": "event", "type": type_, "data": { "object": charge } }).to_string()
    }

    /// An event about the newest intent, as Stripe writes it.
    pub fn event(&self, id: &str, type_: &str) -> String {
        let intent = self.books.lock().unwrap().intents.last().unwrap().clone();
        json!({ "id": id, "object": "event", "type": type_, "data": { "object": intent } }).to_string()
    }
}

/// The header of a body signed with a secret at a time.
pub fn signature(secret: &str, time: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{time}.{body}").as_bytes());
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={time},v1={digits}")
}

fn serve(books: &Mutex<Books>, mut stream: TcpStream) -> std::io::Result<()> {
    let heard = hear(&mut stream)?;
    let answer = {
        let mut books = books.lock().unwrap();
        if books.is_silent {
            return Ok(());
        }
        books.heard.push(heard.clone());
        match books.faults.pop_front() {
            Some(Fault::CutBefore) => return Ok(()),
            Some(Fault::CutAfter) => {
                once(&mut books, &heard);
                return Ok(());
            }
            Some(Fault::Status(status)) => (status, json!({ "error": { "type": "api_error" } })),
            Some(Fault::Pass) | None => once(&mut books, &heard),
        }
    };
    let (status, body) = (answer.0, answer.1.to_string());
    write!(
        stream,
        "HTTP/1.1 {status} So\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn hear(stream: &mut TcpStream) -> std::io::Result<Heard> {
    let mut reader = BufReader::new(stream);
    let mut heard = Heard::default();
    reader.read_line(&mut heard.line)?;
    heard.line = heard.line.trim().trim_end_matches(" HTTP/1.1").to_owned();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        heard.headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = heard.headers.get("content-length").map_or(0, |text| text.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    heard.form = form_urlencoded::parse(&body).into_owned().collect();
    Ok(heard)
}

/// The same key is answered alike.
fn once(books: &mut Books, heard: &Heard) -> (u16, Value) {
    let key = heard.headers.get("idempotency-key").cloned();
    if let Some(answer) = key.as_ref().and_then(|key| books.answers.get(key)) {
        return answer.clone();
    }
    let answer = answer(books, heard);
    if let Some(key) = key {
        books.answers.insert(key, answer.clone());
    }
    answer
}

fn answer(books: &mut Books, heard: &Heard) -> (u16, Value) {
    let (method, target) = heard.line.split_once(' ').unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query: HashMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let parts: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
    match (method, parts.as_slice()) {
        ("POST", ["payment_intents"]) => charge(books, &heard.form),
        ("GET", ["payment_intents"]) => listed(&books.intents, ("customer", &query)),
        ("GET", ["payment_intents", id]) => match books.intents.iter().find(|intent| intent["id"] == *id) {
            Some(intent) => (200, intent.clone()),
            None => {
                (404, json!({ "error": { "type": "invalid_request_error", "code": "resource_missing" } }))
            }
        },
        ("POST", ["payment_intents", id, "cancel"]) => {
            let intent = books.intents.iter_mut().find(|intent| intent["id"] == *id).unwrap();
            intent["status"] = json!("canceled");
            intent["cancellation_reason"] = json!(heard.form["cancellation_reason"]);
            (200, intent.clone())
        }
        ("POST", ["refunds"]) => {
            let id = format!("re_{}", books.refunds.len() + 1);
            let amount: i64 = heard.form["amount"].parse().unwrap();
            let of_intent =
                |object: &&Value, field: &str| object[field] == heard.form["payment_intent"].as_str();
            let charged = books.intents.iter().find(|intent| of_intent(intent, "id")).unwrap()["amount"]
                .as_i64()
                .unwrap();
            let back =
                books.refunds.iter().filter(|r| of_intent(r, "payment_intent") && r["status"] != "failed");
            if back.map(|r| r["amount"].as_i64().unwrap()).sum::<i64>() + amount > charged {
                return (
                    400,
                    json!({ "error": { "type": "invalid_request_error", "code": "charge_already_refunded" } }),
                );
            }
            let refund = json!({ "id": id, "object": "refund", "amount": amount, "status": "succeeded",
                "payment_intent": heard.form["payment_intent"],
                "metadata": { "billwright_refund_id": heard.form["metadata[billwright_refund_id]"] } });
            books.refunds.push(refund.clone());
            (200, refund)
        }
        ("GET", ["refunds"]) => listed(&books.refunds, ("payment_intent", &query)),
        ("GET", ["disputes"]) => listed(&books.disputes, ("payment_intent", &query)),
        ("GET", ["radar", "early_fraud_warnings"]) => listed(&books.warnings, ("payment_intent", &query)),
        _ => (404, json!({ "error": { "type": "invalid_request_error" } })),
    }
}

/// Pages of two, newest first.
fn listed(all: &[Value], (field, query): (&str, &HashMap<String, String>)) -> (u16, Value) {
    let wanted = |object: &&Value| object[field] == query[field].as_str();
    let newest: Vec<&Value> = all.iter().rev().filter(wanted).collect();
    let after = query.get("starting_after").and_then(|id| newest.iter().position(|o| o["id"] == id.as_str()));
    let rest = &newest[after.map_or(0, |place| place + 1)..];
    (200, json!({ "object": "list", "data": &rest[..rest.len().min(2)], "has_more": rest.len() > 2 }))
}

fn charge(books: &mut Books, form: &HashMap<String, String>) -> (u16, Value) {
    let id = format!("pi_{}", books.intents.len() + 1);
    let amount: i64 = form["amount"].parse().unwrap();
    let declined = |code: &str, decline: &str| {
        json!({ "type": "card_error", "code": code, "decline_code": decline, "network_decline_code": "51",
            "advice_code": "try_again_later", "message": "Your card was declined." })
    };
    let (status, more) = match form["payment_method"].as_str() {
        "pm_ok" => ("succeeded", json!({})),
        "pm_slow" => ("processing", json!({})),
        "pm_action" => (
            "requires_action",
            json!({ "next_action": { "redirect_to_url": { "url": "https://stripe.test/3ds/1" } } }),
        ),
        "pm_down" => (
            "requires_payment_method",
            json!({ "last_payment_error": { "type": "card_error", "code": "processing_error" } }),
        ),
        "pm_stolen" => (
            "requires_payment_method",
            json!({ "last_payment_error": declined("card_declined", "stolen_card") }),
        ),
        _ => (
            "requires_payment_method",
            json!({ "last_payment_error": declined("card_declined", "insufficient_funds") }),
        ),
    };
    let created = billwright::platform::clock::now().timestamp();
    let mut intent = json!({ "id": id, "object": "payment_intent", "amount": amount, "currency": form["currency"],
        "customer": form["customer"], "status": status, "created": created,
        "metadata": { "billwright_payment_id": form["metadata[billwright_payment_id]"] } });
    intent.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    books.intents.push(intent.clone());
    match intent.get("last_payment_error").cloned() {
        Some(mut error) => {
            error["payment_intent"] = intent;
            (402, json!({ "error": error }))
        }
        None => (200, intent),
    }
}
