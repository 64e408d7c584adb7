//! What does a payout move in the books? 31.00 that the gateway had: cash → bank 29.80, cash → gateway fees 1.20. Of 100.00 USD that come as 87.00 EUR and 3.00 EUR
//! of fees: cash → currency conversion 100.00 USD, currency conversion → bank 87.00 EUR and → gateway fees 3.00 EUR.
//!
//! So nothing of it is left with the gateway; what should have come and has not, or the other way, is on `payout_differences`.

use super::posting::{self, Source};
use super::{Account, Transfer};
use crate::domain::money::MoneyError;
use crate::domain::payments::payouts::{Payout, Settled};

/// The transfers of an item.
///
/// # Errors
/// Sums that do not fit.
pub fn settled(item: &Settled, source: Source) -> Result<Vec<Transfer>, MoneyError> {
    let Some(cleared) = item.cleared else {
        // A fee comes off the bank; what is of nothing that is known is a difference.
        return posting::post(
            source,
            &[
                (Account::Bank, Account::PayoutDifferences, item.net.checked_add(item.fee)?),
                (Account::GatewayFees, Account::Bank, item.fee),
            ],
        );
    };
    if cleared.currency() == item.net.currency() {
        return posting::post(
            source,
            &[
                (Account::Bank, Account::CashClearing, item.net),
                (Account::GatewayFees, Account::CashClearing, item.fee),
                (Account::PayoutDifferences, Account::CashClearing, item.difference),
            ],
        );
    }
    posting::post(
        source,
        &[
            (Account::CurrencyConversion, Account::CashClearing, cleared),
            (Account::Bank, Account::CurrencyConversion, item.net),
            (Account::GatewayFees, Account::CurrencyConversion, item.fee),
        ],
    )
}

/// What has come back from the bank is with the gateway again.
///
/// # Errors
/// Sums that do not fit.
pub fn taken_back(payout: &Payout, source: Source) -> Result<Vec<Transfer>, MoneyError> {
    posting::post(source, &[(Account::CashClearing, Account::Bank, payout.amount)])
}
