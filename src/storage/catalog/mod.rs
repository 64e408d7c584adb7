//! What is sold? Products, plans and their published versions with prices: written once, then only read.
//!
//! What is on this shelf, what is not, and its laws: [`domain::catalog`](crate::domain::catalog).

pub mod features;
pub mod same_prices;
pub mod views;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::schema::{plan_versions, plans, price_amounts, prices, products};
use super::{StorageError, Tx};
use crate::domain::calendar::{Interval, Unit};
use crate::domain::catalog::{
    Billing, Feature, Metering, Plan, PlanVersion, Price, PriceKind, PriceModel, Product, Rounding,
};
use crate::domain::ids::{MeterId, PlanId, PriceId, ProductId, TenantId};
use crate::domain::money::Currency;
use crate::storage::Thing;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = products)]
pub(in crate::storage) struct ProductRow {
    tenant_id: Uuid,
    id: Uuid,
    external_id: Option<String>,
    name: String,
    description: Option<String>,
    metadata: Value,
    created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = plans)]
pub(in crate::storage) struct PlanRow {
    tenant_id: Uuid,
    id: Uuid,
    external_id: Option<String>,
    code: String,
    name: String,
    product_id: Uuid,
    metadata: Value,
    latest_version: i32,
    created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = plan_versions)]
pub(in crate::storage) struct VersionRow {
    tenant_id: Uuid,
    plan_id: Uuid,
    version: i32,
    currency: String,
    interval_unit: String,
    interval_count: i32,
    published_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = prices)]
struct PriceRow {
    tenant_id: Uuid,
    id: Uuid,
    plan_id: Uuid,
    plan_version: i32,
    position: i16,
    code: String,
    description: String,
    kind: String,
    billing: String,
    meter_id: Option<Uuid>,
    divide_by: Option<Decimal>,
    quantity_rounding: Option<String>,
    included_units: Decimal,
    add_on: bool,
    allow_negative: bool,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = price_amounts)]
struct AmountRow {
    tenant_id: Uuid,
    price_id: Uuid,
    currency: String,
    model: Value,
    maximum: Option<Decimal>,
}

/// What a price costs in each currency, and what a period of it costs at most.
#[derive(Default)]
struct Amounts {
    models: BTreeMap<Currency, PriceModel>,
    maximum: BTreeMap<Currency, Decimal>,
}

impl TryFrom<ProductRow> for Product {
    type Error = StorageError;
    fn try_from(row: ProductRow) -> Result<Product, StorageError> {
        Ok(Product {
            id: ProductId::from_uuid(row.id),
            external_id: row.external_id,
            name: row.name,
            description: row.description,
            metadata: serde_json::from_value(row.metadata)
                .map_err(|e| StorageError::unreadable("product", e))?,
            created_at: row.created_at,
        })
    }
}

impl TryFrom<PlanRow> for Plan {
    type Error = StorageError;
    fn try_from(row: PlanRow) -> Result<Plan, StorageError> {
        Ok(Plan {
            id: PlanId::from_uuid(row.id),
            external_id: row.external_id,
            code: row.code,
            name: row.name,
            product_id: ProductId::from_uuid(row.product_id),
            metadata: serde_json::from_value(row.metadata)
                .map_err(|e| StorageError::unreadable("plan", e))?,
            latest_version: row.latest_version,
            created_at: row.created_at,
        })
    }
}

impl VersionRow {
    fn with(self, prices: Vec<Price>, features: Vec<Feature>) -> Result<PlanVersion, StorageError> {
        let unreadable = |e: &dyn std::fmt::Display| StorageError::unreadable("plan version", e);
        let unit = Unit::parse(&self.interval_unit).map_err(|e| unreadable(&e))?;
        let count = u16::try_from(self.interval_count).map_err(|e| unreadable(&e))?;
        Ok(PlanVersion {
            plan_id: PlanId::from_uuid(self.plan_id),
            version: self.version,
            currency: Currency::parse(&self.currency).map_err(|e| unreadable(&e))?,
            interval: Interval::new(unit, count).map_err(|e| unreadable(&e))?,
            published_at: self.published_at,
            prices,
            features,
        })
    }
}

