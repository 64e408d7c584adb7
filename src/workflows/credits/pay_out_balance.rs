//! A customer's credit balance is paid out: off the balance at once, and back by the payments that came through a gateway, or outside by the
//! business itself. What a gateway cannot give back is on the balance again.
//!
//! 335.00 on the balance, 300.00 of them paid out: 35.00 are left. Customer locked first, so two at once never pay more than there is.

use super::{apply_balance, issue_credit_note};
use crate::domain::credits::notes::{self, Refund, RefundOrigin, RefundState};
use crate::domain::credits::pay_out::{self, PayOut, Refused, To};
use crate::domain::events::EventType;
use crate::domain::ids::{CustomerId, PayOutId, RefundId};
use crate::domain::ledger::posting::Source;
use crate::domain::ledger::{self, SourceKind};
use crate::domain::money::{Currency, Money};
use crate::domain::refusal::Invalid;
use crate::storage::{Tx, credits, events, ledger as transfers};
use crate::workflows::{Error, Holding, Scope};

/// What is requested.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// `None`: all of it.
    pub amount: Option<Money>,
    pub to: To,
}

/// Gives what is on the balance of a locked customer in a currency: the one named, or the only one it has something in. Where balances pay
/// open invoices by themselves, this one has paid them.
///
/// # Errors
/// Not found; it has balances in several currencies and none is named.
pub fn balance(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    id: CustomerId,
    currency: Option<Currency>,
) -> Result<Money, Error> {
    apply_balance::by_itself(tx, scope, id)?;
    let balances = credits::balances::of_customer(tx, scope.tenant_id, id)?;
    if let Some(currency) = currency {
        return Ok(balances.get(&currency).copied().unwrap_or(Money::zero(currency)));
    }
    let mut with_money = balances.into_values().filter(|balance| balance.is_positive());
    match (with_money.next(), with_money.next()) {
        (Some(balance), None) => Ok(balance),
        (None, _) => Err(Refused::NothingThere.into()),
        (Some(_), Some(_)) => {
            let detail = "the customer has balances in several currencies; name the one to pay out";
            Err(Invalid::one("/currency", "currency_missing", detail).into())
        }
    }
}

/// Pays out of a balance that [`balance`] gave in this transaction; gives the pay-out and its refunds.
///
/// # Errors
/// More than there is, or than can go back that way.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (customer_id, balance): (CustomerId, Money),
    order: Order,
) -> Result<(PayOut, Vec<Refund>), Error> {
    let pay_out = PayOut {
        id: PayOutId::from_uuid(scope.mint()),
        customer_id,
        amount: pay_out::amount(order.amount, balance)?,
        to: order.to,
        created_at: scope.now,
    };
    let refunds = match &pay_out.to {
        To::PaymentMethods => by_payments(tx, scope, &pay_out)?,
        To::Outside { .. } => Vec::new(),
    };
    let source = Source {
        kind: SourceKind::BalancePaidOut,
        id: pay_out.id.uuid(),
        customer_id,
        entity_id: None,
        invoice_id: None,
        effective_on: scope.zone.local_date(scope.now),
        recorded_at: scope.now,
    };
    let posted = ledger::credits::paid_out(pay_out.amount, &pay_out.to, source).map_err(Refused::from)?;
    transfers::post(tx, &scope.held, &posted)?;
    credits::pay_outs::insert(tx, &scope.held, &pay_out)?;
    let event = scope.event(EventType::PayOutCreated, pay_out.id.uuid(), pay_out.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    issue_credit_note::add_refunds(tx, scope, &refunds)?;
    Ok((pay_out, refunds))
}

/// The refunds that give it back, the newest payment first.
fn by_payments(tx: &mut Tx<'_>, scope: &Scope, pay_out: &PayOut) -> Result<Vec<Refund>, Error> {
    let currency = pay_out.amount.currency();
    let from = credits::refundable::of_customer(tx, scope.tenant_id, (pay_out.customer_id, currency))?;
    let refundable = notes::refundable(&from, currency).map_err(Refused::from)?;
    if refundable.checked_sub(pay_out.amount).map_err(Refused::from)?.is_negative() {
        return Err(Refused::MoreThanRefundable { wanted: pay_out.amount, refundable }.into());
    }
    let parts = notes::spread(pay_out.amount, from).map_err(Refused::from)?;
    let refund = |part: notes::Refundable| Refund {
        id: RefundId::from_uuid(scope.mint()),
        customer_id: pay_out.customer_id,
        origin: RefundOrigin::PayOut(pay_out.id),
        payment_id: part.payment_id,
        gateway: part.gateway,
        amount: part.most,
        state: RefundState::Pending { next_attempt_at: scope.now },
        created_at: scope.now,
    };
    Ok(parts.into_iter().map(refund).collect())
}
