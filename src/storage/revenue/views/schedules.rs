//! Which schedules are there? Those of an invoice, a subscription, a customer or all, the newest invoice first, line by line.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, SmallInt, Text, Uuid as SqlUuid};

use crate::domain::ids::{
    CustomerId, EntityId, InvoiceId, LineId, PlanId, PriceId, ProductId, RevenueContractId, SubscriptionId,
    TenantId,
};
use crate::domain::money::Currency;
use crate::domain::revenue::{Entry, Schedule};
use crate::storage::revenue::rows::ScheduleRow;
use crate::storage::{StorageError, Thing, Tx};

/// Those that a figure of a report is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figure {
    pub currency: Option<Currency>,
    pub product_id: Option<ProductId>,
    pub plan_id: Option<PlanId>,
    pub price_id: Option<PriceId>,
    /// Only what is of no price, or of no contract.
    pub without_price: bool,
    pub without_contract: bool,
    /// By their names; of any kind, where none is named.
    pub kinds: Option<Vec<String>>,
    pub booked_from: Option<NaiveDate>,
    pub booked_to: Option<NaiveDate>,
    /// Without what was booked or fulfilled later.
    pub known_on: Option<NaiveDate>,
    /// Whether it went to deferred revenue.
    pub deferred: Option<bool>,
    pub on_fulfilment: Option<bool>,
    /// Whether it is earned as prepaid credits are drawn.
    pub drawn: Option<bool>,
}

/// Which of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub invoice_id: Option<InvoiceId>,
    pub line_no: Option<i32>,
    pub subscription_id: Option<SubscriptionId>,
    pub contract_id: Option<RevenueContractId>,
    pub customer_id: Option<CustomerId>,
    pub entity_id: Option<EntityId>,
    /// Only what is earned at once though no rule says so.
    pub at_once: bool,
    pub figure: Figure,
}

/// A place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub invoice_id: InvoiceId,
    pub line_no: i32,
    pub entry: i16,
}

/// A page to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub filter: Filter,
    pub after: Option<Position>,
    pub limit: u16,
}

/// A schedule with what its invoice and its line say.
#[derive(Debug, Clone, PartialEq)]
pub struct Scheduled {
    pub schedule: Schedule,
    pub customer_id: CustomerId,
    pub subscription_id: Option<SubscriptionId>,
    pub entity_id: EntityId,
    pub description: String,
    /// Before which day the revenue of its entity is recognised.
    pub recognized_to: Option<NaiveDate>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(embed)]
    schedule: ScheduleRow,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = SqlUuid)]
    customer_id: CustomerId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    subscription_id: Option<SubscriptionId>,
    #[diesel(sql_type = SqlUuid)]
    entity_id: EntityId,
    #[diesel(sql_type = Text)]
    description: String,
    #[diesel(sql_type = Nullable<Date>)]
    recognized_to: Option<NaiveDate>,
}

/// A condition on what is not said is none.
const LISTED: &str = "
SELECT s.*, i.currency, i.customer_id, l.subscription_id, e.id AS entity_id, l.description, e.recognized_to
FROM revenue_schedules s
JOIN invoices i ON i.tenant_id = s.tenant_id AND i.id = s.invoice_id
JOIN invoice_lines l ON l.tenant_id = s.tenant_id AND l.invoice_id = s.invoice_id AND l.line_no = s.line_no
JOIN entities e ON e.tenant_id = s.tenant_id AND e.id = coalesce(i.entity_id, i.tenant_id)
LEFT JOIN item_versions v ON v.tenant_id = l.tenant_id AND v.subscription_id = l.subscription_id AND v.id = l.item_version_id
LEFT JOIN prices p ON p.tenant_id = v.tenant_id AND p.id = v.price_id
LEFT JOIN plans n ON n.tenant_id = p.tenant_id AND n.id = p.plan_id
LEFT JOIN revenue_contract_lines c ON c.tenant_id = s.tenant_id AND c.invoice_id = s.invoice_id AND c.line_no = s.line_no
WHERE s.tenant_id = $1 AND ($2 IS NULL OR s.invoice_id = $2) AND ($3 IS NULL OR s.line_no = $3) AND ($4 IS NULL OR l.subscription_id = $4)
    AND ($5 IS NULL OR s.invoice_id IN (SELECT invoice_id FROM revenue_contract_lines WHERE tenant_id = $1 AND contract_id = $5))
    AND ($6 IS NULL OR i.customer_id = $6) AND ($7 IS NULL OR e.id = $7) AND (NOT $8 OR s.because IS NOT NULL)
    AND ($9 IS NULL OR i.currency = $9) AND ($10 IS NULL OR n.product_id = $10) AND ($11 IS NULL OR p.plan_id = $11) AND ($12 IS NULL OR v.price_id = $12)
    AND (NOT $13 OR v.price_id IS NULL) AND (NOT $14 OR c.contract_id IS NULL)
    AND ($15 IS NULL OR CASE WHEN s.entry = 0 THEN 'invoice_line' WHEN s.entry = -1 THEN 'void' WHEN s.entry > 0 THEN 'credit_note_line'
        WHEN s.given_up_entry IS NOT NULL THEN 'write_off' WHEN s.fulfilled_entry IS NOT NULL THEN 'fulfilment' ELSE 'allocation' END = ANY ($15))
    AND ($16 IS NULL OR s.booked_on >= $16) AND ($17 IS NULL OR s.booked_on <= $17)
    AND ($18 IS NULL OR s.booked_on <= $18 AND (s.fulfilled_entry IS NULL OR s.starts_on <= $18))
    AND ($19 IS NULL OR s.deferred = $19) AND ($20 IS NULL OR s.rule IN ('on_fulfilment', 'milestone') = $20)
    AND ($21 IS NULL OR (s.rule = 'as_drawn') = $21)
    AND ($22 IS NULL OR s.invoice_id < $22 OR s.invoice_id = $22 AND (s.line_no, s.entry) > ($23, $24))
