//! How are credits kept? A row a grant with what is left of it, a row for what each invoice drew, and a row a balance.
//!
//! All are changed under the lock of their customer's row.
//!
//! What is on this shelf, what is not, and its laws: [`domain::credits`](crate::domain::credits).

pub mod balances;
pub mod credit_notes;
mod funds;
pub mod pay_outs;
pub mod refundable;
pub mod refunds;
mod rows;
pub mod taken_back;
pub mod views;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use uuid::Uuid;

pub use funds::{FundsBook, load, load_each, of_customer};
pub(in crate::storage) use rows::{GrantRow, TopUpRow};

use super::schema::{credit_drawdowns, credit_grants, credit_top_ups, item_versions, prices};
use super::{StorageError, Tx};
use crate::domain::billing::Line;
use crate::domain::billing::piece::Key;
use crate::domain::catalog::PriceKind;
use crate::domain::credits::draw::Draw;
use crate::domain::credits::usage::{self, Usage, UsagePrices};
use crate::domain::credits::{Grant, TopUp};
use crate::domain::ids::{
    CreditGrantId, CustomerId, InvoiceId, ItemVersionId, MeterId, PriceId, SubscriptionId, TenantId,
};
use crate::domain::ledger::SourceKind;
use crate::domain::money::{Currency, Money};
use crate::storage::customers::Held;
use crate::storage::{Found, Thing};

/// Adds grants.
pub fn insert(tx: &mut Tx<'_>, held: &Held, added: &[Grant]) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    if added.is_empty() {
        return Ok(());
    }
    let rows: Vec<GrantRow> = added.iter().map(|grant| GrantRow::of(tenant_id, grant)).collect();
    diesel::copy_from(credit_grants::table).from_insertable(&rows).execute(tx.conn)?;
    Ok(())
}

