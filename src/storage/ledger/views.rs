//! Which transfers were posted? Newest first, in pages; a page starts after the transfer the one before ended with.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::ids::{CustomerId, EntityId, TenantId};
use crate::domain::ledger::{Account, SourceKind, Transfer};
use crate::storage::columns::entity_or_first;
use crate::storage::ledger::rows::TransferRow;
use crate::storage::schema::ledger_transfers as transfers;
use crate::storage::{StorageError, Tx};

pub use crate::storage::ledger::revaluations;
pub use crate::storage::ledger::sums::{AccountSums, Both, balances};

/// Which transfers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Debited or credited.
    pub account: Option<Account>,
    pub source_id: Option<Uuid>,
    pub customer_id: Option<CustomerId>,
    pub entity_id: Option<EntityId>,
}

/// The place of a transfer in the order of the list: when it was recorded, then its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pub recorded_at: DateTime<Utc>,
    pub source_id: Uuid,
    pub source_kind: SourceKind,
    pub leg: i16,
}

/// A page to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub filter: Filter,
    /// Only older ones.
    pub after: Option<Position>,
    pub limit: u16,
}

type Condition = Box<dyn BoxableExpression<transfers::table, Pg, SqlType = Bool>>;

/// One page, and whether more follow.
pub fn list(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: &Wanted,
) -> Result<(Vec<Transfer>, bool), StorageError> {
    let mut query = transfers::table
        .filter(transfers::tenant_id.eq(tenant_id))
        .select(TransferRow::as_select())
        .into_boxed();
    if let Some(account) = wanted.filter.account {
        query = query.filter(moves(account));
    }
    if let Some(entity_id) = wanted.filter.entity_id {
        let entity = entity_or_first(transfers::entity_id, transfers::tenant_id);
        query = query.filter(entity.eq(entity_id));
    }
    if let Some(source_id) = wanted.filter.source_id {
        query = query.filter(transfers::source_id.eq(source_id));
    }
    if let Some(customer_id) = wanted.filter.customer_id {
        query = query.filter(of_customer(tenant_id, customer_id));
    }
    if let Some(position) = wanted.after.clone() {
        query = query.filter(older_than(position));
    }
    let order = (
        transfers::recorded_at.desc(),
        transfers::source_id.desc(),
        transfers::source_kind.desc(),
        transfers::leg.desc(),
    );
    let rows: Vec<TransferRow> = query.order(order).limit(i64::from(wanted.limit) + 1).load(tx.conn)?;
    let limit = usize::from(wanted.limit);
    let has_more = rows.len() > limit;
    Ok((rows.into_iter().take(limit).map(Transfer::from).collect(), has_more))
}

/// Whether it is debited or credited; gains and losses are credited beside the other side.
fn moves(account: Account) -> Condition {
    match account {
        Account::FxGainLossRealised => Box::new(transfers::realised_gain.is_not_null()),
        other => Box::new(transfers::debit.eq(other).or(transfers::credit.eq(other))),
    }
}

/// By way of the customer's invoices and payments: transfers are indexed by their source.
fn of_customer(tenant_id: TenantId, customer_id: CustomerId) -> Condition {
    let sources = diesel::dsl::sql::<Bool>("source_id IN (SELECT id FROM invoices WHERE tenant_id = ")
        .bind::<SqlUuid, _>(tenant_id)
        .sql(" AND customer_id = ")
        .bind::<SqlUuid, _>(customer_id)
        .sql(" UNION ALL SELECT id FROM payments WHERE tenant_id = ")
        .bind::<SqlUuid, _>(tenant_id)
        .sql(" AND customer_id = ")
        .bind::<SqlUuid, _>(customer_id)
        .sql(")");
    Box::new(sources)
}

/// A row comparison: its first two columns are the index's.
fn older_than(position: Position) -> Condition {
    let row = diesel::dsl::sql::<Bool>("(recorded_at, source_id, source_kind, leg) < (")
        .bind::<Timestamptz, _>(position.recorded_at)
        .sql(", ")
        .bind::<SqlUuid, _>(position.source_id)
        .sql(", ")
        .bind::<Text, _>(position.source_kind)
        .sql(", ")
        .bind::<SmallInt, _>(position.leg)
        .sql(")");
    Box::new(row)
}
