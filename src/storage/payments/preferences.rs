//! What was said of what is charged, and where? A row for a customer, a subscription or an invoice that says something; and a row a version of the
//! rules by which accounts are chosen.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};

use crate::domain::ids::{InvoiceId, PaymentMethodId, RetryPolicyId, TenantId};
use crate::domain::payments::preferences::{Owner, OwnerId, Preferences};
use crate::domain::payments::routing::{Rule, Rulebook};
use crate::storage::customers::Held;
use crate::storage::schema::{payment_preferences as table, routing_rules as rules};
use crate::storage::sql_types::Json;
use crate::storage::{StorageError, Tx};

/// What one of them says.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, owner: OwnerId) -> Result<Preferences, StorageError> {
    let row: Option<(Option<PaymentMethodId>, Option<RetryPolicyId>)> = table::table
        .find((tenant_id, owner.uuid()))
        .select((table::payment_method_id, table::retry_policy_id))
        .first(tx.conn)
        .optional()?;
    Ok(row.map_or_else(Preferences::default, |(payment_method_id, retry_policy_id)| Preferences {
        payment_method_id,
        retry_policy_id,
    }))
}

/// Writes what one of them says; nothing is no row. Its customer is locked.
pub fn set(
    tx: &mut Tx<'_>,
    held: &Held,
    (owner, said): (OwnerId, Preferences),
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let key = (held.tenant_id(), owner.uuid());
    if said.is_empty() {
        diesel::delete(table::table.find(key)).execute(tx.conn)?;
        return Ok(());
    }
    let values = (
        table::payment_method_id.eq(said.payment_method_id),
        table::retry_policy_id.eq(said.retry_policy_id),
        table::updated_at.eq(now),
    );
    diesel::insert_into(table::table)
        .values((
            table::tenant_id.eq(key.0),
            table::owner_id.eq(key.1),
            table::owner.eq(owner.owner()),
            values,
        ))
        .on_conflict((table::tenant_id, table::owner_id))
        .do_update()
        .set(values)
        .execute(tx.conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct PreferredRow {
    #[diesel(sql_type = SqlUuid)]
    invoice_id: InvoiceId,
    #[diesel(sql_type = SqlUuid)]
    payment_method_id: PaymentMethodId,
    #[diesel(sql_type = Text)]
    owner: Owner,
}

/// What these invoices and their subscriptions say that is charged, the first to be heard first.
pub fn preferred(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[InvoiceId],
) -> Result<HashMap<InvoiceId, Vec<(PaymentMethodId, Owner)>>, StorageError> {
    let said =
        table::table.filter(table::tenant_id.eq(tenant_id).and(table::payment_method_id.is_not_null()));
    if ids.is_empty() || !diesel::select(diesel::dsl::exists(said)).get_result::<bool>(tx.conn)? {
        return Ok(HashMap::new());
    }
    let rows: Vec<PreferredRow> = diesel::sql_query(
        "SELECT i.id AS invoice_id, p.payment_method_id, p.owner FROM unnest($2::uuid[]) AS i (id) \
         CROSS JOIN LATERAL (SELECT i.id AS owner_id UNION SELECT l.subscription_id FROM invoice_lines l \
             WHERE l.tenant_id = $1 AND l.invoice_id = i.id AND l.subscription_id IS NOT NULL OFFSET 0) o \
         JOIN payment_preferences p ON p.tenant_id = $1 AND p.owner_id = o.owner_id AND p.payment_method_id IS NOT NULL \
         ORDER BY i.id, p.owner <> 'invoice', p.owner_id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx.conn)?;
    let mut preferred: HashMap<InvoiceId, Vec<(PaymentMethodId, Owner)>> = HashMap::new();
    for row in rows {
        preferred.entry(row.invoice_id).or_default().push((row.payment_method_id, row.owner));
    }
    Ok(preferred)
}

/// Writes into each of these invoices by which version of which policy it is tried again: what a subscription of it says, else its customer, else
/// the tenant. Where a tenant has no policies nothing is written.
pub fn freeze_policies(tx: &mut Tx<'_>, held: &Held, ids: &[InvoiceId]) -> Result<(), StorageError> {
    use crate::storage::schema::retry_policies;
    let tenant_id = held.tenant_id();
    let any = retry_policies::table.filter(retry_policies::tenant_id.eq(tenant_id));
    if ids.is_empty() || !diesel::select(diesel::dsl::exists(any)).get_result::<bool>(tx.conn)? {
        return Ok(());
    }
    diesel::sql_query(
        "INSERT INTO invoice_retries (tenant_id, invoice_id, policy_id, policy_version) \
         SELECT $1, i.id, p.id, p.version FROM unnest($2::uuid[]) AS o (id) JOIN invoices i ON i.tenant_id = $1 AND i.id = o.id \
         CROSS JOIN LATERAL (SELECT p.id, p.version FROM ( \
                 SELECT s.retry_policy_id AS id, 1 AS rank, s.owner_id FROM invoice_lines l JOIN payment_preferences s \
                     ON s.tenant_id = $1 AND s.owner_id = l.subscription_id \
                     WHERE l.tenant_id = $1 AND l.invoice_id = i.id AND l.subscription_id IS NOT NULL \
                 UNION ALL SELECT c.retry_policy_id, 2, c.owner_id FROM payment_preferences c \
                     WHERE c.tenant_id = $1 AND c.owner_id = i.customer_id \
                 UNION ALL SELECT d.id, 3, d.id FROM retry_policies d WHERE d.tenant_id = $1 AND d.is_default) w \
             JOIN retry_policies p ON p.tenant_id = $1 AND p.id = w.id ORDER BY w.rank, w.owner_id LIMIT 1) p \
         WHERE i.collection = 'automatic' ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(ids)
    .execute(tx.conn)?;
    Ok(())
}

/// Makes due now, to be charged by what they say now, the open invoices of a subscription, or one invoice, that have nothing under way. What was
/// never due is due when it is.
pub fn try_anew(
    tx: &mut Tx<'_>,
    held: &Held,
    (owner, reason): (OwnerId, &str),
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let (invoice, subscription) = match owner {
        OwnerId::Invoice(id) => (Some(id.uuid()), None),
        OwnerId::Subscription(id) => (None, Some(id.uuid())),
        OwnerId::Customer(_) => return Ok(()),
    };
    diesel::sql_query(
        "WITH failed AS (SELECT i.id FROM invoices i JOIN invoice_retries r ON r.tenant_id = $1 AND r.invoice_id = i.id \
             WHERE i.tenant_id = $1 AND i.customer_id = ANY($4) AND i.status = 'open' AND i.collection = 'automatic' \
             AND i.attempt_count > 0 AND (i.id = $2 OR EXISTS (SELECT 1 FROM invoice_lines l \
                 WHERE l.tenant_id = $1 AND l.invoice_id = i.id AND l.subscription_id = $3)) \
             AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.tenant_id = $1 AND p.invoice_id = i.id AND p.status = 'processing')), \
         planned AS (UPDATE invoice_retries r SET stopped = NULL, reason = $5, payment_method_id = NULL \
             FROM failed f WHERE r.tenant_id = $1 AND r.invoice_id = f.id RETURNING r.invoice_id) \
         UPDATE invoices i SET next_attempt_at = $6 FROM planned p WHERE i.tenant_id = $1 AND i.id = p.invoice_id",
    )
    .bind::<SqlUuid, _>(held.tenant_id())
    .bind::<Nullable<SqlUuid>, _>(invoice)
    .bind::<Nullable<SqlUuid>, _>(subscription)
    .bind::<Array<SqlUuid>, _>(held.customers().iter().map(|customer| customer.id).collect::<Vec<_>>())
    .bind::<Text, _>(reason)
    .bind::<diesel::sql_types::Timestamptz, _>(now)
    .execute(tx.conn)?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = rules)]
struct RulesRow {
    version: i32,
    rules: Json<Vec<Rule>>,
}

/// The rules of a version, or of the newest; `None`: there is no such version.
pub fn rulebook(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    version: Option<i32>,
) -> Result<Option<Rulebook>, StorageError> {
    let mut query = rules::table
        .filter(rules::tenant_id.eq(tenant_id))
        .order(rules::version.desc())
        .select(RulesRow::as_select())
        .into_boxed();
    if let Some(version) = version {
        query = query.filter(rules::version.eq(version));
    }
    let row: Option<RulesRow> = query.first(tx.conn).optional()?;
    Ok(row.map(|row| Rulebook { version: row.version, rules: row.rules.0 }))
}

/// Adds a version. The tenant's row is locked first, so that versions follow each other.
pub fn add_rulebook(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (added, now): (Vec<Rule>, DateTime<Utc>),
) -> Result<Rulebook, StorageError> {
    use crate::storage::schema::tenants;
    let owner = tenants::table.find(tenant_id).select(tenants::id).for_no_key_update();
    owner.first::<TenantId>(tx.conn)?;
    let newest = rulebook(tx, tenant_id, None)?.map_or(0, |newest| newest.version);
    let added = Rulebook { version: newest.saturating_add(1), rules: added };
    diesel::insert_into(rules::table)
        .values((
            rules::tenant_id.eq(tenant_id),
            rules::version.eq(added.version),
            rules::rules.eq(Json(added.rules.clone())),
            rules::created_at.eq(now),
        ))
        .execute(tx.conn)?;
    Ok(added)
}
