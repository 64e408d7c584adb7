//! What would be billed? The invoices of a date to come, and what the usage of running periods costs so far: the same
//! facts and the same decisions as billing itself, and nothing written.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::{Batch, Books, Order, decide, due, load, not_billable};
use crate::domain::billing::piece::Readings;
use crate::domain::billing::segments::{self, Window};
use crate::domain::billing::unbillable::Unbillable;
use crate::domain::calendar::Period;
use crate::domain::ids::{CustomerId, SubscriptionId};
use crate::domain::issuing::Sheet;
use crate::domain::tax::provided::Question;
use crate::storage::Tx;
use crate::storage::billing::readings::{self, Early, Look};
use crate::storage::billing::{self, Billable, PriceBook};
use crate::storage::customers::LockedCustomer;
use crate::workflows::{Error, Scope};

/// What providers of tax would be asked if a batch were billed now: nothing is locked or written. Who cannot be billed is left out.
pub fn tax_questions(
    tx: &mut Tx<'_>,
    scope: &Scope,
    batch: &Batch,
    book: &mut PriceBook,
) -> Result<Vec<Question>, Error> {
    let customers = billing::seen_customers(tx, due(scope, batch))?;
    if customers.is_empty() {
        return Ok(Vec::new());
    }
    let facts = load(tx, (scope, batch), &customers, book)?;
    let order = Order { scope, batch, facts: &facts };
    let by_id: HashMap<CustomerId, LockedCustomer> = customers.into_iter().map(|it| (it.id, it)).collect();
    let mut books = Books::default();
    for of_customer in facts.billables.chunk_by(|a, b| a.customer_id == b.customer_id) {
        let Some(customer) = by_id.get(&of_customer[0].customer_id).copied() else { continue };
        let terms = scope.issue(&customer, customer.entity_id)?;
        if decide(&order, (customer, &terms), of_customer, &mut books).is_err() {
            // It is parked when it is billed.
            continue;
        }
    }
    Ok(scope.unanswered.take())
}

/// The invoices that a customer would get for what is due by an instant, as drafts: nothing is locked or written.
pub fn foresee(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (customer, as_of): (LockedCustomer, DateTime<Utc>),
) -> Result<Vec<Sheet>, Error> {
    let batch = Batch { as_of, ..Batch::alone(scope, customer.id) };
    let batch = Batch { finalize: false, parked_too: true, ..batch };
    let mut facts = load(tx, (scope, &batch), &[customer], &mut PriceBook::default())?;
    facts.taxes = facts.taxes.issued_on(scope.zone.local_date(as_of.max(scope.now)));
    let order = Order { scope, batch: &batch, facts: &facts };
    let mut books = Books::default();
    let terms = scope.issue(&customer, customer.entity_id)?;
    decide(&order, (customer, &terms), &facts.billables, &mut books).map_err(not_billable)?;
    let mut sheets = books.invoices.sheets;
    for sheet in &mut sheets {
        sheet.invoice.waits_for = facts.waits_for(sheet);
    }
    Ok(sheets)
}

/// What the usage of a subscription's period costs so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    pub used: Decimal,
    /// What of it is not billed yet.
    pub unbilled: Decimal,
}

/// What was spent on usage in periods of subscriptions: the charges that would be made, were it billed now, and those that were. A period
/// that is cut counts whole. Read at once for all of them; nothing is written.
///
/// # Errors
/// One of them cannot be billed.
pub fn spent(
    tx: &mut Tx<'_>,
    scope: &Scope,
    periods: &BTreeMap<SubscriptionId, Period>,
) -> Result<BTreeMap<SubscriptionId, Spent>, Error> {
    let mut book = PriceBook::default();
    let since: Vec<_> = periods.iter().map(|(id, period)| (*id, period.start)).collect();
    let billables = billing::load_drafted(tx, scope.tenant_id, &since, &mut book)?;
    let (as_of, usage_early) = (scope.now, Early::OfAll);
    let look = Look { tenant_id: scope.tenant_id, as_of, now: scope.now, usage_early };
    let readings = readings::read(tx, look, &billables, &book)?;
    let mut all = BTreeMap::new();
    for billable in &billables {
        let id = billable.timeline.subscription_id;
        if let Some(period) = periods.get(&id) {
            all.insert(id, spent_of((billable, &readings), *period, as_of).map_err(not_billable)?);
        }
    }
    Ok(all)
}

fn spent_of(
    (billable, readings): (&Billable, &Readings),
    period: Period,
    as_of: DateTime<Utc>,
) -> Result<Spent, Unbillable> {
    let window = Window {
        from: billable.settled_to,
        as_of,
        recorded: &billable.recorded,
        readings,
        usage_early: true,
    };
    let expected = segments::due(&billable.timeline, window)?;
    let mut spent = Spent::default();
    let of_it = |start| period.contains(start);
    for segment in expected.segments.iter().filter(|s| s.metered.is_some() && of_it(s.period.start)) {
        let billed = billable.recorded.iter().find(|r| r.key == segment.key());
        spent.used += segment.amount.to_decimal();
        // What was waived or credited of it is not billed again.
        let stays = segment.stays(billed)?;
        spent.unbilled += stays.to_decimal() - billed.map_or(Decimal::ZERO, |r| r.amount.to_decimal());
    }
    Ok(spent)
}
