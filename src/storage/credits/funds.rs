//! What can the customers of a range pay with? Their grants, rules and balances: one cheap question when nobody has any.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;
use diesel::sql_types::{Bool, Uuid as SqlUuid};

use super::rows::{GrantRow, TopUpRow};
use crate::domain::credits::{Funds, Grant, Status, TopUp};
use crate::domain::ids::{CustomerId, PriceId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::storage::billing::Range;
use crate::storage::catalog::same_prices;
use crate::storage::schema::{credit_balances as balances, credit_grants as grants, credit_top_ups as rules};
use crate::storage::{StorageError, Tx};

/// The funds of a range of customers.
#[derive(Debug, Default)]
pub struct FundsBook {
    pub(super) by_customer: HashMap<CustomerId, Funds>,
}

impl FundsBook {
    /// Of this customer.
    #[must_use]
    pub fn of_customer(&self, customer: CustomerId) -> Funds {
        self.by_customer.get(&customer).cloned().unwrap_or_default()
    }
}

#[derive(QueryableByName)]
struct Any {
    #[diesel(sql_type = Bool)]
    grants: bool,
    #[diesel(sql_type = Bool)]
    balances: bool,
}

fn any(tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<Any, StorageError> {
    Ok(diesel::sql_query(
        "SELECT EXISTS (SELECT 1 FROM credit_grants WHERE tenant_id = $1) AS grants, \
                EXISTS (SELECT 1 FROM credit_balances WHERE tenant_id = $1) AS balances",
    )
    .bind::<SqlUuid, _>(tenant_id)
    .get_result(tx.conn)?)
}

/// Reads the funds of these locked customers.
pub fn load_each(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    customers: &BTreeSet<CustomerId>,
) -> Result<FundsBook, StorageError> {
    let any = any(tx, tenant_id)?;
    let mut book = FundsBook::default();
    if any.grants || any.balances {
        for customer in customers {
            book.by_customer.insert(*customer, of_customer(tx, tenant_id, *customer)?);
        }
    }
    Ok(book)
}

/// Reads the funds of a range of locked customers.
pub fn load(tx: &mut Tx<'_>, tenant_id: TenantId, range: Range) -> Result<FundsBook, StorageError> {
    let any = any(tx, tenant_id)?;
    let mut book = FundsBook::default();
    if any.grants {
        load_grants(tx, tenant_id, range, &mut book)?;
    }
    if any.balances {
        let rows: Vec<(CustomerId, Currency, i64)> = balances::table
            .filter(balances::tenant_id.eq(tenant_id))
            .filter(balances::customer_id.between(range.first, range.last))
            .filter(balances::balance.gt(0))
            .select((balances::customer_id, balances::currency, balances::balance))
            .load(tx.conn)?;
        for (customer, currency, minor) in rows {
            let funds = book.by_customer.entry(customer).or_default();
            funds.balances.insert(currency, Money::from_minor(minor, currency));
        }
    }
    Ok(book)
}

fn load_grants(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    range: Range,
    book: &mut FundsBook,
) -> Result<(), StorageError> {
    let (first, last) = (range.first, range.last);
    let rows: Vec<GrantRow> = grants::table
        .filter(grants::tenant_id.eq(tenant_id).and(grants::customer_id.between(first, last)))
        .filter(grants::remaining.gt(0).and(grants::status.eq_any([Status::Pending, Status::Active])))
        .select(GrantRow::as_select())
        .load(tx.conn)?;
    let grants: Vec<Grant> = rows.into_iter().map(Grant::from).collect();
    let named: BTreeSet<PriceId> = grants.iter().flat_map(|g| &g.applies_to.price_ids).copied().collect();
    let same = same_prices::find_each(tx, tenant_id, &named)?;
    for mut grant in grants {
        let same_price_ids = grant.applies_to.price_ids.iter().filter_map(|id| same.get(id));
        grant.same_prices = same_price_ids.flatten().copied().collect();
        book.by_customer.entry(grant.customer_id).or_default().grants.push(grant);
    }
    let rows: Vec<TopUpRow> = rules::table
        .filter(rules::tenant_id.eq(tenant_id).and(rules::customer_id.between(first, last)))
        .order(rules::currency)
        .select(TopUpRow::as_select())
        .load(tx.conn)?;
    for row in rows {
        let rule = TopUp::from(row);
        book.by_customer.entry(rule.customer_id).or_default().top_ups.push(rule);
    }
    Ok(())
}

/// The funds of one locked customer.
pub fn of_customer(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    customer: CustomerId,
) -> Result<Funds, StorageError> {
    let mut book = FundsBook::default();
    load_grants(tx, tenant_id, Range::only(customer), &mut book)?;
    let mut funds = book.by_customer.remove(&customer).unwrap_or_default();
    funds.balances = super::balances::of_customer(tx, tenant_id, customer)?;
    Ok(funds)
}
