//! How are credit grants written in rows?

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::credits::{Buys, Grant, Source, Status, TopUp};
use crate::domain::ids::{CreditGrantId, CustomerId, InvoiceId, TenantId};
use crate::domain::money::Money;
use crate::storage::StorageError;
use crate::storage::columns::{metadata_from, metadata_json, parse_currency};
use crate::storage::schema::{credit_grants, credit_top_ups};

/// A grant as its row holds it; views read it too.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = credit_grants, treat_none_as_default_value = false)]
pub(in crate::storage) struct GrantRow {
    tenant_id: Uuid,
    id: Uuid,
    customer_id: Uuid,
    source: String,
    name: String,
    currency: String,
    amount: i64,
    price: i64,
    remaining: i64,
    closed_amount: i64,
    closed_price: i64,
    priority: i16,
    expires_at: Option<DateTime<Utc>>,
    status: String,
    invoice_id: Option<Uuid>,
    top_up: bool,
    applies_to: Value,
    metadata: Value,
    created_at: DateTime<Utc>,
}

impl GrantRow {
    pub(super) fn of(tenant_id: TenantId, grant: &Grant) -> Result<GrantRow, StorageError> {
        Ok(GrantRow {
            tenant_id: tenant_id.uuid(),
            id: grant.id.uuid(),
            customer_id: grant.customer_id.uuid(),
            source: grant.source.as_str().to_owned(),
            name: grant.name.clone(),
            currency: grant.amount.currency().code().to_owned(),
            amount: grant.amount.minor(),
            price: grant.price.minor(),
            remaining: grant.remaining.minor(),
            closed_amount: grant.closed_amount.minor(),
            closed_price: grant.closed_price.minor(),
            priority: grant.priority,
            expires_at: grant.expires_at,
            status: grant.status.as_str().to_owned(),
            invoice_id: grant.invoice_id.map(InvoiceId::uuid),
            top_up: grant.top_up,
            applies_to: serde_json::to_value(&grant.applies_to)
                .map_err(|e| StorageError::unreadable("credit scope", e))?,
            metadata: metadata_json(&grant.metadata),
            created_at: grant.created_at,
        })
    }
}

impl TryFrom<GrantRow> for Grant {
    type Error = StorageError;

    fn try_from(row: GrantRow) -> Result<Grant, StorageError> {
        let currency = parse_currency(&row.currency)?;
        let money = |minor| Money::from_minor(minor, currency);
        Ok(Grant {
            id: CreditGrantId::from_uuid(row.id),
            customer_id: CustomerId::from_uuid(row.customer_id),
            source: Source::parse(&row.source)
                .ok_or_else(|| StorageError::unreadable("credit source", &row.source))?,
            name: row.name,
            amount: money(row.amount),
            price: money(row.price),
            remaining: money(row.remaining),
            closed_amount: money(row.closed_amount),
            closed_price: money(row.closed_price),
            priority: row.priority,
            expires_at: row.expires_at,
            status: Status::parse(&row.status)
                .ok_or_else(|| StorageError::unreadable("credit status", &row.status))?,
            invoice_id: row.invoice_id.map(InvoiceId::from_uuid),
            top_up: row.top_up,
            applies_to: serde_json::from_value(row.applies_to)
                .map_err(|e| StorageError::unreadable("credit scope", e))?,
            same_prices: BTreeSet::new(),
            metadata: metadata_from(row.metadata)?,
            created_at: row.created_at,
        })
    }
}

/// A top-up rule as its row holds it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = credit_top_ups, treat_none_as_default_value = false, treat_none_as_null = true)]
#[diesel(primary_key(tenant_id, customer_id, currency))]
pub(in crate::storage) struct TopUpRow {
    tenant_id: Uuid,
    customer_id: Uuid,
    currency: String,
    threshold: i64,
    amount: Option<i64>,
    price: Option<i64>,
    expires_after_days: Option<i32>,
}

impl TopUpRow {
    pub(super) fn of(tenant_id: TenantId, rule: &TopUp) -> TopUpRow {
        TopUpRow {
            tenant_id: tenant_id.uuid(),
            customer_id: rule.customer_id.uuid(),
            currency: rule.threshold.currency().code().to_owned(),
            threshold: rule.threshold.minor(),
            amount: rule.buys.map(|buys| buys.amount.minor()),
            price: rule.buys.map(|buys| buys.price.minor()),
            expires_after_days: rule.buys.and_then(|buys| buys.expires_after_days),
        }
    }
}

impl TryFrom<TopUpRow> for TopUp {
    type Error = StorageError;

    fn try_from(row: TopUpRow) -> Result<TopUp, StorageError> {
        let currency = parse_currency(&row.currency)?;
        let money = |minor| Money::from_minor(minor, currency);
        let buys = row.amount.zip(row.price).map(|(amount, price)| Buys {
            amount: money(amount),
            price: money(price),
            expires_after_days: row.expires_after_days,
        });
        Ok(TopUp {
            customer_id: CustomerId::from_uuid(row.customer_id),
            threshold: money(row.threshold),
            buys,
        })
    }
}
