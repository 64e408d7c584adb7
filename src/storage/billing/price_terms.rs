//! What does a price cost in a currency? Read once a run and shared by all subscriptions that have it.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::prelude::*;
use uuid::Uuid;

use crate::domain::catalog::{Billing, PriceKind, PriceModel};
use crate::domain::ids::{PriceId, TenantId};
use crate::domain::money::Currency;
use crate::domain::subscriptions::PriceTerms;
use crate::storage::schema::{price_amounts, prices};
use crate::storage::{StorageError, Tx};

/// Published prices never change, so what was read stays true for as long as the book is kept.
#[derive(Debug, Default)]
pub struct PriceBook {
    terms: HashMap<(Uuid, Currency), Arc<PriceTerms>>,
}

impl PriceBook {
    /// Reads the prices not yet in the book.
    pub(super) fn fill(
        &mut self,
        tx: &mut Tx<'_>,
        tenant_id: TenantId,
        wanted: &[Uuid],
    ) -> Result<(), StorageError> {
        let known: std::collections::HashSet<Uuid> = self.terms.keys().map(|k| k.0).collect();
        let mut missing: Vec<Uuid> = wanted.iter().copied().filter(|id| !known.contains(id)).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        type Row = (Uuid, String, i16, String, String, String, serde_json::Value);
        let rows: Vec<Row> = prices::table
            .inner_join(price_amounts::table.on(
                price_amounts::tenant_id.eq(prices::tenant_id).and(price_amounts::price_id.eq(prices::id)),
            ))
            .filter(prices::tenant_id.eq(tenant_id.uuid()))
            .filter(prices::id.eq_any(missing))
            .select((
                prices::id,
                prices::description,
                prices::position,
                prices::kind,
                prices::billing,
                price_amounts::currency,
                price_amounts::model,
            ))
            .load(tx.conn)?;
        for (id, description, position, kind, billing, currency, model) in rows {
            let unreadable = |e: &dyn std::fmt::Display| StorageError::unreadable("price", e);
            let currency = Currency::parse(&currency).map_err(|e| unreadable(&e))?;
            let terms = PriceTerms {
                price_id: PriceId::from_uuid(id),
                description: description.into(),
                position,
                kind: PriceKind::parse(&kind).ok_or_else(|| unreadable(&kind))?,
                billing: Billing::parse(&billing).ok_or_else(|| unreadable(&billing))?,
                model: serde_json::from_value::<PriceModel>(model).map_err(|e| unreadable(&e))?,
            };
            self.terms.insert((id, currency), Arc::new(terms));
        }
        Ok(())
    }

    /// The terms of a price in a currency.
    pub(super) fn find(&self, price: Uuid, currency: Currency) -> Result<Arc<PriceTerms>, StorageError> {
        self.terms.get(&(price, currency)).cloned().ok_or_else(|| {
            StorageError::unreadable(
                "subscription",
                format!("{} has no amount in {currency}", PriceId::from_uuid(price)),
            )
        })
    }
}
