//! How is Stripe asked to charge? By a PaymentIntent that is confirmed off-session, under our attempt's id as its idempotency key and with the
//! attempt in its metadata. 12.34 USD of `cus_N/pm_1`: `amount=1234&currency=usd&customer=cus_N&payment_method=pm_1&confirm=true`.
//!
//! **When no answer came**, the intents of the customer are listed, the newest first, until ours is found by its metadata. Sending the charge again
//! with its key would be as safe for a day, and a second charge after it, when Stripe has forgotten the key. The search by metadata is
//! up to a minute behind, and an hour on a bad day: what it does not find may be there. The list is not behind.
//!
//! **A refund** is sought in the list of its charge's refunds before it is sent, for the same reason: it may be asked for days later.

mod disputed;
pub mod events;
mod paid_out;
mod reading;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::Value;
use uuid::Uuid;

use self::reading::{PAYMENT, REFUND};
use super::calls::{Line, Manner, Reply, Wish};
use super::{ChargeRequest, Charged, Gateway, GivenUp, RefundRequest, Sought};
use crate::domain::ids::{GatewayAccountId, PaymentId, RefundId};
use crate::domain::money::{Currency, Money};
use crate::domain::payments::Outcome;
use crate::domain::payments::accounts::{GatewayKind, stripe_token};
use crate::domain::payments::disputes::Shown;
use crate::domain::payments::given_back::Seen;
use crate::domain::payments::payouts::Answer;
use crate::domain::payments::units::{Unchargeable, amount_at};
use crate::platform::breakers::Breakers;
use crate::platform::threads::side_by_side;

/// With the version of the API whose shapes are read here.
const MANNER: Manner =
    Manner { headers: &[("stripe-version", "2025-03-31.basil")], patience: Duration::from_secs(25) };
/// Calls of one batch at once: a quarter of what Stripe takes a second in live mode.
const WIDTH: usize = 25;
/// Objects of a page.
const PAGE: usize = 100;
/// Pages that are read at most: ten thousand charges of one customer.
const PAGES: usize = 100;
/// Clocks of two machines may be so far apart.
const SKEW: TimeDelta = TimeDelta::hours(1);

/// Stripe at an account.
pub struct Stripe {
    line: Line,
}

impl Stripe {
    /// At an address such as `https://api.stripe.com`.
    pub(super) fn at(
        base_url: &str,
        (client, breaker): (Client, (Arc<Breakers<GatewayAccountId>>, GatewayAccountId)),
        secret_key: &str,
    ) -> Stripe {
        Stripe { line: Line::new(base_url, client, breaker, (secret_key, MANNER)) }
    }

    fn charge(&self, request: &ChargeRequest, deadline: DateTime<Utc>) -> Outcome {
        let Some((customer, method)) = stripe_token(&request.token) else {
            return Outcome::declined("invalid_token", true);
        };
        let amount = match amount_at(GatewayKind::Stripe, request.amount) {
            Ok(amount) => amount,
            Err(unchargeable) => return Outcome::declined(code_of(unchargeable), false),
        };
        let payment_id = our_id(&request.idempotency_key, |id| PaymentId::from_uuid(id).to_string());
        let form = [
            ("amount", amount.to_string()),
            ("currency", currency(request.amount)),
            ("customer", customer.to_owned()),
            ("payment_method", method.to_owned()),
            ("confirm", "true".to_owned()),
            ("off_session", "true".to_owned()),
            ("automatic_payment_methods[enabled]", "true".to_owned()),
            ("automatic_payment_methods[allow_redirects]", "never".to_owned()),
            ("metadata[billwright_payment_id]", payment_id),
        ];
        let wish = Wish::post("/v1/payment_intents", &form).once(&request.idempotency_key);
        match self.line.call(&wish, deadline) {
            Some(reply) => reading::charged(&reply, request.at),
            None => Outcome::Unknown,
        }
    }

    fn look_up(&self, sought: &Sought, at: DateTime<Utc>, deadline: DateTime<Utc>) -> Outcome {
        let found = match &sought.reference {
            Some(reference) => self.intent(reference, deadline),
            None => match self.listed(sought, deadline) {
                Some(found) => found,
                None => return Outcome::Unknown,
            },
        };
        let Some(intent) = found else {
            // What has a name at Stripe was there; the list that was read to its end does not have it.
            return if sought.reference.is_some() { Outcome::Unknown } else { Outcome::NeverReached };
        };
        match sought.given_up {
            Some(why) if reading::waits_for_its_payer(&intent) => self.give_up((&intent, why), at, deadline),
            _ => reading::intent(&intent, at),
        }
    }

