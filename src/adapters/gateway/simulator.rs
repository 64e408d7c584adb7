//! A gateway without a bank: what does each token do? `tok_success` is charged, `tok_decline` has no funds, `tok_timeout` is
//! charged and never says so.
//!
//! It keeps its own books by idempotency key, as a remote system would: the same key twice gives the same answer and
//! charges once. Money is imaginary, the rules are not.

mod disputed;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::{ChargeRequest, Charged, Gateway, RefundRequest, Sought};
use crate::domain::payments::Outcome;
use crate::domain::payments::declines::{self, Decline};
use crate::domain::payments::disputes::Shown;
use crate::domain::payments::simulated::{Charge, ChargeStatus, Memory};

/// What payment methods call it.
pub const NAME: &str = crate::domain::payments::method::SIMULATOR;

/// How long an asynchronous charge takes to be decided.
const SETTLES_AFTER: TimeDelta = TimeDelta::hours(1);

/// The tokens and what they do.
pub const TOKENS: [(&str, &str); 13] = [
    ("tok_success", "is charged"),
    ("tok_decline", "declined: insufficient_funds, may be tried again"),
    ("tok_hard_decline", "declined: stolen_card, must not be tried again"),
    ("tok_expired_card", "declined: expired_card, must not be tried again"),
    ("tok_timeout", "is charged, but the answer is lost"),
    ("tok_timeout_charged", "is charged, but the answer is lost"),
    ("tok_timeout_lost", "the request is lost on the way: nothing is charged and no answer comes"),
    ("tok_async_success", "pending, charged an hour later"),
    ("tok_async_decline", "pending, declined an hour later: insufficient_funds"),
    ("tok_dispute_lost", "is charged, and disputed an hour later: lost ten days after that"),
    ("tok_dispute_won", "is charged, and disputed an hour later: won ten days after that"),
    ("tok_dispute_inquiry", "is charged, and asked about an hour later: closed ten days after that"),
    ("tok_fraud_warning", "is charged, and taken for fraud by its issuer an hour later"),
];

/// How a token begins that says on which day of the month there is money.
const PAYDAY: &str = "tok_payday/";

/// How a token begins that says with which code it is declined.
const NAMED: &str = "tok_decline/";

/// The simulated gateway.
pub struct Simulator {
    memory: Arc<dyn Memory>,
}

impl Simulator {
    /// On these books.
    pub fn new(memory: Arc<dyn Memory>) -> Simulator {
        Simulator { memory }
    }
}

impl Gateway for Simulator {
    fn name(&self) -> &'static str {
        NAME
    }

    fn check_token(&self, token: &str) -> Result<(), String> {
        if TOKENS.iter().any(|(known, _)| *known == token)
            || named_decline(token).is_some()
            || payday(token).is_some()
        {
            return Ok(());
        }
        let known: Vec<&str> = TOKENS.iter().map(|(known, _)| *known).collect();
        Err(format!(
            "the simulator does not know this token; it knows {}, and {NAMED} with a code, such as {NAMED}do_not_honor/05",
            known.join(", ")
        ))
    }

    fn charge_all(&self, requests: &[ChargeRequest], deadline: DateTime<Utc>) -> Vec<Outcome> {
        let charges: Vec<Charge> = requests.iter().filter_map(charge).collect();
        let kept: HashMap<String, Charge> = match self.memory.keep(&charges, deadline) {
            Ok(kept) => kept.into_iter().map(|c| (c.idempotency_key.clone(), c)).collect(),
            Err(_) => return vec![Outcome::Unknown; requests.len()],
        };
        let answer = |request: &ChargeRequest| match kept.get(&request.idempotency_key) {
            Some(charge) if !answers(&charge.token) => Outcome::Unknown,
            Some(charge) => outcome_of(charge, request.at),
            None => Outcome::Unknown,
        };
        requests.iter().map(answer).collect()
    }

    fn lookup_all(&self, sought: &[Sought], at: DateTime<Utc>, deadline: DateTime<Utc>) -> Vec<Outcome> {
        let keys: Vec<String> = sought.iter().map(|one| one.idempotency_key.clone()).collect();
        let kept: HashMap<String, Charge> = match self.memory.recall(&keys, deadline) {
            Ok(kept) => kept.into_iter().map(|c| (c.idempotency_key.clone(), c)).collect(),
            Err(_) => return vec![Outcome::Unknown; keys.len()],
        };
        keys.iter()
            .map(|key| kept.get(key).map_or(Outcome::NeverReached, |charge| outcome_of(charge, at)))
            .collect()
    }

    fn disputes_of(&self, charged: &Charged, deadline: DateTime<Utc>) -> Option<Shown> {
        let known = self.memory.recall(std::slice::from_ref(&charged.idempotency_key), deadline).ok()?;
        Some(known.first().map(|charge| disputed::shown(charge, charged.at)).unwrap_or_default())
    }

    /// Kept among the charges, as a negative one.
    fn refund(&self, request: &RefundRequest, deadline: DateTime<Utc>) -> Outcome {
        let charge_key = std::slice::from_ref(&request.charge_key);
        let known = self.memory.recall(charge_key, deadline).unwrap_or_default();
        let Some(charge) = known.first() else { return Outcome::Unknown };
        let (Ok(amount), ChargeStatus::Succeeded | ChargeStatus::Pending { code: None, .. }) =
            (request.amount.negated(), &charge.status)
        else {
            return Outcome::declined("charge_not_refundable", true);
        };
        let refund = Charge {
            idempotency_key: request.idempotency_key.clone(),
            token: charge.token.clone(),
            amount,
            status: ChargeStatus::Succeeded,
            reference: format!("simre_{}", request.idempotency_key.replace('-', "")),
            received_at: request.at,
        };
        match self.memory.keep(&[refund], deadline) {
            Ok(kept) => kept.first().map_or(Outcome::Unknown, |kept| outcome_of(kept, request.at)),
            Err(_) => Outcome::Unknown,
        }
    }
}

