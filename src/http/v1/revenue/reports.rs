//! `/v1/revenue/waterfall`, `/v1/revenue/roll_forward`, `/v1/revenue/remaining_obligations`: what schedules add up to, as of any day.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use crate::domain::ids::EntityId;
use crate::domain::money::{MoneyError, Total};
use crate::domain::revenue::reports::{Obligations, RollForward, Rolled, Waterfall};
use crate::http::{Answer, Get, Problem, Query};
use crate::storage::Tx;
use crate::storage::revenue::views::all::{self, Moved};
use crate::wire::revenue::reports::{
    Basis, RemainingObligations, RevenueReportQuery, RevenueRollForward, RevenueWaterfall, RollForwardRow,
};
use crate::workflows::{Error, Scope};

fn fault(error: MoneyError) -> Error {
    Error::Fault(error.to_string())
}

/// The entity that is named, if one is.
fn named(scope: &Scope, entity_id: Option<EntityId>) -> Result<Option<EntityId>, Error> {
    entity_id.map(|id| scope.queried_entity(Some(id))).transpose()
}

/// The revenue waterfall
///
/// A row for each month of booking and currency: what its documents come to without tax, what each month earns of it, what is earned by `as_of`,
/// what remains. The months of a row add up to its total. What is taken back is in the row of the month in which that was done. With `basis=posted`
/// nothing counts as earned that is not in the ledger of its entity.
#[utoipa::path(get, path = "/v1/revenue/waterfall", tag = "revenue", params(RevenueReportQuery),
    responses((status = 200, description = "The waterfall", content((RevenueWaterfall = "application/json"), (String = "text/csv")))),
    operation_id = "revenue_waterfall")]
pub async fn waterfall(get: Get, Query(query): Query<RevenueReportQuery>) -> Result<Answer, Problem> {
    let (as_of, ends) = (query.as_of()?, query.ends()?);
    let basis = query.basis.unwrap_or_default();
    get.run_table(query.format, move |tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        let entity_id = named(&scope, query.entity_id)?;
        let as_of = as_of.unwrap_or_else(|| scope.zone.local_date(scope.now));
        let posted_by = match basis {
            Basis::Scheduled => None,
            Basis::Posted => Some(all::posted_by(tx, (tenant_id, entity_id))?),
        };
        let mut waterfall = Waterfall::default();
        all::each(tx, (tenant_id, entity_id), |alike, entity_id| {
            // Of an entity whose revenue was never recognised, nothing is posted.
            let by = |posted: &HashMap<_, _>| posted.get(&entity_id).copied().unwrap_or(NaiveDate::MIN);
            waterfall.add(alike, (as_of, posted_by.as_ref().map(by))).map_err(fault)
        })?;
        Ok(RevenueWaterfall::of(waterfall, (as_of, basis), ends))
    })
    .await
}

/// The roll-forward of deferred revenue
///
/// For each month and currency: opening + billings + credits + written off + allocated − recognised = closing, and beside it the ledger's balance. By the schedules, or with
/// `basis=posted` by the ledger. The year that ends with the month of `as_of` when no months are named.
#[utoipa::path(get, path = "/v1/revenue/roll_forward", tag = "revenue", params(RevenueReportQuery),
    responses((status = 200, description = "The months", content((RevenueRollForward = "application/json"), (String = "text/csv")))),
    operation_id = "revenue_roll_forward")]
pub async fn roll_forward(get: Get, Query(query): Query<RevenueReportQuery>) -> Result<Answer, Problem> {
    let as_of = query.as_of()?;
    let basis = query.basis.unwrap_or_default();
    query.ends()?;
    get.run_table(query.format, move |tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        let entity_id = named(&scope, query.entity_id)?;
        let months = query.months(as_of.unwrap_or_else(|| scope.zone.local_date(scope.now)))?;
        let moved = all::moved(tx, (tenant_id, entity_id))?;
        let ledger = by_ledger(&moved, &months);
        let rows = match basis {
            Basis::Posted => ledger.clone(),
            Basis::Scheduled => by_schedules((tx, entity_id), &scope, months)?,
        };
        let row = |(key, rolled): (&(&'static str, NaiveDate), &Rolled)| {
            let balance = ledger.get(key).map_or(Total::zero(rolled.opening.currency()), Rolled::closing);
            RollForwardRow::of(*key, rolled, (balance, basis))
        };
        Ok(RevenueRollForward { basis, data: rows.iter().map(row).collect() })
    })
    .await
}

type Rows = BTreeMap<(&'static str, NaiveDate), Rolled>;

fn by_schedules(
    (tx, entity_id): (&mut Tx<'_>, Option<EntityId>),
    scope: &Scope,
    months: Vec<NaiveDate>,
) -> Result<Rows, Error> {
    let mut rolled = RollForward::of(months);
    all::each(tx, (scope.tenant_id, entity_id), |alike, _| rolled.add(alike).map_err(fault))?;
    Ok(rolled.rows)
}

/// The months as the ledger has them: each opens with what all before it came to.
fn by_ledger(moved: &[Moved], months: &[NaiveDate]) -> Rows {
    let mut rows = Rows::new();
    for moved in moved {
        for &month in months.iter().filter(|month| moved.month <= **month) {
            let key = (moved.currency.code(), month);
            let row = rows.entry(key).or_insert(Rolled::nothing(moved.currency));
            if moved.month == month {
                (row.billings, row.credits) = (moved.billings, moved.credits);
                (row.given_up, row.allocated) = (moved.given_up, moved.allocated);
                row.recognized = moved.recognized;
            } else {
                let came = moved.billings.and(moved.credits).and(moved.given_up);
                let came = came.and(moved.allocated).less(moved.recognized);
                row.opening = row.opening.and(came);
            }
        }
    }
    rows
}

/// What is invoiced and not earned yet
///
/// By the schedules, at the end of the day of `as_of`: what is earned within twelve months, in the twelve after those, later.
#[utoipa::path(get, path = "/v1/revenue/remaining_obligations", tag = "revenue", params(RevenueReportQuery),
    responses((status = 200, description = "What remains", content((RemainingObligations = "application/json"), (String = "text/csv")))),
    operation_id = "remaining_obligations")]
pub async fn remaining_obligations(
    get: Get,
    Query(query): Query<RevenueReportQuery>,
) -> Result<Answer, Problem> {
    let as_of = query.as_of()?;
    get.run_table(query.format, move |tx, tenant_id| {
        let scope = Scope::load(tx, tenant_id)?;
        let entity_id = named(&scope, query.entity_id)?;
        let as_of = as_of.unwrap_or_else(|| scope.zone.local_date(scope.now));
        let mut obligations = Obligations::default();
        all::each(tx, (tenant_id, entity_id), |alike, _| obligations.add(alike, as_of).map_err(fault))?;
        Ok(RemainingObligations::of(&obligations, as_of))
    })
    .await
}
