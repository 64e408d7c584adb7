//! How is the simulator called as a gateway? A charge by a token, once a key; what became of it by that key; refunds, disputes and payouts. A call may fail
//! as it was told to, before its effect or after it.

use std::time::Duration;

use actix_web::web::{Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::kept::Record;
use super::shown::{self, refused};
use super::simulated::{Account, Simulated, State, of_charge, soon};
use super::webhooks::About;
use crate::adapters::gateway::{ChargeRequest, Gateway, RefundRequest};
use crate::cli::faults::{self, Reply, cut, reply};
use crate::domain::money::{Currency, Money};
use crate::domain::payments::Outcome;
use crate::domain::payments::simulated::Charge;

/// Answers a call of a gateway's after the latency, or fails as it is to. What `work` gives nothing for is silence: the connection is cut.
async fn answer(
    (state, req): (State, HttpRequest),
    call: &str,
    work: impl FnOnce(&Simulated, &Account) -> Option<Reply>,
) -> HttpResponse {
    let Some(account) = state.account(&req) else {
        let detail = "send a key: Authorization: Bearer and any name; each name has books of its own";
        return reply(refused(401, "unauthenticated", detail));
    };
    let (fault, latency, silence) = {
        let mut settings = state.settings();
        (settings.faults.next(call), settings.latency_ms, settings.silence())
    };
    if latency > 0 {
        actix_web::rt::time::sleep(Duration::from_millis(latency)).await;
    }
    let mut is_lost = false;
    let answer = faults::answer(fault, silence, || {
        let answer = work(&state, &account);
        is_lost = answer.is_none();
        answer.unwrap_or((504, Value::Null))
    });
    let answer = answer.await;
    if is_lost { cut() } else { answer }
}

#[derive(Debug, Deserialize)]
pub(super) struct NewCharge {
    token: String,
    amount: String,
    currency: String,
    at: Option<DateTime<Utc>>,
}

fn money(amount: &str, currency: &str) -> Option<Money> {
    let money = Money::parse_major(amount, Currency::parse(currency).ok()?).ok()?;
    money.is_positive().then_some(money)
}

fn key_of(req: &HttpRequest) -> Option<String> {
    let key = req.headers().get("idempotency-key")?.to_str().ok()?;
    (1..=200).contains(&key.len()).then(|| key.to_owned())
}

const NO_KEY: &str = "send an Idempotency-Key of 1 to 200 characters: the same key is done once";

pub(super) async fn charge(state: State, req: HttpRequest, body: Json<NewCharge>) -> HttpResponse {
    let key = key_of(&req);
    answer((state, req), "charge", |simulated, account| {
        let Some(key) = key else { return Some(refused(422, "no_key", NO_KEY)) };
        let Some(amount) = money(&body.amount, &body.currency) else {
            return Some(refused(
                422,
                "bad_amount",
                "give an amount above zero in major units, and its currency",
            ));
        };
        let at = shown::at(body.at);
        let request = ChargeRequest { idempotency_key: key.clone(), token: body.token.clone(), amount, at };
        let is_new = !account.store.books().charges.contains_key(&key);
        let outcome = account.simulator.charge_all(&[request], soon()).pop().unwrap_or(Outcome::Unknown);
        let kept = account.store.books().charges.get(&key).cloned();
        let kept = kept?;
        if is_new {
            let type_ = match account.outcome(&key, at) {
                Outcome::Succeeded { .. } => "charge.succeeded",
                Outcome::Pending { .. } => "charge.pending",
                _ => "charge.declined",
            };
            simulated.tell(account, type_, &of_charge(&kept));
        }
        (outcome != Outcome::Unknown).then(|| (200, shown::charge(&kept, &outcome)))
    })
    .await
}

#[derive(Debug, Deserialize)]
pub(super) struct OfCharge {
    charge_key: Option<String>,
    charge: Option<String>,
    at: Option<DateTime<Utc>>,
}

/// The charge that a query names, unless it is a refund.
fn found(account: &Account, name: Option<&String>) -> Result<Charge, Reply> {
    let charge = name.and_then(|name| account.store.books().charge(name).cloned());
    charge
        .filter(|charge| charge.amount.is_positive())
        .ok_or_else(|| refused(404, "no_such_charge", "no charge has this key or name"))
}

fn either<T>(result: Result<T, T>) -> T {
    result.unwrap_or_else(|refused| refused)
}

pub(super) async fn look_up(state: State, req: HttpRequest, query: Query<OfCharge>) -> HttpResponse {
    answer((state, req), "look_up", |_, account| {
        let named = query.charge_key.as_ref().or(query.charge.as_ref());
        let charge = found(account, named).map(|charge| {
            let outcome = account.outcome(&charge.idempotency_key, shown::at(query.at));
            (200, shown::charge(&charge, &outcome))
        });
        Some(either(charge))
    })
    .await
}

pub(super) async fn find(state: State, req: HttpRequest, id: Path<String>) -> HttpResponse {
    answer((state, req), "look_up", |_, account| {
        let charge = found(account, Some(&*id)).map(|charge| {
            let outcome = account.outcome(&charge.idempotency_key, shown::at(None));
            (200, shown::charge(&charge, &outcome))
        });
        Some(either(charge))
    })
    .await
}

#[derive(Debug, Deserialize)]
pub(super) struct NewRefund {
    charge_key: String,
    amount: String,
    currency: String,
    at: Option<DateTime<Utc>>,
}

pub(super) async fn refund(state: State, req: HttpRequest, body: Json<NewRefund>) -> HttpResponse {
    let key = key_of(&req);
    answer((state, req), "refund", |simulated, account| {
        let Some(key) = key else { return Some(refused(422, "no_key", NO_KEY)) };
        let refund = found(account, Some(&body.charge_key));
        Some(either(refund.and_then(|charge| give_back(simulated, account, (&charge, key), &body))))
    })
    .await
}

/// Once a key, and never more than is left of the charge.
fn give_back(
    simulated: &Simulated,
    account: &Account,
    (charge, key): (&Charge, String),
    body: &NewRefund,
) -> Result<Reply, Reply> {
    let amount = money(&body.amount, &body.currency);
    let amount =
        amount.ok_or_else(|| refused(422, "bad_amount", "give an amount above zero, and its currency"))?;
    let (charge_key, at) = (charge.idempotency_key.clone(), shown::at(body.at));
    let is_new = !account.store.books().charges.contains_key(&key);
    if is_new {
        let left = account.store.books().left_of(&charge_key);
        let is_within =
            left.and_then(|left| left.checked_sub(amount).ok()).is_some_and(|rest| !rest.is_negative());
        if !is_within {
            return Err(refused(
                409,
                "charge_already_refunded",
                "no more is given back than is left of the charge",
            ));
        }
        let record = Record::Refunded { key: key.clone(), charge_key: charge_key.clone() };
        account.store.record(record).map_err(|error| refused(500, "not_kept", &error))?;
    }
    let request =
        RefundRequest { idempotency_key: key.clone(), charge_key, charge_reference: None, amount, at };
    let outcome = account.simulator.refund(&request, soon());
    let kept = account.store.books().charges.get(&key).cloned();
    match (outcome, kept) {
        (Outcome::Succeeded { .. }, Some(refund)) => {
            if is_new {
                let about = About { refund_key: Some(key), ..of_charge(charge) };
                simulated.tell(account, "refund.updated", &about);
            }
            Ok((200, shown::refund(&refund, charge)))
        }
        _ => Err(refused(409, "charge_not_refundable", "only what was charged is given back")),
    }
}

pub(super) async fn refunds(state: State, req: HttpRequest, query: Query<OfCharge>) -> HttpResponse {
    answer((state, req), "refunds", |_, account| {
        let named = query.charge_key.as_ref().or(query.charge.as_ref());
        let listed = found(account, named).map(|charge| {
            let books = account.store.books();
            let refunds = books.refunds_of(&charge.idempotency_key).into_iter();
            let data: Vec<Value> = refunds.map(|refund| shown::refund(refund, &charge)).collect();
            (200, json!({ "data": data }))
        });
        Some(either(listed))
    })
    .await
}

pub(super) async fn disputes(state: State, req: HttpRequest, query: Query<OfCharge>) -> HttpResponse {
    answer((state, req), "disputes", |_, account| {
        let named = query.charge_key.as_ref().or(query.charge.as_ref());
        let listed = found(account, named).map(|charge| {
            let all = account.shown(&charge, shown::at(query.at));
            let disputes: Vec<Value> = all.disputes.iter().map(shown::dispute).collect();
            let warnings: Vec<Value> = all.warnings.iter().map(shown::warning).collect();
            (200, json!({ "disputes": disputes, "warnings": warnings }))
        });
        Some(either(listed))
    })
    .await
}

pub(super) async fn payouts(state: State, req: HttpRequest) -> HttpResponse {
    answer((state, req), "payouts", |_, account| {
        let books = account.store.books();
        let data: Vec<Value> = books.payouts.iter().rev().map(shown::payout).collect();
        Some((200, json!({ "data": data })))
    })
    .await
}

const NO_PAYOUT: &str = "no payout has this name";

pub(super) async fn payout(state: State, req: HttpRequest, id: Path<String>) -> HttpResponse {
    answer((state, req), "payouts", |_, account| {
        let books = account.store.books();
        let found = books.payouts.iter().find(|payout| payout.id == *id);
        Some(
            found.map_or_else(
                || refused(404, "no_such_payout", NO_PAYOUT),
                |payout| (200, shown::payout(payout)),
            ),
        )
    })
    .await
}

#[derive(Debug, Deserialize)]
pub(super) struct PageOfItems {
    /// How many have been read.
    #[serde(default)]
    after: usize,
    #[serde(default = "hundred")]
    limit: usize,
}

fn hundred() -> usize {
    100
}

pub(super) async fn items(
    state: State,
    req: HttpRequest,
    id: Path<String>,
    wanted: Query<PageOfItems>,
) -> HttpResponse {
    answer((state, req), "payouts", |_, account| {
        let books = account.store.books();
        let Some(payout) = books.payouts.iter().find(|payout| payout.id == *id) else {
            return Some(refused(404, "no_such_payout", NO_PAYOUT));
        };
        let rest = payout.items.iter().skip(wanted.after);
        let data: Vec<Value> = rest.take(wanted.limit).map(shown::item).collect();
        let has_more = payout.items.len() > wanted.after.saturating_add(data.len());
        Some((200, json!({ "data": data, "has_more": has_more })))
    })
    .await
}
