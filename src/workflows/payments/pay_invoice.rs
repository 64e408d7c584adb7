//! An invoice is paid now: its customer's payment method is charged, or money received elsewhere is put against it.
//!
//! A declined charge is an error (402) with the gateway's reason, and the failed attempt stays recorded. A charge without an
//! answer stays processing; the gateway is queried about it.

use super::attempts::{self, Attempt};
use super::choosing::candidates::Choices;
use super::{record_payment, resolve_payments};
use crate::adapters::gateway::Gateways;
use crate::domain::entities::cash;
use crate::domain::ids::{GatewayAccountId, InvoiceId, PaymentId, PaymentMethodId, TenantId};
use crate::domain::invoicing::Invoice;
use crate::domain::money::{Money, round_to_step};
use crate::domain::payments::at_account::{self, Venue};
use crate::domain::payments::offline::Receipt;
use crate::domain::payments::retries::reason::{Cause, Chosen, Reason};
use crate::domain::payments::settle::Settled;
use crate::domain::payments::{Payment, PaymentMethod, Refused, State, attempt};
use crate::storage::payments::{accounts, cards, collection, payment_methods};
use crate::storage::tenants::Mode;
use crate::storage::{Session, StorageError, Thing, Tx, entities, invoicing, payments};
use crate::workflows::error::Referenced;
use crate::workflows::keyed::{KeyRefused, Keyed};
use crate::workflows::{Error, Holding, Scope};

/// How an invoice is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// By charging.
    Charge {
        /// `None`: the customer's default.
        method: Option<PaymentMethodId>,
        /// Whether the policy goes on when it fails.
        retried: bool,
    },
    /// All that is due was received elsewhere.
    Offline {
        /// What the bank statement says.
        reference: Option<String>,
        /// In cash: of what is due, what there are coins for.
        in_cash: bool,
    },
}

/// The payment, and the invoice after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Paid {
    pub invoice: Invoice,
    pub payment: Payment,
}

/// Pays it, or tells what became of the payment that an earlier call with its key began.
pub fn run(
    session: &mut Session,
    gateways: &Gateways,
    whose: (TenantId, InvoiceId),
    (how, keyed): (&How, &Keyed),
) -> Result<Paid, Error> {
    let (tenant_id, id) = whose;
    let settled = match (keyed.begun(), how) {
        (Some(begun), _) => {
            let id = PaymentId::from_uuid(begun);
            resolve_payments::resolve_abandoned(session, gateways, (tenant_id, id))?;
            session.transaction("read_begun_payment", |tx| {
                let payment = payments::find(tx, tenant_id, id)?;
                // The call is still under way, or nobody knows: it is queried again before long.
                if is_unknown(&payment) { Err(KeyRefused::InUse.into()) } else { Ok::<_, Error>(payment) }
            })?
        }
        (None, How::Offline { reference, in_cash }) => session.transaction("pay_offline", |tx| {
            let scope = Scope::load(tx, tenant_id)?;
            let payment =
                receive(tx, &scope, Received { id, reference: reference.clone(), in_cash: *in_cash }, keyed)?;
            Ok::<_, Error>(payment)
        })?,
        (None, How::Charge { method, retried }) => {
            resolve_under_way(session, gateways, whose)?;
            let made = attempts::make(session, gateways, (tenant_id, None), |tx, scope| {
                let cause = if *retried { Cause::ByHand } else { Cause::ByHandOnce };
                Ok(vec![begin(tx, scope, Wanted { invoice_id: id, method: *method, cause }, keyed)?])
            })?;
            let attempted = made.attempts.into_iter().map(|a| a.payment).next();
            match made.settled.into_iter().next() {
                Some(settled) => settled.payment,
                // Nothing is known of it, or somebody else has concluded meanwhile: then what that says counts.
                None => {
                    let attempted = attempted.ok_or_else(|| StorageError::not_found(Thing::Payment, id))?;
                    session.transaction("read_attempt", |tx| payments::find(tx, tenant_id, attempted.id))?
                }
            }
        }
    };
    if is_unknown(&settled) {
        keyed.leave_open();
    }
    if let State::Failed { code, .. } = settled.state {
        return Err(Refused::Declined { code }.into());
    }
    let invoice = session.transaction("read_paid_invoice", |tx| invoicing::find(tx, tenant_id, id))?;
    Ok(Paid { invoice, payment: settled })
}

/// Whether nobody knows what became of it: the gateway has not even given it a name.
fn is_unknown(payment: &Payment) -> bool {
    payment.is_processing() && payment.reference.is_none()
}

/// An attempt that a process left when it died is concluded first.
fn resolve_under_way(
    session: &mut Session,
    gateways: &Gateways,
    (tenant_id, id): (TenantId, InvoiceId),
) -> Result<(), Error> {
    let under_way =
        session.transaction("find_payments_under_way", |tx| payments::under_way(tx, tenant_id, id))?;
    for payment in under_way {
        resolve_payments::resolve_abandoned(session, gateways, (tenant_id, payment))?;
    }
    Ok(())
}

