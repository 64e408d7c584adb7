//! What does a credit note move in the books? What its invoice posted, the other way, by the shares of its lines; and what it gives back
//! to where it goes.
//!
//! 36.00 of a deferred line with 6.00 tax, refunded: deferred revenue → receivable 30.00, tax payable → receivable 6.00,
//! receivable → refunds payable 36.00; when the money is back, refunds payable → cash 36.00.

use super::posting::{self, Source};
use super::{Account, Transfer};
use crate::domain::credits::note::{Destination, NoteLine};
use crate::domain::money::{Currency, Money, MoneyError};

/// The postings of a credit note. `owed` is the part of what goes back to credits that was sold.
pub fn issued(
    lines: &[NoteLine],
    (to, owed): (&Destination, Money),
    source: Source,
) -> Result<Vec<Transfer>, MoneyError> {
    let currency: Currency = owed.currency();
    let net = |deferred: bool| {
        lines
            .iter()
            .filter(|l| l.deferred == deferred)
            .try_fold(Money::zero(currency), |sum, line| sum.checked_add(line.taken.earned()?))
    };
    let tax = Money::sum(currency, lines.iter().flat_map(|l| [l.taken.tax, l.taken.tax_included]))?;
    posting::post(
        source,
        &[
            (Account::DeferredRevenue, Account::AccountsReceivable, net(true)?),
            (Account::Revenue, Account::AccountsReceivable, net(false)?),
            (Account::TaxPayable, Account::AccountsReceivable, tax),
            (Account::AccountsReceivable, Account::PrepaidCredits, owed),
            (Account::AccountsReceivable, Account::PromotionalCredits, to.credits.checked_sub(owed)?),
            (Account::AccountsReceivable, Account::CustomerCredit, to.balance),
            (Account::AccountsReceivable, Account::RefundsPayable, to.refund),
        ],
    )
}

/// The money is back with who paid.
pub fn refunded(amount: Money, source: Source) -> Result<Vec<Transfer>, MoneyError> {
    posting::post(source, &[(Account::RefundsPayable, Account::CashClearing, amount)])
}

/// It went back after it had been put on the balance: as much as is still there is taken off it, the rest was given back twice.
///
/// 40.00 of which 30.00 are left on the balance: customer credit → cash 30.00, refunds → cash 10.00.
pub fn refunded_late(amount: Money, balance: Money, source: Source) -> Result<Vec<Transfer>, MoneyError> {
    let left = if amount.checked_sub(balance)?.is_negative() { amount } else { balance };
    let moves = [
        (Account::CustomerCredit, Account::CashClearing, left),
        (Account::Refunds, Account::CashClearing, amount.checked_sub(left)?),
    ];
    posting::post(source, &moves)
}

/// It could not go back: it is the customer's.
pub fn not_refunded(amount: Money, source: Source) -> Result<Vec<Transfer>, MoneyError> {
    posting::post(source, &[(Account::RefundsPayable, Account::CustomerCredit, amount)])
}
