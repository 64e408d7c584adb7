//! How is the simulator asked that runs as a server of its own? By JSON over HTTP, under our attempt's id as its idempotency key:
//! `{"token": "tok_success", "amount": "31.00", "currency": "USD", "at": "2026-01-01T00:00:00Z"}` is answered by a charge that is `succeeded`.
//!
//! It lives by the tenant's now, which each call tells it, so that days of a test clock pass there, too. What is lost on the way is lost as at any other
//! gateway: an answer that does not come within five seconds is no answer.

pub mod events;
mod payouts;
mod reading;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::{Value, json};

use self::reading::{charge, dispute, refund, refund_seen, warning};
use super::calls::{Line, Manner, Reply, Wish};
use super::{ChargeRequest, Charged, Gateway, RefundRequest, Sought};
use crate::domain::ids::GatewayAccountId;
use crate::domain::money::Currency;
use crate::domain::payments::Outcome;
use crate::domain::payments::accounts::GatewayKind;
use crate::domain::payments::disputes::Shown;
use crate::domain::payments::given_back::Seen;
use crate::domain::payments::payouts::Answer;
use crate::platform::breakers::Breakers;
use crate::platform::threads::side_by_side;

const MANNER: Manner = Manner { headers: &[], patience: Duration::from_secs(5) };
/// Items of a payout on a page.
const PAGE: usize = 500;
/// Calls of one batch at once.
const WIDTH: usize = 25;

/// A simulator elsewhere.
pub struct SimulatorServer {
    line: Line,
}

impl SimulatorServer {
    /// At an address such as `http://127.0.0.1:8091`, with the name of the books that are kept there.
    pub(super) fn at(
        base_url: &str,
        (client, breaker): (Client, (Arc<Breakers<GatewayAccountId>>, GatewayAccountId)),
        secret_key: &str,
    ) -> SimulatorServer {
        SimulatorServer { line: Line::new(base_url, client, breaker, (secret_key, MANNER)) }
    }

    fn get(&self, path: &str, deadline: DateTime<Utc>) -> Option<Reply> {
        self.line.call(&Wish::of(Method::GET, path), deadline)
    }

    fn charge(&self, request: &ChargeRequest, deadline: DateTime<Utc>) -> Outcome {
        let body = json!({ "token": request.token, "amount": request.amount.to_major_string(),
            "currency": request.amount.currency().code(), "at": request.at });
        let wish = Wish::post_json("/v1/charges", &body).once(&request.idempotency_key);
        match self.line.call(&wish, deadline) {
            Some(Reply { status: 200, body }) => charge(&body),
            Some(Reply { status: 401 | 403, .. }) => Outcome::declined("gateway_credentials_refused", false),
            Some(Reply { status: 422, .. }) => Outcome::declined("invalid_request", false),
            _ => Outcome::Unknown,
        }
    }

    fn look_up(&self, sought: &Sought, at: DateTime<Utc>, deadline: DateTime<Utc>) -> Outcome {
        match self.get(&format!("/v1/charges?{}", query(&sought.idempotency_key, at)), deadline) {
            Some(Reply { status: 200, body }) => charge(&body),
            Some(Reply { status: 404, body }) if is_code(&body, "no_such_charge") => Outcome::NeverReached,
            _ => Outcome::Unknown,
        }
    }
}

impl SimulatorServer {
    /// A payout with all its items, page by page; `None`: it cannot be read.
    fn paid_out(&self, reference: &str, deadline: DateTime<Utc>) -> Option<Answer> {
        let path = format!("/v1/payouts/{}", reading::name(reference)?);
        let reply = self.get(&path, deadline)?;
        if reply.status == 404 {
            return Some(Answer::NotYet);
        }
        let payout = (reply.status == 200).then_some(reply.body)?;
        let mut items = Vec::new();
        loop {
            let page = self.get(&format!("{path}/items?after={}&limit={PAGE}", items.len()), deadline)?;
            let body = (page.status == 200).then_some(page.body)?;
            let rows = rows(&body, "data")?;
            items.extend(rows.iter().map(payouts::item).collect::<Option<Vec<_>>>()?);
            if rows.is_empty() || body.get("has_more") != Some(&Value::Bool(true)) {
                return payouts::payout(&payout, items).map(Answer::Seen);
            }
        }
    }
}

