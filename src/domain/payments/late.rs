//! What if money comes for an attempt that was given up? It is never dropped: it pays the invoice when that still waits for it, and what
//! the invoice does not need is a surplus, given back.
//!
//! 50.00 taken for "never reached the gateway" and charged again; then the first 50.00 turn out to have come: 50.00 surplus, refunded.

use super::outcome::Outcome;
use super::settle::{self, Facts, Settled};
use super::{Payment, Refused, State, checks};

/// What a late answer changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Late {
    /// The money came.
    Came(Box<Settled>),
    /// It did not: only when its gateway is queried next has changed.
    StillFailed(Box<Payment>),
}

/// Settles a payment that has failed, by an answer that came afterwards. `None` for one that has not failed.
///
/// `facts.invoice` is left out when another attempt at it is under way: that one may pay it, and what came late goes back.
///
/// # Errors
/// Sums that do not fit.
pub fn settle(payment: Payment, outcome: &Outcome, facts: Facts) -> Result<Option<Late>, Refused> {
    let State::Failed { code, at, ask_again_at } = payment.state.clone() else { return Ok(None) };
    let failed = |ask_again_at| State::Failed { code, at, ask_again_at };
    let state = match outcome {
        Outcome::Succeeded { reference } => {
            let state = State::Succeeded { at: facts.now };
            let payment = Payment { reference: Some(reference.clone()), state, ..payment };
            let mut settled = settle::receive(payment, facts.invoice, facts.now)?;
            let payment = &mut settled.payment;
            payment.amount_surplus = payment.amount.checked_sub(payment.amount_applied)?;
            return Ok(Some(Late::Came(Box::new(settled))));
        }
        // A no is final; for one that was queried, it ends the queries.
        Outcome::Declined { .. } => failed(None),
        Outcome::Pending { check_after, .. } => {
            failed(Some((*check_after).max(checks::next_check_at(0, facts.now))))
        }
        Outcome::Unknown | Outcome::NeverReached => {
            failed(ask_again_at.and_then(|_| checks::ask_again_at(at, facts.now)))
        }
    };
    let failed = Payment { state, checks: payment.checks.saturating_add(1), ..payment };
    Ok(Some(Late::StillFailed(Box::new(failed))))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{DateTime, TimeDelta, Utc};
    use uuid::Uuid;

    use super::*;
    use crate::domain::catalog::Metadata;
    use crate::domain::ids::{CustomerId, PaymentId};
    use crate::domain::money::{Currency, Money};
    use crate::domain::payments::Declined;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn given_up() -> Payment {
        let usd = Currency::parse("USD").unwrap();
        Payment {
            id: PaymentId::from_uuid(Uuid::nil()),
            external_id: None,
            customer_id: CustomerId::from_uuid(Uuid::nil()),
            invoice_id: None,
            payment_method_id: None,
            gateway: Arc::from("simulator"),
            gateway_account_id: None,
            amount: Money::from_minor(5_000, usd),
            amount_applied: Money::zero(usd),
            amount_surplus: Money::zero(usd),
            cash_rounding: Money::zero(usd),
            state: State::Failed { code: "gone".to_owned(), at: at(0), ask_again_at: Some(at(1)) },
            reference: None,
            action_url: None,
            metadata: Metadata::new(),
            created_at: at(0),
            checks: 1,
            reason: None,
            declined: Declined::default(),
        }
    }

    fn after(payment: Payment, outcome: &Outcome, hours: i64) -> Late {
        let facts = Facts { invoice: None, now: at(hours) };
        settle(payment, outcome, facts).unwrap().unwrap()
    }

    fn queried_next(late: &Late) -> Option<DateTime<Utc>> {
        let Late::StillFailed(payment) = late else { panic!("{late:?}") };
        let State::Failed { ask_again_at, .. } = payment.state else { panic!("{late:?}") };
        ask_again_at
    }

    #[test]
    fn money_that_nobody_needs_any_more_is_a_surplus_in_whole_and_counts_once() {
        let yes = Outcome::Succeeded { reference: "ref".to_owned() };
        let Late::Came(settled) = after(given_up(), &yes, 3) else { panic!("it came") };
        let payment = settled.payment;
        assert_eq!((payment.amount_surplus.minor(), payment.amount_applied.minor()), (5_000, 0));
        assert!(payment.amount_credited().unwrap().is_zero());
        let facts = Facts { invoice: None, now: at(4) };
        assert_eq!(settle(payment, &yes, facts), Ok(None));
    }

    #[test]
    fn a_silent_gateway_is_queried_again_and_one_that_says_no_is_not() {
        assert_eq!(queried_next(&after(given_up(), &Outcome::Unknown, 1)), Some(at(24)));
        assert_eq!(queried_next(&after(given_up(), &Outcome::NeverReached, 24)), Some(at(168)));
        assert_eq!(queried_next(&after(given_up(), &Outcome::NeverReached, 168)), None);
        let no = Outcome::declined("stolen_card", true);
        assert_eq!(queried_next(&after(given_up(), &no, 1)), None);
    }
}
