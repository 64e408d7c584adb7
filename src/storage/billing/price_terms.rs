//! What does a price cost in a currency? Read once a run and shared by all subscriptions that have it.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::domain::catalog::{Billing, Metering, PriceKind, PriceModel, Rounding};
use crate::domain::ids::{MeterId, PriceId, TenantId};
use crate::domain::money::Currency;
use crate::domain::subscriptions::PriceTerms;
use crate::domain::usage::Meter;
use crate::storage::schema::{price_amounts, prices};
use crate::storage::sql_types::Json;
use crate::storage::{StorageError, Tx, usage};

/// Published prices never change, so what was read stays true for as long as the book is kept.
#[derive(Debug, Default)]
pub struct PriceBook {
    terms: HashMap<(PriceId, Currency), Arc<PriceTerms>>,
    meters: HashMap<MeterId, Arc<Meter>>,
}

#[derive(Queryable)]
struct TermsRow {
    id: PriceId,
    code: String,
    description: String,
    position: i16,
    kind: PriceKind,
    billing: Billing,
    meter_id: Option<MeterId>,
    divide_by: Option<Decimal>,
    quantity_rounding: Option<Rounding>,
    included_units: Decimal,
    allow_negative: bool,
    currency: Currency,
    model: Json<PriceModel>,
    maximum: Option<Decimal>,
}

impl TermsRow {
    fn terms(self) -> PriceTerms {
        let metering = self.meter_id.map(|meter_id| {
            Arc::new(Metering {
                meter_id,
                divide_by: self.divide_by,
                round: self.quantity_rounding,
                included: self.included_units,
                allow_negative: self.allow_negative,
                maximum: self.maximum.map(|most| (self.currency, most)).into_iter().collect(),
            })
        });
        PriceTerms {
            price_id: self.id,
            code: self.code.into(),
            description: self.description.into(),
            position: self.position,
            kind: self.kind,
            billing: self.billing,
            model: self.model.0,
            metering,
        }
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
        let rows: Vec<TermsRow> = prices::table
            .inner_join(price_amounts::table.on(
                price_amounts::tenant_id.eq(prices::tenant_id).and(price_amounts::price_id.eq(prices::id)),
            ))
            .filter(prices::tenant_id.eq(tenant_id))
            .filter(prices::id.eq_any(missing))
            .select((
                prices::id,
                prices::code,
                prices::description,
                prices::position,
                prices::kind,
                prices::billing,
                prices::meter_id,
                prices::divide_by,
                prices::quantity_rounding,
                prices::included_units,
                prices::allow_negative,
                price_amounts::currency,
                price_amounts::model,
                price_amounts::maximum,
            ))
            .load(tx.conn)?;
        for row in rows {
            self.terms.insert((row.id, row.currency), Arc::new(row.terms()));
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
