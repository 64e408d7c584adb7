//! How is what is sold earned? The tenant's rules, and what each line is sold by.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::domain::billing::piece::Key;
use crate::domain::ids::{
    InvoiceId, ItemVersionId, LineId, ProductId, RevenueRuleId, SubscriptionId, TenantId,
};
use crate::domain::revenue::Rule;
use crate::domain::revenue::rules::RevenueRule;
use crate::storage::schema::revenue_rules as table;
use crate::storage::{StorageError, Tx};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = table, treat_none_as_default_value = false)]
struct RuleRow {
    tenant_id: TenantId,
    id: RevenueRuleId,
    product_id: Option<ProductId>,
    price_code: Option<String>,
    rule: Rule,
    valid_from: NaiveDate,
    created_at: DateTime<Utc>,
}

/// All of a tenant, the newest first.
pub fn of_tenant(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Vec<RevenueRule>, StorageError> {
    let rows: Vec<RuleRow> = table::table
        .filter(table::tenant_id.eq(tenant_id))
        .order((table::valid_from.desc(), table::id.desc()))
        .select(RuleRow::as_select())
        .load(tx.conn)?;
    let rule = |row: RuleRow| RevenueRule {
        id: row.id,
        product_id: row.product_id,
        price_code: row.price_code,
        rule: row.rule,
        valid_from: row.valid_from,
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(rule).collect())
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    is_so: bool,
}

/// Whether a price with this code is there, in a plan of a product where one is named. A product that is not there is refused as that.
///
/// # Errors
/// Storage.
pub fn is_sold(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    sold: (Option<ProductId>, &str),
) -> Result<bool, StorageError> {
    let found = format!(
        "SELECT EXISTS ({SOLD}) OR ($2 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM products WHERE tenant_id = $1 AND id = $2)) AS is_so"
    );
    answer(tx, tenant_id, (&found, sold))
}

/// Whether all prices with this code are charged once.
///
/// # Errors
/// Storage.
pub fn is_charged_once(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    sold: (Option<ProductId>, &str),
) -> Result<bool, StorageError> {
    answer(tx, tenant_id, (&format!("SELECT NOT EXISTS ({SOLD} AND p.kind <> 'one_time') AS is_so"), sold))
}

/// `$1` the tenant, `$2` a product or none, `$3` the code.
const SOLD: &str = "SELECT 1 FROM prices p JOIN plans pl ON pl.tenant_id = p.tenant_id AND pl.id = p.plan_id \
     WHERE p.tenant_id = $1 AND p.code = $3 AND ($2 IS NULL OR pl.product_id = $2)";

fn answer(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (sql, (product_id, code)): (&str, (Option<ProductId>, &str)),
) -> Result<bool, StorageError> {
    let answer: Answer = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<Nullable<SqlUuid>, _>(product_id)
        .bind::<Text, _>(code)
        .get_result(tx.conn)?;
    Ok(answer.is_so)
}

/// Adds one.
///
/// # Errors
/// `unknown_product`; `rule_exists`: the same is said from that day on.
pub fn insert(tx: &mut Tx<'_>, tenant_id: TenantId, rule: &RevenueRule) -> Result<(), StorageError> {
    let row = RuleRow {
        tenant_id,
        id: rule.id,
        product_id: rule.product_id,
        price_code: rule.price_code.clone(),
        rule: rule.rule,
        valid_from: rule.valid_from,
        created_at: rule.created_at,
    };
    diesel::insert_into(table::table).values(row).execute(tx.conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct SoldRow {
    #[diesel(sql_type = SqlUuid)]
    id: ItemVersionId,
    #[diesel(sql_type = SqlUuid)]
    product_id: ProductId,
    #[diesel(sql_type = Text)]
    code: String,
}

/// The product and the price's code of versions of items.
pub fn sold_by(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (subscriptions, versions): (&[SubscriptionId], &[ItemVersionId]),
) -> Result<HashMap<ItemVersionId, (ProductId, String)>, StorageError> {
    let rows: Vec<SoldRow> = diesel::sql_query(
        "SELECT v.id, pl.product_id, p.code FROM item_versions v JOIN prices p ON p.tenant_id = v.tenant_id AND p.id = v.price_id \
         JOIN plans pl ON pl.tenant_id = p.tenant_id AND pl.id = p.plan_id \
         WHERE v.tenant_id = $1 AND v.subscription_id = ANY ($2) AND v.id = ANY ($3)",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(subscriptions)
    .bind::<Array<SqlUuid>, _>(versions)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| (row.id, (row.product_id, row.code))).collect())
}

#[derive(QueryableByName)]
struct ChargedRow {
    #[diesel(sql_type = SqlUuid)]
    version: ItemVersionId,
    #[diesel(sql_type = Timestamptz)]
    start: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    rule: Rule,
    #[diesel(sql_type = SqlUuid)]
    invoice_id: InvoiceId,
    #[diesel(sql_type = Integer)]
    line_no: i32,
}

/// A line that was charged, and how it is earned.
#[derive(Debug, Clone, Copy)]
pub struct Charged {
    pub line: LineId,
    pub rule: Rule,
}

/// By which rules what was charged under these keys is earned: the last of each.
pub fn of_charges(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    keys: &[Key],
) -> Result<HashMap<Key, Charged>, StorageError> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<ChargedRow> = diesel::sql_query(
        "SELECT DISTINCT ON (k.version, k.start) k.version, k.start, s.rule, s.invoice_id, s.line_no \
         FROM unnest($2::uuid[], $3::timestamptz[]) AS k (version, start) \
         CROSS JOIN LATERAL (SELECT l.invoice_id, l.line_no FROM invoice_lines l WHERE l.tenant_id = $1 AND l.item_version_id = k.version \
             AND l.period_start = k.start AND l.amount > 0 OFFSET 0) l \
         JOIN revenue_schedules s ON s.tenant_id = $1 AND s.invoice_id = l.invoice_id AND s.line_no = l.line_no AND s.entry = 0 AND s.deferred \
         ORDER BY k.version, k.start, s.booked_on DESC, s.invoice_id DESC",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(keys.iter().map(|key| key.version).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(keys.iter().map(|key| key.start).collect::<Vec<_>>())
    .load(tx.conn)?;
    let charged = |row: ChargedRow| {
        let line = LineId { invoice_id: row.invoice_id, line_no: row.line_no };
        (Key { version: row.version, start: row.start }, Charged { line, rule: row.rule })
    };
    Ok(rows.into_iter().map(charged).collect())
}
