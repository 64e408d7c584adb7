//! A draft made by hand is thrown away: it was never issued, so nothing is owed and no number is lost.

use super::edit_draft;
use crate::domain::events::EventType;
use crate::domain::ids::InvoiceId;
use crate::domain::invoicing::Invoice;
use crate::domain::invoicing::drafts as rules;
use crate::storage::invoicing::drafts;
use crate::storage::{Tx, events};
use crate::workflows::{Error, Scope};

/// Deletes a draft that charges nothing billing found due; gives what it was.
///
/// # Errors
/// Not found; [`Refused`](crate::domain::invoicing::drafts::Refused).
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: InvoiceId) -> Result<Invoice, Error> {
    let scope = &scope.lock_owner(tx, id)?;
    let whole = edit_draft::lock(tx, scope, id)?;
    rules::check_deletable(&whole)?;
    drafts::delete(tx, &scope.held, id)?;
    let event = scope.event(EventType::InvoiceDeleted, id.uuid(), whole.invoice.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(whole.invoice)
}
