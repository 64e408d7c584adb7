//! What costs how much alone, and which invoices were promised together? Rows that are only ever added.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Text, Uuid as SqlUuid};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::rows::ScheduleRow;
use crate::domain::ids::{
    CustomerId, EntityId, InvoiceId, LineId, ProductId, RevenueContractId, StandalonePriceId, TenantId,
};
use crate::domain::money::{Currency, Money};
use crate::domain::revenue::Schedule;
use crate::domain::revenue::contracts::{Candidate, Contract, Promise, StandalonePrice};
use crate::storage::customers::Held;
use crate::storage::keyset::{Keyset, Slice, keyset_query};
use crate::storage::schema::{
    revenue_contract_lines as lines, revenue_contracts as table, revenue_schedules as schedules,
    standalone_prices as prices,
};
use crate::storage::{Found, StorageError, Thing, Tx};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = prices, treat_none_as_default_value = false)]
struct PriceRow {
    tenant_id: TenantId,
    id: StandalonePriceId,
    product_id: ProductId,
    price_code: Option<String>,
    currency: Currency,
    amount: i64,
    valid_from: NaiveDate,
    created_at: DateTime<Utc>,
}

/// All of a tenant, the newest first.
pub fn standalone_prices(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Vec<StandalonePrice>, StorageError> {
    let rows: Vec<PriceRow> = prices::table
        .filter(prices::tenant_id.eq(tenant_id))
        .order((prices::valid_from.desc(), prices::id.desc()))
        .select(PriceRow::as_select())
        .load(tx.conn)?;
    let price = |row: PriceRow| StandalonePrice {
        id: row.id,
        product_id: row.product_id,
        price_code: row.price_code,
        amount: Money::from_minor(row.amount, row.currency),
        valid_from: row.valid_from,
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(price).collect())
}

/// Adds one.
///
/// # Errors
/// `unknown_product`; `standalone_price_exists`: the same is said from that day on.
pub fn insert_price(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    price: &StandalonePrice,
) -> Result<(), StorageError> {
    let row = PriceRow {
        tenant_id,
        id: price.id,
        product_id: price.product_id,
        price_code: price.price_code.clone(),
        currency: price.amount.currency(),
        amount: price.amount.minor(),
        valid_from: price.valid_from,
        created_at: price.created_at,
    };
    diesel::insert_into(prices::table).values(row).execute(tx.conn)?;
    Ok(())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = table)]
struct ContractRow {
    tenant_id: TenantId,
    id: RevenueContractId,
    customer_id: CustomerId,
    entity_id: EntityId,
    currency: Currency,
    created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = lines)]
struct LineRow {
    tenant_id: TenantId,
    invoice_id: InvoiceId,
    line_no: i32,
    contract_id: RevenueContractId,
    standalone: Decimal,
}

/// Adds a contract with its lines; its customer is locked.
///
/// # Errors
/// `in_another_contract`.
pub fn insert(
    tx: &mut Tx<'_>,
    held: &Held,
    (contract, promises): (&Contract, &[Promise]),
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let row = ContractRow {
        tenant_id,
        id: contract.id,
        customer_id: contract.customer_id,
        entity_id: contract.entity_id,
        currency: contract.currency,
        created_at: contract.created_at,
    };
    diesel::insert_into(table::table).values(row).execute(tx.conn)?;
    let row = |promise: &Promise| LineRow {
        tenant_id,
        invoice_id: promise.line.invoice_id,
        line_no: promise.line.line_no,
        contract_id: contract.id,
        standalone: promise.standalone,
    };
    let rows: Vec<LineRow> = promises.iter().map(row).collect();
    diesel::insert_into(lines::table).values(&rows).execute(tx.conn)?;
    Ok(())
}

/// The contract that an invoice is in.
pub fn of_invoice(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: InvoiceId,
) -> Result<Option<RevenueContractId>, StorageError> {
    Ok(lines::table
        .filter(lines::tenant_id.eq(tenant_id).and(lines::invoice_id.eq(id)))
        .select(lines::contract_id)
        .first(tx.conn)
        .optional()?)
}

/// The lines of a contract, in the order of its invoices.
pub fn promises(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: RevenueContractId,
) -> Result<Vec<Promise>, StorageError> {
    let rows: Vec<LineRow> = lines::table
        .filter(lines::tenant_id.eq(tenant_id).and(lines::contract_id.eq(id)))
        .order((lines::invoice_id, lines::line_no))
        .select(LineRow::as_select())
        .load(tx.conn)?;
    let promise = |row: LineRow| Promise {
        line: LineId { invoice_id: row.invoice_id, line_no: row.line_no },
        standalone: row.standalone,
    };
    Ok(rows.into_iter().map(promise).collect())
}

/// All that is scheduled of the lines of a contract.
pub fn schedules_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (id, currency): (RevenueContractId, Currency),
) -> Result<Vec<Schedule>, StorageError> {
    let rows: Vec<ScheduleRow> = schedules::table
        .inner_join(
            lines::table.on(lines::tenant_id
                .eq(schedules::tenant_id)
                .and(lines::invoice_id.eq(schedules::invoice_id))
                .and(lines::line_no.eq(schedules::line_no))),
        )
        .filter(schedules::tenant_id.eq(tenant_id).and(lines::contract_id.eq(id)))
        .order((schedules::invoice_id, schedules::line_no, schedules::entry))
        .select(ScheduleRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(|row| row.into_schedule(currency)).collect()
}

/// One.
///
/// # Errors
/// Not found.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: RevenueContractId) -> Result<Contract, StorageError> {
    let row: ContractRow = table::table
        .find((tenant_id, id))
        .select(ContractRow::as_select())
        .first(tx.conn)
        .found(Thing::RevenueContract, id)?;
    with_invoices(tx, row)
}

