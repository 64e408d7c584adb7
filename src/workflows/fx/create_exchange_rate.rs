//! Which rate does the tenant say? Records it; of its pair and day it goes before what was recorded until then. What waited for it
//! waits no more.

use crate::domain::events::EventType;
use crate::domain::fx::{Quote, Rate};
use crate::domain::ids::ExchangeRateId;
use crate::storage::{Tx, events, fx, ledger};
use crate::workflows::{Error, Scope};

/// Records the rate.
///
/// # Errors
/// [`Invalid`](crate::domain::refusal::Invalid) values.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, quote: Quote) -> Result<Rate, Error> {
    quote.check(scope.zone.local_date(scope.now))?;
    let id = ExchangeRateId::from_uuid(scope.mint());
    let rate = Rate { id, quote, is_own: true, recorded_at: scope.now };
    fx::insert_rate(tx, scope.tenant_id, &rate)?;
    ledger::waiting::wake(tx, Some(scope.tenant_id))?;
    let event = scope.event(EventType::ExchangeRateCreated, id.uuid(), rate.event_data());
    events::record(tx, scope.tenant_id, &[event])?;
    Ok(rate)
}
