//! Money came for an attempt that had been given up: where does it go? To its invoice when that still waits for it and nothing else is
//! under way to pay it; all that is left is a surplus, and a refund with a key of its own gives it back.
//!
//! 50.00 given up as `never_reached_gateway`, paid by a second attempt; the first turns out to have been charged: cash 50.00, refunds
//! payable 50.00, `payment.surplus_received`, a refund of 50.00. The customer locked, the payment locked and failed.

use super::settle_payments;
use crate::domain::credits::notes::{Refund, RefundOrigin, RefundState};
use crate::domain::events::EventType;
use crate::domain::ids::RefundId;
use crate::domain::invoicing::Invoice;
use crate::domain::payments::late::{self, Late};
use crate::domain::payments::settle::{Facts, Settled};
use crate::domain::payments::{Outcome, Payment};
use crate::storage::credits::refunds;
use crate::storage::{Tx, events, invoicing, payments};
use crate::workflows::{Error, Holding, Scope};

/// Records what an answer says of an attempt that had been given up; gives what changed, when money came.
///
/// # Errors
/// Storage; sums that do not fit.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    payment: Payment,
    outcome: &Outcome,
) -> Result<Option<Settled>, Error> {
    let facts = Facts { invoice: waiting(tx, scope, &payment)?, now: scope.now };
    match late::settle(payment, outcome, facts)? {
        None => Ok(None),
        Some(Late::StillFailed(payment)) => {
            payments::save_outcomes(tx, &scope.held, &[*payment])?;
            Ok(None)
        }
        Some(Late::Came(settled)) => {
            payments::save_outcomes(tx, &scope.held, std::slice::from_ref(&settled.payment))?;
            settle_payments::post(tx, scope, std::slice::from_ref(&*settled))?;
            give_back(tx, scope, &settled.payment)?;
            Ok(Some(*settled))
        }
    }
}

/// Its invoice, unless another attempt is under way that may pay it: then what comes here goes back.
fn waiting(tx: &mut Tx<'_>, scope: &Scope, payment: &Payment) -> Result<Option<Invoice>, Error> {
    match payment.invoice_id {
        Some(id) if !payments::is_under_way(tx, scope.tenant_id, id)? => {
            Ok(Some(invoicing::find_locked(tx, scope.tenant_id, id)?))
        }
        _ => Ok(None),
    }
}

/// The surplus goes back by the gateway it came through.
fn give_back(tx: &mut Tx<'_>, scope: &Holding<'_>, payment: &Payment) -> Result<(), Error> {
    if !payment.amount_surplus.is_positive() {
        return Ok(());
    }
    let refund = Refund {
        id: RefundId::from_uuid(scope.mint()),
        customer_id: payment.customer_id,
        origin: RefundOrigin::Surplus,
        payment_id: payment.id,
        gateway: payment.gateway.to_string(),
        amount: payment.amount_surplus,
        state: RefundState::Pending { next_attempt_at: scope.now },
        created_at: scope.now,
    };
    refunds::insert_refunds(tx, &scope.held, std::slice::from_ref(&refund))?;
    let event = scope.event(EventType::RefundCreated, refund.id.uuid(), refund.event_data());
    Ok(events::record(tx, scope.tenant_id, &[event])?)
}
