//! Invoices were promised together: their price is allocated to their lines by what each would cost alone, and so it is again when something of them
//! is credited or void. The customer is locked.
//!
//! Software at 12,000.00 and onboarding at nothing, worth 12,000.00 and 3,000.00 alone: 2,400.00 move from the first to the second.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{fulfil, paths};
use crate::domain::billing::Line;
use crate::domain::events::EventType;
use crate::domain::ids::{CustomerId, InvoiceId, LineId, ProductId, RevenueContractId, StandalonePriceId};
use crate::domain::ledger::posting::{self, Source};
use crate::domain::ledger::{Account, SourceKind, Transfer};
use crate::domain::money::{Money, MoneyError};
use crate::domain::payments::Refused as Sums;
use crate::domain::refusal::Invalid;
use crate::domain::revenue::contracts::{
    self as domain, Candidate, Contract, Promise, Refused, StandalonePrice,
};
use crate::domain::revenue::{Entry, Rule, Schedule};
use crate::storage::revenue::{contracts, rules};
use crate::storage::{StorageError, Thing, Tx, events, invoicing, ledger, revenue};
use crate::workflows::error::Referenced;
use crate::workflows::{Error, Holding, Scope};

/// What is said of a standalone price.
#[derive(Debug, Clone)]
pub struct PriceOrder {
    pub product_id: ProductId,
    pub price_code: Option<String>,
    pub amount: Money,
    /// `None`: today.
    pub valid_from: Option<NaiveDate>,
}

/// Says what something costs alone.
///
/// # Errors
/// `day_is_over`, `unknown_price_code`, `unknown_product`, `standalone_price_exists`, `not_positive`.
pub fn set_price(tx: &mut Tx<'_>, scope: &Scope, order: PriceOrder) -> Result<StandalonePrice, Error> {
    let today = scope.zone.local_date(scope.now);
    let valid_from = order.valid_from.unwrap_or(today);
    if valid_from < today {
        let detail = format_args!("a standalone price holds from today on or later, and today is {today}");
        return Err(Invalid::one("/valid_from", "day_is_over", detail).into());
    }
    if !order.amount.is_positive() {
        return Err(
            Invalid::one("/amount", "not_positive", "what something costs alone is above zero").into()
        );
    }
    if let Some(code) = &order.price_code
        && !rules::is_sold(tx, scope.tenant_id, (Some(order.product_id), code))?
    {
        let detail = format!("no plan of this product has a price {code}");
        return Err(Invalid::one("/price_code", "unknown_price_code", detail).into());
    }
    let price = StandalonePrice {
        id: StandalonePriceId::from_uuid(scope.mint()),
        product_id: order.product_id,
        price_code: order.price_code,
        amount: order.amount,
        valid_from,
        created_at: scope.now,
    };
    contracts::insert_price(tx, scope.tenant_id, &price)?;
    Ok(price)
}

/// What is to be a contract.
#[derive(Debug, Clone)]
pub struct Order {
    pub customer_id: CustomerId,
    pub invoice_ids: Vec<InvoiceId>,
}

/// Makes it, and allocates its price.
///
/// # Errors
/// `unknown_customer`, `unknown_invoice`; [`Refused`].
pub fn create(tx: &mut Tx<'_>, scope: &Scope, order: &Order) -> Result<Contract, Error> {
    let scope = &scope.lock(tx, order.customer_id).or_unknown("/customer_id")?;
    let invoices = contracts::candidates(tx, scope.tenant_id, &order.invoice_ids)?;
    if let Some(missing) = order.invoice_ids.iter().find(|id| !invoices.iter().any(|one| one.id == **id)) {
        let missing = Err::<(), _>(StorageError::not_found(Thing::Invoice, *missing));
        missing.or_unknown("/invoice_ids")?;
    }
    domain::check(order.customer_id, &invoices)?;
    let Some(first) = invoices.first() else { return Err(Refused::NoInvoices.into()) };
    let (entity_id, currency) = (first.entity_id, first.currency);
    for invoice in &invoices {
        if contracts::of_invoice(tx, scope.tenant_id, invoice.id)?.is_some() {
            return Err(Refused::InAnother.into());
        }
    }
    let promises = promised(tx, scope, &invoices)?;
    let contract = Contract {
        id: RevenueContractId::from_uuid(scope.mint()),
        customer_id: order.customer_id,
        entity_id,
        currency,
        invoice_ids: order.invoice_ids.clone(),
        created_at: scope.now,
    };
    contracts::insert(tx, &scope.held, (&contract, &promises))?;
    allocate(tx, scope, &contract)?;
    let data = serde_json::json!({
        "object": "revenue_contract", "id": contract.id, "customer_id": contract.customer_id, "invoice_ids": contract.invoice_ids,
    });
    let event = scope.event(EventType::RevenueContractCreated, contract.id.uuid(), data);
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(contract)
}

