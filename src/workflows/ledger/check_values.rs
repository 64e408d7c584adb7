//! Is everything that is posted in an entity's books up to a day worth something in their currency? What waits for an exchange rate would change them
//! after they were revalued, exported or closed.

use chrono::NaiveDate;

use crate::domain::ids::{EntityId, TenantId};
use crate::domain::ledger::revaluation::Refused;
use crate::domain::money::Currency;
use crate::storage::Tx;
use crate::storage::ledger::revaluations;
use crate::workflows::Error;

/// Checks it.
///
/// # Errors
/// [`Refused::Waiting`].
pub fn run(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (entity_id, currency): (EntityId, Currency),
    as_of: NaiveDate,
) -> Result<(), Error> {
    let waiting = revaluations::waiting(tx, (tenant_id, Some(entity_id)), Some(as_of))?;
    if waiting.transfers == 0 {
        return Ok(());
    }
    let reason = waiting.reason.unwrap_or_else(|| "they are being valued: try again soon".to_owned());
    Err(Refused::Waiting { transfers: waiting.transfers, as_of, currency, reason }.into())
}
