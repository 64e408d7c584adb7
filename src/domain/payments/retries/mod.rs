//! A payment has failed: what follows? The step of its policy, a try within minutes, another method at once, or nothing more. One function
//! decides it, whoever told of the failure: the answer of a charge, a question asked later, money that was taken back.
//!
//! Declined with `insufficient_funds` on 1 January: tried again on the 2nd, the 5th, the 10th and the 17th. Declined with `stolen_card`: the
//! customer's other card is tried at once, and without one nothing is until there is one.
//!
//! Nothing is counted anywhere: the step is derived from the attempts that are recorded.

pub mod ended;
pub mod forecast;
pub mod policy;
pub mod reason;
mod schedule;
pub mod span;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use strum::{EnumString, IntoStaticStr};

use super::declines::{self, Class, Decline};
use super::networks::Card;
use super::outcome::NEVER_REACHED;
use super::{Payment, State};
use crate::domain::calendar::Zone;
use crate::domain::ids::PaymentMethodId;
use crate::domain::money::Money;
use forecast::{Like, Outcomes};
use policy::Terms;
use reason::{Cause, PutOffBy, Reason};

/// Attempts that did not reach the gateway are repeated at once this often, then daily.
const AT_ONCE: usize = 5;
/// After so many attempts without reaching the gateway somebody has to look.
const NEVER_REACHED_LIMIT: usize = 20;

/// An attempt that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    pub method: Option<PaymentMethodId>,
    pub class: Class,
    /// The network asked to wait so long.
    pub wait: Option<TimeDelta>,
    /// Whether its gateway never heard of it.
    pub not_reached: bool,
    /// Whether nothing was to follow.
    pub once: bool,
}

impl Tried {
    /// An attempt as it is recorded; `None` for one that has not failed.
    #[must_use]
    pub fn of(payment: &Payment) -> Option<Tried> {
        let State::Failed { code, .. } = &payment.state else { return None };
        let meaning = declines::meaning(&payment.decline(code));
        Some(Tried {
            method: payment.payment_method_id,
            class: payment.declined.class.unwrap_or(meaning.class),
            wait: meaning.wait,
            not_reached: code == NEVER_REACHED,
            once: payment.reason.is_some_and(|reason| reason.cause == Cause::ByHandOnce),
        })
    }
}

impl Tried {
    /// A debit that had come, and that the bank was late to refuse: for a reason of its gateway's.
    #[must_use]
    pub fn late(method: Option<PaymentMethodId>, (gateway, code): (&str, &str)) -> Tried {
        let meaning = declines::meaning(&Decline { gateway, code, network_code: None, advice_code: None });
        Tried { method, class: meaning.class, wait: meaning.wait, not_reached: false, once: false }
    }
}

impl Payment {
    /// What its gateway said of its failure.
    #[must_use]
    pub fn decline<'a>(&'a self, code: &'a str) -> Decline<'a> {
        Decline {
            gateway: &self.gateway,
            code,
            network_code: self.declined.network_code.as_deref(),
            advice_code: self.declined.advice_code.as_deref(),
        }
    }
}

/// What a decision rests on.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    pub terms: &'a Terms,
    /// What failed for this invoice, the oldest first; the last is what has just failed.
    pub tried: &'a [Tried],
    /// What may be charged: first what its customer is charged by, then the others.
    pub methods: &'a [PaymentMethodId],
    /// The same card as has just failed, at other accounts that a rule leads to.
    pub elsewhere: &'a [PaymentMethodId],
    /// What their networks allow; one that is not here has no limit.
    pub cards: &'a BTreeMap<PaymentMethodId, Card>,
    /// What is open.
    pub amount: Money,
    /// What the tenant's own retries say, where the policy is to learn of them.
    pub learned: Option<Learned<'a>>,
    pub zone: Zone,
    /// Spreads tries; the same for the same invoice.
    pub seed: u128,
    pub now: DateTime<Utc>,
}

