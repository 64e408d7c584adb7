//! What would a sale be taxed with? Nothing is written.

use rust_decimal::Decimal;

use crate::domain::refusal::Invalid;
use crate::domain::tax::calculate::{self, Calculation, Wanted};
use crate::domain::tax::treatment::Sale;
use crate::storage::{Tx, tax};
use crate::workflows::{Error, Scope};

/// The tax of the sale.
///
/// # Errors
/// `no_seller`, when neither the request nor the tenant says who sells; `state_required`, when the tax depends on it; no rate is known; sums that do not fit.
pub fn run(tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<Calculation, Error> {
    let regime = tax::regime(tx, scope.tenant_id)?;
    let own = || {
        let detail = "say who sells, or set your country at /v1/tax/settings";
        regime.seller(Decimal::ZERO).ok_or_else(|| Invalid::one("/seller", "no_seller", detail))
    };
    let seller = match &wanted.seller {
        Some(seller) => seller.clone(),
        None => own()?,
    };
    let date = wanted.date.unwrap_or_else(|| scope.zone.local_date(scope.now));
    let sale = Sale { seller: &seller, buyer: &wanted.buyer, rates: &regime.rates };
    sale.check_subdivision(date)?;
    let rounding = wanted.rounding.unwrap_or(regime.settings.rounding);
    Ok(calculate::calculate(&sale, &wanted.charges, (wanted.currency, date), rounding)?)
}
