//! Which plans are there, and which versions has one? Pages of plans with the prices in force: three statements a page.

use diesel::prelude::*;

use crate::domain::catalog::{Plan, PlanVersion};
use crate::domain::ids::{PlanId, ProductId, TenantId};
use crate::storage::catalog::{self, PlanRow, VersionRow};
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::{plan_versions, plans};
use crate::storage::{StorageError, Tx};

pub use crate::storage::catalog::find_version;

/// Which plans are wanted; everything left out does not matter.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub code: Option<String>,
    pub external_id: Option<String>,
    pub product_id: Option<ProductId>,
}

/// A page of plans, each with its latest version.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: &Wanted,
    keyset: &Keyset,
) -> Result<Slice<(Plan, PlanVersion)>, StorageError> {
    let mut query =
        plans::table.filter(plans::tenant_id.eq(tenant_id)).select(PlanRow::as_select()).into_boxed();
    if let Some(code) = &wanted.code {
        query = query.filter(plans::code.eq(code.clone()));
    }
    if let Some(external_id) = &wanted.external_id {
        query = query.filter(plans::external_id.eq(external_id.clone()));
    }
    if let Some(product_id) = wanted.product_id {
        query = query.filter(plans::product_id.eq(product_id));
    }
    let rows: Vec<PlanRow> = keyset_query!(query, plans::id, keyset).load(tx.conn)?;
    let page: Slice<Plan> = keyset.slice(rows).map(Plan::from);
    let mut versions = catalog::latest_versions(tx, tenant_id, &page.rows)?;
    page.try_map(|plan| {
        let version =
            versions.remove(&plan.id).ok_or_else(|| StorageError::unreadable("plan", "it has no version"))?;
        Ok((plan, version))
    })
}

/// A plan with its latest version.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: PlanId) -> Result<(Plan, PlanVersion), StorageError> {
    let plan = catalog::find_plan(tx, tenant_id, id)?;
    let version = catalog::find_version(tx, tenant_id, (id, plan.latest_version))?;
    Ok((plan, version))
}

/// How many versions a plan may list at most: each is an act of publishing.
const VERSIONS: i64 = 1_000;

/// The versions of a plan, the newest first.
pub fn versions(tx: &mut Tx<'_>, tenant_id: TenantId, id: PlanId) -> Result<Vec<PlanVersion>, StorageError> {
    catalog::find_plan(tx, tenant_id, id)?;
    let rows: Vec<VersionRow> = plan_versions::table
        .filter(plan_versions::tenant_id.eq(tenant_id).and(plan_versions::plan_id.eq(id)))
        .order(plan_versions::version.desc())
        .limit(VERSIONS)
        .select(VersionRow::as_select())
        .load(tx.conn)?;
    catalog::with_prices(tx, tenant_id, rows)
}