/// The lines of invoices and what each would cost alone, on the day of the first of them.
fn promised(tx: &mut Tx<'_>, scope: &Holding<'_>, invoices: &[Candidate]) -> Result<Vec<Promise>, Error> {
    let prices = contracts::standalone_prices(tx, scope.tenant_id)?;
    let mut lines: Vec<(InvoiceId, Line)> = Vec::new();
    let mut known: Vec<Schedule> = Vec::new();
    for invoice in invoices {
        let of_it = invoicing::lines(tx, scope.tenant_id, invoice.id)?;
        lines.extend(of_it.into_iter().map(|line| (invoice.id, line)));
        known.extend(revenue::of_invoice(tx, scope.tenant_id, invoice.id)?);
    }
    if known.iter().any(|schedule| schedule.rule == Rule::AsDrawn) {
        return Err(Refused::SellsCredits.into());
    }
    let day = known.iter().map(|schedule| schedule.booked_on).min().unwrap_or_default();
    let subscriptions: BTreeSet<_> = lines.iter().filter_map(|(_, line)| line.subscription_id).collect();
    let versions: BTreeSet<_> = lines.iter().filter_map(|(_, line)| line.item_version_id).collect();
    let named = (subscriptions.into_iter().collect::<Vec<_>>(), versions.into_iter().collect::<Vec<_>>());
    let sold = rules::sold_by(tx, scope.tenant_id, (&named.0, &named.1))?;
    let mut promises = Vec::with_capacity(lines.len());
    for (invoice_id, line) in &lines {
        let id = LineId { invoice_id: *invoice_id, line_no: line.line_no };
        if line.amount.is_negative() {
            return Err(Refused::GivesBack { line: id }.into());
        }
        let sold = line.item_version_id.and_then(|version| sold.get(&version));
        let alone = sold.and_then(|sold| domain::standalone(&prices, (sold, line.amount.currency()), day));
        let alone = alone.ok_or(Refused::NoStandalonePrice { line: id })?;
        let standalone = alone.to_decimal().checked_mul(line.quantity.max(Decimal::ZERO));
        let standalone = standalone.ok_or(MoneyError::Overflow).map_err(Sums::from)?;
        let standalone = Some(standalone).filter(|worth| *worth > Decimal::ZERO);
        promises.push(Promise {
            line: id,
            standalone: standalone.ok_or(Refused::NoStandalonePrice { line: id })?,
        });
    }
    Ok(promises)
}

/// Something of an invoice was taken back: what is left of its contract's price is allocated anew.
///
/// # Errors
/// Sums that do not fit; storage.
pub(super) fn changed(tx: &mut Tx<'_>, scope: &Holding<'_>, id: InvoiceId) -> Result<(), Error> {
    match contracts::of_invoice(tx, scope.tenant_id, id)? {
        Some(contract) => {
            let contract = contracts::find(tx, scope.tenant_id, contract)?;
            allocate(tx, scope, &contract)
        }
        None => Ok(()),
    }
}

/// Schedules and posts what moves between the lines of a contract now.
fn allocate(tx: &mut Tx<'_>, scope: &Holding<'_>, contract: &Contract) -> Result<(), Error> {
    let tenant_id = scope.tenant_id;
    let promises = contracts::promises(tx, tenant_id, contract.id)?;
    let known = contracts::schedules_of(tx, tenant_id, (contract.id, contract.currency))?;
    let today = scope.zone.local_date(scope.now);
    let moved = domain::moved((&promises, contract.currency), &known, today).map_err(Sums::from)?;
    if moved.is_empty() {
        return Ok(());
    }
    revenue::insert(tx, &scope.held, &moved)?;
    let transfers = transfers(tx, scope, (contract, &moved))?;
    ledger::post(tx, &scope.held, &transfers)?;
    let invoices: BTreeSet<InvoiceId> = moved.iter().map(|schedule| schedule.line.invoice_id).collect();
    for id in invoices {
        paths::of_invoice(tx, scope, id)?;
        fulfil::of_invoice(tx, scope, (id, contract.entity_id), today)?;
    }
    Ok(())
}

/// What an invoice is allocated beyond what it was invoiced is an asset of the contract, and what another is less comes off it.
fn transfers(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    (contract, moved): (&Contract, &[Schedule]),
) -> Result<Vec<Transfer>, Error> {
    let mut by_invoice: BTreeMap<InvoiceId, Vec<Money>> = BTreeMap::new();
    for schedule in moved.iter().filter(|schedule| matches!(schedule.entry, Entry::Allocated { .. })) {
        by_invoice.entry(schedule.line.invoice_id).or_default().push(schedule.amount);
    }
    let before = ledger::of_source(tx, scope.tenant_id, contract.id.uuid())?;
    let mut leg = before.iter().map(|transfer| transfer.leg.saturating_add(1)).max().unwrap_or(0);
    let mut all = Vec::new();
    for (invoice_id, amounts) in by_invoice {
        let rated_on = ledger::rate_day(tx, scope.tenant_id, invoice_id)?;
        let source = Source {
            kind: SourceKind::RevenueAllocated,
            id: contract.id.uuid(),
            customer_id: contract.customer_id,
            entity_id: Some(contract.entity_id),
            invoice_id: Some(invoice_id),
            effective_on: scope.zone.local_date(scope.now),
            recorded_at: scope.now,
        };
        let amount = Money::sum(contract.currency, amounts).map_err(Sums::from)?;
        let moves = [(Account::ContractAssets, Account::DeferredRevenue, amount)];
        for mut transfer in posting::post(source, &moves).map_err(Sums::from)? {
            (transfer.leg, transfer.rated_on) = (leg, rated_on);
            leg = leg.checked_add(1).ok_or(MoneyError::Overflow).map_err(Sums::from)?;
            all.push(transfer);
        }
    }
    Ok(all)
}
