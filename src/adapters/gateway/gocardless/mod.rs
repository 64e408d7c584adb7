//! How is a bank account debited by GoCardless? By a payment against a mandate, under our attempt's id as its idempotency key and with the attempt in
//! its metadata. 12.34 EUR of `MD0000X`: `{"payments": {"amount": 1234, "currency": "EUR", "links": {"mandate": "MD0000X"}}}`. It takes days until the
//! bank has answered, and even then the money may be taken back.
//!
//! **When no answer came**, the payments of the mandate are listed, the newest first, until ours is found by its metadata; it is never sent again to
//! find out. GoCardless is told not to try again by itself: tries are the policy's.
//!
//! **A refund** is sought in the list of its payment's refunds before it is sent, and is sent with the sum of them all, so that two at once do not
//! both pass.

pub mod events;
mod reading;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::{Value, json};
use uuid::Uuid;

use self::reading::{PAYMENT, REFUND, Refusal};
use super::calls::{Line, Manner, Wish};
use super::{ChargeRequest, Charged, Gateway, RefundRequest, Sought};
use crate::domain::ids::{GatewayAccountId, PaymentId, RefundId};
use crate::domain::money::{Currency, Money};
use crate::domain::payments::Outcome;
use crate::domain::payments::accounts::GatewayKind;
use crate::domain::payments::disputes::{Kind, Seen as DisputeSeen, Shown, Status};
use crate::domain::payments::given_back::Seen;
use crate::domain::payments::mandates::State;
use crate::domain::payments::units::{Unchargeable, amount_at};
use crate::platform::breakers::Breakers;
use crate::platform::threads::side_by_side;

/// With the version of the API whose shapes are read here.
const MANNER: Manner = Manner {
    headers: &[("gocardless-version", "2015-07-06"), ("accept", "application/json")],
    patience: Duration::from_secs(25),
};
/// Calls of one batch at once: GoCardless takes a thousand a minute.
const WIDTH: usize = 10;
/// Objects of a page.
const PAGE: usize = 100;
/// Pages that are read at most.
const PAGES: usize = 100;
/// Clocks of two machines may be so far apart.
const SKEW: TimeDelta = TimeDelta::hours(1);

/// GoCardless at an account.
pub struct Gocardless {
    line: Line,
}

impl Gocardless {
    /// At an address such as `https://api.gocardless.com`.
    pub(super) fn at(
        base_url: &str,
        (client, breaker): (Client, (Arc<Breakers<GatewayAccountId>>, GatewayAccountId)),
        access_token: &str,
    ) -> Gocardless {
        Gocardless { line: Line::new(base_url, client, breaker, (access_token, MANNER)) }
    }

    fn charge(&self, request: &ChargeRequest, deadline: DateTime<Utc>) -> Outcome {
        let amount = match amount_at(GatewayKind::Gocardless, request.amount) {
            Ok(amount) => amount,
            Err(unchargeable) => return Outcome::declined(code_of(unchargeable), false),
        };
        let ours = our_id(&request.idempotency_key, |id| PaymentId::from_uuid(id).to_string());
        let wanted = json!({ "payments": { "amount": amount, "currency": request.amount.currency().code(),
            "links": { "mandate": request.token }, "metadata": { PAYMENT: ours }, "retry_if_possible": false } });
        let wish = Wish::post_json("/payments", &wanted).once(&request.idempotency_key);
        let Some(reply) = self.line.call(&wish, deadline) else { return Outcome::Unknown };
        if (200..300).contains(&reply.status) {
            return self.outcome(reply.body.get("payments").unwrap_or(&Value::Null), request.at, deadline);
        }
        match reading::refusal(&reply) {
            Refusal::No(outcome) => outcome,
            Refusal::Unclear => Outcome::Unknown,
            Refusal::DoneBefore(id) => match self.one(("payments", &id), deadline) {
                Some(payment) => self.outcome(&payment, request.at, deadline),
                None => Outcome::Unknown,
            },
        }
    }

    /// What became of a payment as it was read; of one that failed, its events say why.
    fn outcome(&self, payment: &Value, at: DateTime<Utc>, deadline: DateTime<Utc>) -> Outcome {
        if let Some(outcome) = reading::payment(payment, at) {
            return outcome;
        }
        let events = payment.get("id").and_then(Value::as_str).and_then(reading::name);
        match events.and_then(|id| self.events((id, "failed"), deadline)) {
            Some(events) => reading::failed(payment, reading::cause(&events)),
            None => Outcome::Unknown,
        }
    }

