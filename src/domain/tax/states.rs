//! How do the United States tax a sale? Each state by itself: where the seller is registered, what the state taxes, at its own rate.
//!
//! Software as a service of 100.00 to a buyer in New York: 4.00 when the seller is registered there, none when it is not. City and county rates
//! are known to providers only.

use super::treatment::{NoRate, Sale, Supply, Treatment};

/// A buyer in the United States.
pub(super) fn treatment(sale: &Sale<'_>, supply: Supply) -> Result<Treatment, NoRate> {
    let place = &sale.buyer.territory;
    let at_home = sale.seller.registrations.is_none() && sale.seller.territory == *place;
    if at_home || sale.seller.registration(place, supply.date).is_some() {
        return sale.charge(place, supply, "because the seller is registered there");
    }
    Ok(sale.unregistered(supply))
}
