//! What does an answer of the gateway change? The attempt takes its last step, the invoice is paid or due again, nothing is lost.
//!
//! 31.00 arrive for an invoice voided meanwhile: nothing is applied, 31.00 become the customer's credit.

use chrono::{DateTime, Utc};

use super::declines::{self, Class};
use super::outcome::{NEVER_REACHED, Outcome};
use super::retries::Decision;
use super::{Declined, Payment, Refused, State, checks};
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::money::Money;
use crate::domain::subscriptions::Collection;

/// What a settlement knows besides the payment and the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The invoice it is for, as it is now.
    pub invoice: Option<Invoice>,
    pub now: DateTime<Utc>,
}

/// What an answer changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    pub payment: Payment,
    /// The invoice, when it changed.
    pub invoice: Option<Invoice>,
    /// The part of what was applied that had been written off: it is recovered.
    pub recovered: Money,
    /// What follows on a failure, once that is decided.
    pub follows: Option<Decision>,
}

/// Settles a payment by an answer. Nothing is changed by an answer for a payment that is settled already: `None`; what comes for
/// one that has failed is for [`late`](super::late).
///
/// # Errors
/// Sums that do not fit.
pub fn settle(payment: Payment, outcome: &Outcome, facts: Facts) -> Result<Option<Settled>, Refused> {
    if !payment.is_processing() {
        return Ok(None);
    }
    match outcome {
        Outcome::Succeeded { reference } => {
            let reference = Some(reference.clone());
            let state = State::Succeeded { at: facts.now };
            let payment = Payment { reference, state, action_url: None, ..payment };
            receive(payment, facts.invoice, facts.now).map(Some)
        }
        Outcome::Declined { code, reference, hard, network_code, advice_code } => {
            let reference = reference.clone().or(payment.reference.clone());
            let (network_code, advice_code) = (network_code.clone(), advice_code.clone());
            let declined = Declined { class: None, network_code, advice_code };
            let payment = Payment { reference, action_url: None, declined, ..payment };
            Ok(Some(fail(payment, (code, *hard), facts)))
        }
        Outcome::NeverReached => Ok(Some(fail(payment, (NEVER_REACHED, false), facts))),
        Outcome::Pending { check_after, reference, action_url } => {
            let (reference, action_url) = (Some(reference.clone()), action_url.clone());
            let next = (*check_after).max(checks::next_check_at(0, facts.now));
            Ok(Some(wait(Payment { reference, action_url, ..payment }, next)))
        }
        Outcome::Unknown => {
            let next = checks::next_check_at(payment.checks.saturating_add(1), facts.now);
            Ok(Some(wait(payment, next)))
        }
    }
}

/// The money is there: as much as is due goes to the invoice, the rest is the customer's credit.
pub(super) fn receive(
    mut payment: Payment,
    invoice: Option<Invoice>,
    now: DateTime<Utc>,
) -> Result<Settled, Refused> {
    let zero = Money::zero(payment.amount.currency());
    let owed = invoice.filter(|i| matches!(i.status, Status::Open | Status::Uncollectible));
    let Some(invoice) = owed else {
        return Ok(Settled { payment, invoice: None, recovered: zero, follows: None });
    };
    let applied = payment.amount.smaller(invoice.amount_due()?)?;
    let was_written_off = invoice.status == Status::Uncollectible;
    let invoice = invoice.apply(applied, now)?;
    payment.amount_applied = applied;
    let recovered = if was_written_off { applied } else { zero };
    Ok(Settled { payment, invoice: Some(invoice), recovered, follows: None })
}

/// What follows is decided with all that is recorded: [`retries`](super::retries).
fn fail(mut payment: Payment, (code, hard): (&str, bool), facts: Facts) -> Settled {
    let recovered = Money::zero(payment.amount.currency());
    let meaning = declines::meaning(&payment.decline(code));
    // A gateway that forbids another try is believed, whatever the table says.
    let class = if hard && !meaning.class.ends_method() { Class::Never } else { meaning.class };
    payment.declined.class = Some(class);
    let ask_again_at = if code == NEVER_REACHED { checks::ask_again_at(facts.now, facts.now) } else { None };
    payment.state = State::Failed { code: code.to_owned(), at: facts.now, ask_again_at };
    let collected = |i: &Invoice| i.status == Status::Open && i.collection == Collection::Automatic;
    let invoice = facts.invoice.filter(collected);
    Settled { payment, invoice, recovered, follows: None }
}

fn wait(mut payment: Payment, next_check_at: DateTime<Utc>) -> Settled {
    let recovered = Money::zero(payment.amount.currency());
    payment.checks = payment.checks.saturating_add(1);
    payment.state = State::Processing { next_check_at };
    Settled { payment, invoice: None, recovered, follows: None }
}
