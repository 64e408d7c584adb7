//! `/v1/revenue/waterfall`, `/v1/revenue/roll_forward`, `/v1/revenue/remaining_obligations`: what schedules add up to, as of any day.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use uuid::Uuid;

use crate::domain::ids::{CustomerId, EntityId, PlanId, PriceId, ProductId, RevenueContractId, TenantId};
use crate::domain::money::{MoneyError, Total};
use crate::domain::refusal::Invalid;
use crate::domain::revenue::Alike;
use crate::domain::revenue::reports::{Obligations, RollForward, Rolled, Waterfall, rolled_by};
use crate::http::{Answer, Get, Problem, Query};
use crate::storage::Tx;
use crate::storage::revenue::views::all::{self, Moved};
use crate::storage::revenue::views::grouped::{self, By, Only};
use crate::wire::revenue::reports::{
    Basis, RemainingObligations, ReportBy, RevenueReportQuery, RevenueRollForward, RevenueWaterfall,
    RollForwardOf, RollForwardRow, remaining_rows, waterfall_rows,
};
use crate::workflows::{Error, Scope};

fn fault(error: MoneyError) -> Error {
    Error::Fault(error.to_string())
}

/// A report that is being read: as of a day, of an entity where one is named.
struct Reading<'a> {
    scope: Scope,
    query: &'a RevenueReportQuery,
    as_of: NaiveDate,
    entity_id: Option<EntityId>,
}

impl<'a> Reading<'a> {
    fn load(
        tx: &mut Tx<'_>,
        tenant_id: TenantId,
        query: &'a RevenueReportQuery,
    ) -> Result<Reading<'a>, Error> {
        let scope = Scope::load(tx, tenant_id)?;
        let entity_id = query.entity_id.map(|id| scope.queried_entity(Some(id))).transpose()?;
        let as_of = query.as_of()?.unwrap_or_else(|| scope.zone.local_date(scope.now));
        Ok(Reading { scope, query, as_of, entity_id })
    }

    fn by(&self) -> Option<By> {
        self.query.by.map(|by| match by {
            ReportBy::Product => By::Product,
            ReportBy::Plan => By::Plan,
            ReportBy::Price => By::Price,
            ReportBy::Customer => By::Customer,
            ReportBy::Contract => By::Contract,
            ReportBy::Entity => By::Entity,
        })
    }

    /// Hands over all that is scheduled, with its group and its entity: by the sums, where they know it.
    fn each(
        &self,
        tx: &mut Tx<'_>,
        mut take: impl FnMut(Option<Uuid>, (&Alike, EntityId)) -> Result<(), MoneyError>,
    ) -> Result<(), Error> {
        let (tenant_id, query, by) = (self.scope.tenant_id, self.query, self.by());
        let only = Only {
            currency: query.currency()?,
            product_id: query.product_id,
            plan_id: query.plan_id,
            price_id: query.price_id,
            customer_id: query.customer_id,
            contract_id: query.contract_id,
            entity_id: self.entity_id,
        };
        let of_all = Only { currency: only.currency, entity_id: only.entity_id, ..Only::default() };
        if only != of_all || by.is_some_and(|by| by != By::Entity) {
            return grouped::each(tx, (tenant_id, &only), by, |group, found| {
                take(group, found).map_err(fault)
            });
        }
        all::each(tx, (tenant_id, self.entity_id), |alike, entity_id| {
            if only.currency.is_some_and(|currency| currency != alike.one.amount.currency()) {
                return Ok(());
            }
            take(by.map(|_| entity_id.uuid()), (alike, entity_id)).map_err(fault)
        })
    }

    /// A group as it is written.
    fn name(&self, group: Option<Uuid>) -> Option<String> {
        let (by, id) = (self.by()?, group?);
        Some(match by {
            By::Product => ProductId::from_uuid(id).to_string(),
            By::Plan => PlanId::from_uuid(id).to_string(),
            By::Price => PriceId::from_uuid(id).to_string(),
            By::Customer => CustomerId::from_uuid(id).to_string(),
            By::Contract => RevenueContractId::from_uuid(id).to_string(),
            By::Entity => EntityId::from_uuid(id).to_string(),
        })
    }

    /// Whether the ledger knows what rows are of: entities and currencies.
    fn is_in_ledger(&self) -> bool {
        let query = self.query;
        let is_of_something =
            query.product_id.is_some() || query.plan_id.is_some() || query.price_id.is_some();
        let is_somebodys = query.customer_id.is_some() || query.contract_id.is_some();
        !is_of_something && !is_somebodys && self.by().is_none_or(|by| by == By::Entity)
    }
}

