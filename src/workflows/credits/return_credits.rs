//! What an invoice drew goes back to its grants, what was drawn last first: because it is voided or credited.

use crate::domain::credits::{Grant, draw, note};
use crate::domain::invoicing::Invoice;
use crate::domain::money::Money;
use crate::domain::payments::Refused;
use crate::storage::{Tx, credits};
use crate::workflows::{Error, Holding};

/// What went back.
#[derive(Debug, Clone, PartialEq)]
pub struct Returned {
    pub amount: Money,
    /// The part of it that was sold, and is owed in usage again.
    pub owed: Money,
    pub grants: Vec<Grant>,
}

/// Gives back up to `most` of what an invoice drew. The customer is locked.
///
/// # Errors
/// Storage; sums that do not fit.
pub fn run(tx: &mut Tx<'_>, scope: &Holding<'_>, invoice: &Invoice, most: Money) -> Result<Returned, Error> {
    let zero = Money::zero(invoice.currency);
    let mut returned = Returned { amount: zero, owed: zero, grants: Vec::new() };
    let mut left = most;
    let drawn = credits::drawn_by(tx, scope.tenant_id, (invoice.id, invoice.currency))?;
    let mut grants = Vec::with_capacity(drawn.len());
    for id in drawn.keys() {
        grants.push(credits::find(tx, scope.tenant_id, *id)?);
    }
    draw::sort(&mut grants);
    for grant in grants.into_iter().rev() {
        let (id, drawn) = (grant.id, drawn[&grant.id]);
        let less = left.checked_sub(drawn).map_err(Refused::from)?.is_negative();
        let amount = if less { left } else { drawn };
        if !amount.is_positive() {
            break;
        }
        let (grant, owed) = grant.given_back(amount).map_err(Refused::from)?;
        credits::update(tx, &scope.held, &grant)?;
        credits::give_back(tx, &scope.held, (invoice.id, id), amount)?;
        left = left.checked_sub(amount).map_err(Refused::from)?;
        returned.amount = returned.amount.checked_add(amount).map_err(Refused::from)?;
        returned.owed = returned.owed.checked_add(owed).map_err(Refused::from)?;
        returned.grants.push(grant);
    }
    if returned.owed.is_positive() && scope.bought_elsewhere(invoice) {
        return Err(note::Refused::CreditsOfEntityBefore.into());
    }
    Ok(returned)
}
