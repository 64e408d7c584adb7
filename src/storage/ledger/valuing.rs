//! What are transfers worth in the currency of their entities' books? What that needs is read once for all of them: the rates of their days, and
//! what the balances they move are carried at. Where books have one currency, and that is all there is, it is one statement.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Nullable, Numeric, Text, Uuid as SqlUuid};
use rust_decimal::Decimal;

use super::rates::{Lookup, Rates, Stage};
use super::rows::{TransferRow, total};
use crate::domain::fx::book::{NoRate, Pair};
use crate::domain::ids::{CustomerId, EntityId, InvoiceId, TenantId};
use crate::domain::ledger::functional::{Books, Carried, Carrier, Key, Unvalued};
use crate::domain::ledger::{Account, SourceKind, Transfer};
use crate::domain::money::{Currency, Ratio};
use crate::storage::customers::Held;
use crate::storage::schema::{entities, ledger_transfers as table};
use crate::storage::{StorageError, Tx, tenants};

/// Transfers as they are posted.
pub(super) struct Valued {
    pub(super) transfers: Vec<Transfer>,
    /// What is missing, and since when, by whose transfers wait for it.
    pub(super) waits: BTreeMap<CustomerId, Wait>,
}

/// For what a transfer waits, since when.
#[derive(Debug, Clone)]
pub(in crate::storage) struct Wait {
    pub since: DateTime<Utc>,
    pub reason: String,
}

/// Values what is about to be posted, in its order. An entity for which something is posted keeps its currency from then on.
pub(super) fn value(tx: &mut Tx<'_>, held: &Held, transfers: &[Transfer]) -> Result<Valued, StorageError> {
    let tenant_id = held.tenant_id();
    let first = EntityId::first_of(tenant_id);
    let mut transfers = transfers.to_vec();
    for transfer in &mut transfers {
        let buys_from = || held.get(transfer.customer_id).map_or(first, |customer| customer.entity_id);
        transfer.entity_id = Some(transfer.entity_id.unwrap_or_else(buys_from));
    }
    let homes = homes(tx, tenant_id, &transfers)?;
    for transfer in &mut transfers {
        // What belongs to a closed period counts on the first day that is open.
        let home = homes.iter().find(|home| Some(home.entity_id) == transfer.entity_id);
        if let Some(open_from) =
            home.and_then(|home| home.open_from).filter(|day| transfer.effective_on < *day)
        {
            transfer.original_on = Some(transfer.effective_on);
            transfer.effective_on = open_from;
        }
    }
    value_all(tx, (tenant_id, &homes), (transfers, Stage::Posted))
}

/// The books of an entity: their currency, and from which day on they are open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Home {
    entity_id: EntityId,
    currency: Currency,
    open_from: Option<NaiveDate>,
}

/// Those of each entity.
pub(super) type Homes = Vec<Home>;

/// The currencies of books, which stay from now on in those that get these transfers.
pub(super) fn homes(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    transfers: &[Transfer],
) -> Result<Homes, StorageError> {
    let posted: BTreeSet<EntityId> = transfers.iter().filter_map(|transfer| transfer.entity_id).collect();
    let mut books = read_books(tx, tenant_id)?;
    let begins = |book: &OfEntity| posted.contains(&book.0.entity_id) && !book.1;
    if books.iter().any(begins) {
        // Whoever changes an entity holds its tenant: what is read from here on stays so until we are through.
        tenants::hold(tx, tenant_id)?;
        books = read_books(tx, tenant_id)?;
        let begun: Vec<EntityId> =
            books.iter().filter(|book| begins(book)).map(|book| book.0.entity_id).collect();
        let first = transfers.iter().map(|transfer| transfer.effective_on).min().unwrap_or_default();
        note_begun(tx, tenant_id, (&begun, first))?;
    }
    Ok(books.into_iter().map(|(home, _)| home).collect())
}

/// The books of an entity, and whether anything is posted in them.
type OfEntity = (Home, bool);