/// What says which charge is meant, and when.
fn query(key: &str, at: DateTime<Utc>) -> String {
    let at = at.to_rfc3339_opts(SecondsFormat::Micros, true);
    form_urlencoded::Serializer::new(String::new())
        .append_pair("charge_key", key)
        .append_pair("at", &at)
        .finish()
}

fn is_code(body: &Value, code: &str) -> bool {
    body.get("code").and_then(Value::as_str) == Some(code)
}

fn rows<'v>(body: &'v Value, name: &str) -> Option<&'v Vec<Value>> {
    body.get(name)?.as_array()
}

impl Gateway for SimulatorServer {
    fn name(&self) -> &'static str {
        GatewayKind::Simulator.into()
    }

    fn check_token(&self, token: &str) -> Result<(), String> {
        GatewayKind::Simulator.check_token(token).map_err(str::to_owned)
    }

    fn charge_all(&self, requests: &[ChargeRequest], deadline: DateTime<Utc>) -> Vec<Outcome> {
        side_by_side(WIDTH, requests.iter().collect(), |request| self.charge(request, deadline))
    }

    fn lookup_all(&self, sought: &[Sought], at: DateTime<Utc>, deadline: DateTime<Utc>) -> Vec<Outcome> {
        side_by_side(WIDTH, sought.iter().collect(), |one| self.look_up(one, at, deadline))
    }

    fn refund(&self, request: &RefundRequest, deadline: DateTime<Utc>) -> Outcome {
        let body = json!({ "charge_key": request.charge_key, "amount": request.amount.to_major_string(),
            "currency": request.amount.currency().code(), "at": request.at });
        let wish = Wish::post_json("/v1/refunds", &body).once(&request.idempotency_key);
        match self.line.call(&wish, deadline) {
            Some(Reply { status: 200, body }) => refund(&body),
            Some(Reply { status: 404 | 409 | 422, body }) => {
                let code = body.get("code").and_then(Value::as_str).unwrap_or("refund_refused");
                Outcome::declined(code, true)
            }
            _ => Outcome::Unknown,
        }
    }

    fn refunds_of(
        &self,
        (reference, currency): (&str, Currency),
        deadline: DateTime<Utc>,
    ) -> Option<Vec<Seen>> {
        let reply = self.get(&format!("/v1/refunds?charge={}", reading::name(reference)?), deadline)?;
        let refunds = (reply.status == 200).then(|| rows(&reply.body, "data")).flatten()?;
        refunds.iter().map(|object| refund_seen(object, currency)).collect()
    }

    fn disputes_of(&self, charged: &Charged, deadline: DateTime<Utc>) -> Option<Shown> {
        let path = format!("/v1/disputes?{}", query(&charged.idempotency_key, charged.at));
        let reply = self.get(&path, deadline)?;
        let body = (reply.status == 200).then_some(reply.body)?;
        let currency = charged.amount.currency();
        let disputes = rows(&body, "disputes")?.iter().map(|object| dispute(object, currency));
        let warnings = rows(&body, "warnings")?.iter().map(warning);
        Some(Shown { disputes: disputes.collect::<Option<_>>()?, warnings: warnings.collect::<Option<_>>()? })
    }

    fn payout(&self, reference: &str, deadline: DateTime<Utc>) -> Answer {
        self.paid_out(reference, deadline).unwrap_or(Answer::Silence)
    }

    fn knows(&self, reference: &str, deadline: DateTime<Utc>) -> Option<bool> {
        let reply = self.get(&format!("/v1/charges/{}", reading::name(reference)?), deadline)?;
        match reply.status {
            200 => Some(true),
            404 => Some(false),
            _ => None,
        }
    }
}
