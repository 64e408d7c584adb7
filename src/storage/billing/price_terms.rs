//! What does a price cost in a currency? Read once a run and shared by all subscriptions that have it.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::prelude::*;

use crate::domain::catalog::TaxTerms;
use crate::domain::ids::{MeterId, PriceId, TenantId};
use crate::domain::money::Currency;
use crate::domain::subscriptions::PriceTerms;
use crate::domain::usage::Meter;
use crate::storage::catalog::{AmountRow, PriceRow};
use crate::storage::schema::{price_amounts, prices};
use crate::storage::{StorageError, Tx, usage};

/// Published prices never change, so what was read stays true for as long as the book is kept.
#[derive(Debug, Default)]
pub struct PriceBook {
    terms: HashMap<(PriceId, Currency), Arc<PriceTerms>>,
    meters: HashMap<MeterId, Arc<Meter>>,
}

fn terms(price: PriceRow, amount: AmountRow) -> PriceTerms {
    let maximum = amount.maximum.map(|most| (amount.currency, most)).into_iter().collect();
    PriceTerms {
        metering: price.metering(maximum).map(Arc::new),
        price_id: price.id,
        code: price.code.into(),
        description: price.description.into(),
        position: price.position,
        kind: price.kind,
        billing: price.billing,
        model: amount.model.0,
        own_tax_terms: TaxTerms::default(),
    }
}

impl PriceBook {
    /// Reads the prices not yet in the book.
    pub(super) fn fill(
        &mut self,
        tx: &mut Tx<'_>,
        tenant_id: TenantId,
        wanted: &[PriceId],
    ) -> Result<(), StorageError> {
        let known: std::collections::HashSet<PriceId> = self.terms.keys().map(|k| k.0).collect();
        let mut missing: Vec<PriceId> = wanted.iter().copied().filter(|id| !known.contains(id)).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        let rows: Vec<(PriceRow, AmountRow)> = prices::table
            .inner_join(price_amounts::table.on(
                price_amounts::tenant_id.eq(prices::tenant_id).and(price_amounts::price_id.eq(prices::id)),
            ))
            .filter(prices::tenant_id.eq(tenant_id))
            .filter(prices::id.eq_any(missing))
            .select((PriceRow::as_select(), AmountRow::as_select()))
            .load(tx.conn)?;
        for (price, amount) in rows {
            self.terms.insert((price.id, amount.currency), Arc::new(terms(price, amount)));
        }
        self.fill_meters(tx, tenant_id)
    }

    /// Reads the meters of the prices in the book.
    fn fill_meters(&mut self, tx: &mut Tx<'_>, tenant_id: TenantId) -> Result<(), StorageError> {
        let named = self.terms.values().filter_map(|terms| terms.metering.as_ref()).map(|m| m.meter_id);
        let mut missing: Vec<MeterId> = named.filter(|id| !self.meters.contains_key(id)).collect();
        missing.sort_unstable();
        missing.dedup();
        if !missing.is_empty() {
            let found = usage::meters(tx, tenant_id, &missing)?;
            self.meters.extend(found.into_iter().map(|meter| (meter.id, Arc::new(meter))));
        }
        Ok(())
    }

    /// The meter of a price in the book.
    pub(super) fn meter(&self, terms: &PriceTerms) -> Option<&Arc<Meter>> {
        self.meters.get(&terms.metering.as_ref()?.meter_id)
    }

    /// The terms of a price in a currency.
    pub(super) fn find(&self, price: PriceId, currency: Currency) -> Result<Arc<PriceTerms>, StorageError> {
        self.terms.get(&(price, currency)).cloned().ok_or_else(|| {
            StorageError::unreadable("subscription", format!("{price} has no amount in {currency}"))
        })
    }
}