fn with_invoices(tx: &mut Tx<'_>, row: ContractRow) -> Result<Contract, StorageError> {
    let mut invoice_ids: Vec<InvoiceId> = lines::table
        .filter(lines::tenant_id.eq(row.tenant_id).and(lines::contract_id.eq(row.id)))
        .order(lines::invoice_id)
        .select(lines::invoice_id)
        .load(tx.conn)?;
    invoice_ids.dedup();
    Ok(Contract {
        id: row.id,
        customer_id: row.customer_id,
        entity_id: row.entity_id,
        currency: row.currency,
        invoice_ids,
        created_at: row.created_at,
    })
}

/// One page of them, of a customer where one is named.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (customer_id, keyset): (Option<CustomerId>, &Keyset),
) -> Result<Slice<Contract>, StorageError> {
    let mut query =
        table::table.filter(table::tenant_id.eq(tenant_id)).select(ContractRow::as_select()).into_boxed();
    if let Some(customer_id) = customer_id {
        query = query.filter(table::customer_id.eq(customer_id));
    }
    let rows: Vec<ContractRow> = keyset_query!(query, table::id, keyset).load(tx.conn)?;
    let rows: Result<Vec<Contract>, StorageError> =
        rows.into_iter().map(|row| with_invoices(tx, row)).collect();
    Ok(keyset.slice(rows?))
}

/// Contracts at a time.
const PAGE: i64 = 2_000;

/// Hands over what is scheduled of each contract, of a customer's where one is named, in their order; some thousands at a time, so that memory has a
/// bound.
///
/// # Errors
/// Storage; what the taker says.
pub fn each<E: From<StorageError>>(
    tx: &mut Tx<'_>,
    (tenant_id, customer_id): (TenantId, Option<CustomerId>),
    mut take: impl FnMut(RevenueContractId, &[Schedule]) -> Result<(), E>,
) -> Result<(), E> {
    let mut after = RevenueContractId::from_uuid(Uuid::nil());
    loop {
        let mut query = table::table
            .filter(table::tenant_id.eq(tenant_id).and(table::id.gt(after)))
            .select((table::id, table::currency))
            .into_boxed();
        if let Some(customer_id) = customer_id {
            query = query.filter(table::customer_id.eq(customer_id));
        }
        let page: Vec<(RevenueContractId, Currency)> =
            query.order(table::id).limit(PAGE).load(tx.conn).map_err(StorageError::from)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.0;
        let mut scheduled = scheduled(tx, tenant_id, &page)?;
        for (id, _) in &page {
            take(*id, &scheduled.remove(id).unwrap_or_default())?;
        }
    }
}

fn scheduled(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    contracts: &[(RevenueContractId, Currency)],
) -> Result<HashMap<RevenueContractId, Vec<Schedule>>, StorageError> {
    let currencies: HashMap<RevenueContractId, Currency> = contracts.iter().copied().collect();
    let ids: Vec<RevenueContractId> = currencies.keys().copied().collect();
    let rows: Vec<(RevenueContractId, ScheduleRow)> = schedules::table
        .inner_join(
            lines::table.on(lines::tenant_id
                .eq(schedules::tenant_id)
                .and(lines::invoice_id.eq(schedules::invoice_id))
                .and(lines::line_no.eq(schedules::line_no))),
        )
        .filter(lines::tenant_id.eq(tenant_id).and(lines::contract_id.eq_any(ids)))
        .select((lines::contract_id, ScheduleRow::as_select()))
        .load(tx.conn)?;
    let mut found: HashMap<RevenueContractId, Vec<Schedule>> = HashMap::new();
    for (id, row) in rows {
        if let Some(currency) = currencies.get(&id) {
            found.entry(id).or_default().push(row.into_schedule(*currency)?);
        }
    }
    Ok(found)
}

#[derive(QueryableByName)]
struct CandidateRow {
    #[diesel(sql_type = SqlUuid)]
    id: InvoiceId,
    #[diesel(sql_type = SqlUuid)]
    customer_id: CustomerId,
    #[diesel(sql_type = SqlUuid)]
    entity_id: EntityId,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Bool)]
    is_owed: bool,
}

/// What is known of invoices that are to be in a contract, in their order; those that are not there are left out.
pub fn candidates(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &[InvoiceId],
) -> Result<Vec<Candidate>, StorageError> {
    let rows: Vec<CandidateRow> = diesel::sql_query(
        "SELECT i.id, i.customer_id, coalesce(i.entity_id, i.tenant_id) AS entity_id, i.currency, i.status IN ('open', 'paid') AS is_owed \
         FROM unnest($2) WITH ORDINALITY u (id, n) JOIN invoices i ON i.tenant_id = $1 AND i.id = u.id ORDER BY u.n",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(tx.conn)?;
    let candidate = |row: CandidateRow| Candidate {
        id: row.id,
        customer_id: row.customer_id,
        entity_id: row.entity_id,
        currency: row.currency,
        is_owed: row.is_owed,
    };
    Ok(rows.into_iter().map(candidate).collect())
}
