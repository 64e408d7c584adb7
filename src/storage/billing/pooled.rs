//! What was charged of all that an account pays for? For commitments to which all of it counts: one statement for the payers that have
//! such a commitment, none for the others.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid};

use super::Billable;
use crate::domain::billing::charged::Charged;
use crate::domain::billing::piece::Key;
use crate::domain::catalog::PriceKind;
use crate::domain::ids::{CustomerId, ItemVersionId, SubscriptionId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::storage::sql_types::IdRow;
use crate::storage::{StorageError, Tx};

/// The charges of each payer that may count towards its pooled commitments.
pub type Pools = HashMap<CustomerId, Vec<Charged>>;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    payer: CustomerId,
    #[diesel(sql_type = SqlUuid)]
    item_version_id: ItemVersionId,
    #[diesel(sql_type = Timestamptz)]
    period_start: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    period_end: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    kind: PriceKind,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

/// What was billed to the payers among these that have a pooled commitment, of periods that end after billing looks there.
pub fn load(tx: &mut Tx<'_>, tenant_id: TenantId, billables: &[Billable]) -> Result<Pools, StorageError> {
    let mut since: BTreeMap<CustomerId, DateTime<Utc>> = BTreeMap::new();
    for billable in billables.iter().filter(|b| b.timeline.versions.iter().any(|v| v.model().is_pooled())) {
        let from = billable.settled_to;
        since.entry(billable.customer_id).and_modify(|first| *first = from.min(*first)).or_insert(from);
    }
    if since.is_empty() {
        return Ok(Pools::new());
    }
    // What ends after an instant falls due after it, and is billed as of then: give or take a day of a zone.
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT i.customer_id AS payer, l.item_version_id, l.period_start, max(l.period_end) AS period_end, p.code, p.kind, \
                i.currency, sum(l.amount)::bigint AS amount \
         FROM unnest($2::uuid[], $3::timestamptz[]) AS w (payer, since) \
         JOIN invoices i ON i.tenant_id = $1 AND i.customer_id = w.payer AND i.billing_date >= (w.since - interval '2 days')::date \
         JOIN invoice_lines l ON l.tenant_id = $1 AND l.invoice_id = i.id AND l.item_version_id IS NOT NULL AND l.period_end > w.since \
         JOIN item_versions v ON v.tenant_id = $1 AND v.subscription_id = l.subscription_id AND v.id = l.item_version_id \
         JOIN prices p ON p.tenant_id = $1 AND p.id = v.price_id \
         WHERE NOT EXISTS (SELECT 1 FROM price_amounts a WHERE a.tenant_id = $1 AND a.price_id = p.id AND a.currency = i.currency \
                           AND coalesce(v.price_override, a.model)->>'type' = 'commitment') \
         GROUP BY 1, 2, 3, 5, 6, 7",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(since.keys().copied().collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(since.values().copied().collect::<Vec<_>>())
    .load(tx.conn)?;
    let mut pools = Pools::new();
    for row in rows {
        let currency = row.currency;
        pools.entry(row.payer).or_default().push(Charged {
            key: Key { version: row.item_version_id, start: row.period_start },
            code: row.code.into(),
            kind: row.kind,
            end: row.period_end,
            amount: Money::from_minor(row.amount, currency),
            beyond: Money::zero(currency),
        });
    }
    Ok(pools)
}

/// The subscriptions that an account pays for, settled after an instant, whose commitments count all it pays for.
pub(super) fn committed(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (payer, instant): (CustomerId, DateTime<Utc>),
) -> Result<Vec<SubscriptionId>, StorageError> {
    let rows: Vec<IdRow<SubscriptionId>> = diesel::sql_query(
        "SELECT DISTINCT b.subscription_id AS id FROM billing_cursors b \
         JOIN item_versions v ON v.tenant_id = b.tenant_id AND v.subscription_id = b.subscription_id \
         JOIN price_amounts a ON a.tenant_id = v.tenant_id AND a.price_id = v.price_id \
         WHERE b.tenant_id = $1 AND b.customer_id = $2 AND b.settled_to > $3 \
         AND coalesce(v.price_override, a.model)->>'pooled' = 'true'",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<SqlUuid, _>(payer)
    .bind::<Timestamptz, _>(instant)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