fn read_books(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Vec<OfEntity>, StorageError> {
    let rows: Vec<(EntityId, Currency, Option<NaiveDate>, bool)> = entities::table
        .filter(entities::tenant_id.eq(tenant_id))
        .select((
            entities::id,
            entities::functional_currency,
            entities::books_open_from,
            entities::keeps_books,
        ))
        .load(tx.conn)?;
    let book = |(entity_id, currency, open_from, keeps)| (Home { entity_id, currency, open_from }, keeps);
    Ok(rows.into_iter().map(book).collect())
}

/// Notes that something is posted, and that revenue is recognised when the month of its first day is over. Who meets another that does so too
/// leaves it to that one: neither waits for the other's transaction.
fn note_begun(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (begun, first): (&[EntityId], NaiveDate),
) -> Result<(), StorageError> {
    diesel::sql_query(
        "UPDATE entities e SET keeps_books = true, next_recognition_at = (date_trunc('month', $3::timestamp) + interval '1 month') \
             AT TIME ZONE (SELECT time_zone FROM tenants WHERE id = $1) FROM (SELECT id FROM entities \
             WHERE tenant_id = $1 AND id = ANY ($2) AND NOT keeps_books FOR NO KEY UPDATE SKIP LOCKED) b \
         WHERE e.tenant_id = $1 AND e.id = b.id",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .bind::<Array<SqlUuid>, _>(begun)
    .bind::<Date, _>(first)
    .execute(tx.conn)?;
    Ok(())
}

/// Values transfers in their order.
pub(super) fn value_all(
    tx: &mut Tx<'_>,
    (tenant_id, homes): (TenantId, &Homes),
    (mut transfers, stage): (Vec<Transfer>, Stage),
) -> Result<Valued, StorageError> {
    let mut waits: BTreeMap<CustomerId, Wait> = BTreeMap::new();
    let home = |transfer: &Transfer| {
        let home = homes.iter().find(|home| Some(home.entity_id) == transfer.entity_id);
        home.map(|home| home.currency)
            .ok_or_else(|| StorageError::Retry("an entity is newer than what was read".to_owned()))
    };
    let mut abroad = Vec::new();
    for transfer in &transfers {
        let home = home(transfer)?;
        if transfer.amount.currency() != home {
            abroad.push((transfer, home));
        }
    }
    let rates = Rates::read(tx, (tenant_id, stage), &abroad)?;
    let foreign: Vec<&Transfer> = abroad.iter().map(|(transfer, _)| *transfer).collect();
    let mut books = read(tx, (tenant_id, stage), &foreign)?;
    // Most are of one pair, day and moment.
    let mut last: Option<(Lookup, Result<Ratio, NoRate>)> = None;
    let mut rate = |wanted: Lookup| match &last {
        Some((before, ratio)) if *before == wanted => ratio.clone(),
        _ => {
            let ratio = rates.find(wanted);
            last = Some((wanted, ratio.clone()));
            ratio
        }
    };
    let mut issued = None;
    for n in 0..transfers.len() {
        let rest = transfers.get(n..).unwrap_or_default();
        let Some(first) = rest.first() else { break };
        if first.source_kind == SourceKind::InvoiceFinalized && issued != Some(first.source_id) {
            issued = Some(first.source_id);
            let of_it = |other: &&Transfer| {
                (other.source_kind, other.source_id) == (first.source_kind, first.source_id)
            };
            let parts = rest.iter().take_while(of_it).count();
            books.wait_together(rest.get(..parts).unwrap_or_default());
        }
        let Some(transfer) = transfers.get_mut(n) else { break };
        let recorded_at = transfer.recorded_at;
        let mut rate_of = |pair: Pair, day: NaiveDate| rate(Lookup { pair, day, as_of: recorded_at });
        match books.value(transfer, home(transfer)?, &mut rate_of) {
            Ok(functional) => transfer.functional = Some(functional),
            Err(reason) => note(&mut waits, transfer, &reason),
        }
    }
    Ok(Valued { transfers, waits })
}

/// A missing rate says more than what waits for it.
fn note(waits: &mut BTreeMap<CustomerId, Wait>, transfer: &Transfer, why: &Unvalued) {
    let wait = Wait { since: transfer.recorded_at, reason: why.to_string() };
    let known = waits.entry(transfer.customer_id).or_insert_with(|| wait.clone());
    if matches!(why, Unvalued::NoRate(_)) {
        known.reason = wait.reason;
    }
}

/// What the balances are carried at that these transfers move. A new invoice has none.
fn read(
    tx: &mut Tx<'_>,
    (tenant_id, stage): (TenantId, Stage),
    foreign: &[&Transfer],
) -> Result<Books, StorageError> {
    if foreign.iter().all(|transfer| transfer.is_all_new()) {
        return Ok(Books::of_issued_only());
    }
    let mut books = Books::default();
    let new: BTreeSet<InvoiceId> = foreign
        .iter()
        .filter(|transfer| transfer.source_kind == SourceKind::InvoiceFinalized)
        .filter_map(|transfer| transfer.invoice())
        .collect();
    let invoices: BTreeSet<InvoiceId> = foreign
        .iter()
        .filter(|transfer| !transfer.is_all_new())
        .flat_map(|transfer| [transfer.invoice(), transfer.origin_id])
        .flatten()
        .filter(|invoice| !new.contains(invoice))
        .collect();
    // A charge of another customer, who paid for this one once, may wait still.
    let theirs: BTreeSet<CustomerId> = foreign.iter().map(|transfer| transfer.customer_id).collect();
    let of_another = |transfer: &Transfer| transfer.is_all_new() && !theirs.contains(&transfer.customer_id);
    for transfer in of_invoices(tx, tenant_id, &invoices)? {
        if transfer.functional.is_some() || stage == Stage::Posted || of_another(&transfer) {
            books.note_of_invoice(&transfer);
        }
    }
    let in_pool = |transfer: &Transfer| {
        let keys = [transfer.debit, transfer.credit].map(|account| transfer.carried_by(account));
        keys.iter().flatten().any(|key| matches!(key.carrier, Carrier::Customer(..)))
    };
    let customers: BTreeSet<CustomerId> =
        foreign.iter().filter(|transfer| in_pool(transfer)).map(|transfer| transfer.customer_id).collect();
    if !customers.is_empty() {
        read_pools(tx, (tenant_id, &customers), (&mut books, stage))?;
    }
    Ok(books)
}

/// Whatever was posted of invoices, by whatever source.
fn of_invoices(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    ids: &BTreeSet<InvoiceId>,
) -> Result<Vec<Transfer>, StorageError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sources: Vec<uuid::Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let of_tenant = || table::table.filter(table::tenant_id.eq(tenant_id)).select(TransferRow::as_select());
    let mut rows: Vec<TransferRow> = of_tenant().filter(table::source_id.eq_any(sources)).load(tx.conn)?;
    let about: Vec<TransferRow> = of_tenant().filter(table::invoice_id.eq_any(ids)).load(tx.conn)?;
    let given_back: Vec<TransferRow> = of_tenant().filter(table::origin_id.eq_any(ids)).load(tx.conn)?;
    rows.extend(about);
    rows.extend(given_back);
    let mut known = HashSet::with_capacity(rows.len());
    rows.retain(|row| known.insert((row.source_id, row.source_kind, row.leg)));
    let mut transfers: Vec<Transfer> = rows.into_iter().map(Transfer::from).collect();
    transfers.sort_by_key(|t| (t.recorded_at, t.rank(), t.source_id, t.leg));
    Ok(transfers)
}

#[derive(QueryableByName)]
struct PoolRow {
    #[diesel(sql_type = SqlUuid)]
    customer_id: CustomerId,
    #[diesel(sql_type = SqlUuid)]
    entity_id: EntityId,
    #[diesel(sql_type = Text)]
    account: Account,
    #[diesel(sql_type = Text)]
    currency: Currency,
    #[diesel(sql_type = Nullable<Numeric>)]
    amount: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    functional: Option<Decimal>,
}

/// The accounts that customers have one balance each of.
const POOLS: &str =
    "('cash_clearing', 'customer_credit', 'refunds_payable', 'prepaid_credits', 'disputed_cash')";

/// What cash and balances of customers are carried at; without an amount, something on it waits.
fn read_pools(
    tx: &mut Tx<'_>,
    (tenant_id, customers): (TenantId, &BTreeSet<CustomerId>),
    (books, stage): (&mut Books, Stage),
) -> Result<(), StorageError> {
    let theirs = "tenant_id = $1 AND customer_id = ANY ($2)";
    let pooled = format!("(debit IN {POOLS} OR credit IN {POOLS})");
    let sql = format!(
        "WITH valued AS (SELECT * FROM ledger_transfers WHERE {theirs} AND functional_amount IS NOT NULL AND {pooled}), \
         waiting AS (SELECT DISTINCT customer_id, entity_id, debit, credit, currency FROM ledger_transfers \
             WHERE {theirs} AND functional_currency IS NULL AND {pooled}) \
         SELECT customer_id, coalesce(entity_id, $1) AS entity_id, account, currency, sum(amount) AS amount, sum(functional) AS functional \
         FROM (SELECT customer_id, entity_id, debit AS account, currency, amount, functional_amount AS functional FROM valued \
               UNION ALL SELECT customer_id, entity_id, credit, currency, -amount, coalesce(realised_gain, 0) - functional_amount FROM valued) s \
         WHERE account IN {POOLS} GROUP BY 1, 2, 3, 4 \
         UNION ALL SELECT customer_id, coalesce(entity_id, $1), account, currency, NULL, NULL \
         FROM (SELECT customer_id, entity_id, debit AS account, currency FROM waiting \
               UNION SELECT customer_id, entity_id, credit, currency FROM waiting) w WHERE account IN {POOLS}"
    );
    let customers: Vec<CustomerId> = customers.iter().copied().collect();
    let rows: Vec<PoolRow> = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(tenant_id)
        .bind::<Array<SqlUuid>, _>(customers)
        .load(tx.conn)?;
    for row in rows {
        let carrier = Carrier::Customer(row.customer_id, Some(row.entity_id));
        let key = Key { carrier, account: row.account, currency: row.currency };
        let minor = |sum: Decimal| total(sum, row.currency).minor();
        match (row.amount, row.functional) {
            (Some(amount), Some(functional)) => {
                books.carry(key, Carried { amount: minor(amount), functional: minor(functional) });
            }
            _ if stage == Stage::Posted => books.wait_for(key),
            _ => {}
        }
    }
    Ok(())
}
