//! What do the files of an export say? Its postings in their order, or summed, with sides exchanged where it takes another back; of whole years, each
//! posting of closed periods.

use chrono::NaiveDate;

use crate::domain::ids::{EntityId, JournalExportId};
use crate::domain::revenue::Days;
use crate::domain::revenue::journals::{Codes, JournalExport, Level, Pair, Posted};
use crate::domain::revenue::periods::Status;
use crate::storage::revenue::journals::{codes, postings};
use crate::storage::revenue::periods;
use crate::storage::{Tx, entities};
use crate::workflows::ledger::check_values;
use crate::workflows::{Error, Scope};

/// Hands on each of an export's postings with the amounts it moves.
///
/// # Errors
/// What `take` says; storage.
pub fn each(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (export, mut take): (&JournalExport, impl FnMut(&Posted, &[Pair]) -> Result<(), Error>),
) -> Result<(), Error> {
    let id: JournalExportId = export.reverses.unwrap_or(export.id);
    let mut hand_on = |posted: Posted| {
        let mut pairs = posted.pairs().map_err(|error| Error::Fault(error.to_string()))?;
        if export.reverses.is_some() {
            pairs = pairs.into_iter().map(Pair::exchanged).collect();
        }
        take(&posted, &pairs)
    };
    match export.level {
        Level::Detail => postings::each_exported(tx, (scope.tenant_id, id), hand_on),
        Level::Summary => {
            for posted in postings::summed(tx, (scope.tenant_id, id), export.last_day())? {
                hand_on(posted)?;
            }
            Ok(())
        }
    }
}

/// A stretch of an entity's closed books.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosedBooks {
    pub entity_id: EntityId,
    pub days: Days,
    pub codes: Codes,
    /// Of each period: the day after its last, and the day on which it was closed.
    pub closed: Vec<(NaiveDate, NaiveDate)>,
}

/// The books of an entity on days that closed periods cover, one after the other.
///
/// # Errors
/// The first day that is not in a closed period, in the inner result; something waits for an exchange rate.
pub fn closed_books(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (entity_id, days): (EntityId, Days),
) -> Result<Result<ClosedBooks, NaiveDate>, Error> {
    let mut open_from = days.from;
    let mut closed = Vec::new();
    for period in periods::of_entity(tx, scope.tenant_id, entity_id)? {
        let is_next = period.days.from <= open_from && open_from < period.days.to && open_from < days.to;
        if let (true, Status::Closed, Some(at)) = (is_next, period.status, period.closed_at) {
            open_from = period.days.to;
            closed.push((period.days.to, scope.zone.local_date(at)));
        }
    }
    if open_from < days.to {
        return Ok(Err(open_from));
    }
    // Closed by an earlier version, a period may hold what waits for a rate.
    let home = entities::find(tx, scope.tenant_id, entity_id)?.functional_currency;
    let last = days.to.pred_opt().unwrap_or(days.to);
    check_values::run(tx, scope.tenant_id, (entity_id, home), last)?;
    let codes = codes::of_entity(tx, scope.tenant_id, entity_id)?;
    Ok(Ok(ClosedBooks { entity_id, days, codes, closed }))
}

/// Hands on each posting of closed books.
///
/// # Errors
/// What `take` says; storage.
pub fn each_of(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (books, mut take): (&ClosedBooks, impl FnMut(&Posted, &[Pair]) -> Result<(), Error>),
) -> Result<(), Error> {
    let hand_on = |posted: Posted| {
        let pairs = posted.pairs().map_err(|error| Error::Fault(error.to_string()))?;
        take(&posted, &pairs)
    };
    postings::each_of_days(tx, (scope.tenant_id, books.entity_id), (books.days, hand_on))
}

/// Hands on each posting before closed books begin: earlier periods are closed, too.
///
/// # Errors
/// What `take` says; storage.
pub fn each_before(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (books, take): (&ClosedBooks, impl FnMut(&Posted, &[Pair]) -> Result<(), Error>),
) -> Result<(), Error> {
    let first = NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or(books.days.from);
    let earlier = ClosedBooks { days: Days { from: first, to: books.days.from }, ..books.clone() };
    each_of(tx, scope, (&earlier, take))
}