    fn intent(&self, reference: &str, deadline: DateTime<Utc>) -> Option<Value> {
        let path = format!("/v1/payment_intents/{}", reading::name(reference)?);
        let reply = self.line.call(&Wish::of(Method::GET, &path), deadline)?;
        (reply.status == 200).then_some(reply.body)
    }

    /// The intent with this key among those of its customer. `None`: the list could not be read to where it would be.
    fn listed(&self, sought: &Sought, deadline: DateTime<Utc>) -> Option<Option<Value>> {
        let (customer, _) = stripe_token(sought.token.as_deref()?)?;
        let ours = our_id(&sought.idempotency_key, |id| PaymentId::from_uuid(id).to_string());
        let since = sought.since.map(|since| since - SKEW);
        let path = format!("/v1/payment_intents?customer={customer}");
        self.search(&path, (PAYMENT, &ours), since, deadline)
    }

    /// The object of a list whose metadata says this, newest first.
    fn search(
        &self,
        path: &str,
        (field, ours): (&str, &str),
        since: Option<DateTime<Utc>>,
        deadline: DateTime<Utc>,
    ) -> Option<Option<Value>> {
        let mut after = String::new();
        for _ in 0..PAGES {
            let path = format!("{path}&limit={PAGE}{after}");
            let reply = self.line.call(&Wish::of(Method::GET, &path), deadline)?;
            let page = (reply.status == 200).then(|| reply.body.get("data")?.as_array()).flatten()?;
            if let Some(found) = page.iter().find(|object| reading::metadata(object, field) == Some(ours)) {
                return Some(Some(found.clone()));
            }
            let last = page.last();
            let is_past = last.and_then(reading::created).zip(since).is_some_and(|(at, since)| at < since);
            if is_past || reply.body.get("has_more") != Some(&Value::Bool(true)) {
                return Some(None);
            }
            after = format!("&starting_after={}", reading::name(last?.get("id")?.as_str()?)?);
        }
        None
    }

    /// Shows every object of a list, the newest first; `None`: it is not read to its end.
    fn each(&self, path: &str, deadline: DateTime<Utc>, mut show: impl FnMut(&Value)) -> Option<()> {
        let mut after = String::new();
        for _ in 0..PAGES {
            let path = format!("{path}&limit={PAGE}{after}");
            let reply = self.line.call(&Wish::of(Method::GET, &path), deadline)?;
            let page = (reply.status == 200).then(|| reply.body.get("data")?.as_array()).flatten()?;
            page.iter().for_each(&mut show);
            if reply.body.get("has_more") != Some(&Value::Bool(true)) {
                return Some(());
            }
            after = format!("&starting_after={}", reading::name(page.last()?.get("id")?.as_str()?)?);
        }
        None
    }

    /// Ends an intent to which nobody is to agree any more: its link charges nobody.
    fn give_up(
        &self,
        (intent, why): (&Value, GivenUp),
        at: DateTime<Utc>,
        deadline: DateTime<Utc>,
    ) -> Outcome {
        let Some(name) = intent.get("id").and_then(Value::as_str).and_then(reading::name) else {
            return Outcome::Unknown;
        };
        let reason = match why {
            GivenUp::Abandoned => "abandoned",
            GivenUp::NotNeeded => "requested_by_customer",
        };
        let form = [("cancellation_reason", reason.to_owned())];
        let reply =
            self.line.call(&Wish::post(&format!("/v1/payment_intents/{name}/cancel"), &form), deadline);
        match reply {
            Some(Reply { status: 200, body }) => reading::intent(&body, at),
            // Perhaps the payer was quicker: it is read again.
            _ => Outcome::Unknown,
        }
    }