/// The revenue waterfall
///
/// A row for each month of booking and currency: what its documents come to without tax, what each month earns of it, what is earned by `as_of`,
/// what remains. The months of a row add up to its total. What is taken back is in the row of the month in which that was done. With `basis=posted`
/// nothing counts as earned that is not in the ledger of its entity. Each figure has a link to the schedules that it is made of.
#[utoipa::path(get, path = "/v1/revenue/waterfall", tag = "revenue", params(RevenueReportQuery),
    responses((status = 200, description = "The waterfall", content((RevenueWaterfall = "application/json"), (String = "text/csv")))),
    operation_id = "revenue_waterfall")]
pub async fn waterfall(get: Get, Query(query): Query<RevenueReportQuery>) -> Result<Answer, Problem> {
    let ends = query.ends()?;
    let basis = query.basis.unwrap_or_default();
    get.run_table(query.format, move |tx, tenant_id| {
        let reading = Reading::load(tx, tenant_id, &query)?;
        let as_of = reading.as_of;
        let posted_by = match basis {
            Basis::Scheduled => None,
            Basis::Posted => Some(all::posted_by(tx, (tenant_id, reading.entity_id))?),
        };
        let mut groups: BTreeMap<Option<Uuid>, Waterfall> = BTreeMap::new();
        reading.each(tx, |group, (alike, entity_id)| {
            // Of an entity whose revenue was never recognised, nothing is posted.
            let by = |posted: &HashMap<_, _>| posted.get(&entity_id).copied().unwrap_or(NaiveDate::MIN);
            groups.entry(group).or_default().add(alike, (as_of, posted_by.as_ref().map(by)))
        })?;
        let mut data = Vec::new();
        for (group, waterfall) in groups {
            let name = reading.name(group);
            let named = (name.as_deref(), &query.drill(name.as_deref()));
            let waterfall = waterfall.within(ends).by(query.interval());
            data.extend(waterfall_rows(waterfall, named, (as_of, query.interval())));
        }
        Ok(RevenueWaterfall { as_of, basis, data })
    })
    .await
}

/// The roll-forward of deferred revenue
///
/// For each month and currency: opening + billings + credits + written off + allocated − recognised = closing, and beside it the ledger's balance. By the schedules, or with
/// `basis=posted` by the ledger. The year that ends with the month of `as_of` when no months are named. Each figure has a link to the schedules that it
/// is made of.
#[utoipa::path(get, path = "/v1/revenue/roll_forward", tag = "revenue", params(RevenueReportQuery),
    responses((status = 200, description = "The months", content((RevenueRollForward = "application/json"), (String = "text/csv")))),
    operation_id = "revenue_roll_forward")]
