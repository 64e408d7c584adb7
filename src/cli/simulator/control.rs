//! What does whoever rehearses tell the simulator? What is to go wrong, where events go, that a charge is decided, disputed or paid out; and what its own
//! books say, to hold ours against.

use actix_web::web::{Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::kept::{KeptDispute, Record};
use super::payouts::{self, Conversion};
use super::settings::Setting;
use super::shown::{self, refused};
use super::simulated::{Account, State, of_charge};
use super::webhooks::{About, Endpoint};
use crate::cli::faults::{Reply, reply};
use crate::domain::money::{Currency, Money};
use crate::domain::payments::Outcome;
use crate::domain::payments::disputes::Status;
use crate::domain::payments::simulated::Charge;

/// What a gateway keeps of a dispute, in whole units.
const DISPUTE_FEE: i64 = 15;

fn for_account(
    state: &State,
    req: &HttpRequest,
    work: impl FnOnce(&Account) -> Result<Reply, Reply>,
) -> HttpResponse {
    let Some(account) = state.account(req) else {
        return reply(refused(
            401,
            "unauthenticated",
            "send the key of the books: Authorization: Bearer and its name",
        ));
    };
    reply(work(&account).unwrap_or_else(|refused| refused))
}

fn not_kept(error: String) -> Reply {
    refused(500, "not_kept", &error)
}

pub(super) async fn find(state: State) -> HttpResponse {
    reply((200, state.settings().shown()))
}

pub(super) async fn set(state: State, body: Json<Setting>) -> HttpResponse {
    let mut settings = state.settings();
    settings.set(body.into_inner());
    reply((200, settings.shown()))
}

/// Where the account's events are sent from now on.
pub(super) async fn listen(state: State, req: HttpRequest, body: Json<Endpoint>) -> HttpResponse {
    for_account(&state, &req, |account| {
        let shown = json!(&*body);
        state.settings().endpoints.insert(account.name.clone(), body.clone());
        Ok((200, shown))
    })
}

fn named(account: &Account, name: &str) -> Result<Charge, Reply> {
    let charge = account.store.books().charge(name).cloned();
    charge.ok_or_else(|| refused(404, "no_such_charge", "no charge has this key or name"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    /// Why it is declined; left out: it is charged.
    code: Option<String>,
}

/// A charge that takes its time is decided now.
pub(super) async fn settle(
    state: State,
    req: HttpRequest,
    name: Path<String>,
    body: Json<Decision>,
) -> HttpResponse {
    for_account(&state, &req, |account| {
        let charge = named(account, &name)?;
        let key = charge.idempotency_key.clone();
        if !matches!(account.outcome(&key, charge.received_at), Outcome::Pending { .. }) {
            return Err(refused(409, "not_pending", "only a charge that is pending is decided"));
        }
        let code = body.code.clone();
        let type_ = if code.is_none() { "charge.succeeded" } else { "charge.declined" };
        account.store.record(Record::Settled { key: key.clone(), code }).map_err(not_kept)?;
        state.tell(account, type_, &of_charge(&charge));
        let outcome = account.outcome(&key, shown::at(None));
        Ok((200, shown::charge(&charge, &outcome)))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDispute {
    /// The key of the charge, or its name.
    charge: String,
    /// All of it when left out.
    amount: Option<String>,
    at: Option<DateTime<Utc>>,
}

/// The payer's bank takes a charge back, for now.
pub(super) async fn dispute(state: State, req: HttpRequest, body: Json<NewDispute>) -> HttpResponse {
    for_account(&state, &req, |account| {
        let charge = named(account, &body.charge)?;
        let currency = charge.amount.currency();
        let amount = match &body.amount {
            Some(amount) => Money::parse_major(amount, currency).ok(),
            None => Some(charge.amount),
        };
        let is_within = |amount: &Money| amount.is_positive() && amount.minor() <= charge.amount.minor();
        let amount = amount.filter(is_within);
        let amount =
            amount.ok_or_else(|| refused(422, "bad_amount", "no more is disputed than was charged"))?;
        let number = account.store.books().disputes.len() + 1;
        let fee = Money::from_minor(DISPUTE_FEE * 10_i64.pow(currency.exponent()), currency);
        let dispute = KeptDispute {
            id: format!("simdp_{number}_{}", charge.reference),
            charge_key: charge.idempotency_key.clone(),
            amount: amount.into(),
            fee: fee.into(),
            status: <&str>::from(Status::NeedsResponse).to_owned(),
            opened_at: shown::at(body.at),
        };
        let shown = json!({ "id": dispute.id, "status": dispute.status, "amount": amount.to_major_string() });
        account.store.record(Record::Disputed { dispute }).map_err(not_kept)?;
        state.tell(account, "charge.dispute.created", &of_charge(&charge));
        Ok((201, shown))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    /// `needs_response`, `under_review`, `won` or `lost`.
    status: String,
}

/// A dispute goes on, or is decided.
pub(super) async fn decide(
    state: State,
    req: HttpRequest,
    id: Path<String>,
    body: Json<Step>,
) -> HttpResponse {
    for_account(&state, &req, |account| {
        let known = account.store.books().disputes.iter().find(|dispute| dispute.id == *id).cloned();
        let dispute =
            known.ok_or_else(|| refused(404, "no_such_dispute", "no dispute was opened by this name"))?;
        let status: Option<Status> = body.status.parse().ok();
        let status = status.filter(|status| status.is_dispute());
        let status = status.ok_or_else(|| {
            refused(422, "bad_status", "a dispute is needs_response, under_review, won or lost")
        })?;
        let charge = named(account, &dispute.charge_key)?;
        account
            .store
            .record(Record::Decided { id: id.clone(), status: body.status.clone() })
            .map_err(not_kept)?;
        let type_ = if status.is_over() { "charge.dispute.closed" } else { "charge.dispute.updated" };
        state.tell(account, type_, &of_charge(&charge));
        Ok((200, json!({ "id": dispute.id, "status": body.status })))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewFee {
    amount: String,
    currency: String,
}

/// It keeps something besides, such as a monthly fee.
pub(super) async fn keep_fee(state: State, req: HttpRequest, body: Json<NewFee>) -> HttpResponse {
    for_account(&state, &req, |account| {
        let amount = Currency::parse(&body.currency)
            .and_then(|currency| Money::parse_major(&body.amount, currency))
            .map_err(|error| refused(422, "bad_amount", &error.to_string()))?;
        let id = format!("fee_{}", account.store.books().kept.len() + 1);
        account.store.record(Record::Kept { id: id.clone(), amount: amount.into() }).map_err(not_kept)?;
        Ok((201, json!({ "id": id, "amount": amount.to_major_string() })))
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPayout {
    at: Option<DateTime<Utc>>,
    /// The currency of the bank account, where that is another than the charges'.
    currency: Option<String>,
    /// How much of it one unit of theirs is.
    rate: Option<Decimal>,
}

/// All that is on the balance goes to the bank.
pub(super) async fn pay_out(state: State, req: HttpRequest, body: Json<NewPayout>) -> HttpResponse {
    for_account(&state, &req, |account| {
        let conversion = match (&body.currency, body.rate) {
            (Some(currency), Some(rate)) => {
                let currency = Currency::parse(currency);
                let currency = currency.map_err(|error| refused(422, "bad_currency", &error.to_string()))?;
                Some(Conversion { currency, rate })
            }
            (None, None) => None,
            _ => return Err(refused(422, "bad_rate", "give currency and rate, or neither")),
        };
        let at = shown::at(body.at);
        let (disputed, fees) = (account.disputed(at), state.settings().fees.clone());
        let due = payouts::due(&account.store.books(), &disputed, (&fees, at), conversion);
        let due = due.map_err(|error| refused(422, "out_of_range", &error.to_string()))?;
        let mut shown = Vec::new();
        for payout in due {
            let about = About { payout: Some(payout.id.clone()), ..About::default() };
            shown.push(shown::payout(&payout));
            account.store.record(Record::PaidOut { payout }).map_err(not_kept)?;
            state.tell(account, "payout.paid", &about);
        }
        Ok((201, json!({ "data": shown })))
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Failure {
    at: Option<DateTime<Utc>>,
}

/// The bank sends a payout back: its amount is on the balance again.
pub(super) async fn fail(
    state: State,
    req: HttpRequest,
    id: Path<String>,
    body: Json<Failure>,
) -> HttpResponse {
    for_account(&state, &req, |account| {
        let known = account.store.books().payouts.iter().find(|payout| payout.id == *id).cloned();
        let payout = known.ok_or_else(|| refused(404, "no_such_payout", "no payout has this name"))?;
        if payout.failed_at.is_none() {
            let record = Record::PayoutFailed { id: id.clone(), at: shown::at(body.at) };
            account.store.record(record).map_err(not_kept)?;
            state.tell(account, "payout.failed", &About { payout: Some(payout.id), ..About::default() });
        }
        let books = account.store.books();
        let shown = books.payouts.iter().find(|payout| payout.id == *id).map(shown::payout);
        Ok((200, shown.unwrap_or_default()))
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct AsOf {
    at: Option<DateTime<Utc>>,
}

/// Its own books: every charge and refund, and what is left on the balance.
pub(super) async fn books(state: State, req: HttpRequest, query: Query<AsOf>) -> HttpResponse {
    for_account(&state, &req, |account| {
        let at = shown::at(query.at);
        let (disputed, fees) = (account.disputed(at), state.settings().fees.clone());
        let balance = payouts::balance(&account.store.books(), &disputed, (&fees, at));
        let balance = balance.map_err(|error| refused(422, "out_of_range", &error.to_string()))?;
        let all: Vec<Charge> = account.store.books().charges.values().cloned().collect();
        let (charges, refunds): (Vec<&Charge>, Vec<&Charge>) =
            all.iter().partition(|charge| charge.amount.is_positive());
        let charges: Vec<Value> = charges
            .into_iter()
            .map(|charge| shown::charge(charge, &account.outcome(&charge.idempotency_key, at)))
            .collect();
        let books = account.store.books();
        let charge_of = |refund: &Charge| books.charge(books.refunded.get(&refund.idempotency_key)?).cloned();
        let refunds: Vec<Value> = refunds
            .into_iter()
            .filter_map(|refund| Some(shown::refund(refund, &charge_of(refund)?)))
            .collect();
        let disputes: Vec<Value> = disputed.iter().map(|(_, seen)| shown::dispute(seen)).collect();
        let payouts: Vec<Value> = books.payouts.iter().map(shown::payout).collect();
        let balance: Vec<Value> = balance
            .into_iter()
            .map(|(currency, sum)| json!({ "currency": currency.code(), "amount": sum.to_major_string() }))
            .collect();
        Ok((
            200,
            json!({ "balance": balance, "charges": charges, "refunds": refunds, "disputes": disputes,
            "payouts": payouts }),
        ))
    })
}
