//! Which invoices do a customer's new lines make? One for each currency and billing date, unless a subscription is invoiced alone.
//!
//! Two subscriptions due on 1 March → one invoice with both; one of them also due on 1 April → a second invoice.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::super::billing::Line;
use super::super::billing::difference::Missing;
use super::super::billing::unbillable::Unbillable;
use super::{Applied, Invoice, Status, Totals};
use crate::domain::calendar::Zone;
use crate::domain::ids::{BillRunId, CustomerId, EntityId, InvoiceId, SubscriptionId};
use crate::domain::money::{Currency, Money, MoneyError};
use crate::domain::subscriptions::Collection;

/// The new lines of one subscription.
#[derive(Debug, Clone)]
pub struct Charges {
    pub subscription_id: SubscriptionId,
    pub currency: Currency,
    pub collection: Collection,
    pub invoice_separately: bool,
    /// Whose charges share an invoice only with one another, when they do.
    pub apart: Option<CustomerId>,
    /// The zone in which a due instant is a date.
    pub zone: Zone,
    pub missing: Vec<Missing>,
}

/// An invoice to be: everything but its identity.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub subscription_id: Option<SubscriptionId>,
    pub currency: Currency,
    pub collection: Collection,
    pub billing_date: NaiveDate,
    pub lines: Vec<Line>,
    pub totals: Totals,
}

/// What lines must have in common to share an invoice; the order is the order in which invoices are issued.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    billing_date: NaiveDate,
    currency: Currency,
    collection: Collection,
    apart: Option<CustomerId>,
    alone: Option<SubscriptionId>,
}

/// Groups, numbers and adds up the lines of one customer.
pub fn assemble(charges: Vec<Charges>) -> Result<Vec<Draft>, Unbillable> {
    let mut groups: BTreeMap<Group, Vec<Line>> = BTreeMap::new();
    for charge in charges {
        for Missing { due_at, line } in charge.missing {
            let group = Group {
                billing_date: charge.zone.local_date(due_at),
                currency: charge.currency,
                collection: charge.collection,
                apart: charge.apart,
                alone: charge.invoice_separately.then_some(charge.subscription_id),
            };
            groups.entry(group).or_default().push(line);
        }
    }
    groups.into_iter().map(|(group, lines)| draft(group, lines)).collect()
}

fn draft(group: Group, mut lines: Vec<Line>) -> Result<Draft, Unbillable> {
    for (line, no) in lines.iter_mut().zip(1_i64..) {
        line.line_no = i32::try_from(no).map_err(|_| MoneyError::Overflow)?;
    }
    let totals = Totals::of(group.currency, &lines)?;
    Ok(Draft {
        subscription_id: group.alone,
        currency: group.currency,
        collection: group.collection,
        billing_date: group.billing_date,
        lines,
        totals,
    })
}

/// Who and when of a draft.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    pub id: InvoiceId,
    pub customer_id: CustomerId,
    pub entity_id: EntityId,
    pub bill_run_id: Option<BillRunId>,
    pub now: DateTime<Utc>,
    /// When it is finalized by itself, should it stay a draft until then.
    pub finalizes_at: Option<DateTime<Utc>>,
}

impl Draft {
    /// The draft invoice and its lines.
    pub fn identified(self, identity: Identity) -> (Invoice, Vec<Line>) {
        let invoice = Invoice {
            id: identity.id,
            customer_id: identity.customer_id,
            entity_id: identity.entity_id,
            subscription_id: self.subscription_id,
            bill_run_id: identity.bill_run_id,
            number: None,
            status: Status::Draft,
            collection: self.collection,
            currency: self.currency,
            billing_date: self.billing_date,
            buyer_version: None,
            seller_version: None,
            totals: self.totals,
            amount_paid: Money::zero(self.currency),
            applied: Applied::nothing(self.currency),
            created_at: identity.now,
            issued_at: None,
            due_at: None,
            closed_at: None,
            next_attempt_at: None,
            attempt_count: 0,
            finalizes_at: identity.finalizes_at,
            waits_for: None,
        };
        (invoice, self.lines)
    }
}
