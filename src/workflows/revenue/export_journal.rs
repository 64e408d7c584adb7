//! What is posted in a period goes to a general ledger: once. Exported again, only what came since; reversed, all of it can be exported again.
//!
//! January has 240 postings and is exported; two more come before it is closed, and the next export has those two.

use crate::domain::events::EventType;
use crate::domain::ids::{AccountingPeriodId, JournalExportId};
use crate::domain::ledger::Account;
use crate::domain::money::MoneyError;
use crate::domain::revenue::journals::{Codes, JournalExport, Level, Refused, Reversed, totals};
use crate::storage::revenue::journals::{self, codes, postings};
use crate::storage::revenue::periods;
use crate::storage::{Tx, entities, events};
use crate::workflows::ledger::check_values;
use crate::workflows::{Error, Scope};

fn fault(error: MoneyError) -> Error {
    Error::Fault(error.to_string())
}

/// Exports a period.
///
/// # Errors
/// Not found; [`Refused`]; some of it waits for an exchange rate.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (period_id, level): (AccountingPeriodId, Level),
) -> Result<JournalExport, Error> {
    let tenant_id = scope.tenant_id;
    let period = periods::find(tx, tenant_id, period_id)?;
    let entity_id = period.entity_id;
    periods::lock_books(tx, tenant_id, entity_id)?;
    let mut export = JournalExport {
        id: JournalExportId::from_uuid(scope.mint()),
        entity_id,
        period_id,
        days: period.days,
        level,
        currency: entities::find(tx, tenant_id, entity_id)?.functional_currency,
        codes: codes::of_entity(tx, tenant_id, entity_id)?,
        entries: 0,
        totals: Vec::new(),
        created_at: scope.now,
        reverses: None,
        reversed: None,
    };
    check_values::run(tx, tenant_id, (entity_id, export.currency), export.last_day())?;
    export.entries = postings::claim(tx, (tenant_id, export.id), (entity_id, export.days))?;
    if export.entries == 0 {
        return Err(Refused::Nothing.into());
    }
    let summed = postings::summed(tx, (tenant_id, export.id), export.last_day())?;
    export.totals = totals(export.currency, &summed).map_err(fault)?;
    export.codes.check(export.totals.iter().map(|total| total.account))?;
    export.codes = used(&export);
    journals::insert(tx, tenant_id, &export)?;
    let event = scope.event(EventType::JournalExported, export.id.uuid(), export.event_data());
    events::record(tx, tenant_id, &[event])?;
    Ok(export)
}

/// What its accounts are called; no others.
fn used(export: &JournalExport) -> Codes {
    let is_used = |account: Account| export.totals.iter().any(|total| total.account == account);
    Codes::of_entity(export.codes.iter().filter(|code| is_used(code.account)).cloned().collect(), Vec::new())
}

/// Takes an export back: gives the export that has the same postings, sides exchanged.
///
/// # Errors
/// Not found; [`Refused`].
pub fn reverse(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, because): (JournalExportId, &str),
) -> Result<JournalExport, Error> {
    let tenant_id = scope.tenant_id;
    let known = journals::find(tx, tenant_id, id)?;
    known.check_reversible(because)?;
    let reversed = Reversed { at: scope.now, because: because.trim().to_owned() };
    if !journals::reverse(tx, tenant_id, (id, &reversed))? {
        return Err(Refused::AlreadyReversed.into());
    }
    let reversal = known.reversal(JournalExportId::from_uuid(scope.mint()), scope.now);
    journals::insert(tx, tenant_id, &reversal)?;
    let known = JournalExport { reversed: Some(reversed), ..known };
    let event = scope.event(EventType::JournalExportReversed, id.uuid(), known.event_data());
    events::record(tx, tenant_id, &[event])?;
    Ok(reversal)
}
