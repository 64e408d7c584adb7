//! What makes a draft an invoice? A number, an issue and a due date, and the parties as they are now.
//!
//! 31.00 for next month, issued 1 January with 30 days: `INV-000001`, due 31 January. What it posts is the ledger's to say.

use std::sync::Arc;

use chrono::{DateTime, Days, Utc};

use super::{Invoice, Number, Refused, Status};
use crate::domain::calendar::Zone;
use crate::domain::ids::EntityId;
use crate::domain::subscriptions::Collection;

/// What an invoice is issued with.
#[derive(Debug, Clone)]
pub struct Issue {
    pub now: DateTime<Utc>,
    /// The tenant's zone: dates in the books are its dates.
    pub zone: Zone,
    /// Who issues it.
    pub entity_id: EntityId,
    pub seller_version: i32,
    pub buyer_version: i32,
    pub payment_terms_days: i32,
}

/// draft → open (or paid, when there is nothing to pay after what credits paid of it). The number is given afterwards, by [`number`]: its counter is the
/// last lock taken.
pub fn finalize(invoice: &mut Invoice, issue: &Issue) -> Result<(), Refused> {
    check(invoice)?;
    let nothing_to_pay = !invoice.amount_due()?.is_positive();
    let terms = match invoice.collection {
        Collection::Automatic => 0,
        Collection::SendInvoice => u64::try_from(issue.payment_terms_days).unwrap_or(0),
    };
    (invoice.finalizes_at, invoice.waits_for) = (None, None);
    invoice.status = if nothing_to_pay { Status::Paid } else { Status::Open };
    invoice.closed_at = nothing_to_pay.then_some(issue.now);
    invoice.issued_at = Some(issue.now);
    invoice.due_at = issue.now.checked_add_days(Days::new(terms));
    invoice.buyer_version = Some(issue.buyer_version);
    invoice.seller_version = Some(issue.seller_version);
    invoice.next_attempt_at =
        (!nothing_to_pay && invoice.collection == Collection::Automatic).then_some(issue.now);
    Ok(())
}

/// Gives a finalized invoice its number.
pub fn number(invoice: &mut Invoice, series: &Arc<str>, number: i64) {
    invoice.number = Some(Number { series: Arc::clone(series), number });
}

/// Refuses anything but a draft.
///
/// # Errors
/// It is issued already.
pub fn check(invoice: &Invoice) -> Result<(), Refused> {
    match invoice.status {
        Status::Draft => Ok(()),
        status => Err(Refused::WrongStatus { status, possible: "only a draft can be finalized" }),
    }
}
