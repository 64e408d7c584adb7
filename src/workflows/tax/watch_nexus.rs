//! How near is a seller to the thresholds of states? Found out for who asks, and once a day for what is announced: each share of a threshold once,
//! computed, less what is recorded.

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};

use crate::domain::events::EventType;
use crate::domain::ids::{EntityId, TenantId};
use crate::domain::money::Currency;
use crate::domain::tax::nexus::{DOLLAR, Nexus, by_state, first_day, in_dollars, marks};
use crate::storage::{Session, Tx, events, fx, tax};
use crate::workflows::parked_work::Place;
use crate::workflows::{Error, Scope};

/// Who sells into states is looked at so often, who does not so seldom.
const OFTEN: TimeDelta = TimeDelta::days(1);
const SELDOM: TimeDelta = TimeDelta::days(7);

/// How an entity stands on a day.
#[derive(Debug, Clone)]
pub struct Standings {
    pub states: Vec<Nexus>,
    /// Currencies that count nothing because no rate is known.
    pub no_rate: BTreeSet<Currency>,
}

/// Finds out how an entity stands on a day.
///
/// # Errors
/// Storage.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, entity_id: EntityId, day: NaiveDate) -> Result<Standings, Error> {
    let since = first_day(day);
    let sales = tax::views::sold_in_states(tx, (scope.tenant_id, scope.zone), entity_id, (since, day))?;
    let mut currencies: BTreeSet<Currency> = sales.iter().map(|sale| sale.net.currency()).collect();
    currencies.extend(Currency::parse(DOLLAR));
    let first = sales.iter().map(|sale| sale.rate_day).min().unwrap_or(since);
    let currencies = Some(currencies.into_iter().collect());
    let wanted = fx::Wanted { currencies, first, last: day, as_of: None };
    let rates = fx::book(tx, scope.tenant_id, &wanted)?;
    let (sold, no_rate) = in_dollars(&sales, &rates);
    Ok(Standings { states: by_state(&sold, day), no_rate })
}

/// Announces what is reached and was not announced yet.
///
/// # Errors
/// What keeps it from being recorded.
pub fn one(session: &mut Session, place: Place, tenant_id: TenantId) -> Result<(), Error> {
    session.transaction("watch_nexus", |tx| {
        // One at a time, as who changes what it is decided by.
        tax::lock_settings(tx, tenant_id)?;
        let scope = Scope { now: place.now, ..Scope::load(tx, tenant_id)? };
        let day = scope.zone.local_date(scope.now);
        let mut sells = false;
        for issuer in scope.issuers.iter() {
            sells |= announce(tx, &scope, issuer.id, day)?;
        }
        let gap = if sells { OFTEN } else { SELDOM };
        Ok(tax::look_at_nexus(tx, tenant_id, scope.now + gap)?)
    })
}

/// Announces what an entity has reached; says whether it sells into any state.
fn announce(tx: &mut Tx<'_>, scope: &Scope, entity_id: EntityId, day: NaiveDate) -> Result<bool, Error> {
    let Standings { states, .. } = find(tx, scope, entity_id, day)?;
    let regime = tax::views::regime(tx, (scope.tenant_id, entity_id))?;
    let mut emitted = Vec::new();
    for mark in marks(&states, day) {
        if !tax::record_mark(tx, (scope.tenant_id, entity_id), (&mark, scope.now))? {
            continue;
        }
        let type_ = match mark.percent {
            100 => EventType::TaxNexusReached,
            _ => EventType::TaxNexusApproaching,
        };
        let registered = regime.is_registered_in_state(mark.nexus.threshold.state, day);
        let data = mark.event_data(entity_id, registered);
        emitted.push(scope.event(type_, scope.tenant_id.uuid(), data));
    }
    events::record(tx, scope.tenant_id, &emitted)?;
    Ok(!states.is_empty())
}
