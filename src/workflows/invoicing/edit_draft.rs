//! What did somebody change of a draft? A line added, changed or removed, its totals added up again, in one transaction.

use crate::domain::events::EventType;
use crate::domain::ids::InvoiceId;
use crate::domain::invoicing::drafts::{self as rules, LineChange, NewLine, Whole};
use crate::storage::invoicing::drafts;
use crate::storage::{StorageError, Thing, Tx, events, invoicing};
use crate::workflows::billing::take_back;
use crate::workflows::tax::tax_draft;
use crate::workflows::{Error, Holding, Scope};

/// What is changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    Add(NewLine),
    Change(i32, LineChange),
    Remove(i32),
}

/// Changes the draft.
///
/// # Errors
/// Not found: the invoice or its line; [`Refused`](crate::domain::invoicing::drafts::Refused).
pub fn run(tx: &mut Tx<'_>, scope: &Scope, id: InvoiceId, edit: Edit) -> Result<(), Error> {
    let scope = &scope.lock_owner(tx, id)?;
    let whole = lock(tx, scope, id)?;
    let before = whole.lines.clone();
    let call = match edit {
        Edit::Add(_) => "line.added",
        Edit::Change(..) => "line.changed",
        Edit::Remove(_) => "line.removed",
    };
    let edited = match edit {
        Edit::Add(line) => rules::add(whole, line, scope.now)?,
        Edit::Change(line_no, change) => {
            rules::change(with_line(whole, line_no)?, line_no, change, scope.now)?
        }
        Edit::Remove(line_no) => rules::remove(with_line(whole, line_no)?, line_no)?,
    };
    let mut edited = [edited];
    for draft in &mut edited {
        scope.sign(call, draft.lines.iter_mut().filter(|line| !before.contains(line)));
        drafts::save_edited(tx, &scope.held, draft)?;
    }
    tax_draft::run(tx, scope, &mut edited)?;
    let [edited] = edited;
    invoicing::update(tx, &scope.held, &edited.invoice)?;
    take_back::edited(tx, scope, &edited)?;
    let event = scope.event(EventType::InvoiceUpdated, id.uuid(), edited.invoice.event_data());
    Ok(events::record(tx, scope.tenant_id, &[event])?)
}

/// The invoice of a locked customer with its lines, locked.
pub(in crate::workflows) fn lock(
    tx: &mut Tx<'_>,
    scope: &Holding<'_>,
    id: InvoiceId,
) -> Result<Whole, Error> {
    let invoice = invoicing::find_locked(tx, scope.tenant_id, id)?;
    let lines = invoicing::lines(tx, scope.tenant_id, id)?;
    let shares = drafts::shares(tx, scope.tenant_id, &invoice)?;
    Ok(Whole { invoice, lines, shares })
}

fn with_line(whole: Whole, line_no: i32) -> Result<Whole, Error> {
    let exists = whole.lines.iter().any(|line| line.line_no == line_no);
    if exists { Ok(whole) } else { Err(StorageError::not_found(Thing::InvoiceLine, line_no).into()) }
}
