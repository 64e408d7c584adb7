//! What is an entity's foreign money worth at the end of a day? Posts the difference to what it is carried at, and takes it back the day after:
//! once for each entity and day, however often it is requested.

use chrono::NaiveDate;

use crate::domain::events::EventType;
use crate::domain::ids::{EntityId, RevaluationId};
use crate::domain::ledger::revaluation::{Refused, Revaluation, revalue};
use crate::domain::money::Currency;
use crate::domain::refusal::Invalid;
use crate::storage::fx::Wanted;
use crate::storage::ledger::revaluations;
use crate::storage::{Tx, entities, events, fx};
use crate::workflows::ledger::check_values;
use crate::workflows::{Error, Scope};

/// Which entity, at the end of which day.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    pub entity_id: Option<EntityId>,
    pub as_of: NaiveDate,
}

/// A revaluation, and whether it was there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revalued {
    Done(Revaluation),
    AlreadyDone(Revaluation),
}

/// Revalues a day of an entity.
///
/// # Errors
/// `unknown_entity`, `entity_required`; `day_not_over`; [`Refused`]: a rate is missing, the period is closed.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, order: Order) -> Result<Revalued, Error> {
    let (tenant_id, entity_id) = (scope.tenant_id, checked(scope, order)?);
    if let Some(known) = revaluations::of_day(tx, (tenant_id, entity_id), order.as_of)? {
        return Ok(Revalued::AlreadyDone(known));
    }
    let revaluation = decide(tx, scope, (entity_id, order.as_of))?;
    if !revaluations::insert(tx, tenant_id, &revaluation)? {
        // Somebody else was quicker.
        let known = revaluations::of_day(tx, (tenant_id, entity_id), order.as_of)?;
        return Ok(Revalued::AlreadyDone(known.unwrap_or(revaluation)));
    }
    let event = scope.event(EventType::RevaluationPosted, revaluation.id.uuid(), revaluation.event_data());
    events::record(tx, tenant_id, &[event])?;
    Ok(Revalued::Done(revaluation))
}

/// What [`run`] would post; of a day that is revalued, what was.
///
/// # Errors
/// As [`run`].
pub fn preview(tx: &mut Tx<'_>, scope: &Scope, order: Order) -> Result<Revaluation, Error> {
    let entity_id = checked(scope, order)?;
    match revaluations::of_day(tx, (scope.tenant_id, entity_id), order.as_of)? {
        Some(known) => Ok(known),
        None => decide(tx, scope, (entity_id, order.as_of)),
    }
}

fn checked(scope: &Scope, order: Order) -> Result<EntityId, Invalid> {
    let today = scope.zone.local_date(scope.now);
    // What is posted later on that day would be left out for good.
    if order.as_of >= today {
        let detail = format_args!("a day that is over is revalued: today is {today}, by the tenant's clock");
        return Err(Invalid::one("/as_of", "day_not_over", detail));
    }
    scope.entity(order.entity_id, "/entity_id")
}

fn decide(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (entity_id, as_of): (EntityId, NaiveDate),
) -> Result<Revaluation, Error> {
    let tenant_id = scope.tenant_id;
    if let Some(open_from) = revaluations::open_from(tx, (tenant_id, entity_id))?.filter(|day| as_of < *day) {
        return Err(Refused::PeriodClosed { as_of, open_from }.into());
    }
    let home = entities::find(tx, tenant_id, entity_id)?.functional_currency;
    check_values::run(tx, tenant_id, (entity_id, home), as_of)?;
    let positions = revaluations::positions(tx, (tenant_id, entity_id), (home, as_of))?;
    let currencies: Vec<Currency> =
        positions.iter().map(|position| position.amount.currency()).chain([home]).collect();
    let wanted = Wanted { currencies: Some(currencies), first: as_of, last: as_of, as_of: None };
    let rates = fx::book(tx, tenant_id, &wanted)?;
    Ok(Revaluation {
        id: RevaluationId::from_uuid(scope.mint()),
        entity_id,
        as_of,
        currency: home,
        lines: revalue(&positions, (home, as_of), &rates)?,
        created_at: scope.now,
    })
}
