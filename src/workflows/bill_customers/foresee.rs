//! What would be billed? The invoices of a date to come, and what the usage of running periods costs so far: the same
//! facts and the same decisions as billing itself, and nothing written.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::{Batch, Books, Order, decide, load, not_billable};
use crate::domain::ids::{CustomerId, SubscriptionId};
use crate::domain::invoicing::segments::{self, Window};
use crate::domain::invoicing::{Invoice, Line};
use crate::storage::Tx;
use crate::storage::billing::{LockedCustomer, PriceBook};
use crate::workflows::{Error, Scope};

/// The invoices that a customer would get for what is due by an instant, as drafts: nothing is locked or written.
pub fn foresee(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (customer, as_of): (LockedCustomer, DateTime<Utc>),
) -> Result<Vec<(Invoice, Vec<Line>)>, Error> {
    let batch = Batch { as_of, ..Batch::alone(scope, CustomerId::from_uuid(customer.id)) };
    let batch = Batch { finalize: false, parked_too: true, ..batch };
    let facts = load(tx, (scope, &batch), &[customer], &mut PriceBook::default())?;
    let order = Order { scope, batch: &batch, facts: &facts };
    let mut books = Books::default();
    decide(&order, customer, &facts.billables, &mut books).map_err(not_billable)?;
    let mut invoices: Vec<_> = books.invoices.into_iter().map(|invoice| (invoice, Vec::new())).collect();
    for (id, line) in books.lines {
        if let Some((_, lines)) = invoices.iter_mut().find(|(invoice, _)| invoice.id == id) {
            lines.push(line);
        }
    }
    Ok(invoices)
}

/// What the usage of a subscription's running periods costs so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    pub used: Decimal,
    /// What of it is not billed yet.
    pub unbilled: Decimal,
}

/// What was spent on usage: the charges that would be made, were it billed now. Nothing is written.
pub fn spent(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (customer, subscription): (LockedCustomer, SubscriptionId),
) -> Result<Spent, Error> {
    let batch = Batch::alone(scope, CustomerId::from_uuid(customer.id));
    let batch = Batch { finalize: false, usage_early: Some(subscription), ..batch };
    let facts = load(tx, (scope, &batch), &[customer], &mut PriceBook::default())?;
    let of = facts.billables.iter().find(|b| b.timeline.subscription_id == subscription);
    let Some(billable) = of else { return Ok(Spent::default()) };
    let window = Window {
        from: billable.settled_to,
        as_of: batch.as_of,
        recorded: &billable.recorded,
        readings: &facts.readings,
        usage_early: true,
    };
    let expected = segments::due(&billable.timeline, window).map_err(not_billable)?;
    let mut spent = Spent::default();
    for segment in expected.segments.iter().filter(|s| s.metered.is_some() && s.period.end > scope.now) {
        let billed = billable.recorded.iter().find(|r| r.key == segment.key());
        let billed = billed.map_or(Decimal::ZERO, |r| r.amount.to_decimal());
        spent.used += segment.amount.to_decimal();
        spent.unbilled += segment.amount.to_decimal() - billed;
    }
    Ok(spent)
}
