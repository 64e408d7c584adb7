//! What is billed without a subscription? An invoice made by hand, a draft until somebody finalizes it.

use crate::domain::customers::Customer;
use crate::domain::events::EventType;
use crate::domain::ids::{CustomerId, InvoiceId};
use crate::domain::invoicing::Totals;
use crate::domain::invoicing::assemble::{Draft, Identity};
use crate::domain::invoicing::drafts::{self as rules, NewLine, Whole};
use crate::domain::money::Currency;
use crate::domain::refusal::Invalid;
use crate::domain::subscriptions::Collection;
use crate::storage::{Tx, customers, events, invoicing};
use crate::workflows::error::Referenced;
use crate::workflows::tax::tax_draft;
use crate::workflows::{Error, Scope};

/// Who is billed, and how it is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    pub customer_id: CustomerId,
    pub collection: Collection,
    /// `None`: the customer's.
    pub currency: Option<Currency>,
}

/// Makes the draft; `lines` reads its lines in its currency.
///
/// # Errors
/// `unknown_customer`; what the lines' values are refused for.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    order: Order,
    lines: impl FnOnce(Currency) -> Result<Vec<NewLine>, Invalid>,
) -> Result<InvoiceId, Error> {
    let (customer, held) =
        customers::lock(tx, scope.tenant_id, order.customer_id).or_unknown("/customer_id")?;
    let scope = &scope.holding(held);
    let currency = order.currency.unwrap_or(customer.currency);
    let zone = customer.time_zone.unwrap_or(scope.zone);
    let draft = Draft {
        subscription_id: None,
        currency,
        collection: order.collection,
        billing_date: zone.local_date(scope.now),
        lines: Vec::new(),
        totals: Totals::of(currency, &[]).map_err(rules::Refused::from)?,
    };
    let id = InvoiceId::from_uuid(scope.mint());
    let Customer { id: customer_id, entity_id, .. } = customer;
    let identity =
        Identity { id, customer_id, entity_id, bill_run_id: None, now: scope.now, finalizes_at: None };
    let (invoice, none) = draft.identified(identity);
    let mut whole = Whole { invoice, lines: none, shares: Vec::new() };
    for line in lines(currency)? {
        whole = rules::add(whole, line, scope.now)?;
    }
    scope.sign("invoice.created", &mut whole.lines);
    let rows: Vec<_> = whole.lines.iter().map(|line| (id, line)).collect();
    invoicing::insert_lines(tx, &scope.held, &rows)?;
    let mut drafts = [whole];
    tax_draft::run(tx, scope, &mut drafts)?;
    let [Whole { invoice, .. }] = drafts;
    let event = scope.event(EventType::InvoiceDrafted, id.uuid(), invoice.event_data());
    invoicing::insert(tx, &scope.held, &[invoice])?;
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(id)
}
