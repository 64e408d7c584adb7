//! Somebody answers for what a check of a period's checklist found. The books of its entity are locked, so that two who sign come one after the other.
//!
//! Two drafts of January are left on purpose: signed off by Ada, January can be closed with them.

use crate::domain::ids::AccountingPeriodId;
use crate::domain::revenue::sign_offs::{self as domain, SignOff};
use crate::storage::Tx;
use crate::storage::revenue::views::checklist;
use crate::storage::revenue::{periods, sign_offs};
use crate::workflows::{Error, Scope};

/// Who signs what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub period_id: AccountingPeriodId,
    pub check: String,
    pub by: String,
    pub note: String,
}

/// Signs it off.
///
/// # Errors
/// Not found; [`Refused`](domain::Refused).
pub fn run(tx: &mut Tx<'_>, scope: &Scope, order: Order) -> Result<SignOff, Error> {
    let tenant_id = scope.tenant_id;
    let entity_id = periods::find(tx, tenant_id, order.period_id)?.entity_id;
    periods::lock_books(tx, tenant_id, entity_id)?;
    let period = periods::find(tx, tenant_id, order.period_id)?;
    let found = checklist::read(tx, tenant_id, &period)?;
    let count = found.iter().find(|one| one.name == order.check).map(|one| one.count);
    let Order { period_id, check: name, by, note } = order;
    let sign_off = SignOff { period_id, name, at: scope.now, by, note, count: 0 };
    let signed = domain::sign(&period, count, sign_off)?;
    sign_offs::insert(tx, tenant_id, &signed)?;
    Ok(signed)
}
