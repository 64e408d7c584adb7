//! What was handed to general ledgers? A row an export, a row for each posting in it: the database itself keeps one from standing in two.

pub mod codes;
pub mod postings;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::domain::ids::{AccountingPeriodId, EntityId, JournalExportId, TenantId};
use crate::domain::money::{Currency, Total};
use crate::domain::revenue::Days;
use crate::domain::revenue::journals::{AccountCode, AccountTotal, Codes, JournalExport, Level, Reversed};
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::{journal_export_items as items, journal_exports as table};
use crate::storage::{Found, StorageError, Thing, Tx};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = table, treat_none_as_default_value = false)]
struct Row {
    tenant_id: TenantId,
    id: JournalExportId,
    entity_id: EntityId,
    period_id: AccountingPeriodId,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    level: Level,
    currency: Currency,
    codes: Value,
    entries: i64,
    totals: Value,
    created_at: DateTime<Utc>,
    reverses_id: Option<JournalExportId>,
    reversed_at: Option<DateTime<Utc>>,
    reversed_because: Option<String>,
}

fn unreadable(detail: &str) -> StorageError {
    StorageError::unreadable("journal export", detail)
}

fn text<'v>(value: &'v Value, field: &str) -> Result<&'v str, StorageError> {
    value[field].as_str().ok_or_else(|| unreadable(field))
}

fn parsed<T: std::str::FromStr>(value: &Value, field: &str) -> Result<T, StorageError> {
    text(value, field)?.parse().map_err(|_| unreadable(field))
}

fn each<T>(
    list: &Value,
    read: impl FnMut(&Value) -> Result<T, StorageError>,
) -> Result<Vec<T>, StorageError> {
    list.as_array().ok_or_else(|| unreadable("a list"))?.iter().map(read).collect()
}

impl Row {
    fn of(tenant_id: TenantId, export: &JournalExport) -> Row {
        let code = |code: &AccountCode| json!({ "account": code.account.into_str(), "code": code.code, "name": code.name });
        let total = |total: &AccountTotal| {
            json!({
                "account": total.account.into_str(),
                "debits": total.debits.minor().to_string(),
                "credits": total.credits.minor().to_string(),
            })
        };
        Row {
            tenant_id,
            id: export.id,
            entity_id: export.entity_id,
            period_id: export.period_id,
            starts_on: export.days.from,
            ends_on: export.days.to,
            level: export.level,
            currency: export.currency,
            codes: export.codes.iter().map(code).collect(),
            entries: export.entries,
            totals: export.totals.iter().map(total).collect(),
            created_at: export.created_at,
            reverses_id: export.reverses,
            reversed_at: export.reversed.as_ref().map(|reversed| reversed.at),
            reversed_because: export.reversed.as_ref().map(|reversed| reversed.because.clone()),
        }
    }

    fn read(self) -> Result<JournalExport, StorageError> {
        let code = |value: &Value| {
            Ok(AccountCode {
                account: parsed(value, "account")?,
                code: text(value, "code")?.to_owned(),
                name: value["name"].as_str().map(str::to_owned),
            })
        };
        let currency = self.currency;
        let total = |value: &Value| {
            Ok(AccountTotal {
                account: parsed(value, "account")?,
                debits: Total::from_minor(parsed(value, "debits")?, currency),
                credits: Total::from_minor(parsed(value, "credits")?, currency),
            })
        };
        let reversed = self.reversed_at.zip(self.reversed_because);
        Ok(JournalExport {
            id: self.id,
            entity_id: self.entity_id,
            period_id: self.period_id,
            days: Days { from: self.starts_on, to: self.ends_on },
            level: self.level,
            currency,
            codes: Codes::of_entity(each(&self.codes, code)?, Vec::new()),
            entries: self.entries,
            totals: each(&self.totals, total)?,
            created_at: self.created_at,
            reverses: self.reverses_id,
            reversed: reversed.map(|(at, because)| Reversed { at, because }),
        })
    }
}

/// Adds one.
pub fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, export: &JournalExport) -> Result<(), StorageError> {
    diesel::insert_into(table::table).values(Row::of(tenant_id, export)).execute(tx.conn)?;
    Ok(())
}

/// One.
///
/// # Errors
/// Not found.
pub fn find(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: JournalExportId,
) -> Result<JournalExport, StorageError> {
    let row: Row = table::table
        .find((tenant_id, id))
        .select(Row::as_select())
        .first(tx.conn)
        .found(Thing::JournalExport, id)?;
    row.read()
}

/// Those of all periods, or of one.
pub fn list(
    tx: &mut Tx<'_>,
    (tenant_id, period_id): (TenantId, Option<AccountingPeriodId>),
    keyset: &Keyset,
) -> Result<Slice<JournalExport>, StorageError> {
    let mut query = table::table.filter(table::tenant_id.eq(tenant_id)).select(Row::as_select()).into_boxed();
    if let Some(period_id) = period_id {
        query = query.filter(table::period_id.eq(period_id));
    }
    let rows: Vec<Row> = keyset_query!(query, table::id, keyset).load(tx.conn)?;
    keyset.slice(rows).try_map(Row::read)
}

/// Notes that an export no longer stands: its postings can be exported again. False: it was reversed already.
pub fn reverse(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (id, reversed): (JournalExportId, &Reversed),
) -> Result<bool, StorageError> {
    let noted = diesel::update(table::table.find((tenant_id, id)))
        .filter(table::reversed_at.is_null())
        .set((table::reversed_at.eq(reversed.at), table::reversed_because.eq(&reversed.because)))
        .execute(tx.conn)?;
    diesel::update(items::table.filter(items::tenant_id.eq(tenant_id).and(items::export_id.eq(id))))
        .set(items::standing.eq(false))
        .execute(tx.conn)?;
    Ok(noted == 1)
}
