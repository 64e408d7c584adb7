//! From which month on are the books of an entity kept? From that of its first posting, or from an earlier one that is opened for it.
//!
//! Opened for 2025-11 on 5 January 2026: November, December and January are open.

use chrono::NaiveDate;

use super::recognize;
use crate::domain::ids::{AccountingPeriodId, EntityId};
use crate::domain::revenue::periods::{Period, Refused, Status, months};
use crate::storage::Tx;
use crate::storage::revenue::periods;
use crate::workflows::{Error, Scope};

/// Opens the periods of an entity from the month of a day on, up to the present one; gives that month's.
///
/// # Errors
/// `unknown_entity`, `entity_required`; [`Refused::NoSuchMonth`]: it has not begun, or a later one is closed.
pub fn run(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (entity_id, month): (Option<EntityId>, NaiveDate),
) -> Result<Period, Error> {
    let entity_id = scope.entity(entity_id, "/entity_id")?;
    let today = scope.zone.local_date(scope.now);
    let oldest = today.checked_sub_months(chrono::Months::new(120)).unwrap_or(today);
    if month > today || month < oldest {
        return Err(Refused::NoSuchMonth.into());
    }
    let books = periods::lock_books(tx, scope.tenant_id, entity_id)?;
    let known = recognize::open_to(tx, scope, (entity_id, today))?;
    let holds = |period: &&Period| period.days.from <= month && month < period.days.to;
    if let Some(known) = known.iter().find(holds) {
        return Ok(known.clone());
    }
    let first = known.first().map_or(today, |period| period.days.from);
    if books.open_from.is_some() {
        return Err(Refused::NoSuchMonth.into());
    }
    let added = months(month, first.pred_opt().unwrap_or(first)).into_iter().map(|days| Period {
        id: AccountingPeriodId::from_uuid(scope.mint()),
        entity_id,
        days,
        status: Status::Open,
        created_at: scope.now,
        closed_at: None,
        reopened: None,
        accepted: Vec::new(),
    });
    let added: Vec<Period> = added.collect();
    periods::insert(tx, scope.tenant_id, &added)?;
    added.into_iter().next().ok_or_else(|| Refused::NoSuchMonth.into())
}
