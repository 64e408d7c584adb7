//! What would a sale be taxed with? Nothing is written.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::tax_book;

use crate::domain::ids::EntityId;
use crate::domain::refusal::Invalid;
use crate::domain::tax::calculate::{self, Calculation, Wanted};
use crate::domain::tax::parties::Seller;
use crate::domain::tax::settings::Regime;
use crate::domain::tax::threshold::Counting;
use crate::domain::tax::treatment::Sale;
use crate::storage::{Tx, tax};
use crate::workflows::{Error, Scope};

/// The tax of the sale.
///
/// # Errors
/// `no_seller`, when neither the request nor the entity says who sells; `unknown_entity`; `state_required`, when the tax depends on it; no rate is known; sums that do not fit.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<Calculation, Error> {
    let entity_id = match wanted.entity_id {
        Some(id) => scope.entity(Some(id), "/entity_id")?,
        None => scope.default_entity(),
    };
    let regime = tax::regime(tx, (scope.tenant_id, entity_id))?;
    let date = wanted.date.unwrap_or_else(|| scope.zone.local_date(scope.now));
    let seller = match &wanted.seller {
        Some(seller) => seller.clone(),
        None => own(tx, scope, (&regime, (entity_id, date)), wanted)?,
    };
    let counting = match seller.depends_on_threshold(&wanted.buyer, date) {
        true => tax_book::counting(tx, scope, date)?,
        false => Counting::default(),
    };
    let sale = Sale { seller: &seller, buyer: &wanted.buyer, rates: &regime.rates };
    sale.check_subdivision(date)?;
    let rounding = wanted.rounding.unwrap_or(regime.settings.rounding);
    Ok(calculate::calculate(&sale, (&wanted.charges, &counting), (wanted.currency, date), rounding)?)
}

/// The entity as the seller, with what it sold across borders before this sale.
fn own(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (regime, sold): (&Regime, (EntityId, NaiveDate)),
    wanted: &Wanted,
) -> Result<Seller, Error> {
    let Some(seller) = regime.seller(Decimal::ZERO) else {
        let detail = "say who sells, or set your country at /v1/tax/settings";
        return Err(Invalid::one("/seller", "no_seller", detail).into());
    };
    let (_, date) = sold;
    if !seller.depends_on_threshold(&wanted.buyer, date) {
        return Ok(seller);
    }
    let by_year = tax_book::sold_across_borders(tx, scope, sold)?;
    let sales_across_borders = tax_book::sales_of(&by_year, date).with(Decimal::ZERO);
    Ok(Seller { sales_across_borders, ..seller })
}
