//! What do the schedules of one customer come to, of one product, of each? Summed up from the schedules themselves, as their sums are kept for all.
//!
//! By plan, of 3 lines of two plans and one by hand: three groups, the last of none.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::ids::{CustomerId, EntityId, PlanId, PriceId, ProductId, RevenueContractId, TenantId};
use crate::domain::money::Currency;
use crate::domain::revenue::Alike;
use crate::storage::revenue::rows::SumRow;
use crate::storage::{StorageError, Tx};

/// By what schedules are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Product,
    Plan,
    Price,
    Customer,
    Contract,
    Entity,
}

impl By {
    const fn column(self) -> &'static str {
        match self {
            By::Product => "n.product_id",
            By::Plan => "p.plan_id",
            By::Price => "v.price_id",
            By::Customer => "i.customer_id",
            By::Contract => "c.contract_id",
            By::Entity => "coalesce(i.entity_id, i.tenant_id)",
        }
    }
}

/// Only these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Only {
    pub currency: Option<Currency>,
    pub product_id: Option<ProductId>,
    pub plan_id: Option<PlanId>,
    pub price_id: Option<PriceId>,
    pub customer_id: Option<CustomerId>,
    pub contract_id: Option<RevenueContractId>,
    pub entity_id: Option<EntityId>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(embed)]
    sum: SumRow,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    group_id: Option<Uuid>,
}

/// What schedules come to that differ in their amounts alone, of each group; `{by}` tells them apart.
const GROUPED: &str = "
SELECT tenant_id, group_id, entity_id, currency, entry, deferred, starts_on, ends_on, booked_on, rule, amount - evenly AS amount, whole,
    since, fulfilled, is_allocated, is_moved, count(*) AS times, sum(evenly) AS evenly
FROM (
    SELECT s.tenant_id, {by} AS group_id, coalesce(i.entity_id, i.tenant_id) AS entity_id, i.currency, greatest(least(s.entry, 1), -2)::smallint AS entry,
        s.deferred, CASE WHEN s.deferred OR s.fulfilled IS NOT NULL THEN s.starts_on ELSE s.booked_on END AS starts_on,
        CASE WHEN s.deferred OR s.fulfilled IS NOT NULL THEN s.ends_on ELSE s.booked_on + 1 END AS ends_on,
        s.booked_on, s.rule, s.amount, s.whole, s.since, s.fulfilled, s.is_allocated, s.is_moved,
        CASE WHEN s.fulfilled IS NOT NULL OR s.whole IS NOT NULL THEN 0
            WHEN NOT s.deferred OR s.rule NOT LIKE 'ratable%' THEN s.amount
            WHEN s.rule = 'ratable_daily' THEN s.amount - s.amount % (s.ends_on - s.starts_on)
            ELSE 0 END AS evenly
    FROM revenue_schedules s
    JOIN invoices i ON i.tenant_id = s.tenant_id AND i.id = s.invoice_id
    JOIN invoice_lines l ON l.tenant_id = s.tenant_id AND l.invoice_id = s.invoice_id AND l.line_no = s.line_no
    LEFT JOIN item_versions v ON v.tenant_id = l.tenant_id AND v.subscription_id = l.subscription_id AND v.id = l.item_version_id
    LEFT JOIN prices p ON p.tenant_id = v.tenant_id AND p.id = v.price_id
    LEFT JOIN plans n ON n.tenant_id = p.tenant_id AND n.id = p.plan_id
    LEFT JOIN revenue_contract_lines c ON c.tenant_id = s.tenant_id AND c.invoice_id = s.invoice_id AND c.line_no = s.line_no
    WHERE s.tenant_id = $1 AND ($2 IS NULL OR i.currency = $2) AND ($3 IS NULL OR n.product_id = $3) AND ($4 IS NULL OR p.plan_id = $4)
        AND ($5 IS NULL OR v.price_id = $5) AND ($6 IS NULL OR i.customer_id = $6) AND ($7 IS NULL OR c.contract_id = $7)
        AND ($8 IS NULL OR coalesce(i.entity_id, i.tenant_id) = $8)
) s GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16";

/// Hands over what there is of each group, with its entity; all of them are of none where nothing tells them apart.
///
/// # Errors
/// Storage; what the taker says.
pub fn each<E: From<StorageError>>(
    tx: &mut Tx<'_>,
    (tenant_id, only): (TenantId, &Only),
    by: Option<By>,
    mut take: impl FnMut(Option<Uuid>, (&Alike, EntityId)) -> Result<(), E>,
) -> Result<(), E> {
    let rows: Vec<Row> = diesel::sql_query(GROUPED.replace("{by}", by.map_or("NULL::uuid", By::column)))
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<Nullable<Text>, _>(only.currency)
        .bind::<Nullable<SqlUuid>, _>(only.product_id)
        .bind::<Nullable<SqlUuid>, _>(only.plan_id)
        .bind::<Nullable<SqlUuid>, _>(only.price_id)
        .bind::<Nullable<SqlUuid>, _>(only.customer_id)
        .bind::<Nullable<SqlUuid>, _>(only.contract_id)
        .bind::<Nullable<SqlUuid>, _>(only.entity_id)
        .load(tx.conn)
        .map_err(StorageError::from)?;
    for row in rows {
        let entity_id = row.sum.entity_id;
        take(row.group_id, (&row.sum.into_alike()?, entity_id))?;
    }
    Ok(())
}
