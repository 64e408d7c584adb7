//! What is sold? Products, plans and their published versions with prices: written once, then only read.
//!
//! What is on this shelf, what is not, and its laws: [`domain::catalog`](crate::domain::catalog).

pub mod features;
mod products;
pub mod same_prices;
pub mod views;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;

pub(in crate::storage) use products::ProductRow;
pub use products::{find_product, insert_product, lock_product, update_product};

use super::schema::{plan_versions, plans, price_amounts, prices};
use super::{StorageError, Tx};
use crate::domain::calendar::Unit;
use crate::domain::catalog::{
    Billing, Derived, Feature, Metering, Plan, PlanVersion, Price, PriceKind, PriceModel, Rounding,
    TaxBehavior,
};
use crate::domain::customers::Metadata;
use crate::domain::ids::{MeterId, PlanId, PriceId, ProductId, TenantId};
use crate::domain::money::Currency;
use crate::storage::columns::interval;
use crate::storage::sql_types::Json;
use crate::storage::{Found, Thing};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = plans)]
pub(in crate::storage) struct PlanRow {
    tenant_id: TenantId,
    id: PlanId,
    external_id: Option<String>,
    code: String,
    name: String,
    product_id: ProductId,
    metadata: Json<Metadata>,
    latest_version: i32,
    created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = plan_versions)]
pub(in crate::storage) struct VersionRow {
    tenant_id: TenantId,
    plan_id: PlanId,
    version: i32,
    currency: Currency,
    interval_unit: Unit,
    interval_count: i32,
    published_at: DateTime<Utc>,
    derived: Json<Vec<Derived>>,
}

/// A price as its row holds it; billing and views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = prices)]
pub(in crate::storage) struct PriceRow {
    tenant_id: TenantId,
    pub(in crate::storage) id: PriceId,
    plan_id: PlanId,
    plan_version: i32,
    pub(in crate::storage) position: i16,
    pub(in crate::storage) code: String,
    pub(in crate::storage) description: String,
    pub(in crate::storage) kind: PriceKind,
    pub(in crate::storage) billing: Billing,
    meter_id: Option<MeterId>,
    divide_by: Option<Decimal>,
    quantity_rounding: Option<Rounding>,
    included_units: Decimal,
    add_on: bool,
    allow_negative: bool,
    tax_behavior: TaxBehavior,
}

/// What a price costs in a currency, as its row holds it.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = price_amounts)]
pub(in crate::storage) struct AmountRow {
    tenant_id: TenantId,
    price_id: PriceId,
    pub(in crate::storage) currency: Currency,
    pub(in crate::storage) model: Json<PriceModel>,
    pub(in crate::storage) maximum: Option<Decimal>,
}

/// What a price costs in each currency, and what a period of it costs at most.
#[derive(Default)]
struct Amounts {
    models: BTreeMap<Currency, PriceModel>,
    maximum: BTreeMap<Currency, Decimal>,
}

impl From<PlanRow> for Plan {
    fn from(row: PlanRow) -> Plan {
        Plan {
            id: row.id,
            external_id: row.external_id,
            code: row.code,
            name: row.name,
            product_id: row.product_id,
            metadata: row.metadata.0,
            latest_version: row.latest_version,
            created_at: row.created_at,
        }
    }
}

impl VersionRow {
    fn with(self, prices: Vec<Price>, features: Vec<Feature>) -> Result<PlanVersion, StorageError> {
        Ok(PlanVersion {
            plan_id: self.plan_id,
            version: self.version,
            currency: self.currency,
            interval: interval(self.interval_unit, self.interval_count)?,
            published_at: self.published_at,
            prices,
            features,
            derived: self.derived.0,
        })
    }
}

impl PriceRow {
    /// Of a usage price: how its meter is read, and what a period costs at most.
    pub(in crate::storage) fn metering(&self, maximum: BTreeMap<Currency, Decimal>) -> Option<Metering> {
        let round = self.quantity_rounding;
        let (included, allow_negative) = (self.included_units, self.allow_negative);
        let by = |meter_id| Metering {
            meter_id,
            divide_by: self.divide_by,
            round,
            included,
            maximum,
            allow_negative,
        };
        self.meter_id.map(by)
    }

