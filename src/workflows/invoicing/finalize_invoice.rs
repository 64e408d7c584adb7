//! A draft becomes an invoice before its time, because somebody says so: numbered, dated, its parties as they are now, posted, its events emitted,
//! due for collection. In one transaction.

use super::finalize_drafts;
use crate::domain::ids::InvoiceId;
use crate::domain::invoicing::Status;
use crate::domain::invoicing::drafts::Refused;
use crate::storage::invoicing::earlier_drafts;
use crate::storage::{Tx, invoicing, tax};
use crate::workflows::{Error, Scope};

/// Finalizes a draft with lines; anything else is refused. One whose tax a provider has not answered yet waits for it, and is issued then.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: InvoiceId) -> Result<(), Error> {
    let scope = &scope.lock_owner(tx, id)?;
    let draft = invoicing::find_locked(tx, scope.tenant_id, id)?;
    if tax::has_taxed(tx, scope.tenant_id)?
        && let Some(first) = earlier_drafts::giving_back(tx, scope.tenant_id, &[id])?.first()
    {
        return Err(Error::from(Refused::GivesBackOfDraft(first.of_draft)));
    }
    if draft.status == Status::Draft && invoicing::lines(tx, scope.tenant_id, id)?.is_empty() {
        return Err(Error::from(Refused::NoLines));
    }
    finalize_drafts::issue(tx, scope, vec![draft])?;
    Ok(())
}