/// Writes what may change of a grant: where it stands, what is left and what was closed.
pub fn update(tx: &mut Tx<'_>, held: &Held, grant: &Grant) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    diesel::update(credit_grants::table.find((tenant_id, grant.id)))
        .set((
            credit_grants::status.eq(grant.status),
            credit_grants::remaining.eq(grant.remaining.minor()),
            credit_grants::closed_amount.eq(grant.closed_amount.minor()),
            credit_grants::closed_price.eq(grant.closed_price.minor()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The grant with this id.
pub fn find(tx: &mut Tx<'_>, tenant_id: TenantId, id: CreditGrantId) -> Result<Grant, StorageError> {
    let row: GrantRow = credit_grants::table
        .find((tenant_id, id))
        .select(GrantRow::as_select())
        .first(tx.conn)
        .found(Thing::CreditGrant, id)?;
    Ok(row.into())
}

/// The grants that these invoices sold.
pub fn sold_by(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    invoices: &[InvoiceId],
) -> Result<Vec<Grant>, StorageError> {
    let rows: Vec<GrantRow> = credit_grants::table
        .filter(credit_grants::tenant_id.eq(tenant_id).and(credit_grants::invoice_id.eq_any(invoices)))
        .select(GrantRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Grant::from).collect())
}

#[derive(Insertable)]
#[diesel(table_name = credit_drawdowns, treat_none_as_default_value = false)]
struct DrawRow {
    tenant_id: TenantId,
    invoice_id: InvoiceId,
    grant_id: CreditGrantId,
    amount: i64,
    returned: i64,
    drawn_at: DateTime<Utc>,
}

/// Adds what invoices drew, by `COPY`, and takes it from the grants.
pub fn draw(
    tx: &mut Tx<'_>,
    held: &Held,
    draws: &[(InvoiceId, Draw)],
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    if draws.is_empty() {
        return Ok(());
    }
    let row = |(invoice_id, draw): &(InvoiceId, Draw)| DrawRow {
        tenant_id,
        invoice_id: *invoice_id,
        grant_id: draw.grant_id,
        amount: draw.amount.minor(),
        returned: 0,
        drawn_at: at,
    };
    let rows: Vec<DrawRow> = draws.iter().map(row).collect();
    diesel::copy_from(credit_drawdowns::table).from_insertable(&rows).execute(tx.conn)?;
    diesel::sql_query(
        "UPDATE credit_grants g SET remaining = g.remaining - d.amount \
         FROM (SELECT id, sum(amount)::bigint AS amount FROM unnest($2::uuid[], $3::bigint[]) AS d (id, amount) GROUP BY id) d \
         WHERE g.tenant_id = $1 AND g.id = d.id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(draws.iter().map(|(_, d)| d.grant_id).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(draws.iter().map(|(_, d)| d.amount.minor()).collect::<Vec<_>>())
    .execute(tx.conn)?;
    Ok(())
}

/// What an invoice drew and has not given back, by grant.
pub fn drawn_by(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (invoice, currency): (InvoiceId, Currency),
) -> Result<BTreeMap<CreditGrantId, Money>, StorageError> {
    use credit_drawdowns as d;
    let rows: Vec<(CreditGrantId, i64, i64)> = d::table
        .filter(d::tenant_id.eq(tenant_id).and(d::invoice_id.eq(invoice)))
        .select((d::grant_id, d::amount, d::returned))
        .load(tx.conn)?;
    let left = rows.into_iter().filter(|(_, amount, returned)| amount > returned);
    Ok(left.map(|(id, amount, returned)| (id, Money::from_minor(amount - returned, currency))).collect())
}

/// Notes that a part of what an invoice drew went back.
pub fn give_back(
    tx: &mut Tx<'_>,
    held: &Held,
    (invoice, grant): (InvoiceId, CreditGrantId),
    amount: Money,
) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let drawdown = credit_drawdowns::table.find((tenant_id, invoice, grant));
    diesel::update(drawdown)
        .set(credit_drawdowns::returned.eq(credit_drawdowns::returned + amount.minor()))
        .execute(tx.conn)?;
    Ok(())
}

/// The usage among lines, each with the charge it is of or stands for.
pub fn usage_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (lines, keys): (&[Line], &HashMap<i32, Key>),
) -> Result<Vec<Usage>, StorageError> {
    let subscriptions = lines.iter().filter_map(|line| line.subscription_id).collect();
    let versions = keys.values().map(|key| key.version).collect();
    let prices = usage_prices(tx, tenant_id, (&subscriptions, &versions))?;
    usage::of_lines(lines, keys, &prices).map_err(|e| StorageError::unreadable("line amount", e))
}

/// Of these item versions, those whose price is for usage.
fn usage_prices(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (subscriptions, versions): (&BTreeSet<SubscriptionId>, &BTreeSet<ItemVersionId>),
) -> Result<UsagePrices, StorageError> {
    use {item_versions as v, prices as p};
    let rows: Vec<(ItemVersionId, PriceId, Option<MeterId>)> = v::table
        .inner_join(p::table.on(p::tenant_id.eq(v::tenant_id).and(p::id.nullable().eq(v::price_id))))
        .filter(v::tenant_id.eq(tenant_id).and(p::tenant_id.eq(tenant_id)))
        .filter(v::subscription_id.eq_any(subscriptions).and(v::id.eq_any(versions)))
        .filter(p::kind.eq(PriceKind::Usage))
        .select((v::id, p::id, p::meter_id))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(version, price, meter)| (version, (price, meter))).collect())
}

/// Keeps a customer's rule for low credits, in place of the one before.
pub fn set_top_up(tx: &mut Tx<'_>, held: &Held, rule: &TopUp) -> Result<(), StorageError> {
    let tenant_id = held.tenant_id();
    let key = (credit_top_ups::tenant_id, credit_top_ups::customer_id, credit_top_ups::currency);
    diesel::insert_into(credit_top_ups::table)
        .values(TopUpRow::of(tenant_id, rule))
        .on_conflict(key)
        .do_update()
        .set(TopUpRow::of(tenant_id, rule))
        .execute(tx.conn)?;
    Ok(())
}

/// Forgets a customer's rules for low credits; gives how many there were.
pub fn remove_top_ups(tx: &mut Tx<'_>, held: &Held, customer: CustomerId) -> Result<usize, StorageError> {
    let tenant_id = held.tenant_id();
    let rules = credit_top_ups::table
        .filter(credit_top_ups::tenant_id.eq(tenant_id))
        .filter(credit_top_ups::customer_id.eq(customer));
    Ok(diesel::delete(rules).execute(tx.conn)?)
}

/// How many transfers a source has made under a kind: the next leg.
pub fn legs_of(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    source: (Uuid, SourceKind),
) -> Result<i16, StorageError> {
    use super::schema::ledger_transfers as t;
    let count: i64 = t::table
        .filter(t::tenant_id.eq(tenant_id).and(t::source_id.eq(source.0)))
        .filter(t::source_kind.eq(source.1))
        .count()
        .get_result(tx.conn)?;
    i16::try_from(count).map_err(|e| StorageError::unreadable("count of transfers", e))
}
