//! What do credits move in the books? Sold for 90.00: revenue → prepaid credits 90.00, because nothing is earned yet. 50.00 of 100.00
//! drawn: prepaid credits → receivable 45.00, promotional credits → receivable 5.00. Expired: prepaid credits → breakage.

use super::posting::{self, Source};
use super::{Account, Transfer};
use crate::domain::credits::Status;
use crate::domain::credits::draw::Draw;
use crate::domain::credits::pay_out::To;
use crate::domain::credits::take_back::TakenBack;
use crate::domain::invoicing::Invoice;
use crate::domain::money::{Money, MoneyError};

/// A sale of credits, beside the postings of its invoice: what these made revenue is owed in usage.
pub fn sold(price: Money, source: Source) -> Result<Vec<Transfer>, MoneyError> {
    posting::post(source, &[(Account::Revenue, Account::PrepaidCredits, price)])
}

/// What credits and the credit balance pay of an issued invoice.
pub fn applied(invoice: &Invoice, draws: &[Draw], source: Source) -> Result<Vec<Transfer>, MoneyError> {
    let sold = Money::sum(invoice.currency, draws.iter().map(|draw| draw.earned))?;
    let given = invoice.applied.credits.checked_sub(sold)?;
    posting::post(
        source,
        &[
            (Account::PrepaidCredits, Account::AccountsReceivable, sold),
            (Account::PromotionalCredits, Account::AccountsReceivable, given),
            (Account::CustomerCredit, Account::AccountsReceivable, invoice.applied.balance),
        ],
    )
}

/// What nobody will use any more of what was paid.
pub fn expired(unearned: Money, source: Source) -> Result<Vec<Transfer>, MoneyError> {
    posting::post(source, &[(Account::PrepaidCredits, Account::Breakage, unearned)])
}

/// What was paid for credits that are taken back is the customer's money.
pub fn voided(unearned: Money, source: Source) -> Result<Vec<Transfer>, MoneyError> {
    posting::post(source, &[(Account::PrepaidCredits, Account::CustomerCredit, unearned)])
}

/// What an invoice that takes usage back gave back to grants, and to the balance so that it pays what is still due of the earlier invoice.
/// Of a grant that had ended, what was sold is breakage or the customer's money at once.
pub fn returned(taken: &[TakenBack], source: Source) -> Result<Vec<Transfer>, MoneyError> {
    let mut moves = Vec::new();
    for back in taken.iter().flat_map(|one| &one.returned) {
        moves.push((Account::AccountsReceivable, Account::PrepaidCredits, back.owed));
        moves.push((
            Account::AccountsReceivable,
            Account::PromotionalCredits,
            back.amount.checked_sub(back.owed)?,
        ));
        match back.ended {
            Some(Status::Void) => moves.push((Account::PrepaidCredits, Account::CustomerCredit, back.owed)),
            Some(_) => moves.push((Account::PrepaidCredits, Account::Breakage, back.owed)),
            None => {}
        }
    }
    for one in taken {
        moves.push((Account::AccountsReceivable, Account::CustomerCredit, one.to_due));
    }
    posting::post(source, &moves)
}

/// The credit balance pays of an invoice that was issued before.
pub fn balance_applied(amount: Money, source: Source) -> Result<Vec<Transfer>, MoneyError> {
    posting::post(source, &[(Account::CustomerCredit, Account::AccountsReceivable, amount)])
}

/// The credit balance is paid out: through gateways it is on its way back until they say so, outside it is gone.
pub fn paid_out(amount: Money, to: &To, source: Source) -> Result<Vec<Transfer>, MoneyError> {
    let gone = match to {
        To::PaymentMethods => Account::RefundsPayable,
        To::Outside { .. } => Account::CashClearing,
    };
    posting::post(source, &[(Account::CustomerCredit, gone, amount)])
}

/// Credits that were sold and not paid are taken back: their price is revenue again, which the credit note of their invoice takes back.
pub fn unsold(unearned: Money, source: Source) -> Result<Vec<Transfer>, MoneyError> {
    posting::post(source, &[(Account::PrepaidCredits, Account::Revenue, unearned)])
}