    fn with_amounts(self, amounts: Amounts) -> Price {
        let Amounts { models, maximum } = amounts;
        Price {
            metering: self.metering(maximum),
            add_on: self.add_on,
            tax_behavior: self.tax_behavior,
            id: self.id,
            kind: self.kind,
            billing: self.billing,
            code: self.code,
            description: self.description,
            amounts: models,
        }
    }
}

/// Writes a new plan, without its versions.
pub fn insert_plan(tx: &mut Tx<'_>, tenant_id: TenantId, plan: &Plan) -> Result<(), StorageError> {
    let row = PlanRow {
        tenant_id,
        id: plan.id,
        external_id: plan.external_id.clone(),
        code: plan.code.clone(),
        name: plan.name.clone(),
        product_id: plan.product_id,
        metadata: Json(plan.metadata.clone()),
        latest_version: plan.latest_version,
        created_at: plan.created_at,
    };
    diesel::insert_into(plans::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The plan with this id.
pub fn find_plan(tx: &mut Tx<'_>, tenant_id: TenantId, id: PlanId) -> Result<Plan, StorageError> {
    let row: PlanRow = plans::table
        .find((tenant_id, id))
        .select(PlanRow::as_select())
        .first(tx.conn)
        .found(Thing::Plan, id)?;
    Ok(row.into())
}

/// The plan with this id, locked: two publishers stand in line, and the second publishes the version after.
pub fn lock_plan(tx: &mut Tx<'_>, tenant_id: TenantId, id: PlanId) -> Result<Plan, StorageError> {
    let row: PlanRow = plans::table
        .find((tenant_id, id))
        .select(PlanRow::as_select())
        .for_no_key_update()
        .first(tx.conn)
        .found(Thing::Plan, id)?;
    Ok(row.into())
}

/// The plans that have these codes.
pub fn plans_by_code(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    codes: &[String],
) -> Result<Vec<Plan>, StorageError> {
    let rows: Vec<PlanRow> = plans::table
        .filter(plans::tenant_id.eq(tenant_id).and(plans::code.eq_any(codes)))
        .select(PlanRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Plan::from).collect())
}

/// Writes a published version with its prices, and makes it the plan's latest.
pub fn publish(tx: &mut Tx<'_>, tenant_id: TenantId, version: &PlanVersion) -> Result<(), StorageError> {
    let plan_id = version.plan_id;
    let row = VersionRow {
        tenant_id,
        plan_id,
        version: version.version,
        currency: version.currency,
        interval_unit: version.interval.unit,
        interval_count: i32::from(version.interval.count),
        published_at: version.published_at,
        derived: Json(version.derived.clone()),
    };
    diesel::insert_into(plan_versions::table).values(row).execute(tx.conn)?;
    let mut price_rows = Vec::with_capacity(version.prices.len());
    let mut amount_rows = Vec::with_capacity(version.prices.len());
    for (price, position) in version.prices.iter().zip(0..) {
        price_rows.push(PriceRow {
            tenant_id,
            id: price.id,
            plan_id,
            plan_version: version.version,
            position,
            code: price.code.clone(),
            description: price.description.clone(),
            kind: price.kind,
            billing: price.billing,
            meter_id: price.metering.as_ref().map(|m| m.meter_id),
            divide_by: price.metering.as_ref().and_then(|m| m.divide_by),
            quantity_rounding: price.metering.as_ref().and_then(|m| m.round),
            included_units: price.metering.as_ref().map_or(Decimal::ZERO, |m| m.included),
            allow_negative: price.metering.as_ref().is_some_and(|m| m.allow_negative),
            add_on: price.add_on,
            tax_behavior: price.tax_behavior,
        });
        for (currency, model) in &price.amounts {
            amount_rows.push(AmountRow {
                tenant_id,
                price_id: price.id,
                currency: *currency,
                model: Json(model.clone()),
                maximum: price.metering.as_ref().and_then(|m| m.maximum.get(currency).copied()),
            });
        }
    }
    diesel::insert_into(prices::table).values(&price_rows).execute(tx.conn)?;
    diesel::insert_into(price_amounts::table).values(&amount_rows).execute(tx.conn)?;
    features::insert(tx, tenant_id, version)?;
    diesel::update(plans::table.find((tenant_id, plan_id)))
        .set(plans::latest_version.eq(version.version))
        .execute(tx.conn)?;
    Ok(())
}

/// One version of a plan.
pub fn find_version(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (plan_id, version): (PlanId, i32),
) -> Result<PlanVersion, StorageError> {
    let row: Option<VersionRow> = plan_versions::table
        .find((tenant_id, plan_id, version))
        .select(VersionRow::as_select())
        .first(tx.conn)
        .optional()?;
    let row = row.ok_or_else(|| {
        StorageError::not_found(Thing::PlanVersion, format_args!("{plan_id}, version {version}"))
    })?;
    let mut found = with_prices(tx, tenant_id, vec![row])?;
    found.pop().ok_or_else(|| StorageError::not_found(Thing::PlanVersion, plan_id))
}

/// The latest version of each of these plans, by plan.
pub fn latest_versions(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    plans: &[Plan],
) -> Result<HashMap<PlanId, PlanVersion>, StorageError> {
    let ids: Vec<PlanId> = plans.iter().map(|plan| plan.id).collect();
    let same_plan = plan_versions::tenant_id.eq(plans::tenant_id).and(plan_versions::plan_id.eq(plans::id));
    let rows: Vec<VersionRow> = plan_versions::table
        .inner_join(plans::table.on(same_plan.and(plan_versions::version.eq(plans::latest_version))))
        .filter(plan_versions::tenant_id.eq(tenant_id).and(plan_versions::plan_id.eq_any(ids)))
        .select(VersionRow::as_select())
        .load(tx.conn)?;
    Ok(with_prices(tx, tenant_id, rows)?.into_iter().map(|version| (version.plan_id, version)).collect())
}

/// Completes versions with their prices and features, in their order: three statements, however many versions.
pub(in crate::storage) fn with_prices(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    versions: Vec<VersionRow>,
) -> Result<Vec<PlanVersion>, StorageError> {
    let plan_ids: Vec<PlanId> = versions.iter().map(|v| v.plan_id).collect();
    let numbers: Vec<i32> = versions.iter().map(|v| v.version).collect();
    let mut given = features::of_versions(tx, tenant_id, &plan_ids)?;
    let price_rows: Vec<PriceRow> = prices::table
        .filter(prices::tenant_id.eq(tenant_id))
        .filter(prices::plan_id.eq_any(plan_ids).and(prices::plan_version.eq_any(numbers)))
        .order((prices::plan_id, prices::plan_version, prices::position))
        .select(PriceRow::as_select())
        .load(tx.conn)?;
    let mut amounts = load_amounts(tx, tenant_id, price_rows.iter().map(|p| p.id).collect())?;
    let mut by_version: HashMap<(PlanId, i32), Vec<Price>> = HashMap::new();
    for row in price_rows {
        let of_price = amounts.remove(&row.id).unwrap_or_default();
        by_version.entry((row.plan_id, row.plan_version)).or_default().push(row.with_amounts(of_price));
    }
    versions
        .into_iter()
        .map(|row| {
            let prices = by_version.remove(&(row.plan_id, row.version)).unwrap_or_default();
            let given = given.remove(&(row.plan_id, row.version)).unwrap_or_default();
            row.with(prices, given)
        })
        .collect()
}

fn load_amounts(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    price_ids: Vec<PriceId>,
) -> Result<HashMap<PriceId, Amounts>, StorageError> {
    let rows: Vec<AmountRow> = price_amounts::table
        .filter(price_amounts::tenant_id.eq(tenant_id).and(price_amounts::price_id.eq_any(price_ids)))
        .select(AmountRow::as_select())
        .load(tx.conn)?;
    let mut amounts: HashMap<PriceId, Amounts> = HashMap::new();
    for row in rows {
        let of_price = amounts.entry(row.price_id).or_default();
        of_price.models.insert(row.currency, row.model.0);
        of_price.maximum.extend(row.maximum.map(|most| (row.currency, most)));
    }
    Ok(amounts)
}
