//! Where is a test tenant's clock on its way to while nobody waits for it? A row a tenant, of the last such advance.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

use crate::domain::ids::TenantId;
use crate::domain::work::Trouble;
use crate::storage::schema::clock_advances as advances;
use crate::storage::sql_types::Json;
use crate::storage::{StorageError, Tx};

/// An advance that nobody waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct ClockAdvance {
    pub to: DateTime<Utc>,
    /// `None`: it is under way.
    pub end: Option<End>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// With what happened on the way.
    Arrived(Value),
    Failed(Trouble),
}

/// The last one of a tenant.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Option<ClockAdvance>, StorageError> {
    type Row = (DateTime<Utc>, Option<Json<Value>>, Option<Json<Trouble>>);
    let row: Option<Row> = advances::table
        .find(tenant_id)
        .select((advances::to_at, advances::report, advances::trouble))
        .first(tx.conn)
        .optional()?;
    Ok(row.map(|(to, report, trouble)| {
        let arrived = report.map(|Json(report)| End::Arrived(report));
        ClockAdvance { to, end: arrived.or(trouble.map(|Json(trouble)| End::Failed(trouble))) }
    }))
}

/// Begins one. `false`: another is under way.
pub fn begin(tx: &mut Tx<'_>, tenant_id: TenantId, to: DateTime<Utc>) -> Result<bool, StorageError> {
    use diesel::query_dsl::methods::FilterDsl;
    let (report, trouble) =
        (advances::report.eq(None::<Json<Value>>), advances::trouble.eq(None::<Json<Trouble>>));
    let begun = diesel::insert_into(advances::table)
        .values((advances::tenant_id.eq(tenant_id), advances::to_at.eq(to)))
        .on_conflict(advances::tenant_id)
        .do_update()
        .set((advances::to_at.eq(to), report, trouble))
        .filter(advances::report.is_not_null().or(advances::trouble.is_not_null()))
        .execute(tx.conn)?;
    Ok(begun == 1)
}

/// Notes how it ended.
pub fn end(tx: &mut Tx<'_>, tenant_id: TenantId, end: &End) -> Result<(), StorageError> {
    let (report, trouble) = match end {
        End::Arrived(report) => (Some(Json(report.clone())), None),
        End::Failed(trouble) => (None, Some(Json(trouble.clone()))),
    };
    diesel::update(advances::table.find(tenant_id))
        .set((advances::report.eq(report), advances::trouble.eq(trouble)))
        .execute(tx.conn)?;
    Ok(())
}

/// Tenants whose clocks are on their way.
pub fn under_way(tx: &mut Tx<'_>) -> Result<Vec<TenantId>, StorageError> {
    Ok(advances::table
        .filter(advances::report.is_null().and(advances::trouble.is_null()))
        .select(advances::tenant_id)
        .order(advances::tenant_id)
        .load(tx.conn)?)
}
