//! How do the United States tax a sale? Each state by itself: where the seller is registered, what the state taxes, at its own rate.
//!
//! Software as a service of 100.00 to a buyer in New York: 4.00 when the seller is registered there, none when it is not. City and county rates
//! are known to providers only.

use super::category::{Category, Reason};
use super::treatment::{NoRate, Sale, Supply, Treatment, name, untaxed};

/// States that levy no sales tax; in Alaska some boroughs do, whose rate a seller may set as its own.
const WITHOUT_SALES_TAX: [&str; 5] = ["US-AK", "US-DE", "US-MT", "US-NH", "US-OR"];

/// A buyer in the United States.
pub(super) fn treatment(sale: &Sale<'_>, supply: Supply) -> Result<Treatment, NoRate> {
    let place = &sale.buyer.territory;
    let at_home = sale.seller.registrations.is_none() && sale.seller.territory == *place;
    if at_home || sale.seller.registration(place, supply.date).is_some() {
        let has_rate = || sale.rates.find(&[place.jurisdiction()], "sales", supply.date).is_some();
        if WITHOUT_SALES_TAX.contains(&place.jurisdiction()) && !has_rate() {
            let why = format!("No tax: {} has no sales tax of the state.", name(place.jurisdiction()));
            return Ok(untaxed(place, (Category::O, Reason::NotSubjectToTax), why));
        }
        return sale.charge(place, supply, "because the seller is registered there");
    }
    Ok(sale.unregistered(supply))
}