    /// The events of one action of a payment, the newest first. `None`: they cannot be read.
    fn events(&self, (payment, action): (&str, &str), deadline: DateTime<Utc>) -> Option<Vec<Value>> {
        let path = format!("/events?payment={payment}&action={action}&limit={PAGE}");
        let reply = self.line.call(&Wish::of(Method::GET, &path), deadline)?;
        (reply.status == 200).then(|| reply.body.get("events")?.as_array().cloned()).flatten()
    }

    /// An object by its name.
    fn one(&self, (kind, id): (&str, &str), deadline: DateTime<Utc>) -> Option<Value> {
        let path = format!("/{kind}/{}", reading::name(id)?);
        let reply = self.line.call(&Wish::of(Method::GET, &path), deadline)?;
        (reply.status == 200).then(|| reply.body.get(kind).cloned()).flatten()
    }

    /// Shows every object of a list, the newest first, until told that it is enough; `None`: it is not read to there.
    fn each(
        &self,
        (kind, query): (&str, &str),
        deadline: DateTime<Utc>,
        mut show: impl FnMut(&Value) -> bool,
    ) -> Option<()> {
        let mut after = String::new();
        for _ in 0..PAGES {
            let path = format!("/{kind}?{query}&limit={PAGE}{after}");
            let reply = self.line.call(&Wish::of(Method::GET, &path), deadline)?;
            let page = (reply.status == 200).then(|| reply.body.get(kind)?.as_array()).flatten()?;
            if page.iter().any(&mut show) {
                return Some(());
            }
            match reply.body.pointer("/meta/cursors/after").and_then(Value::as_str) {
                Some(cursor) => after = format!("&after={}", reading::name(cursor)?),
                None => return Some(()),
            }
        }
        None
    }

    fn look_up(&self, sought: &Sought, at: DateTime<Utc>, deadline: DateTime<Utc>) -> Outcome {
        if let Some(reference) = &sought.reference {
            return match self.one(("payments", reference), deadline) {
                Some(payment) => self.outcome(&payment, at, deadline),
                None => Outcome::Unknown,
            };
        }
        let Some(mandate) = sought.token.as_deref().and_then(reading::name) else { return Outcome::Unknown };
        let ours = our_id(&sought.idempotency_key, |id| PaymentId::from_uuid(id).to_string());
        let since = sought.since.map(|since| (since - SKEW).to_rfc3339_opts(SecondsFormat::Millis, true));
        let since = since.map_or(String::new(), |since| format!("&created_at[gte]={since}"));
        let mut found = None;
        let read = self.each(("payments", &format!("mandate={mandate}{since}")), deadline, |payment| {
            let is_ours = reading::metadata(payment, PAYMENT) == Some(ours.as_str());
            if is_ours {
                found = Some(payment.clone());
            }
            is_ours
        });
        match (read, found) {
            (Some(()), Some(payment)) => self.outcome(&payment, at, deadline),
            (Some(()), None) => Outcome::NeverReached,
            (None, _) => Outcome::Unknown,
        }
    }

    fn send_back(&self, request: &RefundRequest, deadline: DateTime<Utc>) -> Option<Outcome> {
        let payment = reading::name(request.charge_reference.as_deref()?)?;
        let ours = our_id(&request.idempotency_key, |id| RefundId::from_uuid(id).to_string());
        let (mut made, mut before) = (None, 0_i64);
        self.each(("refunds", &format!("payment={payment}")), deadline, |refund| {
            if reading::metadata(refund, REFUND) == Some(ours.as_str()) {
                made = Some(refund.clone());
            }
            let is_back =
                matches!(reading::status(refund), "cancelled" | "bounced" | "funds_returned" | "failed");
            let amount = refund.get("amount").and_then(Value::as_i64).filter(|_| !is_back);
            before = before.saturating_add(amount.unwrap_or_default());
            false
        })?;
        if let Some(refund) = made {
            return Some(reading::refund(&refund, request.at));
        }
        let amount = match amount_at(GatewayKind::Gocardless, request.amount) {
            Ok(amount) => amount,
            Err(unchargeable) => return Some(Outcome::declined(code_of(unchargeable), true)),
        };
        let wanted = json!({ "refunds": { "amount": amount, "total_amount_confirmation": before.saturating_add(amount),
            "links": { "payment": payment }, "metadata": { REFUND: ours } } });
        let reply =
            self.line.call(&Wish::post_json("/refunds", &wanted).once(&request.idempotency_key), deadline)?;
        if (200..300).contains(&reply.status) {
            return Some(reading::refund(reply.body.get("refunds")?, request.at));
        }
        Some(match reading::refusal(&reply) {
            // Another was made meanwhile: it is counted when this one is tried again.
            Refusal::No(Outcome::Declined { code, .. }) if code == "total_amount_confirmation_invalid" => {
                Outcome::Unknown
            }
            Refusal::No(outcome) => outcome,
            Refusal::Unclear => Outcome::Unknown,
            Refusal::DoneBefore(id) => match self.one(("refunds", &id), deadline) {
                Some(refund) => reading::refund(&refund, request.at),
                None => Outcome::Unknown,
            },
        })
    }

