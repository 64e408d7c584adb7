//! Which schedules are there? Those of an invoice, a subscription, a customer or all, the newest invoice first, line by line.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::domain::ids::{
    CustomerId, EntityId, InvoiceId, LineId, RevenueContractId, SubscriptionId, TenantId,
};
use crate::domain::money::Currency;
use crate::domain::revenue::{Entry, Schedule};
use crate::storage::columns::entity_or_first;
use crate::storage::revenue::rows::ScheduleRow;
use crate::storage::schema::{
    entities, invoice_lines, invoices, revenue_contract_lines as contract_lines, revenue_schedules as table,
};
use crate::storage::{StorageError, Thing, Tx};

/// Which of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    pub invoice_id: Option<InvoiceId>,
    pub line_no: Option<i32>,
    pub subscription_id: Option<SubscriptionId>,
    pub contract_id: Option<RevenueContractId>,
    pub customer_id: Option<CustomerId>,
    pub entity_id: Option<EntityId>,
    /// Only what is earned at once though no rule says so.
    pub at_once: bool,
}

/// A place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub invoice_id: InvoiceId,
    pub line_no: i32,
    pub entry: i16,
}

/// A page to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

type Row = (ScheduleRow, Currency, CustomerId, Option<SubscriptionId>, EntityId, String, Option<NaiveDate>);

/// One page, and whether more follow.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: &Wanted,
) -> Result<(Vec<Scheduled>, bool), StorageError> {
    let entity = entity_or_first(invoices::entity_id, invoices::tenant_id);
    let mut query = table::table
        .inner_join(
            invoices::table
                .on(invoices::tenant_id.eq(table::tenant_id).and(invoices::id.eq(table::invoice_id))),
        )
        .inner_join(
            invoice_lines::table.on(invoice_lines::tenant_id
                .eq(table::tenant_id)
                .and(invoice_lines::invoice_id.eq(table::invoice_id))
                .and(invoice_lines::line_no.eq(table::line_no))),
        )
        .inner_join(entities::table.on(entities::tenant_id.eq(table::tenant_id).and(entities::id.eq(entity))))
        .filter(table::tenant_id.eq(tenant_id))
        .order((table::invoice_id.desc(), table::line_no, table::entry))
        .select((
            ScheduleRow::as_select(),
            invoices::currency,
            invoices::customer_id,
            invoice_lines::subscription_id,
            entities::id,
            invoice_lines::description,
            entities::recognized_to,
        ))
        .into_boxed();
    let Filter { invoice_id, line_no, subscription_id, contract_id, customer_id, entity_id, at_once } =
        wanted.filter;
    if let Some(id) = invoice_id {
        query = query.filter(table::invoice_id.eq(id));
    }
    if let Some(line_no) = line_no {
        query = query.filter(table::line_no.eq(line_no));
    }
    if let Some(id) = subscription_id {
        query = query.filter(invoice_lines::subscription_id.eq(id));
    }
    if let Some(id) = contract_id {
        query = query.filter(table::invoice_id.eq_any(invoices_of(tx, tenant_id, id)?));
    }
    if let Some(id) = customer_id {
        query = query.filter(invoices::customer_id.eq(id));
    }
    if let Some(id) = entity_id {
        query = query.filter(entities::id.eq(id));
    }
    if at_once {
        query = query.filter(table::because.is_not_null());
    }
    if let Some(Position { invoice_id, line_no, entry }) = wanted.after {
        let later = table::line_no.gt(line_no).or(table::line_no.eq(line_no).and(table::entry.gt(entry)));
        query =
            query.filter(table::invoice_id.lt(invoice_id).or(table::invoice_id.eq(invoice_id).and(later)));
    }
    let mut rows: Vec<Row> = query.limit(i64::from(wanted.limit) + 1).load(tx.conn)?;
    let has_more = rows.len() > usize::from(wanted.limit);
    rows.truncate(usize::from(wanted.limit));
    let scheduled = |row: Row| {
        let (schedule, currency, customer_id, subscription_id, entity_id, description, recognized_to) = row;
        let schedule = schedule.into_schedule(currency)?;
        Ok(Scheduled { schedule, customer_id, subscription_id, entity_id, description, recognized_to })
    };
    let rows: Result<_, StorageError> = rows.into_iter().map(scheduled).collect();
    Ok((rows?, has_more))
}

/// The invoices of a contract.
fn invoices_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    id: RevenueContractId,
) -> Result<Vec<InvoiceId>, StorageError> {
    Ok(contract_lines::table
        .filter(contract_lines::tenant_id.eq(tenant_id).and(contract_lines::contract_id.eq(id)))
        .select(contract_lines::invoice_id)
        .distinct()
        .load(tx.conn)?)
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