ORDER BY s.invoice_id DESC, s.line_no, s.entry LIMIT $25";

/// One page, and whether more follow.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: &Wanted,
) -> Result<(Vec<Scheduled>, bool), StorageError> {
    let Filter { figure, .. } = &wanted.filter;
    let after = wanted.after;
    let mut rows: Vec<Row> = diesel::sql_query(LISTED)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<Nullable<SqlUuid>, _>(wanted.filter.invoice_id)
        .bind::<Nullable<Integer>, _>(wanted.filter.line_no)
        .bind::<Nullable<SqlUuid>, _>(wanted.filter.subscription_id)
        .bind::<Nullable<SqlUuid>, _>(wanted.filter.contract_id)
        .bind::<Nullable<SqlUuid>, _>(wanted.filter.customer_id)
        .bind::<Nullable<SqlUuid>, _>(wanted.filter.entity_id)
        .bind::<Bool, _>(wanted.filter.at_once)
        .bind::<Nullable<Text>, _>(figure.currency)
        .bind::<Nullable<SqlUuid>, _>(figure.product_id)
        .bind::<Nullable<SqlUuid>, _>(figure.plan_id)
        .bind::<Nullable<SqlUuid>, _>(figure.price_id)
        .bind::<Bool, _>(figure.without_price)
        .bind::<Bool, _>(figure.without_contract)
        .bind::<Nullable<Array<Text>>, _>(figure.kinds.as_ref())
        .bind::<Nullable<Date>, _>(figure.booked_from)
        .bind::<Nullable<Date>, _>(figure.booked_to)
        .bind::<Nullable<Date>, _>(figure.known_on)
        .bind::<Nullable<Bool>, _>(figure.deferred)
        .bind::<Nullable<Bool>, _>(figure.on_fulfilment)
        .bind::<Nullable<Bool>, _>(figure.drawn)
        .bind::<Nullable<SqlUuid>, _>(after.map(|place| place.invoice_id))
        .bind::<Nullable<Integer>, _>(after.map(|place| place.line_no))
        .bind::<Nullable<SmallInt>, _>(after.map(|place| place.entry))
        .bind::<BigInt, _>(i64::from(wanted.limit) + 1)
        .load(tx.conn)?;
    let has_more = rows.len() > usize::from(wanted.limit);
    rows.truncate(usize::from(wanted.limit));
    let rows: Result<_, StorageError> = rows.into_iter().map(scheduled).collect();
    Ok((rows?, has_more))
}

fn scheduled(row: Row) -> Result<Scheduled, StorageError> {
    let Row { schedule, currency, customer_id, subscription_id, entity_id, description, recognized_to } = row;
    let schedule = schedule.into_schedule(currency)?;
    Ok(Scheduled { schedule, customer_id, subscription_id, entity_id, description, recognized_to })
}

/// A line's own schedule, and it with what is taken back of it.
///
/// # Errors
/// There is no such line that is issued.
pub fn of_line(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: LineId,
) -> Result<(Schedule, Vec<Scheduled>), StorageError> {
    let LineId { invoice_id, line_no } = id;
    let filter = Filter { invoice_id: Some(invoice_id), line_no: Some(line_no), ..Filter::default() };
    let (mut found, _) = list(tx, tenant_id, &Wanted { filter, after: None, limit: 1_000 })?;
    found.sort_by_key(|one| one.schedule.entry != Entry::Line);
    let own = found.first().map(|one| one.schedule);
    Ok((own.ok_or_else(|| StorageError::not_found(Thing::InvoiceLine, id))?, found))
}
