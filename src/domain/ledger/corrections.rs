//! How is an invoice taken out of the books again? Voided: every transfer it made is made the other way. Given up: what is not earned of what is
//! due comes off deferred revenue, the rest of it moves to the write-offs. Its tax stays owed, and is part of what is lost.
//!
//! 31.00 are due of which 14.00 are not earned: deferred revenue → receivable 14.00, write-offs → receivable 17.00. Paid after all: both the
//! other way.

use chrono::NaiveDate;

use super::posting::{self, Move, Source};
use super::{Account, Transfer};
use crate::domain::money::{Money, MoneyError};

/// The transfers that undo `posted`, under a source of their own.
pub fn reverse(posted: &[Transfer], source: Source) -> Result<Vec<Transfer>, MoneyError> {
    let moves = posted.iter().map(|transfer| Move {
        debit: transfer.credit,
        credit: transfer.debit,
        amount: transfer.amount,
        origin_id: transfer.origin_id,
    });
    posting::post_moves(source, moves)
}

/// What of an amount that is due was not earned, and is none of the loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loss {
    pub due: Money,
    pub deferred: Money,
}

impl Loss {
    fn moves(self) -> Result<[(Account, Account, Money); 2], MoneyError> {
        Ok([
            (Account::DeferredRevenue, Account::AccountsReceivable, self.deferred),
            (Account::WriteOffs, Account::AccountsReceivable, self.due.checked_sub(self.deferred)?),
        ])
    }
}

/// The transfers that give up what is due. What was given up before, and came back, has the legs before.
pub fn write_off(loss: Loss, (source, first_leg): (Source, i16)) -> Result<Vec<Transfer>, MoneyError> {
    let mut transfers = posting::post(source, &loss.moves()?)?;
    for transfer in &mut transfers {
        transfer.leg = transfer.leg.checked_add(first_leg).ok_or(MoneyError::Overflow)?;
    }
    Ok(transfers)
}

/// The transfers that take back what was given up. What is deferred again is worth what the invoice was booked at.
pub fn recovered(
    loss: Loss,
    (source, rated_on): (Source, Option<NaiveDate>),
) -> Result<Vec<Transfer>, MoneyError> {
    let [deferred, lost] = loss.moves()?.map(|(debit, credit, amount)| (credit, debit, amount));
    let mut transfers = posting::post(source, &[lost, deferred])?;
    let is_deferred =
        |transfer: &&mut Transfer| [transfer.debit, transfer.credit].contains(&Account::DeferredRevenue);
    transfers.iter_mut().filter(is_deferred).for_each(|transfer| transfer.rated_on = rated_on);
    Ok(transfers)
}