/// What a token says it is declined with: `tok_decline/do_not_honor/05/03` has a code, a network code and an advice code.
fn named_decline(token: &str) -> Option<(&str, Option<&str>, Option<&str>)> {
    let mut parts = token.strip_prefix(NAMED)?.split('/');
    let is_code = |text: &&str| {
        !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let code = parts.next().filter(is_code)?;
    let mut more = || parts.next().filter(is_code);
    let (network_code, advice_code) = (more(), more());
    parts.next().is_none().then_some((code, network_code, advice_code))
}

/// The day of the month after `tok_payday/`, on which there is money.
fn payday(token: &str) -> Option<u32> {
    token.strip_prefix(PAYDAY)?.parse().ok().filter(|day| (1..=28).contains(day))
}

/// On its payday and on the day after.
fn has_money(token: &str, at: DateTime<Utc>) -> bool {
    payday(token).is_some_and(|day| [day, day + 1].contains(&at.day()))
}

/// Whether the answer of a charge reaches the caller.
fn answers(token: &str) -> bool {
    !matches!(token, "tok_timeout" | "tok_timeout_charged" | "tok_timeout_lost")
}

/// What a request does to the books; `None` when it never arrives.
fn charge(request: &ChargeRequest) -> Option<Charge> {
    let declined = |code: &str| ChargeStatus::Declined { code: code.to_owned() };
    let pending = |code: Option<&str>| ChargeStatus::Pending {
        settles_at: request.at + SETTLES_AFTER,
        code: code.map(str::to_owned),
    };
    let status = match request.token.as_str() {
        "tok_success"
        | "tok_timeout"
        | "tok_timeout_charged"
        | disputed::LOST
        | disputed::WON
        | disputed::INQUIRY
        | disputed::WARNING => ChargeStatus::Succeeded,
        "tok_decline" => declined("insufficient_funds"),
        "tok_hard_decline" => declined("stolen_card"),
        "tok_expired_card" => declined("expired_card"),
        "tok_async_success" => pending(None),
        "tok_async_decline" => pending(Some("insufficient_funds")),
        "tok_timeout_lost" => return None,
        token if has_money(token, request.at) => ChargeStatus::Succeeded,
        token if payday(token).is_some() => declined("insufficient_funds"),
        token => declined(named_decline(token).map_or("invalid_token", |(code, ..)| code)),
    };
    Some(Charge {
        idempotency_key: request.idempotency_key.clone(),
        token: request.token.clone(),
        amount: request.amount,
        status,
        reference: format!("sim_{}", request.idempotency_key.replace('-', "")),
        received_at: request.at,
    })
}

/// What the books say of a charge at an instant.
fn outcome_of(charge: &Charge, at: DateTime<Utc>) -> Outcome {
    let reference = charge.reference.clone();
    let (_, network_code, advice_code) = named_decline(&charge.token).unwrap_or_default();
    let declined = |code: &str| {
        let decline = Decline { gateway: NAME, code, network_code, advice_code };
        Outcome::Declined {
            code: code.to_owned(),
            reference: Some(charge.reference.clone()),
            hard: declines::meaning(&decline).class.ends_method(),
            network_code: network_code.map(str::to_owned),
            advice_code: advice_code.map(str::to_owned),
        }
    };
    match &charge.status {
        ChargeStatus::Succeeded => Outcome::Succeeded { reference },
        ChargeStatus::Declined { code } => declined(code),
        ChargeStatus::Pending { settles_at, .. } if at < *settles_at => {
            Outcome::Pending { check_after: *settles_at, reference, action_url: None }
        }
        ChargeStatus::Pending { code: Some(code), .. } => declined(code),
        ChargeStatus::Pending { code: None, .. } => Outcome::Succeeded { reference },
    }
}

#[cfg(test)]
mod tests;