    /// What was taken back of a payment that had come: by its payer, or because the bank was late with its no.
    fn taken_back(&self, charge: &Charged, deadline: DateTime<Utc>) -> Option<Vec<DisputeSeen>> {
        let payment = self.one(("payments", charge.reference.as_deref()?), deadline)?;
        let id = reading::word(&payment, "id")?;
        let (kind, action, status) = match reading::status(&payment) {
            "failed" => (Kind::Failure, "failed", Status::Lost),
            "charged_back" => (Kind::Chargeback, "charged_back", Status::Lost),
            // Whether it had been: then the money is there again.
            _ => (Kind::Chargeback, "chargeback_cancelled", Status::Won),
        };
        let events = self.events((&id, action), deadline)?;
        if status == Status::Won && events.is_empty() {
            return Some(Vec::new());
        }
        let (reason, _) = reading::cause(&events).unwrap_or_else(|| (action.to_owned(), None));
        let zero = Money::zero(charge.amount.currency());
        Some(vec![DisputeSeen {
            kind,
            reference: id,
            reason,
            amount: charge.amount,
            fee: zero,
            status,
            is_withdrawn: status == Status::Lost,
            evidence_due_by: None,
            opened_at: events.first().and_then(reading::created).unwrap_or(charge.at),
        }])
    }
}

impl Gateway for Gocardless {
    fn name(&self) -> &'static str {
        GatewayKind::Gocardless.into()
    }

    fn check_token(&self, token: &str) -> Result<(), String> {
        GatewayKind::Gocardless.check_token(token).map_err(str::to_owned)
    }

    fn charge_all(&self, requests: &[ChargeRequest], deadline: DateTime<Utc>) -> Vec<Outcome> {
        side_by_side(WIDTH, requests.iter().collect(), |request| self.charge(request, deadline))
    }

    fn lookup_all(&self, sought: &[Sought], at: DateTime<Utc>, deadline: DateTime<Utc>) -> Vec<Outcome> {
        side_by_side(WIDTH, sought.iter().collect(), |one| self.look_up(one, at, deadline))
    }

    fn refund(&self, request: &RefundRequest, deadline: DateTime<Utc>) -> Outcome {
        self.send_back(request, deadline).unwrap_or(Outcome::Unknown)
    }

    fn refunds_of(
        &self,
        (reference, currency): (&str, Currency),
        deadline: DateTime<Utc>,
    ) -> Option<Vec<Seen>> {
        let payment = reading::name(reference)?;
        let mut seen = Vec::new();
        self.each(("refunds", &format!("payment={payment}")), deadline, |refund| {
            seen.push(reading::refund_seen(refund, currency));
            false
        })?;
        seen.into_iter().collect()
    }

    fn disputes_of(&self, charge: &Charged, deadline: DateTime<Utc>) -> Option<Shown> {
        Some(Shown { disputes: self.taken_back(charge, deadline)?, warnings: Vec::new() })
    }

    fn knows(&self, reference: &str, deadline: DateTime<Utc>) -> Option<bool> {
        let path = format!("/payments/{}", reading::name(reference)?);
        let reply = self.line.call(&Wish::of(Method::GET, &path), deadline)?;
        match reply.status {
            200 => Some(reply.body.pointer("/payments/id").and_then(Value::as_str) == Some(reference)),
            404 => Some(false),
            _ => None,
        }
    }

    fn mandate(&self, token: &str, deadline: DateTime<Utc>) -> Option<State> {
        reading::mandate(&self.one(("mandates", token), deadline)?)
    }
}

/// Our id as it stands in metadata.
fn our_id(key: &str, id: impl Fn(Uuid) -> String) -> String {
    Uuid::parse_str(key).map_or_else(|_| key.to_owned(), id)
}

fn code_of(unchargeable: Unchargeable) -> &'static str {
    match unchargeable {
        Unchargeable::Currency => "currency_not_taken",
        Unchargeable::TooFine => "amount_too_fine",
    }
}
