//! May this be charged by this method? Where the account of the method is there still, serves the invoice's entity and takes the amount: 5.124 KWD
//! are charged by no card at Stripe. The simulator moves no money, so a live tenant is not paid by it.

use super::accounts::GatewayAccount;
use super::method::SIMULATOR;
use super::units::{Unchargeable, amount_at};
use super::{PaymentMethod, Refused};
use crate::domain::invoicing::Invoice;
use crate::domain::money::Money;

/// Where a method is charged, and for whom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Venue<'a> {
    /// The account that the method names, when it names one and it is there.
    pub account: Option<&'a GatewayAccount>,
    pub is_live: bool,
}

/// Refuses what its gateway would not take, before anything is recorded.
///
/// # Errors
/// [`Refused`].
pub fn check(method: &PaymentMethod, venue: Venue<'_>, invoice: &Invoice, due: Money) -> Result<(), Refused> {
    if method.gateway_account_id.is_none() {
        let is_refused = venue.is_live && &*method.gateway == SIMULATOR;
        return if is_refused { Err(Refused::SimulatorIsForTests) } else { Ok(()) };
    }
    let account =
        venue.account.filter(|account| account.deleted_at.is_none()).ok_or(Refused::AccountRemoved)?;
    if venue.is_live && !account.moves_money() {
        return Err(Refused::SimulatorIsForTests);
    }
    if !account.charges_for(invoice.entity_id) {
        return Err(Refused::AccountOfAnotherEntity);
    }
    amount_at(account.gateway, due).map(drop).map_err(|unchargeable| match unchargeable {
        Unchargeable::Currency => Refused::CurrencyNotTaken { currency: due.currency() },
        Unchargeable::TooFine => Refused::AmountTooFine { currency: due.currency() },
    })
}