pub async fn roll_forward(get: Get, Query(query): Query<RevenueReportQuery>) -> Result<Answer, Problem> {
    let basis = query.basis.unwrap_or_default();
    query.ends()?;
    get.run_table(query.format, move |tx, tenant_id| {
        let reading = Reading::load(tx, tenant_id, &query)?;
        let months = query.months(reading.as_of)?;
        let mut groups: BTreeMap<Option<Uuid>, RollForward> = BTreeMap::new();
        reading.each(tx, |group, (alike, _)| {
            groups.entry(group).or_insert_with(|| RollForward::of(months.clone())).add(alike)
        })?;
        if basis == Basis::Posted && !reading.is_in_ledger() {
            let detail = "the ledger knows entities and currencies alone: leave out the basis, or what else rows are of";
            return Err(Invalid::one("/query/basis", "bad_value", detail).into());
        }
        let mut data = Vec::new();
        for (group, rolled) in groups {
            let ledger = match reading.is_in_ledger() {
                true => Some(of_ledger(tx, &reading, (group, &months))?),
                false => None,
            };
            let rows = match (basis, &ledger) {
                (Basis::Posted, Some(ledger)) => ledger.clone(),
                _ => rolled.rows,
            };
            data.extend(rolled_rows(&reading, group, (rows, ledger)));
        }
        Ok(RevenueRollForward { basis, data })
    })
    .await
}

type Rows = BTreeMap<(&'static str, NaiveDate), Rolled>;

/// The rows of a group, beside those of the ledger.
fn rolled_rows(
    reading: &Reading<'_>,
    group: Option<Uuid>,
    (rows, ledger): (Rows, Option<Rows>),
) -> Vec<RollForwardRow> {
    let query = reading.query;
    let (name, interval) = (reading.name(group), query.interval());
    let drill = query.drill(name.as_deref());
    let ledger = ledger.map(|rows| rolled_by(interval, rows));
    let row = |((currency, first), rolled): ((&'static str, NaiveDate), Rolled)| {
        let balance = |rows: &Rows| {
            rows.get(&(currency, first)).map_or(Total::zero(rolled.opening.currency()), Rolled::closing)
        };
        let basis = query.basis.unwrap_or_default();
        let named = RollForwardOf { currency, first, interval, group: name.as_deref(), drill: &drill, basis };
        RollForwardRow::of(&named, &rolled, ledger.as_ref().map(balance))
    };
    rolled_by(interval, rows).into_iter().map(row).collect()
}

/// The months as the ledger has them, of one entity where the rows are of each.
fn of_ledger(
    tx: &mut Tx<'_>,
    reading: &Reading<'_>,
    (group, months): (Option<Uuid>, &[NaiveDate]),
) -> Result<Rows, Error> {
    let entity_id = group.map(EntityId::from_uuid).or(reading.entity_id);
    let mut moved = all::moved(tx, (reading.scope.tenant_id, entity_id))?;
    if let Some(currency) = reading.query.currency()? {
        moved.retain(|moved| moved.currency == currency);
    }
    Ok(by_ledger(&moved, months))
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
/// By the schedules, at the end of the day of `as_of`: what is earned within twelve months, in the twelve after those, later. Each figure has a link to
/// the schedules that it is made of.
#[utoipa::path(get, path = "/v1/revenue/remaining_obligations", tag = "revenue", params(RevenueReportQuery),
    responses((status = 200, description = "What remains", content((RemainingObligations = "application/json"), (String = "text/csv")))),
    operation_id = "remaining_obligations")]
pub async fn remaining_obligations(
    get: Get,
    Query(query): Query<RevenueReportQuery>,
) -> Result<Answer, Problem> {
    get.run_table(query.format, move |tx, tenant_id| {
        let reading = Reading::load(tx, tenant_id, &query)?;
        let as_of = reading.as_of;
        let mut groups: BTreeMap<Option<Uuid>, Obligations> = BTreeMap::new();
        reading.each(tx, |group, (alike, _)| groups.entry(group).or_default().add(alike, as_of))?;
        let mut data = Vec::new();
        for (group, obligations) in &groups {
            let name = reading.name(*group);
            let named = (name.as_deref(), &query.drill(name.as_deref()));
            data.extend(remaining_rows(obligations, named, as_of));
        }
        Ok(RemainingObligations { as_of, data })
    })
    .await
}
