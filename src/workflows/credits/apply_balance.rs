//! A customer's credit balance pays what is open: the invoice that is due first, first. One with an attempt to collect it under way is left
//! alone.
//!
//! 365.00 due of an invoice and 335.00 on the balance: 30.00 are due then, and nothing is on the balance.

use std::collections::BTreeMap;

use crate::domain::credits::ApplyBalance;
use crate::domain::events::EventType;
use crate::domain::ids::{CustomerId, InvoiceId};
use crate::domain::invoicing::{Invoice, Status};
use crate::domain::ledger::posting::Source;
use crate::domain::ledger::{self, SourceKind};
use crate::domain::money::{Currency, Money};
use crate::domain::payments::Refused;
use crate::domain::refusal::Invalid;
use crate::storage::{Tx, credits, events, invoicing, ledger as transfers};
use crate::workflows::error::Referenced;
use crate::workflows::invoicing::issue;
use crate::workflows::{Error, Holding, Scope};

/// What the balance is to pay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// `None`: each.
    pub currency: Option<Currency>,
    /// In this order; `None`: every open one, the one that is due first, first.
    pub invoice_ids: Option<Vec<InvoiceId>>,
}

/// What it paid, and what is left.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    pub paid: Vec<(InvoiceId, Money)>,
    /// Named invoices of which nothing was paid because an attempt to collect them is under way.
    pub under_way: Vec<InvoiceId>,
    pub balances: BTreeMap<Currency, Money>,
}

/// Lets the balances of a customer pay its open invoices, as far as they go. A second time there is nothing left to do.
///
/// # Errors
/// Not found; a named invoice is not there, not the customer's, or not open.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: CustomerId, wanted: &Wanted) -> Result<Applied, Error> {
    let scope = scope.lock(tx, id)?;
    apply(tx, &scope, id, wanted)
}

fn apply(tx: &mut Tx<'_>, scope: &Holding<'_>, id: CustomerId, wanted: &Wanted) -> Result<Applied, Error> {
    let tenant_id = scope.tenant_id;
    let invoices = match &wanted.invoice_ids {
        None => invoicing::open_locked(tx, tenant_id, id)?,
        Some(ids) => named(tx, scope, id, ids)?,
    };
    let ids: Vec<InvoiceId> = invoices.iter().map(|invoice| invoice.id).collect();
    let busy = credits::taken_back::under_way(tx, tenant_id, &ids)?;
    let mut balances = credits::balances::of_customer(tx, tenant_id, id)?;
    let (mut paid, mut under_way) = (Vec::new(), Vec::new());
    for invoice in invoices {
        if wanted.currency.is_some_and(|currency| currency != invoice.currency) {
            continue;
        }
        if busy.contains(&invoice.id) {
            under_way.push(invoice.id);
            continue;
        }
        let Some(balance) = balances.get_mut(&invoice.currency) else { continue };
        let due = invoice.amount_due().map_err(Refused::from)?;
        let enough = !balance.checked_sub(due).map_err(Refused::from)?.is_negative();
        let amount = if enough { due } else { *balance };
        if amount.is_positive() {
            pay(tx, scope, (invoice.id, amount))?;
            *balance = balance.checked_sub(amount).map_err(Refused::from)?;
            paid.push((invoice.id, amount));
        }
    }
    Ok(Applied { paid, under_way, balances })
}

/// The same with everything there is, where the tenant has set that balances pay by themselves. The customer is locked.
///
/// # Errors
/// Storage; sums that do not fit.
pub fn by_itself(tx: &mut Tx<'_>, scope: &Holding<'_>, id: CustomerId) -> Result<(), Error> {
    if scope.billing.apply_balance == ApplyBalance::OldestFirst {
        apply(tx, scope, id, &Wanted::default())?;
    }
    Ok(())
}

fn named(tx: &mut Tx<'_>, scope: &Scope, id: CustomerId, ids: &[InvoiceId]) -> Result<Vec<Invoice>, Error> {
    let mut found: Vec<Invoice> = Vec::with_capacity(ids.len());
    for (n, invoice_id) in ids.iter().enumerate() {
        let at = format!("/invoice_ids/{n}");
        if found.iter().any(|known| known.id == *invoice_id) {
            return Err(Invalid::one(at, "invoice_repeated", "name each invoice once").into());
        }
        let invoice = invoicing::find_locked(tx, scope.tenant_id, *invoice_id).or_unknown(&at)?;
        if invoice.customer_id != id || invoice.status != Status::Open {
            let detail = format!(
                "the balance pays open invoices of its own customer; this one is {}",
                if invoice.customer_id == id { invoice.status.into_str() } else { "of another" }
            );
            return Err(Invalid::one(at, "invoice_not_open", detail).into());
        }
        found.push(invoice);
    }
    Ok(found)
}

/// Lets the balance pay so much of an open invoice. The customer is locked, and the balance holds it.
///
/// # Errors
/// More than is due; it is not open.
pub fn pay(tx: &mut Tx<'_>, scope: &Holding<'_>, (id, amount): (InvoiceId, Money)) -> Result<Invoice, Error> {
    let tenant_id = scope.tenant_id;
    let invoice = invoicing::find_locked(tx, tenant_id, id)?.pay_from_balance(amount, scope.now)?;
    let source = Source {
        kind: SourceKind::CreditsApplied,
        id: id.uuid(),
        customer_id: invoice.customer_id,
        entity_id: Some(invoice.entity_id),
        invoice_id: None,
        effective_on: scope.zone.local_date(scope.now),
        recorded_at: scope.now,
    };
    let mut posted = ledger::credits::balance_applied(amount, source).map_err(Refused::from)?;
    // It may have been paid from before: its legs follow those.
    let legs = credits::legs_of(tx, tenant_id, (id.uuid(), SourceKind::CreditsApplied))?;
    posted.iter_mut().for_each(|transfer| transfer.leg += legs);
    transfers::post(tx, &scope.held, &posted)?;
    invoicing::update(tx, &scope.held, &invoice)?;
    if invoice.status == Status::Paid {
        issue::activate(tx, scope, &[id])?;
        let event = scope.event(EventType::InvoicePaid, id.uuid(), invoice.event_data());
        events::record(tx, tenant_id, &[event])?;
    }
    Ok(invoice)
}