impl PriceRow {
    fn with_amounts(self, amounts: Amounts) -> Result<Price, StorageError> {
        let Amounts { models, maximum } = amounts;
        let metering = self.meter_id.map(|meter_id| {
            let round = self.quantity_rounding.as_deref().and_then(Rounding::parse);
            let meter_id = MeterId::from_uuid(meter_id);
            let (included, allow_negative) = (self.included_units, self.allow_negative);
            Metering { meter_id, divide_by: self.divide_by, round, included, maximum, allow_negative }
        });
        Ok(Price {
            add_on: self.add_on,
            id: PriceId::from_uuid(self.id),
            kind: PriceKind::parse(&self.kind)
                .ok_or_else(|| StorageError::unreadable("price kind", &self.kind))?,
            billing: Billing::parse(&self.billing)
                .ok_or_else(|| StorageError::unreadable("price billing", &self.billing))?,
            code: self.code,
            description: self.description,
            metering,
            amounts: models,
        })
    }
}

/// Writes a new product.
pub fn insert_product(tx: &mut Tx<'_>, tenant_id: TenantId, product: &Product) -> Result<(), StorageError> {
    let row = ProductRow {
        tenant_id: tenant_id.uuid(),
        id: product.id.uuid(),
        external_id: product.external_id.clone(),
        name: product.name.clone(),
        description: product.description.clone(),
        metadata: serde_json::to_value(&product.metadata)
            .map_err(|e| StorageError::unreadable("metadata", e))?,
        created_at: product.created_at,
    };
    diesel::insert_into(products::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The product with this id.
pub fn find_product(tx: &mut Tx<'_>, tenant_id: TenantId, id: ProductId) -> Result<Product, StorageError> {
    products::table
        .find((tenant_id.uuid(), id.uuid()))
        .select(ProductRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| StorageError::not_found(Thing::Product, id))?
        .try_into()
}

/// Writes a new plan, without its versions.
pub fn insert_plan(tx: &mut Tx<'_>, tenant_id: TenantId, plan: &Plan) -> Result<(), StorageError> {
    let row = PlanRow {
        tenant_id: tenant_id.uuid(),
        id: plan.id.uuid(),
        external_id: plan.external_id.clone(),
        code: plan.code.clone(),
        name: plan.name.clone(),
        product_id: plan.product_id.uuid(),
        metadata: serde_json::to_value(&plan.metadata)
            .map_err(|e| StorageError::unreadable("metadata", e))?,
        latest_version: plan.latest_version,
        created_at: plan.created_at,
    };
    diesel::insert_into(plans::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The plan with this id.
pub fn find_plan(tx: &mut Tx<'_>, tenant_id: TenantId, id: PlanId) -> Result<Plan, StorageError> {
    plans::table
        .find((tenant_id.uuid(), id.uuid()))
        .select(PlanRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| StorageError::not_found(Thing::Plan, id))?
        .try_into()
}

/// The plan with this id, locked: two publishers stand in line, and the second publishes the version after.
pub fn lock_plan(tx: &mut Tx<'_>, tenant_id: TenantId, id: PlanId) -> Result<Plan, StorageError> {
    plans::table
        .find((tenant_id.uuid(), id.uuid()))
        .select(PlanRow::as_select())
        .for_no_key_update()
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| StorageError::not_found(Thing::Plan, id))?
        .try_into()
}

/// The plans that have these codes.
pub fn plans_by_code(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    codes: &[String],
) -> Result<Vec<Plan>, StorageError> {
    let rows: Vec<PlanRow> = plans::table
        .filter(plans::tenant_id.eq(tenant_id.uuid()).and(plans::code.eq_any(codes)))
        .select(PlanRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Plan::try_from).collect()
}

/// Writes a published version with its prices, and makes it the plan's latest.
pub fn publish(tx: &mut Tx<'_>, tenant_id: TenantId, version: &PlanVersion) -> Result<(), StorageError> {
    let (tenant, plan_id) = (tenant_id.uuid(), version.plan_id.uuid());
    let row = VersionRow {
        tenant_id: tenant,
        plan_id,
        version: version.version,
        currency: version.currency.code().to_owned(),
        interval_unit: version.interval.unit.as_str().to_owned(),
        interval_count: i32::from(version.interval.count),
        published_at: version.published_at,
    };
    diesel::insert_into(plan_versions::table).values(row).execute(tx.conn)?;
    let mut price_rows = Vec::with_capacity(version.prices.len());
    let mut amount_rows = Vec::with_capacity(version.prices.len());
    for (price, position) in version.prices.iter().zip(0..) {
        price_rows.push(PriceRow {
            tenant_id: tenant,
            id: price.id.uuid(),
            plan_id,
            plan_version: version.version,
            position,
            code: price.code.clone(),
            description: price.description.clone(),
            kind: price.kind.as_str().to_owned(),
            billing: price.billing.as_str().to_owned(),
            meter_id: price.metering.as_ref().map(|m| m.meter_id.uuid()),
            divide_by: price.metering.as_ref().and_then(|m| m.divide_by),
            quantity_rounding: price.metering.as_ref().and_then(|m| m.round).map(|r| r.as_str().to_owned()),
            included_units: price.metering.as_ref().map_or(Decimal::ZERO, |m| m.included),
            allow_negative: price.metering.as_ref().is_some_and(|m| m.allow_negative),
            add_on: price.add_on,
        });
        for (currency, model) in &price.amounts {
            amount_rows.push(AmountRow {
                tenant_id: tenant,
                price_id: price.id.uuid(),
                currency: currency.code().to_owned(),
                model: serde_json::to_value(model).map_err(|e| StorageError::unreadable("price model", e))?,
                maximum: price.metering.as_ref().and_then(|m| m.maximum.get(currency).copied()),
            });
        }
    }
    diesel::insert_into(prices::table).values(&price_rows).execute(tx.conn)?;
    diesel::insert_into(price_amounts::table).values(&amount_rows).execute(tx.conn)?;
    features::insert(tx, tenant_id, version)?;
    diesel::update(plans::table.find((tenant, plan_id)))
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
        .find((tenant_id.uuid(), plan_id.uuid(), version))
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
    of: &[Plan],
) -> Result<HashMap<PlanId, PlanVersion>, StorageError> {
    let ids: Vec<Uuid> = of.iter().map(|plan| plan.id.uuid()).collect();
    let same_plan = plan_versions::tenant_id.eq(plans::tenant_id).and(plan_versions::plan_id.eq(plans::id));
    let rows: Vec<VersionRow> = plan_versions::table
        .inner_join(plans::table.on(same_plan.and(plan_versions::version.eq(plans::latest_version))))
        .filter(plan_versions::tenant_id.eq(tenant_id.uuid()).and(plan_versions::plan_id.eq_any(ids)))
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
    let plan_ids: Vec<Uuid> = versions.iter().map(|v| v.plan_id).collect();
    let numbers: Vec<i32> = versions.iter().map(|v| v.version).collect();
    let mut given = features::of_versions(tx, tenant_id, &plan_ids)?;
    let price_rows: Vec<PriceRow> = prices::table
        .filter(prices::tenant_id.eq(tenant_id.uuid()))
        .filter(prices::plan_id.eq_any(plan_ids).and(prices::plan_version.eq_any(numbers)))
        .order((prices::plan_id, prices::plan_version, prices::position))
        .select(PriceRow::as_select())
        .load(tx.conn)?;
    let mut amounts = load_amounts(tx, tenant_id, price_rows.iter().map(|p| p.id).collect())?;
    let mut by_version: HashMap<(Uuid, i32), Vec<Price>> = HashMap::new();
    for row in price_rows {
        let of_price = amounts.remove(&row.id).unwrap_or_default();
        by_version.entry((row.plan_id, row.plan_version)).or_default().push(row.with_amounts(of_price)?);
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
    price_ids: Vec<Uuid>,
) -> Result<HashMap<Uuid, Amounts>, StorageError> {
    let rows: Vec<AmountRow> = price_amounts::table
        .filter(price_amounts::tenant_id.eq(tenant_id.uuid()).and(price_amounts::price_id.eq_any(price_ids)))
        .select(AmountRow::as_select())
        .load(tx.conn)?;
    let mut amounts: HashMap<Uuid, Amounts> = HashMap::new();
    for row in rows {
        let currency =
            Currency::parse(&row.currency).map_err(|e| StorageError::unreadable("price currency", e))?;
        let model =
            serde_json::from_value(row.model).map_err(|e| StorageError::unreadable("price model", e))?;
        let of_price = amounts.entry(row.price_id).or_default();
        of_price.models.insert(currency, model);
        of_price.maximum.extend(row.maximum.map(|most| (currency, most)));
    }
    Ok(amounts)
}