    /// A payout that is over, with the transactions of the balance that it is made of; `None`: it cannot be read.
    fn paid_out(&self, reference: &str, deadline: DateTime<Utc>) -> Option<Answer> {
        let name = reading::name(reference)?;
        let reply = self.line.call(&Wish::of(Method::GET, &format!("/v1/payouts/{name}")), deadline)?;
        let payout = match reply.status {
            200 => reply.body,
            404 => return Some(Answer::NotYet),
            _ => return None,
        };
        if !paid_out::is_over(&payout) {
            return Some(Answer::NotYet);
        }
        let mut items = Vec::new();
        let path = format!("/v1/balance_transactions?payout={name}&expand[]=data.source");
        self.each(&path, deadline, |transaction| items.push(paid_out::item(transaction)))?;
        // The payout itself is among them.
        let items = items.into_iter().collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
        paid_out::payout(&payout, items).map(Answer::Seen)
    }

    fn send_back(&self, request: &RefundRequest, deadline: DateTime<Utc>) -> Option<Outcome> {
        let intent = reading::name(request.charge_reference.as_deref()?)?;
        let ours = our_id(&request.idempotency_key, |id| RefundId::from_uuid(id).to_string());
        let path = format!("/v1/refunds?payment_intent={intent}");
        if let Some(refund) = self.search(&path, (REFUND, &ours), None, deadline)? {
            return Some(reading::refund(&refund, request.at));
        }
        let amount = match amount_at(GatewayKind::Stripe, request.amount) {
            Ok(amount) => amount,
            Err(unchargeable) => return Some(Outcome::declined(code_of(unchargeable), true)),
        };
        let form = [
            ("payment_intent", intent.to_owned()),
            ("amount", amount.to_string()),
            ("metadata[billwright_refund_id]", ours),
        ];
        let wish = Wish::post("/v1/refunds", &form).once(&request.idempotency_key);
        Some(reading::refunded(&self.line.call(&wish, deadline)?, request.at))
    }
}

impl Gateway for Stripe {
    fn name(&self) -> &'static str {
        GatewayKind::Stripe.into()
    }

    fn check_token(&self, token: &str) -> Result<(), String> {
        GatewayKind::Stripe.check_token(token).map_err(str::to_owned)
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
        let path = format!("/v1/refunds?payment_intent={}", reading::name(reference)?);
        let mut seen = Vec::new();
        self.each(&path, deadline, |refund| seen.push(reading::refund_seen(refund, currency)))?;
        seen.into_iter().collect()
    }

    fn disputes_of(&self, charge: &Charged, deadline: DateTime<Utc>) -> Option<Shown> {
        let intent = reading::name(charge.reference.as_deref()?)?;
        let currency = charge.amount.currency();
        let (mut disputes, mut warnings) = (Vec::new(), Vec::new());
        let path = format!("/v1/disputes?payment_intent={intent}");
        self.each(&path, deadline, |dispute| disputes.push(disputed::dispute(dispute, currency)))?;
        let path = format!("/v1/radar/early_fraud_warnings?payment_intent={intent}");
        self.each(&path, deadline, |warning| warnings.push(disputed::warning(warning)))?;
        let disputes = disputes.into_iter().collect::<Option<_>>()?;
        Some(Shown { disputes, warnings: warnings.into_iter().collect::<Option<_>>()? })
    }

    fn payout(&self, reference: &str, deadline: DateTime<Utc>) -> Answer {
        self.paid_out(reference, deadline).unwrap_or(Answer::Silence)
    }

    fn knows(&self, reference: &str, deadline: DateTime<Utc>) -> Option<bool> {
        let path = format!("/v1/payment_intents/{}", reading::name(reference)?);
        let reply = self.line.call(&Wish::of(Method::GET, &path), deadline)?;
        match reply.status {
            200 => Some(reply.body.get("id").and_then(Value::as_str) == Some(reference)),
            404 => Some(false),
            _ => None,
        }
    }
}

/// Our id as it stands in metadata.
fn our_id(key: &str, id: impl Fn(Uuid) -> String) -> String {
    Uuid::parse_str(key).map_or_else(|_| key.to_owned(), id)
}

fn currency(amount: Money) -> String {
    amount.currency().code().to_ascii_lowercase()
}

fn code_of(unchargeable: Unchargeable) -> &'static str {
    match unchargeable {
        Unchargeable::Currency => "currency_not_taken",
        Unchargeable::TooFine => "amount_too_fine",
    }
}
