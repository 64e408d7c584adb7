//! How are credit grants written in rows?

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::credits::{AppliesTo, Buys, Grant, Metadata, Source, Status, TopUp};
use crate::domain::ids::{CreditGrantId, CustomerId, InvoiceId, TenantId};
use crate::domain::money::{Currency, Money};
use crate::storage::schema::{credit_grants, credit_top_ups};
use crate::storage::sql_types::Json;

/// A grant as its row holds it; views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = credit_grants, treat_none_as_default_value = false)]
pub(in crate::storage) struct GrantRow {
    tenant_id: TenantId,
    id: CreditGrantId,
    customer_id: CustomerId,
    source: Source,
    name: String,
    currency: Currency,
    amount: i64,
    price: i64,
    remaining: i64,
    closed_amount: i64,
    closed_price: i64,
    priority: i16,
    expires_at: Option<DateTime<Utc>>,
    status: Status,
    invoice_id: Option<InvoiceId>,
    top_up: bool,
    applies_to: Json<AppliesTo>,
    metadata: Json<Metadata>,
    created_at: DateTime<Utc>,
}

impl GrantRow {
    pub(super) fn of(tenant_id: TenantId, grant: &Grant) -> GrantRow {
        GrantRow {
            tenant_id,
            id: grant.id,
            customer_id: grant.customer_id,
            source: grant.source,
            name: grant.name.clone(),
            currency: grant.amount.currency(),
            amount: grant.amount.minor(),
            price: grant.price.minor(),
            remaining: grant.remaining.minor(),
            closed_amount: grant.closed_amount.minor(),
            closed_price: grant.closed_price.minor(),
            priority: grant.priority,
            expires_at: grant.expires_at,
            status: grant.status,
            invoice_id: grant.invoice_id,
            top_up: grant.top_up,
            applies_to: Json(grant.applies_to.clone()),
            metadata: Json(grant.metadata.clone()),
            created_at: grant.created_at,
        }
    }
}

impl From<GrantRow> for Grant {
    fn from(row: GrantRow) -> Grant {
        let money = |minor| Money::from_minor(minor, row.currency);
        Grant {
            id: row.id,
            customer_id: row.customer_id,
            source: row.source,
            name: row.name,
            amount: money(row.amount),
            price: money(row.price),
            remaining: money(row.remaining),
            closed_amount: money(row.closed_amount),
            closed_price: money(row.closed_price),
            priority: row.priority,
            expires_at: row.expires_at,
            status: row.status,
            invoice_id: row.invoice_id,
            top_up: row.top_up,
            applies_to: row.applies_to.0,
            same_prices: BTreeSet::new(),
            metadata: row.metadata.0,
            created_at: row.created_at,
        }
    }
}

/// A top-up rule as its row holds it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = credit_top_ups, treat_none_as_default_value = false, treat_none_as_null = true)]
#[diesel(primary_key(tenant_id, customer_id, currency))]
pub(in crate::storage) struct TopUpRow {
    tenant_id: TenantId,
    customer_id: CustomerId,
    currency: Currency,
    threshold: i64,
    amount: Option<i64>,
    price: Option<i64>,
    expires_after_days: Option<i32>,
}

impl TopUpRow {
    pub(super) fn of(tenant_id: TenantId, rule: &TopUp) -> TopUpRow {
        TopUpRow {
            tenant_id,
            customer_id: rule.customer_id,
            currency: rule.threshold.currency(),
            threshold: rule.threshold.minor(),
            amount: rule.buys.map(|buys| buys.amount.minor()),
            price: rule.buys.map(|buys| buys.price.minor()),
            expires_after_days: rule.buys.and_then(|buys| buys.expires_after_days),
        }
    }
}

impl From<TopUpRow> for TopUp {
    fn from(row: TopUpRow) -> TopUp {
        let money = |minor| Money::from_minor(minor, row.currency);
        let buys = row.amount.zip(row.price).map(|(amount, price)| Buys {
            amount: money(amount),
            price: money(price),
            expires_after_days: row.expires_after_days,
        });
        TopUp { customer_id: row.customer_id, threshold: money(row.threshold), buys }
    }
}
