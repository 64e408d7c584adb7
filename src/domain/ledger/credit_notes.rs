//! What does a credit note move in the books? What its invoice posted, the other way, by the shares of its lines; and what it gives back
//! to where it goes.
//!
//! 36.00 of a deferred line with 6.00 tax, refunded: deferred revenue → receivable 30.00, tax payable → receivable 6.00,
//! receivable → refunds payable 36.00; when the money is back, refunds payable → cash 36.00.

use super::origins::{self, GivenBack};
use super::posting::{self, Source};
use super::{Account, Transfer};
use crate::domain::credits::note::{Destination, NoteLine};
use crate::domain::money::{Currency, Money, MoneyError};

/// Whose accounts a credit note moves: what its invoice had given back of others and comes again with it.
pub type ComesAgain<'a> = &'a [GivenBack];

/// The postings of a credit note. `owed` is the part of what goes back to credits that was sold.
pub fn issued(
    (lines, again): (&[NoteLine], ComesAgain<'_>),
    (to, owed): (&Destination, Money),
    source: Source,
) -> Result<Vec<Transfer>, MoneyError> {
    let currency: Currency = owed.currency();
    let earned = |deferred: bool, below: bool| {
        lines
            .iter()
            .filter(|l| l.deferred == deferred && l.taken.amount.is_negative() == below)
            .try_fold(Money::zero(currency), |sum, line| sum.checked_add(line.taken.earned()?))
    };
    let tax = |below: bool| {
        let lines = lines.iter().filter(|l| l.taken.amount.is_negative() == below);
        Money::sum(currency, lines.flat_map(|l| [l.taken.tax, l.taken.tax_included]))
    };
    let mut moves = Vec::with_capacity(lines.len());
    for (account, above, below) in [
        (Account::DeferredRevenue, earned(true, false)?, earned(true, true)?),
        (Account::Revenue, earned(false, false)?, earned(false, true)?),
        (Account::TaxPayable, tax(false)?, tax(true)?),
    ] {
        let mut left = below.negated()?;
        let mut of_others = Vec::new();
        for one in again.iter().filter(|one| one.account == account) {
            let part = left.smaller(one.amount)?;
            if part.is_positive() {
                left = left.checked_sub(part)?;
                of_others.push(origins::charged((account, Some(one.origin_id)), part));
            }
        }
        moves.push(origins::charged((account, None), left.checked_sub(above)?));
        moves.extend(of_others);
    }
    let goes = |credit, amount| origins::charged((credit, None), amount);
    moves.extend([
        goes(Account::PrepaidCredits, owed),
        goes(Account::PromotionalCredits, to.credits.checked_sub(owed)?),
        goes(Account::CustomerCredit, to.balance),
        goes(Account::RefundsPayable, to.refund),
    ]);
    posting::post_moves(source, moves)
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
