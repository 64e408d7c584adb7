//! Who moves the money? A payment gateway: asked to charge by an idempotency key of ours, and asked afterwards what became of it. One that
//! is reached by an account of the tenant is made for the call, with the credentials of that account.
//!
//! The same key charges at most once, however often it is sent. No gateway is called inside a database transaction. Each call has a
//! deadline of real time, such as 12:00:30 for one begun at 12:00:00: it is not sent after it, and not waited for longer.

pub mod accounts;
mod calls;
mod gateways;
pub mod gocardless;
pub mod notices;
pub mod simulator;
pub mod simulator_server;
pub mod stripe;

use chrono::{DateTime, Utc};

use crate::domain::money::{Currency, Money};
use crate::domain::payments::Outcome;
use crate::domain::payments::disputes::Shown;
use crate::domain::payments::given_back::Seen;
use crate::domain::payments::mandates::State;
use crate::domain::payments::payouts::Answer;

pub use accounts::{Accounts, Credentials, Trouble};
pub use gateways::Gateways;
pub use simulator::Simulator;

/// One charge to make.
#[derive(Debug, Clone, PartialEq)]
pub struct ChargeRequest {
    /// Ours, one per attempt.
    pub idempotency_key: String,
    /// The gateway's name for the card or account.
    pub token: String,
    pub amount: Money,
    /// The tenant's now: what a simulated gateway lives by.
    pub at: DateTime<Utc>,
}

/// A charge whose outcome is sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// Ours, of the attempt.
    pub idempotency_key: String,
    /// The gateway's name for it, when it has told one.
    pub reference: Option<String>,
    /// What was charged, as the gateway calls it; `None`: it is not known any more.
    pub token: Option<String>,
    /// Not earlier than then was it sent; `None`: that is not known in real time.
    pub since: Option<DateTime<Utc>>,
    /// Why its payer is to agree to it no longer, if that is so: should it still wait for them, it is ended.
    pub given_up: Option<GivenUp>,
}

/// Why nobody is to agree to a charge any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenUp {
    /// Its payer has not come for days.
    Abandoned,
    /// What it was for is not owed any more.
    NotNeeded,
}

/// A charge that has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Charged {
    /// Ours, of the attempt.
    pub idempotency_key: String,
    /// The gateway's name for it.
    pub reference: Option<String>,
    pub amount: Money,
    /// The tenant's now: what a simulated gateway lives by.
    pub at: DateTime<Utc>,
}

/// Money to give back.
#[derive(Debug, Clone, PartialEq)]
pub struct RefundRequest {
    /// Ours, one per refund.
    pub idempotency_key: String,
    /// That of the charge it is given back of.
    pub charge_key: String,
    /// The gateway's name for that charge.
    pub charge_reference: Option<String>,
    pub amount: Money,
    /// The tenant's now.
    pub at: DateTime<Utc>,
}

/// A payment gateway.
pub trait Gateway: Send + Sync {
    /// What payment methods call it.
    fn name(&self) -> &'static str;

    /// Whether a token can be one of its own; `Err` is a sentence for who sent it.
    fn check_token(&self, token: &str) -> Result<(), String>;

    /// Charges, and gives one outcome a request in their order. It never fails as a whole: what cannot be known is
    /// [`Outcome::Unknown`]. It answers by the deadline, so that an attempt is over before anyone asks about it, and sends nothing
    /// after it.
    fn charge_all(&self, requests: &[ChargeRequest], deadline: DateTime<Utc>) -> Vec<Outcome>;

    /// Asks what became of charges, one answer each in their order. [`Outcome::NeverReached`] for a key it has never heard of,
    /// [`Outcome::Unknown`] when it cannot tell. Charges nothing.
    fn lookup_all(&self, sought: &[Sought], at: DateTime<Utc>, deadline: DateTime<Utc>) -> Vec<Outcome>;

    /// Gives back a part of a charge. The same key gives back at most once, however often it is sent; nothing is sent after the
    /// deadline.
    fn refund(&self, request: &RefundRequest, deadline: DateTime<Utc>) -> Outcome;

    /// The refunds of a charge by the name it gave it, whoever asked for them; `None`: it cannot tell.
    fn refunds_of(&self, _charge: (&str, Currency), _deadline: DateTime<Utc>) -> Option<Vec<Seen>> {
        Some(Vec::new())
    }

    /// Whether a charge is disputed, or taken for fraud by its issuer; `None`: it cannot tell.
    fn disputes_of(&self, _charge: &Charged, _deadline: DateTime<Utc>) -> Option<Shown> {
        Some(Shown::default())
    }

    /// How a mandate stands that it calls so; `None`: it cannot tell, or has none.
    fn mandate(&self, _token: &str, _deadline: DateTime<Utc>) -> Option<State> {
        None
    }

    /// A payout by the name it gave it, with all that it is made of.
    fn payout(&self, _reference: &str, _deadline: DateTime<Utc>) -> Answer {
        Answer::NotYet
    }

    /// Whether it knows a charge by the name it gave it, so that its account is the one that charged; `None`: it does not tell.
    fn knows(&self, _reference: &str, _deadline: DateTime<Utc>) -> Option<bool> {
        None
    }
}