/// All that is due of an invoice, received elsewhere.
struct Received {
    id: InvoiceId,
    reference: Option<String>,
    in_cash: bool,
}

/// Puts all that is due against the invoice.
fn receive(
    tx: &mut Tx<'_>,
    scope: &Scope,
    Received { id, reference, in_cash }: Received,
    keyed: &Keyed,
) -> Result<Payment, Error> {
    let scope = &scope.lock_owner(tx, id)?;
    keyed.check(tx)?;
    let invoice = invoicing::find_locked(tx, scope.tenant_id, id)?;
    attempt::check_payable(&invoice)?;
    let amount = invoice.amount_due().map_err(Refused::from)?;
    let receipt = Receipt {
        customer_id: invoice.customer_id,
        amount,
        in_cash: if in_cash { Some(taken_in_cash(tx, scope, (&invoice, amount))?) } else { None },
        external_id: None,
        reference,
        received_at: None,
        metadata: std::collections::BTreeMap::new(),
    };
    let Settled { payment, .. } = record_payment::run(tx, scope, receipt, Some(id))?;
    keyed.begin(tx, payment.id.uuid())?;
    Ok(payment)
}

/// What an entity takes in cash of an amount that is due on its invoice.
fn taken_in_cash(tx: &mut Tx<'_>, scope: &Scope, (invoice, due): (&Invoice, Money)) -> Result<Money, Error> {
    let entity = entities::find(tx, scope.tenant_id, invoice.entity_id)?;
    let country = entity.place.as_ref().map(|place| place.country.as_str());
    let step = cash::step(due.currency(), country, &entity.cash_rounding);
    Ok(step.map_or(Ok(due), |step| round_to_step(due, step)).map_err(Refused::from)?)
}

/// What is charged for what, and why.
struct Wanted {
    invoice_id: InvoiceId,
    method: Option<PaymentMethodId>,
    cause: Cause,
}

/// What is charged for an invoice when nobody says what, and who chose it.
fn first_of(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    invoice: &Invoice,
) -> Result<(PaymentMethod, Option<Chosen>), Error> {
    if let Some(choices) = Choices::load(tx, scope, &[invoice])? {
        let mut methods = payment_methods::chargeable(tx, &scope.held, &[invoice.customer_id])?;
        let methods = methods.remove(&invoice.customer_id).unwrap_or_default();
        let first = choices.order(scope, invoice, &methods).candidates.into_iter().next();
        if let Some(candidate) = first.filter(|candidate| candidate.chosen.is_some()) {
            return Ok((candidate.method, candidate.chosen));
        }
    }
    let default = scope.held.default_method(invoice.customer_id).ok_or(Refused::NoPaymentMethod)?;
    Ok((payment_methods::find(tx, scope.tenant_id, default)?, None))
}

/// Begins the attempt.
fn begin(tx: &mut Tx<'_>, scope: &Scope, wanted: Wanted, keyed: &Keyed) -> Result<Attempt, Error> {
    let tenant_id = scope.tenant_id;
    let Wanted { invoice_id: id, method: chosen, cause } = wanted;
    let scope = &scope.lock_owner(tx, id)?;
    keyed.check(tx)?;
    let invoice = invoicing::find_locked(tx, tenant_id, id)?;
    attempt::check_payable(&invoice)?;
    if payments::is_under_way(tx, tenant_id, id)? {
        return Err(Refused::UnderWay.into());
    }
    let (method, by) = match chosen {
        Some(id) => (payment_methods::find(tx, tenant_id, id).or_unknown("/payment_method_id")?, None),
        None => first_of(tx, scope, &invoice)?,
    };
    let amount = invoice.amount_due().map_err(Refused::from)?;
    let accounts: Vec<GatewayAccountId> = method.gateway_account_id.into_iter().collect();
    let accounts = accounts::of_ids(tx, tenant_id, &accounts)?;
    let account = method.gateway_account_id.and_then(|id| accounts.get(&id));
    let venue = Venue { account, is_live: scope.mode == Mode::Live };
    at_account::check(&method, venue, &invoice, amount)?;
    let cards = cards::find(tx, tenant_id, (std::iter::once(&method), scope.now))?;
    if let Some(card) = cards.get(&method.id) {
        match card.allowed(amount, scope.now) {
            Some(at) if at <= scope.now => {}
            until => return Err(Refused::NetworkLimit { until }.into()),
        }
    }
    let reason = Reason { chosen: by, ..Reason::of(cause) };
    let attempted = (PaymentId::from_uuid(scope.mint()), reason);
    let (invoice, payment) = attempt::begin(invoice, &method, attempted, scope.now)?;
    keyed.begin(tx, payment.id.uuid())?;
    collection::save_invoices(tx, &scope.held, std::slice::from_ref(&invoice))?;
    Ok(Attempt { payment, token: method.token })
}
