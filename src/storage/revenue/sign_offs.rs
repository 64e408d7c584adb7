//! Who answers for what of a period's checklist? A row a signature, only ever added; the newest of a check counts.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::ids::{AccountingPeriodId, TenantId};
use crate::domain::revenue::sign_offs::SignOff;
use crate::storage::schema::period_sign_offs as table;
use crate::storage::{StorageError, Tx};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = table)]
struct Row {
    tenant_id: TenantId,
    period_id: AccountingPeriodId,
    name: String,
    signed_at: DateTime<Utc>,
    signed_by: String,
    note: String,
    count: i64,
}

/// Adds one; the books of its entity are locked.
pub fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, sign_off: &SignOff) -> Result<(), StorageError> {
    let row = Row {
        tenant_id,
        period_id: sign_off.period_id,
        name: sign_off.name.clone(),
        signed_at: sign_off.at,
        signed_by: sign_off.by.clone(),
        note: sign_off.note.clone(),
        count: sign_off.count,
    };
    // Said twice at the same instant, as a test clock stands, the later counts.
    diesel::insert_into(table::table)
        .values(&row)
        .on_conflict((table::tenant_id, table::period_id, table::name, table::signed_at))
        .do_update()
        .set((
            table::signed_by.eq(&sign_off.by),
            table::note.eq(&sign_off.note),
            table::count.eq(sign_off.count),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The newest of each check of a period.
pub fn of_period(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: AccountingPeriodId,
) -> Result<Vec<SignOff>, StorageError> {
    let rows: Vec<Row> = table::table
        .filter(table::tenant_id.eq(tenant_id).and(table::period_id.eq(id)))
        .distinct_on(table::name)
        .order((table::name, table::signed_at.desc()))
        .select(Row::as_select())
        .load(tx.conn)?;
    let sign_off = |row: Row| SignOff {
        period_id: row.period_id,
        name: row.name,
        at: row.signed_at,
        by: row.signed_by,
        note: row.note,
        count: row.count,
    };
    Ok(rows.into_iter().map(sign_off).collect())
}