/// What has become of retries, and which the next one is like.
#[derive(Debug, Clone, Copy)]
pub struct Learned<'a> {
    pub outcomes: &'a Outcomes,
    /// Of the last decline.
    pub code: &'a str,
    /// Of the customer.
    pub country: Option<&'a str>,
}

/// The next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    pub at: DateTime<Utc>,
    pub reason: Reason,
    /// `None`: what its customer is charged by then.
    pub method: Option<PaymentMethodId>,
}

/// Why there is no other attempt by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Stopped {
    /// Each step is used up.
    Exhausted,
    /// Nothing is left that may be charged.
    NoMethod,
    /// The gateway is not reached.
    NotReached,
    /// Nobody wanted another.
    NotAsked,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Another attempt.
    Try(Next),
    /// None, until there is something new to charge or somebody asks for it.
    Stop {
        why: Stopped,
        /// When the policy's last action is due, if it is.
        final_at: Option<DateTime<Utc>>,
    },
}

impl Situation<'_> {
    /// What follows on the last failure.
    #[must_use]
    pub fn decide(&self) -> Decision {
        let stop = |why| Decision::Stop { why, final_at: None };
        let Some(last) = self.tried.last() else { return stop(Stopped::NotAsked) };
        if last.once {
            return stop(Stopped::NotAsked);
        }
        if let Some(decision) = self.at_another_gateway(last) {
            return decision;
        }
        if last.not_reached {
            return self.after_not_reached();
        }
        let open: Vec<PaymentMethodId> = self.methods.iter().copied().filter(|m| self.is_open(*m)).collect();
        let Some(first) = open.first().copied() else { return self.without_method() };
        // What is charged by now is not what was declined.
        if self.methods.first() == Some(&first) && self.is_untried(first) {
            return self.attempt(first, self.now, Cause::NewMethod);
        }
        if last.class.ends_method()
            && let Some(backup) = open.iter().copied().find(|method| self.is_untried(*method))
        {
            return self.attempt(backup, self.now, Cause::BackupMethod);
        }
        self.step(last, first)
    }

    /// A gateway that was not there took nothing, that is known: the same card is tried at once where it was not yet.
    fn at_another_gateway(&self, last: &Tried) -> Option<Decision> {
        if !last.not_reached && last.class != Class::Outage {
            return None;
        }
        let is_free = |method: &PaymentMethodId| {
            self.is_untried(*method) && self.allowed(*method, self.now) == Some(self.now)
        };
        let other = self.elsewhere.iter().copied().find(is_free)?;
        Some(self.attempt(other, self.now, Cause::OtherGateway))
    }

    fn is_untried(&self, method: PaymentMethodId) -> bool {
        !self.tried.iter().any(|tried| tried.method == Some(method))
    }

    /// Nothing happened to the customer: at once, and slower and slower for a gateway that swallows everything.
    fn after_not_reached(&self) -> Decision {
        let times = self.tried.iter().filter(|tried| tried.not_reached).count();
        let at = match times {
            _ if times <= AT_ONCE => self.now,
            _ if times < NEVER_REACHED_LIMIT => later(self.now, TimeDelta::days(1)),
            _ => return Decision::Stop { why: Stopped::NotReached, final_at: None },
        };
        let open = self.methods.iter().copied().find(|method| self.is_open(*method));
        let method = open.filter(|method| self.methods.first() != Some(method));
        Decision::Try(Next { at, reason: Reason::of(Cause::NotReached), method })
    }

    /// Outages first within minutes; what is left of them, and everything else, uses up steps.
    fn step(&self, last: &Tried, method: PaymentMethodId) -> Decision {
        let outages = self.outages();
        if last.class == Class::Outage
            && let Some(offset) = self.terms.outage_offsets.get(outages.saturating_sub(1))
        {
            let number = u16::try_from(outages).unwrap_or(u16::MAX);
            let at = later(self.now, offset.delta());
            return self.attempt(method, self.put_off(last, at), Cause::OutageRetry(number));
        }
        let index = self.steps_used().saturating_sub(1);
        let Some(offset) = self.terms.offsets.get(index) else {
            return Decision::Stop { why: Stopped::Exhausted, final_at: Some(self.now) };
        };
        let number = u16::try_from(index + 1).unwrap_or(u16::MAX);
        let own = schedule::step_at(self.terms, self.zone, (self.now, *offset));
        let better = self.better(method, own);
        let at = better.map_or(own, |(at, _)| at);
        let at = schedule::spread(self.terms, at, self.seed.rotate_left(u32::from(number)));
        let decision = self.attempt(method, self.put_off(last, at), Cause::RetryStep(number));
        match (decision, better) {
            // What is put off is not made earlier.
            (Decision::Try(next), Some((_, forecast))) if next.at == at => {
                let reason = Reason { forecast: Some(forecast), ..next.reason };
                Decision::Try(Next { reason, ..next })
            }
            _ => decision,
        }
    }

    /// A better time than a step's own, by what has become of retries like it.
    fn better(
        &self,
        method: PaymentMethodId,
        own: DateTime<Utc>,
    ) -> Option<(DateTime<Utc>, forecast::Forecast)> {
        let Learned { outcomes, code, country } = self.learned.filter(|_| self.terms.adaptive)?;
        let brand = self.cards.get(&method).and_then(|card| card.network.as_deref());
        outcomes.better(self.terms, Like { code, brand, country }, (self.now, own))
    }

    /// Not before the network's advice.
    fn put_off(&self, last: &Tried, at: DateTime<Utc>) -> DateTime<Utc> {
        last.wait.map_or(at, |wait| at.max(later(self.now, wait)))
    }

    /// At that time, or when the card's network allows it; with another method, or not at all, when it never does.
    fn attempt(&self, method: PaymentMethodId, at: DateTime<Utc>, cause: Cause) -> Decision {
        let Some(allowed) = self.allowed(method, at) else { return self.without_method() };
        let advised = self.tried.last().and_then(|last| last.wait).map(|wait| later(self.now, wait));
        let put_off_by = match advised {
            _ if allowed > at => Some(PutOffBy::NetworkLimit),
            Some(advised) if advised == at => Some(PutOffBy::Advice),
            _ => None,
        };
        let other = self.methods.first() != Some(&method);
        let reason = Reason { put_off_by, ..Reason::of(cause) };
        Decision::Try(Next { at: allowed, reason, method: other.then_some(method) })
    }

    /// The policy's last action waits as long as its steps would have taken: somebody may bring a new card.
    #[must_use]
    pub fn without_method(&self) -> Decision {
        let left = self.terms.offsets.get(self.steps_used()..).unwrap_or_default();
        let last_step = left.iter().fold(self.now, |at, offset| later(at, offset.delta()));
        Decision::Stop { why: Stopped::NoMethod, final_at: Some(last_step) }
    }

    /// Whether a method may be tried for this invoice: its last decline did not end it, and its network still allows one.
    fn is_open(&self, method: PaymentMethodId) -> bool {
        let last = self.tried.iter().rev().find(|tried| tried.method == Some(method));
        !last.is_some_and(|tried| tried.class.ends_method()) && self.allowed(method, self.now).is_some()
    }

    fn allowed(&self, method: PaymentMethodId, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.cards.get(&method).map_or(Some(from), |card| card.allowed(self.amount, from))
    }

    fn outages(&self) -> usize {
        self.tried.iter().filter(|tried| tried.class == Class::Outage && !tried.not_reached).count()
    }

    /// Failures that use up a step, or have.
    fn steps_used(&self) -> usize {
        let waited = self.outages().min(self.terms.outage_offsets.len());
        let counts = |tried: &&Tried| !tried.not_reached && !tried.class.ends_method();
        self.tried.iter().filter(counts).count() - waited
    }
}

fn later(at: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests;
